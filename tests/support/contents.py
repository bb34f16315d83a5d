"""Everything the database holds, for tests that say what must not change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, text

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
