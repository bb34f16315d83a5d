"""Allowances in the browser: one module a subject, each with a blueprint of its own."""
