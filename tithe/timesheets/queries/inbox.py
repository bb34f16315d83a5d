"""The weeks that wait for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select, tuple_

from tithe.access.actor import Actor
from tithe.access.grants import QUEUE_KEEPERS
from tithe.kernel.db import db
from tithe.people.queries import person_names, unit_tree
from tithe.timesheets.models import Week
from tithe.timesheets.rules.lifecycle import WeekStatus

PAGE = 50


@dataclass(frozen=True)
class AwaitingRow:
    """A week in a manager's queue."""

    id: int
    owner_id: int
    owner_name: str
    starts_on: date
    version: int
    total_minutes: int
    submitted_at: datetime
    due_on: date
    by_hr_queue: bool


def waits_for(actor: Actor) -> ColumnElement[bool]:
    """A submitted week is in this person's queue: by name, or in the HR queue of a unit their role covers."""
    named = Week.approver_id == actor.id
    tops = actor.units_as(*QUEUE_KEEPERS)
    below = select(unit_tree.c.descendant_id).where(unit_tree.c.ancestor_id.in_(tops))
    queued = and_(Week.approver_id.is_(None), Week.unit_id.in_(below)) if tops else false()
    return and_(Week.status == WeekStatus.SUBMITTED, Week.person_id != actor.id, or_(named, queued))


def weeks_awaiting(viewer: Actor, *, after: tuple[datetime, int] | None = None) -> tuple[list[AwaitingRow], bool]:
    """A page of the weeks that wait for the viewer, oldest first, and whether more follow."""
    found = (
        select(
            Week.id,
            Week.person_id,
            person_names.c.name,
            Week.starts_on,
            Week.version,
            Week.total_minutes,
            Week.submitted_at,
            Week.due_on,
            Week.approver_id.is_(None),
        )
        .join(person_names, person_names.c.id == Week.person_id)
        .where(waits_for(viewer))
        .order_by(Week.submitted_at, Week.id)
    )
    if after:
        found = found.where(tuple_(Week.submitted_at, Week.id) > after)
    rows = db.session.execute(found.limit(PAGE + 1)).all()
    return [AwaitingRow(*row) for row in rows[:PAGE]], len(rows) > PAGE


def count_awaiting(viewer: Actor) -> int:
    return db.session.scalar(select(func.count()).select_from(Week).where(waits_for(viewer))) or 0
