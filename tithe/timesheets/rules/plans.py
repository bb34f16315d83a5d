"""Time planned ahead: a rhythm, a burst or a single day becomes blocks on dates. Source: §1.5 of the scheme's time
rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tithe.allowance.rules.schedule import Day, Schedule
from tithe.kernel.calendar import Quarter, Weeks, days_between, named
from tithe.kernel.errors import Problem
from tithe.kernel.minutes import DAY, spoken
from tithe.timesheets.rules.entries import NEEDS_NOTE, TITHED, Counting, entry_of

LONGEST = timedelta(days=366)
BURST_DAYS = 5
MOST_WEEKS_BETWEEN = 4
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NO_WEEKDAY = "Choose at least one day of the week"


class PlanShape(StrEnum):
    """How the days of a plan follow from each other."""

    RHYTHM = "rhythm"
    BURST = "burst"
    DAY = "day"


class BlockStatus(StrEnum):
    """Where a planned block stands. Done, it has become an entry of its week."""

    PLANNED = "planned"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Wish:
    """What somebody wants to plan: so many minutes of one row of the week on each of some days.

    A rhythm comes back on its `weekdays` (Monday is 0) every so many weeks, a burst takes every day due to be worked
    from the first day to the last, a single day is its first day.
    """

    shape: PlanShape
    line: str
    starts_on: date
    last_day: date
    minutes: int
    weekdays: frozenset[int] = frozenset()
    every_weeks: int = 1
    note: str = ""

    @property
    def tithed(self) -> bool:
        return entry_of(self.line, self.starts_on, self.minutes, "").kind in TITHED


@dataclass(frozen=True)
class Ahead:
    """A day to come: the minutes it still has room for, and why it has none where it has none."""

    room: int
    why: str = ""


@dataclass(frozen=True)
class Laid:
    """A date a plan falls on, and why no block can be there; empty where one can."""

    day: date
    why: str = ""


def weekdays_of(mask: int) -> frozenset[int]:
    """The days of the week, Monday 0, that are stored as bits of a number."""
    return frozenset(day for day in range(7) if mask >> day & 1)


def mask_of(weekdays: Iterable[int]) -> int:
    """Days of the week as bits of a number."""
    return sum(1 << day for day in set(weekdays))


def days_said(weekdays: Iterable[int]) -> str:
    """Days of the week as a sentence names them: "Mondays and Fridays"."""
    names = [f"{WEEKDAYS[day]}s" for day in sorted(weekdays)]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def problems_in(wish: Wish, *, today: date, least: int) -> list[Problem]:
    """What is wrong with a wish whatever the days are like. `least` is the shortest booking, in minutes."""
    problems = []
    if wish.starts_on < today:
        problems.append(Problem(f"Plans are for days to come. Choose {named(today)} or later", "starts_on"))
    if wish.last_day < wish.starts_on:
        problems.append(Problem(f"Choose {named(wish.starts_on)}, the first day, or a later one", "last_day"))
    elif wish.last_day - wish.starts_on >= LONGEST:
        problems.append(Problem("A plan runs for a year at most. Choose an earlier last day", "last_day"))
    if not max(least, 1) <= wish.minutes <= DAY:
        words = f"A block is from {spoken(max(least, 1))} to 24 hours. Plan more at once, or log it when it is done"
        problems.append(Problem(words, "minutes"))
    if wish.shape is PlanShape.RHYTHM and not wish.weekdays:
        problems.append(Problem(NO_WEEKDAY, "weekdays"))
    if not 1 <= wish.every_weeks <= MOST_WEEKS_BETWEEN:
        problems.append(Problem(f"A rhythm comes back every 1 to {MOST_WEEKS_BETWEEN} weeks", "every_weeks"))
    entry = entry_of(wish.line, wish.starts_on, wish.minutes, wish.note)
    if entry.kind in NEEDS_NOTE and not wish.note:
        problems.append(Problem("Say in a note whom you will help, or where you will be", "note"))
    return problems


def dates_of(wish: Wish, weeks: Weeks) -> list[date]:
    """Every date a wish falls on, whether somebody works that day or not."""
    if wish.shape is PlanShape.DAY:
        return [wish.starts_on]
    days = days_between(wish.starts_on, wish.last_day + timedelta(days=1))
    if wish.shape is PlanShape.BURST:
        return list(days)
    first = weeks.monday_of(wish.starts_on)
    return [
        day
        for day in days
        if day.weekday() in wish.weekdays and (weeks.monday_of(day) - first).days // 7 % wish.every_weeks == 0
    ]


def laid(wish: Wish, dates: Iterable[date], ahead: Mapping[date, Ahead]) -> list[Laid]:
    """The dates of a wish, each with why it is left out if it is: a block needs room for all of its minutes.

    Days off between the days of a burst are no part of it, so they are not named.
    """
    found = []
    for day in dates:
        place = ahead[day]
        why = place.why if place.room == 0 else f"Room for {spoken(place.room)} only"
        if wish.shape is PlanShape.BURST and place.room == 0 and day.weekday() > 4:
            continue
        found.append(Laid(day, "" if place.room >= wish.minutes else why))
    return found


def over_caps(minutes: Mapping[date, int], caps: Mapping[date, int]) -> list[Problem]:
    """The weeks, by their Mondays, that would have more planned than they may hold. Source: §1.5."""
    return [
        Problem(
            f"The week of {named(monday)} would have {spoken(planned)} planned, and {spoken(caps[monday])} is the most "
            "it may hold. Plan less, or ask your manager to agree to a burst",
            "minutes",
        )
        for monday, planned in sorted(minutes.items())
        if planned > caps[monday]
    ]


def over_balance(asked: Mapping[Quarter, int], left: Mapping[Quarter, int]) -> list[Problem]:
    """The quarters in which more would be planned than is left. An overdrawn balance takes no plan. Source: §1.2."""
    return [
        Problem(
            f"You have {spoken(max(left[quarter], 0))} left to plan in {quarter.label}, and this asks for "
            f"{spoken(minutes)}. Plan {spoken(minutes - max(left[quarter], 0))} less",
            "minutes",
        )
        for quarter, minutes in sorted(asked.items())
        if minutes > left[quarter]
    ]


def by_quarter(blocks: Iterable[tuple[date, int]], counting: Counting) -> dict[Quarter, int]:
    """Minutes of some days, by the quarter in which they count."""
    found: defaultdict[Quarter, int] = defaultdict(int)
    for day, minutes in blocks:
        found[counting.quarter_of(day)] += minutes
    return dict(found)


def by_week(blocks: Iterable[tuple[date, int]], weeks: Weeks) -> dict[date, int]:
    """Minutes of some days, by the Monday of their week."""
    found: defaultdict[date, int] = defaultdict(int)
    for day, minutes in blocks:
        found[weeks.monday_of(day)] += minutes
    return dict(found)


def ahead_on(schedule: Schedule, day: date, taken: int = 0) -> Ahead:
    """What a day has room for beyond the minutes that are planned on it, and why it has none where it has none."""
    known = schedule.on(day)
    room = max(0, known.scheduled - taken)
    return Ahead(room, "" if room else _why(known, taken))


def _why(known: Day, taken: int) -> str:
    if known.holiday:
        return "Public holiday"
    if known.blackout:
        return f"Blackout in {known.blackout.unit}"
    if not known.usual:
        return "Not a working day"
    return "The day is full" if known.scheduled and taken else "Away"
