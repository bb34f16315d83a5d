"""Runs migrations on the application's own database, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection

db = current_app.extensions["migrate"].db


def plain_type(kind: str, item: object, autogen_context: object) -> str | bool:
    """Write our own column types as what the database stores, so that a migration never imports the application."""
    return "sa.DateTime(timezone=True)" if kind == "type" and type(item).__name__ == "Instant" else False


@contextmanager
def keys_checked_after(connection: Connection) -> Iterator[None]:
    """SQLite rebuilds a table by dropping it, which rows that point to it forbid. So it looks at the end instead."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF").close()
    try:
        yield
        if orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
            raise SystemExit(f"Rows point to others that are not there, nothing was migrated: {orphans[:5]}")
        connection.commit()
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON").close()


def run() -> None:
    """Each run is one transaction; SQLite tables are rebuilt where it cannot alter them."""
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection, keys_checked_after(connection):
        context.configure(connection=connection, target_metadata=db.metadata, render_item=plain_type, **options)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


if context.is_offline_mode():
    raise SystemExit("Migrations need a database to run on. Set DATABASE_URL and leave out --sql")
run()
