"""The settings of the scheme: effective-dated, attached to a unit, inherited down the tree."""
