"""Which settings are in force, where and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, select

from tithe.kernel.db import db, table_of
from tithe.people.queries import unit_tree
from tithe.policy.models import TithePolicy
from tithe.policy.rules import Span, Version, timeline

POLICY = table_of(TithePolicy).c
INHERITED = (
    select(unit_tree.c.descendant_id, POLICY.id, unit_tree.c.depth, POLICY.starts_on, POLICY.settings)
    .select_from(table_of(TithePolicy).join(unit_tree, POLICY.unit_id == unit_tree.c.ancestor_id))
    .where(POLICY.starts_on < bindparam("end", type_=Date))
)
INHERITED_BY = INHERITED.where(unit_tree.c.descendant_id.in_(bindparam("unit_ids", expanding=True)))


def timelines_of(unit_ids: Iterable[int], start: date, end: date) -> dict[int, list[Span]]:
    """The settings of some units over the days from `start` up to but not including `end`, in one statement."""
    unit_ids = set(unit_ids)
    versions = _versions(db.session.execute(INHERITED_BY, {"unit_ids": list(unit_ids), "end": end}))
    return {unit_id: timeline(versions[unit_id], start, end) for unit_id in unit_ids}


def all_timelines(start: date, end: date) -> dict[int, list[Span]]:
    """The settings of every unit that has or inherits any."""
    versions = _versions(db.session.execute(INHERITED, {"end": end}))
    return {unit_id: timeline(found, start, end) for unit_id, found in versions.items()}


def in_force(unit_id: int, on: date) -> Span:
    """The settings of a unit on one day; the defaults where nobody has decided anything."""
    day_after = on + timedelta(days=1)
    return timelines_of([unit_id], on, day_after)[unit_id][0]


def _versions(rows: Iterable[Any]) -> defaultdict[int, list[Version]]:
    versions: defaultdict[int, list[Version]] = defaultdict(list)
    for unit_id, policy_id, depth, starts_on, settings in rows:
        versions[unit_id].append(Version(policy_id, depth, starts_on, settings))
    return versions
