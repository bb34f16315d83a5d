"""Reading blackouts: those that bear on a unit, and what a new one would do there and below."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, Select, and_, bindparam, func, or_, select, tuple_

from tithe.access.actor import Actor
from tithe.access.grants import HR_MANAGERS, ensure
from tithe.access.permissions import Permission
from tithe.allowance.models import BlackoutPeriod
from tithe.allowance.rules.blackouts import BlackoutGround, Dates
from tithe.kernel.calendar import SchemeYear
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound
from tithe.people import queries as people
from tithe.people.queries import POSTS_HELD, UnitRow, person_names, unit_names, unit_tree
from tithe.policy import queries as policy

PAGE = 25
CHOICES = 200
A_YEAR = timedelta(days=366)

Place = tuple[date, int]  # in a list: the first day of a blackout, and its id

BLACKOUT = table_of(BlackoutPeriod).c
LIVE = BLACKOUT.lifted_at.is_(None)
IN_DAYS = and_(
    LIVE, BLACKOUT.starts_on <= bindparam("end", type_=Date), BLACKOUT.last_day >= bindparam("start", type_=Date)
)
HERE_OR_BELOW, HERE_OR_ABOVE = unit_tree.alias("here_or_below"), unit_tree.alias("here_or_above")

# The unit itself and those below it that have blackouts or settings of their own, each with all that hold there. The
# units in between have what the nearest of these above them has.
CONCERNED = (
    select(unit_names.c.id, unit_names.c.code, unit_names.c.name, BLACKOUT.starts_on, BLACKOUT.last_day)
    .select_from(unit_names)
    .join(HERE_OR_BELOW, HERE_OR_BELOW.c.descendant_id == unit_names.c.id)
    .join(HERE_OR_ABOVE, HERE_OR_ABOVE.c.descendant_id == unit_names.c.id)
    .outerjoin(table_of(BlackoutPeriod), and_(BLACKOUT.unit_id == HERE_OR_ABOVE.c.ancestor_id, IN_DAYS))
    .where(
        HERE_OR_BELOW.c.ancestor_id == bindparam("unit_id"),
        or_(
            unit_names.c.id == bindparam("unit_id"),
            unit_names.c.id.in_(select(BLACKOUT.unit_id).where(IN_DAYS).correlate(None)),
            unit_names.c.id.in_(policy.DECIDING),
        ),
    )
    .order_by(HERE_OR_BELOW.c.depth, unit_names.c.code)
)


@dataclass(frozen=True)
class BlackoutRow(Dates):
    """A blackout as people read it, with the ids of its unit and all above."""

    id: int
    unit_id: int
    unit_code: str
    unit_name: str
    ground: BlackoutGround
    reason: str
    emergency: bool
    set_by: str
    set_at: datetime
    lifted_at: datetime | None
    unit_path: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Held(Dates):
    """Days blacked out in a unit by itself or from above, and whether as an emergency."""

    emergency: bool


@dataclass(frozen=True)
class UnitConcerned:
    """A unit in which a new blackout would hold, the most working days of a year it may have, the month in which its
    years start, and the days it has."""

    id: int
    code: str
    name: str
    limit: int
    start_month: int
    held: tuple[Dates, ...]


@dataclass(frozen=True)
class Reach:
    """How many units and people a blackout concerns."""

    units: int
    people: int


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            BLACKOUT.starts_on, BLACKOUT.last_day, BLACKOUT.id, BLACKOUT.unit_id, unit_names.c.code, unit_names.c.name,
            BLACKOUT.ground, BLACKOUT.reason, BLACKOUT.emergency, person_names.c.name, BLACKOUT.set_at,
            BLACKOUT.lifted_at,
        )
        .join(unit_names, unit_names.c.id == BLACKOUT.unit_id)
        .join(person_names, person_names.c.id == BLACKOUT.set_by)
    )  # fmt: skip


def unit_for(viewer: Actor, code: str) -> UnitRow:
    """The unit with a code, or the viewer's own where none is given."""
    if code:
        return people.get_unit(code)
    if viewer.unit_id is None:
        raise NotFound("You hold no post today, so there is no unit of yours. Name one by its code: ?unit=CODE")
    return people.get_unit_by_id(viewer.unit_id)


