"""Everything held about one person, found by the labels of the columns so that no table is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, false, or_, select, true

from tithe.kernel.checks import stream
from tithe.kernel.db import Base, allow_long_statements, db
from tithe.kernel.privacy import Held, Label
from tithe.oversight.labels import LABELS

PATIENCE_SECONDS = 60
YOU, ANOTHER = "you", "another person"
HIDDEN = frozenset({Label.HIDDEN})


@dataclass(frozen=True)
class Part:
    """What one table holds about the person: rows about them, and rows about others in which they have a part."""

    table: str
    about_you: list[dict[str, Any]]
    your_part: list[dict[str, Any]]


def everything_about(person_id: int) -> Iterator[Part]:
    """What every table holds about a person, one table in memory at a time, tables without anything left out."""
    for name, held in sorted(LABELS.items()):
        table = Base.metadata.tables[name]
        about, part = is_about(table, held, person_id), has_part(table, person_id)
        allow_long_statements(PATIENCE_SECONDS)
        found = Part(
            name,
            [_shown(table, held, row, person_id) for row in _rows(table, about)],
            [_own_part(table, held, row, person_id) for row in _rows(table, and_(part, about.is_not(true())))],
        )
        db.session.rollback()
        if found.about_you or found.your_part:
            yield found


def is_about(table: Table, held: Held, person_id: int) -> ColumnElement[bool]:
    """True of the rows of a table that are about a person, also by way of a row of another table."""
    links = [leads_to(table.c[name], person_id) for name in held.of]
    if table.name == "audit_event":
        links.append(and_(table.c.subject_type == "person", table.c.subject_id == person_id))
    return or_(false(), *links)


def leads_to(column: Column[Any], person_id: int) -> ColumnElement[bool]:
    """True where a column names a person, or a row that is about them."""
    if not column.foreign_keys or names_person(column):
        return column == person_id
    (reference,) = column.foreign_keys
    other = reference.column.table
    return column.in_(select(reference.column).where(is_about(other, LABELS[other.name], person_id)))


def has_part(table: Table, person_id: int) -> ColumnElement[bool]:
    """True of the rows in which a person is named beside whoever they are about."""
    return or_(false(), *(column == person_id for column in table.c if names_person(column)))


def names_person(column: Column[Any]) -> bool:
    """The column holds the id of a person."""
    return any(reference.target_fullname == "person.id" for reference in column.foreign_keys)


def _rows(table: Table, condition: ColumnElement[bool]) -> Iterator[Any]:
    return stream(select(table).where(condition).order_by(*table.primary_key))


def _shown(table: Table, held: Held, row: Any, person_id: int) -> dict[str, Any]:
    """A row about the person: all of it but what signs them in, and who else is named."""
    return {
        column.name: _value(column, value, person_id)
        for column, value in zip(table.c, row, strict=True)
        if held.labels[column.name] not in HIDDEN
    }


def _own_part(table: Table, held: Held, row: Any, person_id: int) -> dict[str, Any]:
    """A row about somebody else: what says nothing about them, in which place the person stands, and their words."""
    values = dict(zip(table.c.keys(), row, strict=True))
    mine = {name for name, value in values.items() if names_person(table.c[name]) and value == person_id}
    return {
        name: YOU if name in mine else value
        for name, value in values.items()
        if name in mine or held.labels[name] is Label.NONE or held.words_by.get(name) in mine
    }


def _value(column: Column[Any], value: Any, person_id: int) -> Any:
    if value is None or not names_person(column):
        return value
    return YOU if value == person_id else ANOTHER
