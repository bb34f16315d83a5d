"""Asking owners to put right what leave recorded later leaves no room for. Nothing is deleted by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import update

from tithe.access.actor import SYSTEM
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.audit.operations import record
from tithe.kernel.calendar import add_working_days, named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db
from tithe.notices import operations as notices
from tithe.people import around
from tithe.people import queries as people
from tithe.policy import queries as policy
from tithe.timesheets.models import TimeEntry
from tithe.timesheets.queries.fixes import LateRow, logged_while_away, not_fixed, without_room
from tithe.timesheets.rules.fixes import FIX_WD, Logged

TO_FIX = "week-fix"  # the name of the message to owners, and of its question


@atomic
def flag_fixes(*, since: date, now: datetime) -> tuple[int, int]:
    """Mark the entries a day has no room for any more, and take the mark from those that fit again; return how many.

    Owners are told by when to put them right; whoever decides their week is told when they have not by a day from
    `since` to yesterday. The version stays: what is in the week has not changed.
    """
    entries = logged_while_away()
    broken = without_room(entries)
    asked = [entry for entry in entries if entry.id in broken and entry.fix_by is None]
    fits = [entry for entry in entries if entry.id not in broken and entry.fix_by is not None]
    _ask(asked, now)
    _write([entry.id for entry in fits], None)
    for owner_id in sorted({entry.owner_id for entry in fits}):
        again = sorted({entry.day for entry in fits if entry.owner_id == owner_id})
        record("entries:fit-again", actor=SYSTEM, about="person", id=owner_id, at=now, days=again)
    _tell_of_late(not_fixed(since, local_date(now)), now)
    return len(asked), len(fits)


def _ask(entries: Sequence[Logged], now: datetime) -> None:
    """Mark entries with the day by which their owner is to put them right, and tell each once a week."""
    if not entries:
        return
    today = local_date(now)
    calendars = around.calendars_of({entry.owner_id for entry in entries}, today)
    by_day: dict[date, list[int]] = {}
    weeks: dict[tuple[int, int], list[Logged]] = {}
    due: dict[int, date] = {}
    for entry in entries:
        if entry.owner_id not in due:
            holidays = holidays_over(calendars.get(entry.owner_id) or DEFAULT_CALENDAR, today.year, today.year + 1)
            due[entry.owner_id] = add_working_days(today, FIX_WD, holidays)
        by_day.setdefault(due[entry.owner_id], []).append(entry.id)
        weeks.setdefault((entry.owner_id, entry.week_id), []).append(entry)
    for fix_by, ids in by_day.items():
        _write(ids, fix_by)
    for (owner_id, week_id), held in weeks.items():
        facts = {"week_id": week_id, "days": sorted({entry.day for entry in held}), "fix_by": due[owner_id]}
        record("entries:ask-to-fix", actor=SYSTEM, about="person", id=owner_id, at=now, **facts)
    known = policy.weeks_of(entry.day for entry in entries)
    notices.queue(
        [
            _to_owner(owner_id, week_id, known.monday_of(held[0].day), held, due[owner_id], now)
            for (owner_id, week_id), held in weeks.items()
        ]
    )


def _to_owner(
    owner_id: int, week_id: int, monday: date, entries: Sequence[Logged], fix_by: date, now: datetime
) -> dict[str, Any]:
    return notices.compose(
        TO_FIX,
        to=owner_id,
        path=f"/weeks/{monday}",
        at=now,
        recheck=TO_FIX,
        about_id=week_id,
        week=named(monday),
        days=", ".join(f"{day:%A} {named(day)}" for day in sorted({entry.day for entry in entries})),
        due=named(fix_by),
    )


def _write(ids: Iterable[int], fix_by: date | None) -> None:
    if ids := list(ids):
        marked = update(TimeEntry).where(TimeEntry.id.in_(ids)).values(fix_by=fix_by)
        db.session.execute(marked.execution_options(synchronize_session=False))


def _tell_of_late(weeks: Sequence[LateRow], now: datetime) -> None:
    """Tell whoever a week waits for, or was decided by; where that is a queue, its keepers."""
    if not weeks:
        return
    names = people.names_of({week.owner_id for week in weeks})
    queued = {week.unit_id for week in weeks if week.approver_id is None and week.unit_id is not None}
    keepers = around.keepers_of(queued, local_date(now)) if queued else {}
    notices.queue(
        [
            notices.compose(
                "week-not-fixed",
                to=reader,
                path=f"/approvals/{week.id}",
                at=now,
                owner=names[week.owner_id],
                week=named(week.starts_on),
                due=named(week.fix_by),
            )
            for week in weeks
            for reader in ([week.approver_id] if week.approver_id else keepers.get(week.unit_id or 0, []))
            if reader != week.owner_id
        ]
    )
