"""Exporting, which is itself recorded, and erasing."""
