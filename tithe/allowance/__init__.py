"""How much time each person has: patterns, holidays, entitlement, and the ledger that remembers every minute."""
