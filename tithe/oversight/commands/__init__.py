"""Exporting and erasing at the command line."""
