"""Allowances at the command line: one module a subject. The group they join is in `ledger`."""
