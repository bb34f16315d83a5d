"""Labels, one's own data, and erasure."""
