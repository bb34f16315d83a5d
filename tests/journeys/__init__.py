"""Whole stories in a real browser, against a server of our own."""
