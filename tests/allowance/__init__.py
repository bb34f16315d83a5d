"""Entitlement, calendars and the ledger."""
