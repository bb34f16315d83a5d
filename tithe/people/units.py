"""Reading the tree of units: where one stands in it, what is below, and how many people work there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, case, func, not_, select, union

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import db, table_of
from tithe.kernel.errors import NotFound
from tithe.people.models import Assignment, Person, Unit, UnitClosure
from tithe.people.queries import ASSIGNMENT, PERSON, UnitRow, employed_on, get_unit, holds_on, unit_where

FEW = 2000  # posts

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
    """The units with none above them and those just below, by name, in three statements."""
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
    """A unit by its code and those just below it, in four statements. Refuses a code nobody has."""
    ensure(by, Permission.DIRECTORY_READ, None)
    unit = get_unit(code)
    found = select(UNIT.id, UNIT.code, UNIT.name).where(UNIT.parent_id == unit.id).order_by(UNIT.name, UNIT.id)
    rows = db.session.execute(found).all()
    counts = _headcounts([unit.id, *(row.id for row in rows)], today)
    below = tuple(Branch(row.id, row.code, row.name, counts.get(row.id, 0)) for row in rows)
    return UnitPage(unit, counts.get(unit.id, 0), below)


def _headcounts(unit_ids: Collection[int], today: date) -> dict[int, int]:
    """How many people hold a post in each of some units, or below it, today; somebody with two counts once.

    Among few posts each person is looked at. Among many the posts are counted from an index alone, and what is too many
    is taken off: few hold two posts, or hold one still though they have left.
    """
    posts = _posts_below(unit_ids, today)
    if sum(posts.values()) <= FEW:
        return _people_below(unit_ids, today)
    surplus = _surplus_below(unit_ids, today)
    return {unit_id: count - surplus.get(unit_id, 0) for unit_id, count in posts.items()}


def _posts_below(unit_ids: Collection[int], today: date) -> dict[int, int]:
    """How many posts are held in each of some units or below."""
    below = select(TREE.descendant_id).where(TREE.ancestor_id.in_(unit_ids))
    held = (
        select(ASSIGNMENT.unit_id, func.count().label("posts"))
        .where(ASSIGNMENT.unit_id.in_(below), holds_on(today))
        .group_by(ASSIGNMENT.unit_id)
        .subquery()
    )
    found = select(TREE.ancestor_id, func.sum(held.c.posts)).join(held, held.c.unit_id == TREE.descendant_id)
    return _by_unit(found.where(TREE.ancestor_id.in_(unit_ids)).group_by(TREE.ancestor_id))


def _people_below(unit_ids: Collection[int], today: date) -> dict[int, int]:
    """The same in people: those employed."""
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
    return _by_unit(found)


def _surplus_below(unit_ids: Collection[int], today: date) -> dict[int, int]:
    """How many more posts than people there are in each of some units or below."""
    several = select(ASSIGNMENT.person_id).where(holds_on(today)).group_by(ASSIGNMENT.person_id)
    odd = union(several.having(func.count() > 1), select(PERSON.id).where(not_(employed_on(today))))
    theirs = (
        select(ASSIGNMENT.unit_id, ASSIGNMENT.person_id, employed_on(today).label("employed"))
        .join(table_of(Person), PERSON.id == ASSIGNMENT.person_id)
        .where(ASSIGNMENT.person_id.in_(odd), holds_on(today))
        .cte("theirs")
        .prefix_with("MATERIALIZED")
    )
    people = func.count(case((theirs.c.employed, theirs.c.person_id)).distinct())
    found = select(TREE.ancestor_id, func.count() - people).join(theirs, theirs.c.unit_id == TREE.descendant_id)
    return _by_unit(found.where(TREE.ancestor_id.in_(unit_ids)).group_by(TREE.ancestor_id))


def _by_unit(found: Select[int, int]) -> dict[int, int]:
    return {row[0]: int(row[1]) for row in db.session.execute(found)}


def names_of_units(unit_ids: Iterable[int]) -> dict[int, str]:
    """The names of some units by id."""
    found = select(UNIT.id, UNIT.name).where(UNIT.id.in_(list(unit_ids)))
    return {row[0]: row[1] for row in db.session.execute(found)}


def first_fork(unit_id: int) -> UnitRow:
    """A unit that is known to exist, or while there is only one unit below, the first further down that has more."""
    forks = (
        select(UnitClosure.descendant_id)
        .join(Unit, Unit.parent_id == UnitClosure.descendant_id)
        .where(UnitClosure.ancestor_id == unit_id)
        .group_by(UnitClosure.descendant_id, UnitClosure.depth)
        .having(func.count() > 1)
        .order_by(UnitClosure.depth)
        .limit(1)
    )
    unit = unit_where(Unit.id == func.coalesce(forks.scalar_subquery(), unit_id))
    if unit is None:
        raise NotFound
    return unit
