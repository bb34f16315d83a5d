"""Dates on which a unit can spare no tithed time. Source: §1.5 of the scheme's time rules.

Days are counted as working days of the public holidays of England and Wales, wherever a unit's people work: one unit
may have people under several calendars, and its year has one count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tithe.kernel.calendar import (
    SchemeYear,
    add_working_days,
    days_between,
    is_working_day,
    named,
    working_days_between,
)
from tithe.kernel.errors import Problem

SHORTEST_REASON, SHORTEST_EMERGENCY_REASON, LONGEST_REASON = 20, 40, 500
YEARS_AHEAD = 2  # beyond these no public holidays are announced


class BlackoutGround(StrEnum):
    """Why a unit needs everybody on these dates."""

    DEADLINE = "deadline"
    PEAK = "peak"
    INCIDENT = "incident"
    REORGANISATION = "reorganisation"
    ELECTION = "election"


GROUNDS = {
    BlackoutGround.DEADLINE: "A ministerial or statutory deadline",
    BlackoutGround.PEAK: "A peak of work that comes every year",
    BlackoutGround.INCIDENT: "An incident",
    BlackoutGround.REORGANISATION: "A reorganisation",
    BlackoutGround.ELECTION: "An election",
}


class BlackoutState(StrEnum):
    """Where a blackout stands on a day."""

    CURRENT = "current"
    COMING = "coming"
    PAST = "past"
    LIFTED = "lifted"


@dataclass(frozen=True)
class Dates:
    """Days from one to another, both included."""

    starts_on: date
    last_day: date

    def within(self, year: SchemeYear) -> Dates | None:
        """The part of it that falls in a year."""
        first, last = max(self.starts_on, year.start), min(self.last_day, year.last_day)
        return Dates(first, last) if first <= last else None


@dataclass(frozen=True)
class Plan(Dates):
    """A blackout somebody wants to set. `ground` is as it was sent and may be none of those there are."""

    ground: str
    reason: str
    emergency: bool = False


@dataclass(frozen=True)
class Year:
    """How many working days of a year are blacked out with and without a plan, and how many may be."""

    year: SchemeYear
    before: int
    after: int
    limit: int

    @property
    def is_over(self) -> bool:
        """A plan that adds no day to those blacked out already is never too much."""
        return self.after > max(self.limit, self.before)


def state_of(dates: Dates, *, lifted: bool, today: date) -> BlackoutState:
    """Where a blackout stands today. One lifted before it began never counts."""
    if lifted:
        return BlackoutState.LIFTED
    if today < dates.starts_on:
        return BlackoutState.COMING
    return BlackoutState.CURRENT if today <= dates.last_day else BlackoutState.PAST


def working_days(spans: Iterable[Dates], holidays: Collection[date], year: SchemeYear | None = None) -> int:
    """The working days that any of these covers, of one year if named: where they overlap a day counts once."""
    parts = [part for each in spans if (part := each.within(year) if year else each)]
    days = {day for part in parts for day in days_between(part.starts_on, part.last_day + timedelta(days=1))}
    return sum(is_working_day(day, holidays) for day in days)


def years_of(
    plan: Plan, others: Iterable[Dates], limit: int, holidays: Collection[date], start_month: int
) -> list[Year]:
    """What a plan does to each year it touches, beside the blackouts that hold there anyway."""
    others = list(others)
    first, last = (SchemeYear.containing(day, start_month).number for day in (plan.starts_on, plan.last_day))
    years = [SchemeYear(number, start_month) for number in range(first, last + 1)]
    return [
        Year(year, working_days(others, holidays, year), working_days([*others, plan], holidays, year), limit)
        for year in years
    ]


def problems_in(plan: Plan, *, notice_wd: int, today: date, holidays: Collection[date]) -> list[Problem]:
    """What is wrong with a plan by itself. An emergency needs no notice but a longer reason."""
    problems = _about_dates(plan, today, holidays)
    if not problems and not plan.emergency:
        problems = _about_notice(plan, notice_wd, today, holidays)
    if plan.ground not in set(BlackoutGround):
        problems.append(Problem("Choose why the unit can spare no time", "ground"))
    return problems + _about_reason(plan)


def _about_dates(plan: Plan, today: date, holidays: Collection[date]) -> list[Problem]:
    latest = date(today.year + YEARS_AHEAD, 12, 31)
    if plan.starts_on < today:
        return [Problem("A blackout cannot begin before today. Choose a later first day", "starts_on")]
    if plan.last_day < plan.starts_on:
        return [Problem("The last day is before the first. Choose a later last day", "last_day")]
    if plan.last_day > latest:
        return [Problem(f"Choose a last day no later than {named(latest)}", "last_day")]
    if not working_days([plan], holidays):
        return [Problem("There is no working day among these. Choose a later last day", "last_day")]
    return []


def _about_notice(plan: Plan, notice_wd: int, today: date, holidays: Collection[date]) -> list[Problem]:
    given = notice_of(plan, today, holidays)
    if given >= notice_wd:
        return []
    earliest = add_working_days(today, notice_wd, holidays)
    return [
        Problem(
            f"This gives {given} working days’ notice and {notice_wd} are needed. "
            f"Begin on {named(earliest)} or later, or say that it is an emergency",
            "starts_on",
        )
    ]


def _about_reason(plan: Plan) -> list[Problem]:
    length, least = len(plan.reason.strip()), SHORTEST_EMERGENCY_REASON if plan.emergency else SHORTEST_REASON
    if length < least:
        who = "An emergency needs a reason of" if plan.emergency else "Give a reason of"
        return [Problem(f"{who} at least {least} characters; this has {length}", "reason")]
    if length > LONGEST_REASON:
        return [Problem(f"Write at most {LONGEST_REASON} characters; this has {length}", "reason")]
    return []


def notice_of(dates: Dates, today: date, holidays: Collection[date]) -> int:
    """Working days' notice: how many working days come after today up to and including the first day."""
    return working_days_between(today, dates.starts_on, holidays)
