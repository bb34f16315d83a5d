"""Quarters on the command line."""
