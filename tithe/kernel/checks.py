"""A promise the data must keep, and how to look for what breaks it without changing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Date, Executable, SQLColumnExpression, func, type_coerce

from tithe.kernel.db import allow_long_statements, db

ROWS_SHOWN = 10
ROWS_AT_ONCE = 2000
PATIENCE_SECONDS = 3600


@dataclass(frozen=True)
class Check:
    """One invariant by its code and in a sentence. `find` yields a few words, ids only, for each row that breaks it."""

    code: str
    words: str
    find: Callable[[datetime], Iterable[str]]


@dataclass(frozen=True)
class Result:
    """How a check went: how many rows break it, and the first of them in words."""

    code: str
    words: str
    broken: int
    first: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return self.broken == 0


def carry_out(check: Check, now: datetime) -> Result:
    """Look at everything as it stood at one moment; memory does not grow with what is found."""
    with reading_only():
        found = iter(check.find(now))
        first = tuple(islice(found, ROWS_SHOWN))
        return Result(check.code, check.words, len(first) + sum(1 for _ in found), first)


@contextmanager
def reading_only() -> Iterator[None]:
    """A transaction that sees one moment of the database and in which the database refuses to write."""
    db.session.rollback()
    on_sqlite = db.engine.dialect.name == "sqlite"
    level = {} if on_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    connection = db.session.connection(execution_options=level)
    if on_sqlite:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    try:
        allow_long_statements(PATIENCE_SECONDS)
        yield
    finally:
        if on_sqlite:
            connection.exec_driver_sql("PRAGMA query_only = OFF")
        db.session.rollback()


def stream(statement: Executable, values: dict[str, Any] | None = None) -> Iterator[Any]:
    """The rows of a statement, a few thousand in memory at a time."""
    with db.session.execute(statement, values, execution_options={"yield_per": ROWS_AT_ONCE}) as rows:
        yield from rows


def days_later(day: SQLColumnExpression[date], count: int) -> ColumnElement[date]:
    """A date column moved on by some days, in the words of the engine."""
    if db.engine.dialect.name == "sqlite":
        return type_coerce(func.date(day, f"+{count} days"), Date)
    return type_coerce(day + timedelta(days=count), Date)
