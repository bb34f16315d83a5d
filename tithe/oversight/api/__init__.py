"""The audit as JSON."""
