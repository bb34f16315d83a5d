"""Self-directed projects: who works on what, why, and for whom."""
