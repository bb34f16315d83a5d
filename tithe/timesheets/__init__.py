"""Weeks of tithed time: logging, submitting, deciding."""
