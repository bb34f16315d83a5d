"""Notes that are too many for memory: a nameless SQLite file on disk, which is gone once the work it was for is done.

It is no part of the database, so it locks nothing there, nothing waits for it, and nobody else can read it. It lies
where SQLite puts such files: the directory that SQLITE_TMPDIR names, else /var/tmp or /tmp.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

Notes = sqlite3.Connection
CACHE_KIB = 1024  # of the file held in memory, however large it gets


@contextmanager
def scratch(tables: Iterable[str]) -> Iterator[Notes]:
    """Open such a file with these tables, each told by its CREATE TABLE or CREATE INDEX statement."""
    notes = sqlite3.connect("", isolation_level=None)
    try:
        for pragma in ("temp_store=FILE", "journal_mode=OFF", "synchronous=OFF", f"cache_size=-{CACHE_KIB}"):
            notes.execute(f"PRAGMA {pragma}")
        for table in tables:
            notes.execute(table)
        notes.execute("BEGIN")  # one transaction, never committed: every statement of its own would cost more
        yield notes
    finally:
        notes.close()


def listed(values: Iterable[int | str]) -> str:
    """Values as one parameter, for `IN (SELECT value FROM json_each(?))`."""
    return json.dumps(list(values))
