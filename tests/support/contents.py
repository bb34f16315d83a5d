"""Everything the database holds, for tests that say what must not change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, select, text

from tithe.kernel.db import Base, db

# Looking at somebody's record leaves a note that they looked, once a day, and asking for what is not one's own, or to
# be let in, an event that says so. A page that is only read may do that and nothing else: tests of reading speak of
# the rest.
NOTES: Set[str] = frozenset({"record_read", "refusal", "audit_head"})  # a head follows its events
EVERY = 'SELECT * FROM "{}"'
BESIDES = {"audit_event": " WHERE verb NOT IN ('access:refuse', 'sign-in:refuse')"}


def contents(*, leave_out: Set[str] = NOTES) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as the database gives it, in one order."""
    db.session.rollback()
    with db.engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(text(EVERY.format(name) + BESIDES.get(name, "")))), key=repr)
            for name in Base.metadata.tables
            if name not in leave_out
        }


# What two databases that were told the same may number or name differently: SQLite gives the number of a row that is
# gone to the next one, a job that runs twice draws a number on PostgreSQL, and a message has a name nobody can guess.
FREE = {"time_entry": {"id"}, "assignment": {"id"}, "job_run": {"id"}, "notice": {"message_id"}}


def meaning() -> dict[str, list[str]]:
    """Every row of every table that holds any, the same on whatever database it is kept."""
    db.session.rollback()
    held = {}
    with db.engine.connect() as connection:
        for name, table in Base.metadata.tables.items():
            columns = [column for column in table.columns if column.name not in FREE.get(name, ())]
            if rows := sorted(repr(row._asdict()) for row in connection.execute(select(*columns))):
                held[name] = rows
    return held


def number_without_gaps() -> None:
    """Let PostgreSQL number what comes next as SQLite does: what was refused or emptied leaves no gap."""
    if db.engine.dialect.name != "postgresql":
        return
    numbered = [table.name for table in Base.metadata.tables.values() if table.autoincrement_column is not None]
    newest = "setval(pg_get_serial_sequence('{0}', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM \"{0}\"), false)"
    nexts = ", ".join(newest.format(name) for name in numbered)
    with db.engine.connect() as connection:
        connection.execute(text(f"SELECT {nexts}"))


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements sent while the block runs, transactions left out."""
    sent: list[str] = []

    def note(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def counted(call: Callable[[], Any]) -> int:
    """How many SQL statements a call sends."""
    with statements() as sent:
        call()
    return len(sent)
