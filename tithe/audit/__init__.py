"""What happened, by whom, for ever: append-only, hash-chained, written in the same commit as the change itself."""
