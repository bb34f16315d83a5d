"""States of a database that are put aside and gone back to in a few milliseconds, for tests that begin very often."""

from __future__ import annotations

import sqlite3

from sqlalchemy import text

from tests.support.contents import number_without_gaps
from tithe.kernel.db import Base, db


class KeptStates:
    """Copies by name: of SQLite in memory, of PostgreSQL in a schema each. Call all of it inside the context of its
    application, when nobody else uses the database."""

    def __init__(self) -> None:
        self.copies: dict[str, sqlite3.Connection] = {}
        self.names: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def keep(self, name: str) -> None:
        """Put aside everything as it is now."""
        self.names.add(name)
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            self.copies[name] = sqlite3.connect(":memory:")
            with sqlite3.connect(_path()) as source:
                source.backup(self.copies[name])
            source.close()
            return
        copies = [f'CREATE TABLE {name}."{table}" AS TABLE public."{table}"' for table in Base.metadata.tables]
        with db.engine.begin() as connection:
            connection.execute(text("; ".join([f"CREATE SCHEMA {name}", *copies])))

    def back_to(self, name: str) -> None:
        """Let everything be as it was."""
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            db.engine.dispose()
            with sqlite3.connect(_path()) as target:
                self.copies[name].backup(target)
            target.close()
            return
        emptied = [f'DELETE FROM "{table}"' for table in Base.metadata.tables]  # noqa: S608 names come from the models
        filled = [f'INSERT INTO "{table}" TABLE {name}."{table}"' for table in Base.metadata.tables]
        with db.engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # the audit may be emptied
            connection.execute(text("; ".join([*emptied, *filled])))
        number_without_gaps()

    def close(self) -> None:
        """Throw the copies away."""
        for copy in self.copies.values():
            copy.close()
        if db.engine.dialect.name == "postgresql":
            with db.engine.begin() as connection:
                connection.execute(text("; ".join(f"DROP SCHEMA {name} CASCADE" for name in self.names)))


def _path() -> str:
    return str(db.engine.url.database)
