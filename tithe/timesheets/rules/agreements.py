"""What somebody and their line manager agree in advance: a rhythm with a cap a week, or a burst. Source: §1.5 and
§1.6 of the scheme's time rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tithe.kernel.calendar import SchemeYear, days_between, is_working_day, named
from tithe.kernel.errors import Problem
from tithe.kernel.minutes import spoken
from tithe.timesheets.rules.deciding import GROUNDS, WORDS_NEEDED, ReturnGround
from tithe.timesheets.rules.entries import Entry, TimeKind, tithed_minutes
from tithe.timesheets.rules.plans import BURST_DAYS, LONGEST, NO_WEEKDAY

BURSTS_A_YEAR = 2
LONGEST_WEEK = 7 * 24 * 60


class RefusalGround(StrEnum):
    """Why a manager may say no: that the time cannot be spared, never what it is for."""

    COVER = "cover"
    SERVICE = "service"
    BLACKOUT = "blackout"
    REORGANISATION = "reorganisation"
    SAFETY = "safety"


REFUSALS = {ground: GROUNDS[ReturnGround(ground)] for ground in RefusalGround}


class RequestShape(StrEnum):
    """What is asked for."""

    RHYTHM = "rhythm"
    BURST = "burst"


class RequestStatus(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


@dataclass(frozen=True)
class Asked:
    """What somebody asks for: days, a cap a week in minutes, projects by id (none means any), and duties in words."""

    shape: RequestShape
    starts_on: date
    last_day: date
    weekdays: frozenset[int]
    week_minutes: int
    project_ids: frozenset[int] = frozenset()
    duties: str = ""

    def meets(self, starts_on: date, last_day: date) -> bool:
        """It has a day in common with others from one to another, both included."""
        return self.starts_on <= last_day and starts_on <= self.last_day


@dataclass(frozen=True)
class Agreed:
    """An agreement over the days it counts, the last included. `decided_by` agreed to it."""

    id: int
    shape: RequestShape
    starts_on: date
    last_day: date
    weekdays: frozenset[int]
    week_minutes: int
    project_ids: frozenset[int]
    decided_by: int

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day <= self.last_day

    def covers(self, entries: Iterable[Entry]) -> bool:
        """All tithed time of a week is on agreed days and projects, and within the weekly cap. Help given belongs to
        no project, so it is covered where any project is."""
        tithed = [entry for entry in entries if entry.tithed]
        return (
            bool(tithed) and all(self._takes(entry) for entry in tithed) and tithed_minutes(tithed) <= self.week_minutes
        )

    def _takes(self, entry: Entry) -> bool:
        agreed_day = self.holds_on(entry.day) and entry.day.weekday() in self.weekdays
        if not self.project_ids:
            return agreed_day
        return agreed_day and entry.kind is TimeKind.TITHE and entry.project_id in self.project_ids


def last_day_of(last_day: date, ended_from: date | None) -> date:
    """The last day an agreement counts: it may have been ended from an earlier day on."""
    return last_day if ended_from is None else min(last_day, ended_from - timedelta(days=1))


def covering(agreed: Iterable[Agreed], entries: Collection[Entry]) -> Agreed | None:
    """The agreed rhythm a week is inside of, if there is one."""
    rhythms = (each for each in agreed if each.shape is RequestShape.RHYTHM)
    return next((each for each in rhythms if each.covers(entries)), None)


def burst_days(agreed: Iterable[Agreed], days: Iterable[date]) -> frozenset[date]:
    """The days on which a burst was agreed: there the whole day may be tithed. Source: §1.5."""
    bursts = [each for each in agreed if each.shape is RequestShape.BURST]
    return frozenset(day for day in days if any(each.holds_on(day) for each in bursts))


def problems_in(asked: Asked, *, today: date, holidays: Collection[date]) -> list[Problem]:
    """What is wrong with what is asked for, by itself. Holidays are those where the person works."""
    problems = []
    if asked.starts_on < today:
        problems.append(Problem(f"Agree in advance: choose {named(today)} or a later day", "starts_on"))
    if asked.last_day < asked.starts_on:
        problems.append(Problem(f"Choose {named(asked.starts_on)}, the first day, or a later one", "last_day"))
    elif asked.last_day - asked.starts_on >= LONGEST:
        problems.append(Problem("An agreement lasts a year at most. Choose an earlier last day", "last_day"))
    elif asked.shape is RequestShape.BURST and _working_days(asked, holidays) > BURST_DAYS:
        words = f"A burst takes at most {BURST_DAYS} working days in a row. Choose an earlier last day"
        problems.append(Problem(words, "last_day"))
    if not asked.weekdays:
        problems.append(Problem(NO_WEEKDAY, "weekdays"))
    if not 1 <= asked.week_minutes <= LONGEST_WEEK:
        problems.append(Problem("Say how long in a week at most, like 7h 30", "week_minutes"))
    return problems


def _working_days(asked: Asked, holidays: Collection[date]) -> int:
    end = min(asked.last_day, asked.starts_on + timedelta(days=30)) + timedelta(days=1)
    return sum(is_working_day(day, holidays) for day in days_between(asked.starts_on, end))


def clashes(asked: Asked, others: Iterable[tuple[RequestShape, date, date]], start_month: int) -> list[Problem]:
    """Why a request cannot stand beside others that wait or are agreed, as shape, first and last day: one rhythm at a
    time, and two bursts a year, which begins in `start_month`. Source: §1.5."""
    same = [(first, last) for shape, first, last in others if shape is asked.shape]
    for first, last in same:
        if asked.meets(first, last):
            words = f"There is one from {named(first)} to {named(last)} already. End it, or choose other days"
            return [Problem(words, "starts_on")]
    year = SchemeYear.containing(asked.starts_on, start_month)
    if asked.shape is RequestShape.BURST and sum(first in year for first, _ in same) >= BURSTS_A_YEAR:
        return [Problem(f"You have {BURSTS_A_YEAR} bursts in {year.name}, the most in a year", "starts_on")]
    return []


def problems_with_refusal(ground: str | None, reason: str) -> list[Problem]:
    """What is missing from a refusal: a ground from the list and words of at least forty characters. Source: §1.6."""
    problems = []
    if ground not in list(REFUSALS):
        problems.append(Problem("Choose why the time cannot be spared", "ground"))
    if len(reason.strip()) < WORDS_NEEDED:
        problems.append(Problem(f"Say why, in at least {WORDS_NEEDED} characters", "reason"))
    return problems


def thin_days(away: Mapping[date, Collection[int]], team: int, most_pct: int) -> dict[date, int]:
    """The days on which more than that share of a team would be on tithe, and how many of them. Source: §1.5."""
    return {day: len(people) for day, people in sorted(away.items()) if len(people) * 100 > team * most_pct}


def said(asked: Asked, days: str) -> str:
    """A request in a few words, for messages and lists."""
    span = f"from {named(asked.starts_on)} to {named(asked.last_day)}"
    if asked.shape is RequestShape.BURST:
        return f"a burst {span}"
    return f"up to {spoken(asked.week_minutes)} a week on {days} {span}"
