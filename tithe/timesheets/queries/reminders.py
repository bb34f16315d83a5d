"""Whose clock has come so far that its decider is reminded, and what waits for whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import select

from tithe.kernel.db import db
from tithe.people import around
from tithe.projects.queries import is_member
from tithe.timesheets.models import TimeEntry
from tithe.timesheets.queries.escalation import WAITING, WEEK, OnClock, clocks, waiting
from tithe.timesheets.rules.escalation import REMIND_ON, clock_day, reminds


def deciders_to_remind(since: date, today: date) -> set[int]:
    """For whom a week waits whose clock has come to a day of reminding after `since`. While a question is open the
    clock stands still."""
    found, after = set(), 0
    while weeks := waiting(after):
        after = weeks[-1].id
        by = clocks(weeks, today)
        for week in weeks:
            clock = by[week.id]
            before, now = (
                clock_day(week.stage, clock.settings.decide_wd, week.due_on, day, clock.holidays)
                for day in (since, today)
            )
            if not week.asked and reminds(before, now):
                found.add(week.approver_id)
    return found


def queues_of(person_ids: Collection[int], today: date) -> dict[int, list[OnClock]]:
    """What waits for each of some people by name or for a manager they stand in for, without what they may not decide:
    their own, and for another what is on a project they work on."""
    managers = around.stood_for_by(person_ids, today)
    by_name = _waiting_for({*person_ids, *(each for stood_for in managers.values() for each in stood_for)})
    return {
        person_id: by_name.get(person_id, [])
        + _decidable(person_id, [week for each in managers.get(person_id, ()) for week in by_name.get(each, [])])
        for person_id in person_ids
    }


def _waiting_for(approver_ids: Iterable[int]) -> dict[int, list[OnClock]]:
    found = WAITING.where(WEEK.approver_id.in_(list(approver_ids))).limit(None)
    queues: dict[int, list[OnClock]] = {}
    for row in db.session.execute(found, {"after": 0}):
        week = OnClock(*row)
        queues.setdefault(week.approver_id, []).append(week)
    return queues


def _decidable(delegate: int, weeks: Sequence[OnClock]) -> list[OnClock]:
    if not weeks:
        return []
    mine = is_member(TimeEntry.project_id, delegate)
    found = select(TimeEntry.week_id).where(TimeEntry.week_id.in_([week.id for week in weeks]), mine)
    shared = set(db.session.scalars(found))
    return [week for week in weeks if week.owner_id != delegate and week.id not in shared]


def still_late(person_ids: Collection[int], today: date) -> set[int]:
    """For which of some people a week still waits whose clock has come to the first day of reminding."""
    queues = queues_of(person_ids, today)
    by = clocks(list({week.id: week for queue in queues.values() for week in queue}.values()), today)

    def is_late(week: OnClock) -> bool:
        clock = by[week.id]
        day = clock_day(week.stage, clock.settings.decide_wd, week.due_on, today, clock.holidays)
        return not week.asked and day >= REMIND_ON[0]

    return {person_id for person_id, queue in queues.items() if any(is_late(week) for week in queue)}
