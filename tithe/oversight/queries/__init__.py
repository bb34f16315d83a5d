"""Reading what is kept: events, who was shown what, and one's own data."""
