"""What can be said about people and units without asking a database: grades, names, published organograms."""
