"""Ways of asking that keep an engine from reading more than it must: SQLite keeps no statistics and has to be told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, SQLColumnExpression, func, select


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
