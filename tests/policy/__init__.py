"""The settings of the scheme."""
