"""Runs migrations on the application's own database, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from alembic import context
from flask import current_app

db = current_app.extensions["migrate"].db


def plain_type(kind: str, item: object, autogen_context: object) -> str | bool:
    """Write our own column types as what the database stores, so that a migration never imports the application."""
    return "sa.DateTime(timezone=True)" if kind == "type" and type(item).__name__ == "Instant" else False


def run() -> None:
    """Each run is one transaction; SQLite tables are rebuilt where it cannot alter them."""
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, render_item=plain_type, **options)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


if context.is_offline_mode():
    raise SystemExit("Migrations need a database to run on. Set DATABASE_URL and leave out --sql")
run()
