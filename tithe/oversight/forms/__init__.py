"""The shape of what auditors choose, and of asking for one's own data."""
