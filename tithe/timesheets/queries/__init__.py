"""Reading weeks."""
