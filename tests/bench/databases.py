"""Databases to measure on: one file of SQLite, one throw-away PostgreSQL that keeps what it is told."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from config import Settings
from tests.support.postgres import PostgresServer
from tithe.app import create_app
from tithe.kernel.db import db

SECRET = "measured-in-private-0123456789abcdef"  # signs the cookies of made-up people
ENGINES = ("SQLite", "PostgreSQL")


@dataclass(frozen=True)
class Place:
    """Where databases are made, on both engines."""

    folder: Path
    postgres: PostgresServer

    def database(self, engine: str, name: str) -> str:
        """A new, empty database and its address."""
        if engine == "SQLite":
            return f"sqlite:///{self.folder / name}.sqlite"
        return self.postgres.create_database(name)


def environment(url: str) -> dict[str, str]:
    """The settings of a served tithe, and of the app that signs cookies for it."""
    return {"TITHE_ENV": "development", "DATABASE_URL": url, "SECRET_KEY": SECRET}


def tithe_on(url: str) -> Flask:
    """The application on a database, its tables made by the migrations."""
    app = create_app(Settings(env="development", database_url=url, secret_key=SECRET))
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with app.app_context():
        upgrade()
    return app


@contextmanager
def inside(app: Flask) -> Iterator[None]:
    """An application context whose session and connections are closed at the end."""
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()
