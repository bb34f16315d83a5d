"""Writing weeks."""
