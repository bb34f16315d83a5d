"""Whom a holiday calendar or a unit concerns: everybody who holds a post with it on a day or later."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select

from tithe.kernel.db import db, table_of
from tithe.people.models import Assignment, Person, UnitClosure
from tithe.people.queries import ASSIGNMENT, ENDS_ON, PERSON


def people_by_calendar(since: date) -> dict[str, int]:
    """How many people hold a post with each holiday calendar on a day or later."""
    found = select(ASSIGNMENT.calendar, func.count(ASSIGNMENT.person_id.distinct())).group_by(ASSIGNMENT.calendar)
    return {row[0]: row[1] for row in db.session.execute(_held_since(found, since))}


def people_with_calendar(calendar: str, since: date) -> list[int]:
    """The ids of everybody who holds a post with this holiday calendar on a day or later."""
    found = select(ASSIGNMENT.person_id).distinct().where(ASSIGNMENT.calendar == calendar)
    return list(db.session.scalars(_held_since(found, since).order_by(ASSIGNMENT.person_id)))


def people_at_or_below(unit_id: int, since: date) -> list[int]:
    """The ids of everybody who holds a post in a unit, or one below it, on a day or later."""
    below = select(UnitClosure.descendant_id).where(UnitClosure.ancestor_id == unit_id)
    found = select(ASSIGNMENT.person_id).distinct().where(ASSIGNMENT.unit_id.in_(below))
    return list(db.session.scalars(_held_since(found, since).order_by(ASSIGNMENT.person_id)))


def _held_since(found: Select[*tuple[Any, ...]], since: date) -> Select[*tuple[Any, ...]]:
    """Only posts that last to a day or beyond it."""
    held = table_of(Assignment).join(table_of(Person), PERSON.id == ASSIGNMENT.person_id)
    return found.select_from(held).where(or_(ENDS_ON.is_(None), since <= ENDS_ON))
