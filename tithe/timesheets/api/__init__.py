"""Weeks and approvals over the API."""
