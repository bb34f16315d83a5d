"""Statements that are sent all the time: put into words once, and from then on handed to the driver as they are.

SQLAlchemy takes five to ten times as long over a small statement as SQLite takes to answer it: the session looks for
objects to load, the statement for its text, every result for its columns. None of it changes from one request to the
next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Dialect, Enum, SelectBase, UpdateBase
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from tithe.kernel.db import db
from tithe.kernel.plans import fixed

Change = Callable[[Any], Any]


# Values go by place: then neither driver looks for names in the text. psycopg would read a long one anew each time.
BY_PLACE = {"sqlite": ("qmark", "Cursor"), "postgresql": ("numeric_dollar", "RawCursor")}


class Words(NamedTuple):
    """A statement as one engine takes it: its text and the order of its values, those that never change, what turns the
    others into the driver's and the driver's rows into ours."""

    text: str
    order: list[str]
    constants: dict[str, Any]
    bound: list[tuple[str, Change]]
    read: list[tuple[int, Change]]
    row: Callable[[Sequence[Any]], Any]


class Prepared:
    """A question to the database that is asked with other values each time, or a change that returns what it changed.
    No value may be a list, and a change gives every column that has a default in Python.

    Rows are those of any other statement: read in the same transaction, with the same names and types, and failing
    with the same errors.
    """

    def __init__(self, statement: SelectBase | UpdateBase) -> None:
        self.statement: Any = fixed(statement) if isinstance(statement, SelectBase) else statement
        self._words: dict[str, Words] = {}

    def all(self, **values: Any) -> list[Any]:
        """Every row, in order."""
        connection = db.session.connection()
        if connection.dispatch.before_cursor_execute:  # somebody listens to what is sent
            return list(connection.execute(self.statement, values))
        words = self._words.get(connection.dialect.name)
        if words is None:
            words = self._words[connection.dialect.name] = _in_words(self.statement, connection.dialect)
        sent = {**words.constants, **values}
        for key, change in words.bound:
            sent[key] = change(sent[key])
        found = _ask(connection, words.text, [sent[name] for name in words.order])
        if found is None:
            return list(connection.execute(self.statement, values))  # fails as well, and SQLAlchemy clears its pool
        return [words.row(_changed(each, words.read)) for each in found]

    def first(self, **values: Any) -> Any:
        """The first row, or None. The statement says itself that it finds no more than a few."""
        return next(iter(self.all(**values)), None)


def _changed(found: Sequence[Any], read: list[tuple[int, Change]]) -> Sequence[Any]:
    row = list(found)
    for number, change in read:
        if row[number] is not None:
            row[number] = change(row[number])
    return row


def _ask(connection: Connection, text: str, values: list[Any]) -> Sequence[Sequence[Any]] | None:
    """Send it past SQLAlchemy; None when the connection is lost."""
    dialect, driven = connection.dialect, connection.connection.dbapi_connection
    driver: Any = dialect.loaded_dbapi
    cursor = getattr(driver, BY_PLACE[dialect.name][1])(driven)
    try:
        cursor.execute(text, values)
        return cast(Sequence[Sequence[Any]], cursor.fetchall())
    except driver.Error as error:
        if dialect.is_disconnect(error, connection.connection, cursor):
            return None
        raise DBAPIError.instance(text, values, error, driver.Error, dialect=dialect) from error
    finally:
        cursor.close()


def _in_words(statement: SelectBase | UpdateBase, dialect: Dialect) -> Words:
    by_place: Any = type(dialect)
    compiled = statement.compile(dialect=by_place(paramstyle=BY_PLACE[dialect.name][0]))
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 a statement is compiled to SQL
    if by_itself := [*compiled.insert_prefetch, *compiled.update_prefetch]:
        raise TypeError(f"the statement leaves {by_itself[0]} to SQLAlchemy, which does not see it")
    bound = {name: _of(each.type, dialect).bind_processor(dialect) for each, name in compiled.bind_names.items()}
    constants = {name: compiled.params[name] for each, name in compiled.bind_names.items() if not each.required}
    columns = list(statement.exported_columns)
    read = [(number, _reader(each.type, dialect)) for number, each in enumerate(columns)]
    return Words(
        text=compiled.string,
        order=list(compiled.positiontup or ()),
        constants={name: change(value) if (change := bound[name]) else value for name, value in constants.items()},
        bound=[(name, change) for name, change in bound.items() if change and name not in constants],
        read=[(number, change) for number, change in read if change],
        row=result_tuple([each.key or "" for each in columns]),
    )


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Change | None:
    """What turns the driver's value, which is not NULL, into ours, where they differ."""
    if isinstance(kind, Enum) and kind.enum_class:
        return dict(zip(kind.enums, kind.enum_class, strict=True)).__getitem__
    return _of(kind, dialect).result_processor(dialect, None)


def _of(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    """A type as this engine stores it."""
    return kind.dialect_impl(dialect)
