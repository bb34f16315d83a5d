"""Weeks whose time to decide is over, what is known of them, and where they went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, Select, bindparam, exists, select, tuple_

from tithe.access.actor import Actor
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.queries.schedules import schedules_of
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.kernel.db import db, table_of
from tithe.people import around
from tithe.people.queries import person_names
from tithe.policy import queries as policy
from tithe.policy.rules import Settings
from tithe.projects.queries import is_member, takes_no_time
from tithe.timesheets.models import Escalation, Question, TimeEntry, Week
from tithe.timesheets.queries.room import room_in
from tithe.timesheets.queries.weeks import week_on_record
from tithe.timesheets.rules.escalation import OWNERS_CALENDAR, Silence, Stage
from tithe.timesheets.rules.lifecycle import WeekStatus
from tithe.timesheets.rules.limits import over_limits

AT_ONCE = 500  # weeks that timed work reads together
PAGE = 50

Place = tuple[datetime, int]  # in the list of what moved on: when it did, and the id of that step

KEPT_FOR = timedelta(days=28)  # how long somebody is shown where a week went that they did not decide

WEEK, QUESTION, ENTRY = table_of(Week).c, table_of(Question).c, table_of(TimeEntry).c
ASKED = exists().where(QUESTION.week_id == WEEK.id, QUESTION.version == WEEK.version, QUESTION.answered_at.is_(None))
TO_FIX = exists().where(ENTRY.week_id == WEEK.id, ENTRY.fix_by.is_not(None))
FLAGGED = exists().where(ENTRY.week_id == WEEK.id, takes_no_time(ENTRY.project_id, ENTRY.day))
WAITING: Select[*tuple[Any, ...]] = (
    select(
        WEEK.id, WEEK.person_id, WEEK.starts_on, WEEK.version, WEEK.total_minutes, WEEK.unit_id, WEEK.approver_id,
        WEEK.stage, WEEK.due_on, WEEK.amends_version, ASKED.label("asked"), TO_FIX.label("to_fix"),
        FLAGGED.label("flagged"),
    )
    .where(
        WEEK.status == WeekStatus.SUBMITTED,
        WEEK.approver_id.is_not(None),
        WEEK.id > bindparam("after"),
    )
    .order_by(WEEK.id)
    .limit(AT_ONCE)
)  # fmt: skip
OVERDUE = WAITING.where(WEEK.due_on < bindparam("today", type_=Date)).with_for_update(of=table_of(Week))


@dataclass(frozen=True)
class OnClock:
    """A submitted week that waits for somebody by name."""

    id: int
    owner_id: int
    starts_on: date
    version: int
    total_minutes: int
    unit_id: int | None
    approver_id: int
    stage: Stage
    due_on: date
    amends: int | None
    asked: bool
    to_fix: bool
    flagged: bool


@dataclass(frozen=True)
class Clock:
    """What counts the working days of a week that waits: the settings of its unit and somebody's holidays."""

    settings: Settings
    holidays: frozenset[date]


@dataclass(frozen=True)
class MovedRow:
    """A week that somebody did not decide in time, to whom it went, and where it stands now. Without a name it went to
    the queue of its unit."""

    id: int
    week_id: int
    owner_id: int
    owner_name: str
    starts_on: date
    due_was: date
    at: datetime
    to: str | None
    status: WeekStatus


def overdue(today: date, after: int) -> list[OnClock]:
    """The next weeks by id whose time is over at the start of a day, locked until the transaction ends."""
    return [OnClock(*row) for row in db.session.execute(OVERDUE, {"today": today, "after": after})]


def waiting(after: int) -> list[OnClock]:
    """The next weeks by id that wait for somebody by name."""
    return [OnClock(*row) for row in db.session.execute(WAITING, {"after": after})]


