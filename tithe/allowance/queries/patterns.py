"""What is on record about somebody's working hours, and what holds where nothing is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest

from sqlalchemy import func, select

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.allowance.models import OutwardMove, PatternDay, WorkingPattern
from tithe.allowance.queries.schedules import schedule_of
from tithe.allowance.rules.patterns import LATEST, PatternState
from tithe.allowance.rules.worktime import Move
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.kernel.errors import NotFound
from tithe.people import queries as people
from tithe.people.queries import PersonRow

PAGE = 50
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PatternRow:
    """A pattern on record; it holds until the day before the next begins, or without end.

    `contracted` are the weekly minutes of the posts held when it began, or None where none was.
    """

    starts_on: date
    last_day: date | None
    weeks: list[list[int]]
    state: PatternState
    contracted: int | None


@dataclass(frozen=True)
class MoveRow:
    """A share of somebody's time lent elsewhere, in basis points, to its last day or without end."""

    id: int
    starts_on: date
    last_day: date | None
    share_bp: int

    @property
    def move(self) -> Move:
        return Move(self.starts_on, self.last_day, self.share_bp)


@dataclass(frozen=True)
class DaysPage:
    """Dates with hours of their own, in order, and where the pages before and after begin if there are any."""

    days: dict[date, int]
    before: date | None
    after: date | None


@dataclass(frozen=True)
class Hours:
    """Everything about one person's working hours.

    `default` is the week that stands in where no pattern is on record today, or None; `contracted` are the weekly
    minutes of the posts held today.
    """

    person: PersonRow
    managers: list[str]
    contracted: int | None
    default: list[int] | None
    patterns: list[PatternRow]
    days: DaysPage
    moves: list[MoveRow]


def hours_of(person_id: int, *, by: Actor, today: date, days_from: date | None = None) -> Hours:
    """Somebody's working hours, past, present and coming; dated days from this quarter on unless told otherwise."""
    person = people.get_person(person_id, by=by, to=Permission.PATTERN_READ, on=today)
    rows = _patterns(person_id)
    contracted = contracted_on(person_id, [today, *rows])
    patterns = _in_order(rows, contracted, today)
    by_default = all(each.state is not PatternState.NOW for each in patterns)
    return Hours(
        person=person,
        managers=sorted(people.names_of(person.manager_ids).values()),
        contracted=contracted[today],
        default=_default_week(person_id, today) if by_default else None,
        patterns=patterns,
        days=_days(person_id, days_from or Quarter.containing(today).start),
        moves=moves_of(person_id),
    )


def _patterns(person_id: int) -> dict[date, list[list[int]]]:
    """The weeks of somebody's patterns by first day, the oldest first."""
    found = (
        select(WorkingPattern.starts_on, WorkingPattern.weeks)
        .where(WorkingPattern.person_id == person_id)
        .order_by(WorkingPattern.starts_on)
    )
    return {row.starts_on: row.weeks for row in db.session.execute(found)}


def _in_order(weeks: dict[date, list[list[int]]], contracted: dict[date, int | None], today: date) -> list[PatternRow]:
    """Each pattern with the day before the next."""
    begin = list(weeks)
    return [
        PatternRow(
            starts_on=day,
            last_day=following - ONE_DAY if following else None,
            weeks=weeks[day],
            state=_state(day, following or date.max, today),
            contracted=contracted[day],
        )
        for day, following in zip_longest(begin, begin[1:])
    ]


def _state(starts_on: date, until: date, today: date) -> PatternState:
    if starts_on > today:
        return PatternState.COMING
    return PatternState.NOW if today < until else PatternState.PAST


def _default_week(person_id: int, day: date) -> list[int] | None:
    """What the weekly minutes of the posts held on a day make of a week, Monday first; None without a post."""
    held = schedule_of(person_id, day, day + ONE_DAY).work.stretches
    return [sum(each) for each in zip(*(stretch.pattern.weeks[0] for stretch in held), strict=True)] or None


def contracted_on(person_id: int, days: Iterable[date]) -> dict[date, int | None]:
    """The weekly minutes of all posts somebody holds, by day, in one statement; None where they hold none."""
    days = list(days)
    if not days:
        return {}
    posts = people.POSTS_HELD.subquery()
    found = select(posts.c.weekly_minutes, posts.c.starts_on, posts.c.ends_on).where(posts.c.person_id == person_id)
    held = db.session.execute(found, {"start": min(days), "end": min(max(days), LATEST) + ONE_DAY}).all()
    on_each = {day: [p.weekly_minutes for p in held if p.starts_on <= day <= (p.ends_on or day)] for day in days}
    return {day: sum(minutes) if minutes else None for day, minutes in on_each.items()}


def weeks_on(person_id: int, day: date) -> list[list[int]]:
    """The weeks of the pattern that holds on a day, or of what stands in for one; nothing without a post."""
    begun = [weeks for starts_on, weeks in _patterns(person_id).items() if starts_on <= day]
    if begun:
        return begun[-1]
    week = _default_week(person_id, day)
    return [week] if week else []


def last_day_of(person_id: int, starts_on: date) -> date | None:
    """The day before the next pattern after one that begins on this day, or None if none follows."""
    following = [day for day in _patterns(person_id) if day > starts_on]
    return following[0] - ONE_DAY if following else None


def days_on_record(person_id: int, days: Iterable[date]) -> dict[date, int]:
    """The minutes on record for those of these dates that have some."""
    found = select(PatternDay.day, PatternDay.minutes).where(
        PatternDay.person_id == person_id, PatternDay.day.in_(list(days))
    )
    return {row.day: row.minutes for row in db.session.execute(found)}


def _days(person_id: int, since: date) -> DaysPage:
    """A page of dates from a day on, and the first days of the pages round it."""
    own = select(PatternDay.day, PatternDay.minutes).where(PatternDay.person_id == person_id)
    rows = db.session.execute(own.where(PatternDay.day >= since).order_by(PatternDay.day).limit(PAGE + 1)).all()
    earlier = select(PatternDay.day).where(PatternDay.person_id == person_id, PatternDay.day < since)
    page_before = earlier.order_by(PatternDay.day.desc()).limit(PAGE).subquery()
    return DaysPage(
        days={row.day: row.minutes for row in rows[:PAGE]},
        before=db.session.scalar(select(func.min(page_before.c.day))),
        after=rows[PAGE].day if len(rows) > PAGE else None,
    )


def moves_of(person_id: int) -> list[MoveRow]:
    """The shares of somebody's time lent elsewhere, in the order they begin."""
    found = (
        select(OutwardMove.id, OutwardMove.starts_on, OutwardMove.last_day, OutwardMove.share_bp)
        .where(OutwardMove.person_id == person_id)
        .order_by(OutwardMove.starts_on, OutwardMove.id)
    )
    return [MoveRow(*row) for row in db.session.execute(found)]


def get_move(person_id: int, move_id: int) -> MoveRow:
    """One of somebody's shares lent elsewhere."""
    found = next((each for each in moves_of(person_id) if each.id == move_id), None)
    if found is None:
        raise NotFound
    return found
