"""What the pages of people send."""
