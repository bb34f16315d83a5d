"""What every door to the web shares."""
