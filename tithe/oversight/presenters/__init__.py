"""What is kept, in words for pages and as values for programs."""
