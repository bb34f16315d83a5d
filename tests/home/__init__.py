"""The start page, one's own allowance, a team's balances, and running the scheme."""
