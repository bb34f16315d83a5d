"""Entries on days that somebody turned out to be away on, and those that are to be put right."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, or_, select

from tithe.allowance.queries.absences import days_away
from tithe.allowance.queries.periods import closed_quarters
from tithe.allowance.queries.schedules import AT_ONCE, schedules_of
from tithe.allowance.rules.ledger import PeriodState
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.timesheets.models import TimeEntry, Week
from tithe.timesheets.rules.fixes import Logged, overfull


@dataclass(frozen=True)
class LateRow:
    """A week with entries that were not put right in time, and for whom it waited or waits."""

    id: int
    owner_id: int
    starts_on: date
    approver_id: int | None
    unit_id: int | None
    fix_by: date


def logged_while_away() -> list[Logged]:
    """Every entry of quarters that are not locked on a day its owner has time away, or that is to be put right."""
    locked = [code for code, state in closed_quarters().items() if state is PeriodState.LOCKED]
    since = max((Quarter.parse(code).end for code in locked), default=date.min)
    away = exists().where(days_away.c.person_id == TimeEntry.person_id, days_away.c.day == TimeEntry.day)
    found = (
        select(TimeEntry.id, TimeEntry.week_id, TimeEntry.person_id, TimeEntry.day, TimeEntry.minutes, TimeEntry.fix_by)
        .join(Week, Week.id == TimeEntry.week_id)
        .where(func.coalesce(Week.counts_on, TimeEntry.day) >= since, or_(away, TimeEntry.fix_by.is_not(None)))
        .order_by(TimeEntry.person_id, TimeEntry.id)
    )
    return [Logged(*row) for row in db.session.execute(found)]


def without_room(entries: Collection[Logged]) -> set[int]:
    """The ids of those of some entries that their days have no room for as the schedule stands now."""
    found: set[int] = set()
    by_owner: dict[int, list[Logged]] = {}
    for entry in entries:
        by_owner.setdefault(entry.owner_id, []).append(entry)
    owners = sorted(by_owner)
    for start in range(0, len(owners), AT_ONCE):
        found |= _without_room([entry for owner in owners[start : start + AT_ONCE] for entry in by_owner[owner]])
    return found


def _without_room(entries: Collection[Logged]) -> set[int]:
    days = [entry.day for entry in entries]
    schedules = schedules_of({entry.owner_id for entry in entries}, min(days), max(days) + timedelta(days=1))

    def room(owner_id: int, day: date) -> int | None:
        schedule = schedules[owner_id]
        return None if schedule.settings.own_time_allowed else schedule.on(day).scheduled

    return overfull(entries, room)


def not_fixed(since: date, today: date) -> list[LateRow]:
    """The submitted and approved weeks with entries that were to be put right by a day from `since` to yesterday."""
    found: Select[*tuple[Any, ...]] = (
        select(Week.id, Week.person_id, Week.starts_on, Week.approver_id, Week.unit_id, TimeEntry.fix_by)
        .join(TimeEntry, TimeEntry.week_id == Week.id)
        .where(TimeEntry.fix_by >= since, TimeEntry.fix_by < today, Week.submitted_at.is_not(None))
        .distinct()
        .order_by(Week.id)
    )
    return [LateRow(*row) for row in db.session.execute(found)]


def still_to_fix(week_ids: Iterable[int]) -> set[int]:
    """Which of some weeks still hold an entry that is to be put right."""
    found = select(TimeEntry.week_id).where(TimeEntry.week_id.in_(list(week_ids)), TimeEntry.fix_by.is_not(None))
    return set(db.session.scalars(found))


def fixes_in(week_id: int) -> dict[tuple[date, str], date]:
    """By when the entries of a week are to be put right, by day and row, where they are."""
    marked = (TimeEntry.week_id == week_id, TimeEntry.fix_by.is_not(None))
    found: Select[*tuple[Any, ...]] = select(
        TimeEntry.day, TimeEntry.project_id, TimeEntry.kind, TimeEntry.fix_by
    ).where(*marked)
    return {
        (day, str(project_id) if project_id else kind.value): fix_by
        for day, project_id, kind, fix_by in db.session.execute(found)
    }
