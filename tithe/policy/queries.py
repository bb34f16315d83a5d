"""Which settings are in force, where and when; where each comes from, and what will change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, Select, and_, bindparam, func, or_, select

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.kernel.calendar import SUNDAY, Weeks
from tithe.kernel.db import db, table_of
from tithe.kernel.errors import NotFound
from tithe.people import queries as people
from tithe.people.queries import UnitRow, person_names, unit_names, unit_tree
from tithe.policy import rules
from tithe.policy.models import TithePolicy
from tithe.policy.rules import AtTheTop, Change, Settings, Span, Version, VersionState, timeline

PAGE = 25
Decided = Mapping[int, Mapping[str, Any]]  # what units themselves say, by unit and setting

POLICY = table_of(TithePolicy).c
LIVE = POLICY.withdrawn_at.is_(None)
INHERITED = (
    select(unit_tree.c.descendant_id, POLICY.id, unit_tree.c.depth, POLICY.starts_on, POLICY.settings)
    .select_from(table_of(TithePolicy).join(unit_tree, POLICY.unit_id == unit_tree.c.ancestor_id))
    .where(POLICY.starts_on < bindparam("end", type_=Date), LIVE)
)
AT_THE_TOP = (
    select(POLICY.unit_id, POLICY.starts_on, POLICY.settings)
    .select_from(table_of(TithePolicy).join(unit_names, unit_names.c.id == POLICY.unit_id))
    .where(unit_names.c.parent_id.is_(None), LIVE)
)
INHERITED_BY = INHERITED.where(unit_tree.c.descendant_id.in_(bindparam("unit_ids", expanding=True)))

ADOPTER, WITHDRAWER = person_names.alias("adopter"), person_names.alias("withdrawer")
HERE_AND_ABOVE: Select[*tuple[Any, ...]] = (
    select(
        POLICY.id,
        unit_tree.c.depth,
        POLICY.starts_on,
        POLICY.settings,
        POLICY.version,
        unit_names.c.code,
        unit_names.c.name,
        POLICY.reason,
        ADOPTER.c.name,
        POLICY.adopted_at,
        WITHDRAWER.c.name,
        POLICY.withdrawn_at,
    )
    .select_from(table_of(TithePolicy).join(unit_tree, POLICY.unit_id == unit_tree.c.ancestor_id))
    .join(unit_names, unit_names.c.id == POLICY.unit_id)
    .outerjoin(ADOPTER, ADOPTER.c.id == POLICY.adopted_by)
    .outerjoin(WITHDRAWER, WITHDRAWER.c.id == POLICY.withdrawn_by)
    .where(unit_tree.c.descendant_id == bindparam("unit_id"))
    .order_by(POLICY.starts_on.desc(), unit_tree.c.depth, POLICY.version.desc())
)

# Every unit at or below one that decides something itself, with all that bears on it. `own_depth` says how far below.
BELOW, ABOVE = unit_tree.alias("below"), unit_tree.alias("above")
DECIDING = select(POLICY.unit_id).where(LIVE)
UNITS_BELOW = (
    select(unit_names.c.id, unit_names.c.code, unit_names.c.name, BELOW.c.depth)
    .join(BELOW, BELOW.c.descendant_id == unit_names.c.id)
    .where(
        BELOW.c.ancestor_id == bindparam("unit_id"),
        or_(unit_names.c.id == bindparam("unit_id"), unit_names.c.id.in_(DECIDING)),
    )
    .order_by(BELOW.c.depth, unit_names.c.code)
)
VERSIONS_BELOW = (
    select(ABOVE.c.descendant_id, POLICY.id, ABOVE.c.depth, POLICY.starts_on, POLICY.settings)
    .select_from(table_of(TithePolicy).join(ABOVE, POLICY.unit_id == ABOVE.c.ancestor_id))
    .join(BELOW, BELOW.c.descendant_id == ABOVE.c.descendant_id)
    .where(
        BELOW.c.ancestor_id == bindparam("unit_id"),
        or_(ABOVE.c.descendant_id == bindparam("unit_id"), ABOVE.c.descendant_id.in_(DECIDING)),
        LIVE,
    )
)


@dataclass(frozen=True)
class VersionRow(Version):
    """A version as people read it. Without a name it was the system that adopted it."""

    version: int
    unit_code: str
    unit_name: str
    reason: str
    adopted_by: str | None
    adopted_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    state: VersionState = field(kw_only=True)


@dataclass(frozen=True)
class Policy:
    """The policy of one unit on one day. `sources` leaves out what nobody here or above has set."""

    unit: UnitRow
    on: date
    settings: Settings
    sources: dict[str, VersionRow]
    changes: list[Change]
    versions: list[VersionRow]


@dataclass(frozen=True)
class UnitBelow:
    """A unit that decides something itself, or the one in question; its versions and all those above it."""

    id: int
    code: str
    name: str
    own_depth: int
    versions: tuple[Version, ...]


@dataclass(frozen=True)
class UnitChoice:
    """A unit to choose, and how many versions of its own it has."""

    code: str
    name: str
    versions: int


def timelines_of(unit_ids: Iterable[int], start: date, end: date) -> dict[int, list[Span]]:
    """The settings of some units over the days from `start` up to but not including `end`, in one statement."""
    unit_ids = set(unit_ids)
    versions = _versions(db.session.execute(INHERITED_BY, {"unit_ids": list(unit_ids), "end": end}))
    return {unit_id: timeline(versions[unit_id], start, end) for unit_id in unit_ids}


def at_the_top() -> list[AtTheTop]:
    """What the units with none above them decided."""
    return [(row.unit_id, row.starts_on, row.settings) for row in db.session.execute(AT_THE_TOP)]


def weeks() -> Weeks:
    """Which week each day belongs to."""
    return rules.weeks_from(at_the_top())


def weeks_of(days: Iterable[date]) -> Weeks:
    """Which weeks these days belong to. Only of a Sunday is that a question, so only then is it asked."""
    return weeks() if any(day.weekday() == SUNDAY for day in days) else Weeks()


def monday_of(day: date) -> date:
    """The Monday that names the week of a day."""
    return weeks_of([day]).monday_of(day)


def in_force(unit_id: int, on: date) -> Span:
    """The settings of a unit on one day; the defaults where nobody has decided anything."""
    day_after = on + timedelta(days=1)
    return timelines_of([unit_id], on, day_after)[unit_id][0]


def settings_for(unit_id: int | None, on: date) -> Settings:
    """The settings of a unit on one day, or the defaults for somebody who has none."""
    return in_force(unit_id, on).settings if unit_id is not None else Settings()


def decided(on: date) -> Decided:
    """What each unit that decides something itself says on a day, by unit: its own version in force, not inherited."""
    found = select(POLICY.unit_id, POLICY.settings).where(LIVE, POLICY.starts_on <= on).order_by(POLICY.starts_on)
    return {row.unit_id: row.settings for row in db.session.execute(found)}


def _versions(rows: Iterable[Any]) -> defaultdict[int, list[Version]]:
    versions: defaultdict[int, list[Version]] = defaultdict(list)
    for unit_id, policy_id, depth, starts_on, settings in rows:
        versions[unit_id].append(Version(policy_id, depth, starts_on, settings))
    return versions


def policy_of(unit: UnitRow, on: date) -> Policy:
    """What is in force in a unit on a day, where it comes from, what will change, and every version here and above."""
    rows = db.session.execute(HERE_AND_ABOVE, {"unit_id": unit.id}).all()
    states = rules.states((Version(*row[:4]) for row in rows if row.withdrawn_at is None), on)
    versions = [VersionRow(*row, state=states.get(row.id, VersionState.WITHDRAWN)) for row in rows]
    live = [each for each in versions if each.state is not VersionState.WITHDRAWN]
    settings = rules.settings_on(live, on)
    return Policy(unit, on, settings, rules.sources(live, on), rules.changes(live, on), versions)


def own_version(unit_id: int, version: int) -> Version:
    """What a unit decided in one of its versions, withdrawn or not. It is known to exist."""
    found = select(POLICY.id, POLICY.starts_on, POLICY.settings)
    row = db.session.execute(found.where(POLICY.unit_id == unit_id, POLICY.version == version)).one()
    return Version(row.id, 0, row.starts_on, row.settings)


def unit_for(code: str, *, by: Actor, to: Permission) -> UnitRow:
    """A unit whose policy the actor may do `to` with; one that is absent looks like one that is not theirs."""
    unit = people.find_unit(code)
    if unit is None:
        raise NotFound
    ensure(by, to, unit)
    return unit


def units_at_or_below(unit_id: int) -> list[UnitBelow]:
    """A unit and all below it that decide something themselves, with every version that bears on each, in two
    statements. The units in between need no asking: they have what the nearest of these above them has."""
    versions = _versions(db.session.execute(VERSIONS_BELOW, {"unit_id": unit_id}))
    units = db.session.execute(UNITS_BELOW, {"unit_id": unit_id})
    return [UnitBelow(*row, versions=tuple(versions[row.id])) for row in units]


def list_units(*, text: str = "", after: str | None = None) -> tuple[list[UnitChoice], str | None]:
    """A page of units in order of code: those that hold every word, or without words those that decide something
    themselves. The second value is the code to read on from when more follow."""
    own = func.count(POLICY.id)
    found = (
        select(unit_names.c.code, unit_names.c.name, own)
        .outerjoin(table_of(TithePolicy), and_(POLICY.unit_id == unit_names.c.id, LIVE))
        .group_by(unit_names.c.code, unit_names.c.name)
    )
    for word in text.split()[:5]:
        like = f"%{word.replace('%', '').replace('_', '')}%"
        found = found.where(or_(unit_names.c.name.ilike(like), unit_names.c.code.ilike(like)))
    if not text:
        found = found.having(own > 0)
    if after:
        found = found.where(unit_names.c.code > after)
    rows = db.session.execute(found.order_by(unit_names.c.code).limit(PAGE + 1)).all()
    return [UnitChoice(*row) for row in rows[:PAGE]], rows[PAGE - 1].code if len(rows) > PAGE else None
