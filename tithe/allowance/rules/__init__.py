"""What a minute of allowance is: working time, entitlement, the kinds of the ledger, carrying over. Pure."""
