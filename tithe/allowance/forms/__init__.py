"""The shape of what is typed about allowances: one module a subject."""
