"""People drawn and written out."""
