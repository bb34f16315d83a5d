"""Statements that are asked all the time: put into words once, and from then on handed to the driver as they are.

SQLAlchemy takes five to ten times as long over a small statement as SQLite takes to answer it: the session looks for
objects to load, the statement for its text, every result for its columns. None of it changes from one request to the
next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, SelectBase
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from tithe.kernel.db import db
from tithe.kernel.plans import fixed

Change = Callable[[Any], Any]


class Words(NamedTuple):
    """A statement as one engine takes it: its text, the values that never change, what turns the others into the
    driver's and the driver's rows into ours."""

    text: str
    constants: dict[str, Any]
    bound: list[tuple[str, Change]]
    read: list[tuple[int, Change]]
    row: Callable[[Sequence[Any]], Any]


class Prepared:
    """A question to the database that is asked with other values each time. No value may be a list.

    Rows are those of any other statement: read in the same transaction, with the same names and types, and failing
    with the same errors.
    """

    def __init__(self, statement: SelectBase) -> None:
        self.statement = statement
        self._words: dict[str, Words] = {}

    def all(self, **values: Any) -> list[Any]:
        """Every row, in order."""
        connection = db.session.connection()
        name = connection.dialect.name
        words = self._words.get(name)
        if words is None:
            words = self._words[name] = _in_words(fixed(self.statement), connection.dialect)
        sent = {**words.constants, **values}
        for key, change in words.bound:
            sent[key] = change(sent[key])
        return [words.row(_changed(found, words.read)) for found in _ask(connection, words.text, sent)]

    def first(self, **values: Any) -> Any:
        """The first row, or None. The statement says itself that it finds no more than a few."""
        return next(iter(self.all(**values)), None)


def _changed(found: Sequence[Any], read: list[tuple[int, Change]]) -> Sequence[Any]:
    row = list(found)
    for number, change in read:
        row[number] = change(row[number])
    return row


def _ask(connection: Connection, text: str, values: dict[str, Any]) -> Sequence[Sequence[Any]]:
    """Send it past SQLAlchemy, unless somebody there listens to what is sent."""
    if connection.dispatch.before_cursor_execute:
        return connection.exec_driver_sql(text, values).all()
    cursor = connection.connection.cursor()
    dialect = connection.dialect
    driver = dialect.loaded_dbapi
    try:
        cursor.execute(text, values)
        return cursor.fetchall()
    except driver.Error as error:
        if not dialect.is_disconnect(error, connection.connection, cursor):
            raise DBAPIError.instance(text, values, error, driver.Error, dialect=dialect) from error
    finally:
        cursor.close()
    return connection.exec_driver_sql(text, values).all()  # fails as well, and SQLAlchemy clears its pool


def _in_words(statement: SelectBase, dialect: Dialect) -> Words:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 a SELECT is compiled to SQL
    bound = {name: _of(each.type, dialect).bind_processor(dialect) for each, name in compiled.bind_names.items()}
    constants = {name: compiled.params[name] for each, name in compiled.bind_names.items() if not each.required}
    columns = list(statement.selected_columns)
    read = [(number, _of(each.type, dialect).result_processor(dialect, None)) for number, each in enumerate(columns)]
    return Words(
        text=compiled.string,
        constants={name: change(value) if (change := bound[name]) else value for name, value in constants.items()},
        bound=[(name, change) for name, change in bound.items() if change and name not in constants],
        read=[(number, change) for number, change in read if change],
        row=result_tuple([each.key or "" for each in columns]),
    )


def _of(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    """A type as this engine stores it."""
    return kind.dialect_impl(dialect)
