"""Commands for those who run and change tithe. Nobody imports this."""
