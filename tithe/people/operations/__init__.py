"""Writing people: signing in and out, tokens, roles, and imports of organisations."""
