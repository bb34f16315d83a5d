"""Persons, the tree of units, who held which post under whom and when, and signing in."""
