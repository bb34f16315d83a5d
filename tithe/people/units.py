"""Reading the tree of units: where one stands in it, what is below, and how many people work there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, select

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import db, table_of
from tithe.people.models import Assignment, Person, Unit, UnitClosure
from tithe.people.queries import ASSIGNMENT, PERSON, UnitRow, employed_on, get_unit, holds_on

UNIT, TREE = table_of(Unit).c, table_of(UnitClosure).c


@dataclass(frozen=True)
class Branch:
    """A unit, how many people work in it or below today, and the units just below it where they were asked for."""

    id: int
    code: str
    name: str
    headcount: int
    below: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class UnitPage:
    """A unit with those above it, those just below it, and how many work in it and below."""

    row: UnitRow
    headcount: int
    below: tuple[Branch, ...]


def list_tops(today: date, *, by: Actor) -> list[Branch]:
    """The units with none above them and those just below, by name, in two statements."""
    ensure(by, Permission.DIRECTORY_READ, None)
    tops = select(UNIT.id).where(UNIT.parent_id.is_(None))
    found = select(UNIT.id, UNIT.code, UNIT.name, UNIT.parent_id).where(
        UNIT.parent_id.is_(None) | UNIT.parent_id.in_(tops)
    )
    rows = db.session.execute(found.order_by(UNIT.name, UNIT.id)).all()
    counts = _headcounts([row.id for row in rows], today)
    below: dict[int | None, list[Branch]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(Branch(row.id, row.code, row.name, counts.get(row.id, 0)))
    return [
        Branch(top.id, top.code, top.name, top.headcount, tuple(below.get(top.id, ()))) for top in below.get(None, ())
    ]


def unit_page(code: str, today: date, *, by: Actor) -> UnitPage:
    """A unit by its code and those just below it, in three statements. Refuses a code nobody has."""
    ensure(by, Permission.DIRECTORY_READ, None)
    unit = get_unit(code)
    found = select(UNIT.id, UNIT.code, UNIT.name).where(UNIT.parent_id == unit.id).order_by(UNIT.name, UNIT.id)
    rows = db.session.execute(found).all()
    counts = _headcounts([unit.id, *(row.id for row in rows)], today)
    below = tuple(Branch(row.id, row.code, row.name, counts.get(row.id, 0)) for row in rows)
    return UnitPage(unit, counts.get(unit.id, 0), below)


def _headcounts(unit_ids: Collection[int], today: date) -> dict[int, int]:
    """How many people hold a post in each of some units, or below it, today; somebody with two counts once."""
    found = (
        select(TREE.ancestor_id, func.count(ASSIGNMENT.person_id.distinct()))
        .select_from(
            table_of(UnitClosure)
            .join(table_of(Assignment), and_(ASSIGNMENT.unit_id == TREE.descendant_id, holds_on(today)))
            .join(table_of(Person), PERSON.id == ASSIGNMENT.person_id)
        )
        .where(TREE.ancestor_id.in_(unit_ids), employed_on(today))
        .group_by(TREE.ancestor_id)
    )
    return {row[0]: row[1] for row in db.session.execute(found)}


def names_of_units(unit_ids: Iterable[int]) -> dict[int, str]:
    """The names of some units by id."""
    found = select(UNIT.id, UNIT.name).where(UNIT.id.in_(list(unit_ids)))
    return {row[0]: row[1] for row in db.session.execute(found)}
