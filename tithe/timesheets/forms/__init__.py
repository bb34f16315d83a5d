"""What the pages of weeks send."""
