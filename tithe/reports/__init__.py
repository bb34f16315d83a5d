"""Utilisation now, and quarters frozen for good. Reads across features, changes nothing of theirs."""
