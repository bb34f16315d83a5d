"""Allowances as JSON: one module a subject, each with a blueprint of its own."""
