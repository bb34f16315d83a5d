"""The rules of weeks, pure."""
