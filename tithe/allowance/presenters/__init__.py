"""Allowances as plain values for JSON and for drawing: one module a subject."""
