"""What several tests need: a database server, a browser."""
