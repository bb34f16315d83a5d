"""Utilisation, live and frozen."""
