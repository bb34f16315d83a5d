"""People and signing in, in the browser."""
