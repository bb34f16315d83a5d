"""tithe: a share of paid time for work that people choose themselves."""
