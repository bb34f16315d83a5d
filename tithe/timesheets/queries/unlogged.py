"""Whose weeks have neither been submitted nor declared empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from sqlalchemy import or_, select

from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.queries.schedules import AT_ONCE, schedules_of
from tithe.allowance.rules.schedule import Schedule
from tithe.kernel.db import db
from tithe.projects import queries as projects
from tithe.timesheets.models import PlannedBlock, Week
from tithe.timesheets.rules.lifecycle import WeekStatus
from tithe.timesheets.rules.plans import BlockStatus
from tithe.timesheets.rules.reminding import last_mondays, reminded_on

ONE_DAY = timedelta(days=1)
Missing = dict[int, tuple[date, ...]]  # the Mondays of the weeks somebody has said nothing of, the oldest first


def owners_to_remind(since: date, today: date) -> Iterator[Missing]:
    """Who is to be reminded of which weeks on a day after `since` up to today, some people at a time."""
    planned = select(PlannedBlock.person_id).where(
        PlannedBlock.status == BlockStatus.PLANNED, PlannedBlock.day >= last_mondays(today)[0]
    )
    concerned = sorted(projects.people_with_a_project() | set(db.session.scalars(planned.distinct())))
    for start in range(0, len(concerned), AT_ONCE):
        missing = {}
        found = _unlogged(concerned[start : start + AT_ONCE], today)
        schedules = schedules_of(found, last_mondays(today)[0] - ONE_DAY, today + ONE_DAY) if found else {}
        for person_id, mondays in found.items():
            schedule = schedules[person_id]
            if _is_due(schedule, since, today) and (left := _worked_in(schedule, mondays)):
                missing[person_id] = left
        yield missing


def still_unlogged(person_ids: Iterable[int], today: date) -> set[int]:
    """Which of some people still have a week of the last ones they worked in and said nothing of."""
    found = _unlogged(list(person_ids), today)
    schedules = schedules_of(found, last_mondays(today)[0] - ONE_DAY, today) if found else {}
    return {person_id for person_id, mondays in found.items() if _worked_in(schedules[person_id], mondays)}


def _unlogged(person_ids: list[int], today: date) -> Missing:
    """The last weeks that some people neither submitted nor declared empty, where there are any."""
    mondays = last_mondays(today)
    said = or_(Week.status.in_([WeekStatus.SUBMITTED, WeekStatus.APPROVED]), Week.nothing_since.is_not(None))
    found = select(Week.person_id, Week.starts_on).where(
        Week.person_id.in_(person_ids), Week.starts_on.in_(mondays), said
    )
    settled = {(person_id, monday) for person_id, monday in db.session.execute(found)}
    missing = {
        person_id: tuple(monday for monday in mondays if (person_id, monday) not in settled) for person_id in person_ids
    }
    return {person_id: left for person_id, left in missing.items() if left}


def _is_due(schedule: Schedule, since: date, today: date) -> bool:
    holidays = holidays_over(schedule.calendar, today.year - 1, today.year + 1)
    day = reminded_on(today, lambda each: schedule.on(each).scheduled > 0, holidays)
    return day is not None and since < day


def _worked_in(schedule: Schedule, mondays: Iterable[date]) -> tuple[date, ...]:
    """The weeks in which somebody had time to give: employed, and not away all week."""
    return tuple(
        monday for monday in mondays if any(schedule.on(day).scheduled for day in schedule.weeks.days_of(monday))
    )
