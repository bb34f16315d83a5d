"""The audit and one's own data in the browser."""
