"""The rules of taking in time that was logged elsewhere, pure."""
