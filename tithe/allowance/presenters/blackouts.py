"""Blackouts as plain values for JSON and for drawing a year."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from tithe.allowance.queries.blackouts import BlackoutRow, Held, Place
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules import blackouts as rules
from tithe.allowance.rules.blackouts import GROUNDS, BlackoutState, Dates
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR, FIRST_YEAR, LAST_YEAR
from tithe.kernel.calendar import MONTHS, SchemeYear
from tithe.kernel.errors import RuleBroken
from tithe.web.paging import Cursor

YEARS = range(FIRST_YEAR, LAST_YEAR)  # those in which a year may start: it ends in the next
SECTIONS = {
    BlackoutState.CURRENT: "On now",
    BlackoutState.COMING: "Coming",
    BlackoutState.PAST: "Over",
    BlackoutState.LIFTED: "Lifted before they began",
}


@dataclass(frozen=True)
class Shown:
    """A blackout as a page shows it."""

    row: BlackoutRow
    state: BlackoutState
    ground: str
    working_days: int
    can_end: bool


@dataclass(frozen=True)
class Band:
    """A stretch of the drawn year: where it begins, in days from the left, and how wide it is."""

    x: int
    width: int
    emergency: bool


@dataclass(frozen=True)
class DrawnYear:
    """One year of a unit: working days blacked out and how many may be, emergencies, and a strip of days to draw."""

    year: SchemeYear
    before: SchemeYear | None
    after: SchemeYear | None
    used: int
    limit: int
    emergencies: int
    days: int
    bands: list[Band]
    months: list[tuple[int, str]]
    today: int | None

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)


def drawn(year: SchemeYear, held: Sequence[Held], limit: int, today: date) -> DrawnYear:
    """A unit's year, with what is blacked out by itself and from above."""
    first = year.start
    months = [(first.month + ahead - 1) % 12 + 1 for ahead in range(12)]
    parts = [(part, each.emergency) for each in held if (part := each.within(year))]
    bands = [
        Band((part.starts_on - first).days, (part.last_day - part.starts_on).days + 1, emergency)
        for part, emergency in parts
    ]
    return DrawnYear(
        year=year,
        before=replace(year, number=year.number - 1) if year.number > YEARS[0] else None,
        after=replace(year, number=year.number + 1) if year.number < YEARS[-1] else None,
        used=rules.working_days(held, holidays_over(DEFAULT_CALENDAR, first.year, year.last_day.year), year),
        limit=limit,
        emergencies=sum(each.emergency for each in held),
        days=(year.end - first).days,
        bands=sorted(bands, key=lambda band: band.emergency),  # emergencies are drawn over the others
        months=[
            ((date(first.year + (month < first.month), month, 1) - first).days, MONTHS[month - 1]) for month in months
        ],
        today=(today - first).days if today in year else None,
    )


def sections(rows: Iterable[BlackoutRow], today: date) -> list[tuple[str, list[Shown]]]:
    """The blackouts of a page under what they are today; those without any are left out."""
    shown = [_shown(row, today) for row in rows]
    found = [(words, [each for each in shown if each.state is state]) for state, words in SECTIONS.items()]
    return [(words, each) for words, each in found if each]


def _shown(row: BlackoutRow, today: date) -> Shown:
    state = rules.state_of(row, lifted=row.lifted_at is not None, today=today)
    can_end = row.lifted_at is None and row.last_day > today
    return Shown(row, state, GROUNDS[row.ground], working_days(row), can_end)


def working_days(dates: Dates) -> int:
    """The working days from a first to a last day, over the end of a year too."""
    return rules.working_days([dates], holidays_over(DEFAULT_CALENDAR, dates.starts_on.year, dates.last_day.year))


def as_json(row: BlackoutRow, today: date) -> dict[str, Any]:
    return {
        "id": row.id,
        "unit": row.unit_code,
        "unit_name": row.unit_name,
        "starts_on": row.starts_on,
        "last_day": row.last_day,
        "working_days": working_days(row),
        "ground": row.ground.value,
        "reason": row.reason,
        "emergency": row.emergency,
        "state": rules.state_of(row, lifted=row.lifted_at is not None, today=today).value,
        "set_by": row.set_by,
        "set_at": row.set_at,
        "lifted_at": row.lifted_at,
    }


def year_in(text: str | None, today: date, start_month: int) -> SchemeYear:
    """The year an address names by the calendar year in which it starts; this one if it names none."""
    if not text:
        return SchemeYear.containing(today, start_month)
    if text not in map(str, YEARS):
        raise RuleBroken(f"Choose a year from {YEARS[0]} to {YEARS[-1]}", field="year")
    return SchemeYear(int(text), start_month)


def place_in(text: str | None) -> Place | None:
    """The place in the list that a link names."""
    cursor = Cursor.read(text)
    return (cursor[0].date(), cursor[1]) if cursor else None


def place_as_text(place: Place | None) -> str | None:
    return Cursor.write(datetime.combine(place[0], time(), UTC), place[1]) if place else None
