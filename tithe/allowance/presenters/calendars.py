"""Holiday calendars as plain values for JSON, as words, and as a year to draw."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tithe.allowance.queries.calendars import CalendarRow
from tithe.allowance.rules.holidays import NATIONAL_NAMES, SATURDAY, DayKind, Difference, Holiday
from tithe.kernel.calendar import days_between
from tithe.web.filters import short_day

KINDS = {
    DayKind.BANK: "Bank holiday",
    DayKind.PRIVILEGE: "Privilege day",
    DayKind.LOCAL: "Local holiday",
    DayKind.ONE_OFF: "One-off holiday",
}


@dataclass(frozen=True)
class Square:
    """A day in the drawing of a month: its column and row, and `look`: a kind of holiday, "weekend" or "workday"."""

    day: date
    column: int
    row: int
    look: str


@dataclass(frozen=True)
class Month:
    """A month to draw, and the same in words for those who cannot see it."""

    name: str
    squares: tuple[Square, ...]
    words: str


@dataclass(frozen=True)
class Change:
    """What becomes of a day: "Added", "Removed" or "Renamed", in which case `was` is the name before."""

    day: date
    what: str
    holiday: Holiday
    was: str | None = None


def year_drawn(year: int, holidays: Iterable[Holiday]) -> list[Month]:
    """The twelve months of a year with its holidays marked."""
    known = {each.day: each for each in holidays}
    return [_month(year, number, known) for number in range(1, 13)]


def _month(year: int, number: int, known: Mapping[date, Holiday]) -> Month:
    first = date(year, number, 1)
    days = list(days_between(first, first + timedelta(days=months.monthrange(year, number)[1])))
    offset = first.weekday()
    squares = tuple(Square(day, day.weekday(), (offset + day.day - 1) // 7, _look(day, known.get(day))) for day in days)
    listed = ", ".join(f"{day.day} {known[day].name}" for day in days if day in known)
    return Month(f"{first:%B}", squares, f"{first:%B}: {listed or 'no holidays'}")


def _look(day: date, holiday: Holiday | None) -> str:
    if holiday:
        return holiday.kind.value
    return "weekend" if day.weekday() >= SATURDAY else "workday"


def kinds_in(holidays: Iterable[Holiday]) -> dict[str, str]:
    """The kinds that occur, each with its name, for the key of the drawing."""
    found = {each.kind for each in holidays}
    return {kind.value: words for kind, words in KINDS.items() if kind in found}


def ending(calendar: CalendarRow) -> str:
    """“Leeds office” ends on 28 Dec 2026"""
    if calendar.last_day is None:
        return f"“{calendar.name}” holds no holiday"
    return f"“{calendar.name}” ends on {short_day(calendar.last_day)}"


def origin(calendar: CalendarRow) -> str:
    """National, or which calendar it is a copy of."""
    if calendar.copied_from is None:
        return "National" if calendar.national else "Own"
    return f"Copy of {NATIONAL_NAMES.get(calendar.copied_from, calendar.copied_from)}"


def changes(differs: Difference) -> list[Change]:
    """A difference day by day."""
    lines = [Change(each.day, "Added", each) for each in differs.added]
    lines += [Change(each.day, "Removed", each) for each in differs.removed]
    lines += [Change(after.day, "Renamed", after, was=before.name) for before, after in differs.changed]
    return sorted(lines, key=lambda line: line.day)


def in_words(differs: Difference) -> Iterator[str]:
    """Each change on a line of its own, for a terminal."""
    for each in changes(differs):
        was = f", was {each.was}" if each.was is not None else ""
        yield f"{each.what.lower()}: {each.day}, {each.holiday.name} ({KINDS[each.holiday.kind].lower()}){was}"


def as_json(calendar: CalendarRow, today: date) -> dict[str, Any]:
    return {
        "code": calendar.code,
        "name": calendar.name,
        "national": calendar.national,
        "copied_from": calendar.copied_from,
        "last_day": calendar.last_day,
        "ends_soon": calendar.ends_soon(today),
        "people": calendar.people,
    }


def year_as_json(calendar: CalendarRow, today: date, year: int, days: Iterable[Holiday]) -> dict[str, Any]:
    return {**as_json(calendar, today), "year": year, "days": [day_as_json(each) for each in days]}


def day_as_json(holiday: Holiday) -> dict[str, Any]:
    return {"date": holiday.day, "name": holiday.name, "kind": holiday.kind.value}


def difference_as_json(differs: Difference, *, saved: bool, at_weekends: Iterable[Holiday] = ()) -> dict[str, Any]:
    return {
        "saved": saved,
        "added": [day_as_json(each) for each in differs.added],
        "removed": [day_as_json(each) for each in differs.removed],
        "changed": [{"before": day_as_json(old), "after": day_as_json(new)} for old, new in differs.changed],
        "at_weekends": [day_as_json(each) for each in at_weekends],
    }
