"""Notes that are too many for memory: a nameless SQLite file on disk, which is gone once the work it was for is done.

It is no part of the database, so it locks nothing there, nothing waits for it, and nobody else can read it. It lies
where SQLite puts such files: the directory that SQLITE_TMPDIR names, else /var/tmp or /tmp.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from tithe.kernel.errors import Unavailable
from tithe.kernel.late import late

if TYPE_CHECKING:
    import sqlite3
else:
    sqlite3 = late("sqlite3")

Notes: TypeAlias = "sqlite3.Connection"
CACHE_KIB = 1024  # of the file held in memory, however large it gets


@contextmanager
def scratch(tables: Iterable[str]) -> Iterator[Notes]:
    """Open such a file with these tables, each told by its CREATE TABLE or CREATE INDEX statement.

    Refuses to go on when the disk has no room for it, or the directory cannot be written.
    """
    notes = sqlite3.connect("", isolation_level=None)
    try:
        for pragma in ("temp_store=FILE", "journal_mode=OFF", "synchronous=OFF", f"cache_size=-{CACHE_KIB}"):
            notes.execute(f"PRAGMA {pragma}")
        for table in tables:
            notes.execute(table)
        notes.execute("BEGIN")  # one transaction, never committed: every statement of its own would cost more
        yield notes
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # a wrong statement, not a lack of room
            raise
        raise Unavailable("There is no room on disk for the notes of this. Nothing was changed") from error
    finally:
        notes.close()


def listed(values: Iterable[int | str]) -> str:
    """Values as one parameter, for `IN (SELECT value FROM json_each(?))`."""
    return json.dumps(list(values))
