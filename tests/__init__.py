"""The tests of tithe."""
