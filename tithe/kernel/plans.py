"""Ways of asking that keep an engine from reading more than it must: SQLite keeps no statistics and has to be told."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from sqlalchemy import (
    BindParameter,
    Integer,
    Select,
    SelectBase,
    SQLColumnExpression,
    String,
    false,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

WRITTEN_ALIKE = (String, Integer)
NOTHING: SQLColumnExpression[Any] = literal_column("NULL")
ASelect = TypeVar("ASelect", bound=SelectBase)


def no_rows(**columns: type[TypeEngine[Any]]) -> Select[Any]:
    """The head of a union of questions that have little in common: the names and types of its columns, and no row.

    The others give their columns in this order, and NOTHING for those they have not.
    """
    return select(*[cast_to(null(), kind).label(name) for name, kind in columns.items()]).where(false())


def unsearched(column: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    """A column to compare and not to search by.

    Otherwise SQLite begins with whatever equals one value, and reads every registered project for the three of one
    person.
    """
    return func.coalesce(column, column)


def stepped(column: SQLColumnExpression[Any]) -> Select[Any]:
    """The different values of a column that leads an index, and a null after the last: one step through the index for
    each, however many rows have it."""
    steps = select(func.min(column).label("value")).cte("steps", recursive=True)
    following = select(func.min(column)).where(steps.c.value < column).scalar_subquery()
    steps = steps.union_all(select(following).where(steps.c.value.is_not(None)))
    return select(steps.c.value)


def fixed(statement: ASelect) -> ASelect:
    """The same statement with its constants written into it, so that nothing is bound but what changes.

    SQLite takes an index over part of a table only where the condition is spelt out, and every value that is bound
    costs each run a little. Numbers and words are written alike for both engines; others stay bound.
    """
    return cast("ASelect", replacement_traverse(statement, {}, _written))


def _written(element: Any, **_: Any) -> Any:
    """A constant as it is written, or None for what stays as it is."""
    if not isinstance(element, BindParameter) or element.required or not isinstance(element.type, WRITTEN_ALIKE):
        return None
    if element.expanding and not element.value:
        return None  # the engines write an empty list differently
    text = str(element.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    return literal_column(text, element.type)
