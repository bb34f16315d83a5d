"""Made-up rows for tests, one file a feature, valid by default."""
