"""Weeks and approvals in the browser."""
