"""Time away: which of the days somebody works it fills. Minutes and a yes or no are all there is, never a reason.

Source: §1.2 of the scheme's time rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tithe.allowance.rules.patterns import problems_with_days
from tithe.allowance.rules.schedule import Schedule
from tithe.kernel.calendar import days_between
from tithe.kernel.errors import Problem
from tithe.kernel.minutes import DAY

OWN, CSV, ICAL = "own", "csv", "ical"  # who told us: the person, the HR feed, a calendar file
MOST_DAYS = 366  # of one spell: a year of leave at once
FURTHEST = timedelta(days=731)  # how far ahead leave may be put in
ONE_DAY = timedelta(days=1)


class Length(StrEnum):
    """How much of each working day somebody is away."""

    WHOLE = "whole"
    HALF = "half"
    PART = "part"


@dataclass(frozen=True)
class Spell:
    """Days away in a row, both ends included. `minutes` a day matter only where the length is a part."""

    first_day: date
    last_day: date
    length: Length = Length.WHOLE
    minutes: int = 0


@dataclass(frozen=True)
class Event:
    """One occurrence of an event in a calendar file, both days included.

    `key` stands for the event and the occurrence without saying what it is. `first_minutes` are those of the first day
    (of the only day, if there is one), `last_minutes` those of the last; days between count whole. `likely` marks what
    looks like leave. The title is for the person to look at and is never stored.
    """

    key: str
    first_day: date
    last_day: date
    first_minutes: int = DAY
    last_minutes: int = DAY
    likely: bool = True
    title: str = ""

    def most_on(self, day: date) -> int:
        if day == self.first_day:
            return self.first_minutes
        return self.last_minutes if day == self.last_day else DAY


@dataclass(frozen=True)
class Effect:
    """What saving did: how many days it filled, and by how many minutes the allowance changed."""

    days: int
    change: int


def due(schedule: Schedule, day: date) -> int:
    """Minutes somebody is due to work on a day before any absence: none on a holiday."""
    return 0 if schedule.on(day).holiday else schedule.on(day).usual


def filled(schedule: Schedule, spell: Spell) -> dict[date, int]:
    """The minutes away on each working day of a spell: none where nothing is due, never more than is due."""
    due_on = {day: due(schedule, day) for day in days_between(spell.first_day, spell.last_day + ONE_DAY)}
    return {day: _away(spell, minutes) for day, minutes in due_on.items() if minutes}


def _away(spell: Spell, due_minutes: int) -> int:
    if spell.length is Length.WHOLE:
        return due_minutes
    return (due_minutes + 1) // 2 if spell.length is Length.HALF else min(spell.minutes, due_minutes)


def filled_by(schedule: Schedule, event: Event, since: date) -> dict[date, int]:
    """The minutes away on each working day of an event, from a day on."""
    days = days_between(max(since, event.first_day), event.last_day + ONE_DAY)
    most = {day: min(event.most_on(day), due(schedule, day)) for day in days}
    return {day: minutes for day, minutes in most.items() if minutes}


def problems_with(spell: Spell, *, first_open_day: date, today: date) -> list[Problem]:
    """Why a spell cannot be put in, whoever it is for."""
    problems = problems_with_days([spell.first_day], first_open_day, "first_day")
    problems += problems_with_days([spell.last_day], date.min, "last_day")
    if spell.last_day < spell.first_day:
        problems.append(Problem("The last day is before the first. Change one of them", "last_day"))
    elif (spell.last_day - spell.first_day).days >= MOST_DAYS:
        problems.append(Problem("That is more than a year at once. Put it in year by year", "last_day"))
    elif spell.last_day > today + FURTHEST:
        problems.append(Problem("That is more than two years ahead. Choose an earlier day", "last_day"))
    if spell.length is Length.PART and not 0 < spell.minutes <= DAY:
        problems.append(Problem("Say how long you are away each day, like 1:30 or 90m", "minutes"))
    return problems


def changes(
    stored: Mapping[tuple[str, date], tuple[int, int]], wanted: Mapping[tuple[str, date], int]
) -> tuple[list[int], dict[tuple[str, date], int]]:
    """The ids to take away and the minutes to put in, so that what is stored becomes what is wanted.

    Both are by source key and day; what is stored is an id and its minutes. What is right already is left alone.
    """
    gone = [row_id for place, (row_id, minutes) in stored.items() if wanted.get(place) != minutes]
    new = {place: minutes for place, minutes in wanted.items() if stored.get(place, (0, 0))[1] != minutes}
    return gone, new


def events_of(events: Iterable[Event], keys: Iterable[str]) -> list[Event]:
    """The events with these keys."""
    chosen = set(keys)
    return [each for each in events if each.key in chosen]
