"""Weeks drawn and written out."""