def list_blackouts(unit_id: int, *, after: Place | None = None) -> tuple[list[BlackoutRow], Place | None]:
    """A page of the blackouts of a unit, of those above it and of those below it, the latest first day first; and the
    place to read on from when more follow. All staff may read them."""
    above = select(unit_tree.c.ancestor_id).where(unit_tree.c.descendant_id == unit_id)
    below = select(unit_tree.c.descendant_id).where(unit_tree.c.ancestor_id == unit_id)
    found = _rows().where(or_(BLACKOUT.unit_id.in_(above), BLACKOUT.unit_id.in_(below)))
    if after:
        found = found.where(tuple_(BLACKOUT.starts_on, BLACKOUT.id) < after)
    found = found.order_by(BLACKOUT.starts_on.desc(), BLACKOUT.id.desc()).limit(PAGE + 1)
    rows = [BlackoutRow(*row) for row in db.session.execute(found)]
    more = len(rows) > PAGE
    return _with_paths(rows[:PAGE]), (rows[PAGE - 1].starts_on, rows[PAGE - 1].id) if more else None


def get_blackout(blackout_id: int, *, by: Actor, to: Permission) -> BlackoutRow:
    """One blackout, if it exists and the actor may do `to` with it."""
    row = db.session.execute(_rows().where(BLACKOUT.id == blackout_id)).first() if blackout_id <= LARGEST_ID else None
    if row is None:
        raise NotFound
    blackout = _with_paths([BlackoutRow(*row)])[0]
    ensure(by, to, blackout)
    return blackout


def _with_paths(rows: list[BlackoutRow]) -> list[BlackoutRow]:
    found = select(unit_tree.c.descendant_id, unit_tree.c.ancestor_id).where(
        unit_tree.c.descendant_id.in_({row.unit_id for row in rows})
    )
    paths: dict[int, set[int]] = {}
    for unit_id, above in db.session.execute(found):
        paths.setdefault(unit_id, set()).add(above)
    return [replace(row, unit_path=frozenset(paths[row.unit_id])) for row in rows]


def held_in(unit_id: int, year: SchemeYear) -> list[Held]:
    """What is blacked out in a unit in a year, by itself or from above."""
    above = select(unit_tree.c.ancestor_id).where(unit_tree.c.descendant_id == unit_id)
    found = (
        select(BLACKOUT.starts_on, BLACKOUT.last_day, BLACKOUT.emergency)
        .where(BLACKOUT.unit_id.in_(above), IN_DAYS)
        .order_by(BLACKOUT.starts_on, BLACKOUT.id)
    )
    return [Held(*row) for row in db.session.execute(found, {"start": year.start, "end": year.last_day})]


def units_concerned(unit_id: int, dates: Dates) -> list[UnitConcerned]:
    """The unit first, then those below in which something else holds than in the unit above them, in two statements,
    with what is blacked out in the years of some days and close to them. Limits are those in force on the first day."""
    on, around = dates.starts_on, {"start": dates.starts_on - A_YEAR, "end": dates.last_day + A_YEAR}
    held: dict[tuple[int, str, str], list[Dates]] = {}
    for row in db.session.execute(CONCERNED, {"unit_id": unit_id, **around}):
        held_there = held.setdefault((row.id, row.code, row.name), [])
        if row.starts_on is not None:
            held_there.append(Dates(row.starts_on, row.last_day))
    spans = policy.timelines_of((key[0] for key in held), on, on + timedelta(days=1))
    settings = {key: spans[key[0]][0].settings for key in held}
    return [
        UnitConcerned(*key, settings[key].blackout_max_wd, settings[key].fy_start_month, tuple(held[key]))
        for key in held
    ]


def reach_of(unit_id: int, dates: Dates) -> Reach:
    """The units at or below one, and the people who hold a post in them on any of these days."""
    units = select(unit_tree.c.descendant_id).where(unit_tree.c.ancestor_id == unit_id)
    posts = POSTS_HELD.subquery()
    holders = select(func.count(posts.c.person_id.distinct())).where(posts.c.unit_id.in_(units))
    found = select(select(func.count()).select_from(units.subquery()).scalar_subquery(), holders.scalar_subquery())
    days = {"start": dates.starts_on, "end": dates.last_day + timedelta(days=1)}
    return Reach(*db.session.execute(found, days).one())


def units_open_to(viewer: Actor) -> list[tuple[str, str]]:
    """The first units, by code, for which the viewer may set blackouts: code and name, to choose from while typing."""
    tops = set(viewer.units_as(*HR_MANAGERS))
    if viewer.senior and viewer.unit_id is not None:
        tops.add(viewer.unit_id)
    found = (
        select(unit_names.c.code, unit_names.c.name)
        .where(unit_names.c.id.in_(select(unit_tree.c.descendant_id).where(unit_tree.c.ancestor_id.in_(tops))))
        .order_by(unit_names.c.code)
        .limit(CHOICES)
    )
    return [(row.code, row.name) for row in db.session.execute(found)]