def clocks(weeks: Sequence[OnClock], today: date) -> dict[int, Clock]:
    """What counts the days of some weeks, by id: holidays of the decider, or of the owner if the unit says so."""
    spans = policy.timelines_of({week.unit_id for week in weeks if week.unit_id}, today, today + timedelta(days=1))
    calendars = around.calendars_of({each for week in weeks for each in (week.owner_id, week.approver_id)}, today)
    found = {}
    for week in weeks:
        settings = spans[week.unit_id][0].settings if week.unit_id else Settings()
        counts = week.owner_id if settings.sla_calendar == OWNERS_CALENDAR else week.approver_id
        calendar = calendars.get(counts) or DEFAULT_CALENDAR
        found[week.id] = Clock(settings, holidays_over(calendar, today.year - 1, today.year + 1))
    return found


def heirs_of(weeks: Sequence[OnClock], today: date) -> dict[int, int]:
    """The countersigning manager of each of some weeks, by id, where there is one who may decide it: employed today,
    not its owner, not the one who did not decide it, and on none of its projects. Source: §1.6."""
    by_monday: dict[date, set[int]] = {}
    for week in weeks:
        by_monday.setdefault(week.starts_on, set()).add(week.owner_id)
    above = {monday: around.countersigners_of(owners, monday) for monday, owners in by_monday.items()}
    heirs = {week.id: above[week.starts_on].get(week.owner_id) for week in weeks}
    there = around.employed_among({each for each in heirs.values() if each is not None}, today)
    fit: dict[int, set[int]] = {}
    for week in weeks:
        heir = heirs[week.id]
        if heir in there and heir not in (week.owner_id, week.approver_id):
            fit.setdefault(heir, set()).add(week.id)
    return {week_id: heir for heir, ids in fit.items() for week_id in ids - _shared_with(heir, ids)}


def _shared_with(person_id: int, week_ids: Iterable[int]) -> set[int]:
    """The weeks with time on a project somebody is a member of."""
    mine = is_member(TimeEntry.project_id, person_id)
    return set(db.session.scalars(select(TimeEntry.week_id).where(TimeEntry.week_id.in_(list(week_ids)), mine)))


def active_deciders(weeks: Sequence[OnClock], today: date) -> set[int]:
    """Who of those some weeks wait for is employed and was at work on the day a week was due, or has somebody who
    stands in for them today."""
    deciders = {week.approver_id for week in weeks}
    there = around.employed_among(deciders, today)
    first, last = min(week.due_on for week in weeks), max(week.due_on for week in weeks)
    schedules = schedules_of(there, first, last + timedelta(days=1))
    at_work = {
        week.approver_id
        for week in weeks
        if week.approver_id in there and schedules[week.approver_id].on(week.due_on).scheduled
    }
    return at_work | set(around.delegates_of(there, today))


def silence_over(week: OnClock, decider_active: bool, today: date) -> Silence:
    """What is known of a week whose time is over."""
    held = week_on_record(week.id)
    limits = room_in(held, today).limits(held.starts_on)
    return Silence(
        stage=week.stage,
        minutes=week.total_minutes,
        amends=week.amends is not None,
        asked=week.asked,
        to_fix=week.to_fix,
        flagged=week.flagged,
        decider_active=decider_active,
        blacked_out=any(entry.day in limits.blackouts for entry in held.entries),
        limits_broken=len(over_limits(held.entries, limits)),
    )


def moved_from(viewer: Actor, now: datetime, *, after: Place | None = None) -> tuple[list[MovedRow], Place | None]:
    """The weeks that lately went from somebody to another because they had not decided them, the newest first, and the
    place to read on from when more follow."""
    to = person_names.alias("went_to")
    found = (
        select(
            Escalation.id, Escalation.week_id, Week.person_id, person_names.c.name, Week.starts_on, Escalation.due_was,
            Escalation.at, to.c.name, Week.status,
        )
        .join(Week, Week.id == Escalation.week_id)
        .join(person_names, person_names.c.id == Week.person_id)
        .outerjoin(to, to.c.id == Escalation.to_id)
        .where(Escalation.from_id == viewer.person_id, Escalation.at >= now - KEPT_FOR)
        .order_by(Escalation.at.desc(), Escalation.id.desc())
    )  # fmt: skip
    if after:
        found = found.where(tuple_(Escalation.at, Escalation.id) < after)
    rows = [MovedRow(*row) for row in db.session.execute(found.limit(PAGE + 1))]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last.at, last.id) if last else None
