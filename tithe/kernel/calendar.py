"""Quarters, weeks and working days. Pure: the holidays of a place are always handed in.

Quarters follow §1.8 of the scheme's time rules. A year may start in January, April, July or October, so quarters have
the same days wherever it does: what is stored is always counted from April ("2026-27Q1"), and a policy decides only
where a year ends and what people call its quarters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Self

from tithe.kernel.errors import RuleBroken

YEAR_STARTS = (1, 4, 7, 10)  # the months in which a year may start
APRIL = 4
SUNDAY = 6
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
QUARTER_CODE = re.compile(r"([0-9]{4})-([0-9]{2})Q([1-4])")


@dataclass(frozen=True, order=True)
class SchemeYear:
    """Twelve months from the first of `start_month`, one of `YEAR_STARTS`, in the calendar year `number`."""

    number: int
    start_month: int = APRIL

    @classmethod
    def containing(cls, day: date, start_month: int) -> Self:
        return cls(day.year - (day.month < start_month), start_month)

    @property
    def start(self) -> date:
        return date(self.number, self.start_month, 1)

    @property
    def end(self) -> date:
        """The first day after the year."""
        return self.start.replace(year=self.number + 1)

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def name(self) -> str:
        """As people call it: "2026-27", "2026" for a calendar year, "FY2027" for one from October, by its end."""
        if self.start_month == 1:
            return str(self.number)
        return f"FY{self.number + 1}" if self.start_month == 10 else f"{self.number}-{(self.number + 1) % 100:02}"

    @property
    def label(self) -> str:
        """Months spelt out for people: "Apr 2026 to Mar 2027"."""
        first, last = self.start, self.last_day
        return f"{MONTHS[first.month - 1]} {first.year} to {MONTHS[last.month - 1]} {last.year}"

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months of a year that starts in April. `year` is the calendar year in which that year starts."""

    year: int
    number: int

    @classmethod
    @lru_cache(maxsize=1000)  # whoever asks for one day asks for it many times
    def containing(cls, day: date) -> Self:
        return cls(day.year - (day.month < APRIL), (day.month - APRIL) % 12 // 3 + 1)

    @classmethod
    def parse(cls, code: str) -> Self:
        """Read "2026-27Q1"; refuse anything else, including years that do not follow each other."""
        found = QUARTER_CODE.fullmatch(code)
        if not found or int(found[2]) != (int(found[1]) + 1) % 100 or not 1990 <= int(found[1]) <= 2200:
            raise RuleBroken(f"“{code[:20]}” is not a quarter. Write it like 2026-27Q1", field="quarter")
        return cls(int(found[1]), int(found[3]))

    @cached_property
    def code(self) -> str:
        return f"{self.year}-{(self.year + 1) % 100:02}Q{self.number}"

    @cached_property
    def start(self) -> date:
        months = APRIL - 1 + 3 * (self.number - 1)
        return date(self.year + months // 12, months % 12 + 1, 1)

    @cached_property
    def end(self) -> date:
        """The first day after the quarter."""
        return self.next.start

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def next(self) -> Quarter:
        later = self.number == 4
        return Quarter(self.year + later, 1 if later else self.number + 1)

    @property
    def previous(self) -> Quarter:
        earlier = self.number == 1
        return Quarter(self.year - earlier, 4 if earlier else self.number - 1)

    @cached_property
    def label(self) -> str:
        """Months spelt out for people: "Apr to Jun 2026"."""
        return f"{MONTHS[self.start.month - 1]} to {MONTHS[self.last_day.month - 1]} {self.last_day.year}"

    def name(self, start_month: int) -> str:
        """What people call it where a year starts in a month: "2025-26 Q4", "2026 Q1", "FY2026 Q2"."""
        number = (self.start.month - start_month) % 12 // 3 + 1
        return f"{SchemeYear.containing(self.start, start_month).name} Q{number}"

    def ends_year(self, start_month: int) -> bool:
        """True for the last quarter of a year that starts in a month."""
        return self.end.month == start_month

    def days(self) -> Iterator[date]:
        return days_between(self.start, self.end)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        return self.code


def quarters_over(first: date, last: date) -> list[Quarter]:
    """The quarters from that of `first` to that of `last`, both included."""
    found = [Quarter.containing(first)]
    while last >= found[-1].end:
        found.append(found[-1].next)
    return found


def days_between(start: date, end: date) -> Iterator[date]:
    """Every day from `start` up to but not including `end`."""
    for offset in range((end - start).days):
        yield start + timedelta(days=offset)


def monday_of(day: date) -> date:
    """The Monday on or before a day. Which week a day belongs to, `Weeks` says."""
    return day - timedelta(days=day.weekday())


@lru_cache(maxsize=1024)
def week_days(monday: date) -> tuple[date, ...]:
    """A Monday and the six days after it."""
    return tuple(monday + timedelta(days=offset) for offset in range(7))


@dataclass(frozen=True)
class Weeks:
    """Which week each day belongs to. A week is named by its Monday; only where its Sunday stands is a choice.

    `changes` are the days from which on a Sunday begins the week of the next day (true) or ends that of the Monday six
    days before (false), in order. Before the first, and where there is none, it ends it. So every day is in exactly one
    week, and the week over which this changes has six days or eight.
    """

    changes: tuple[tuple[date, bool], ...] = ()

    def monday_of(self, day: date) -> date:
        """The Monday that names the week of a day."""
        if day.weekday() == SUNDAY and self.sunday_first(day):
            return day + timedelta(days=1)
        return monday_of(day)

    def days_of(self, monday: date) -> tuple[date, ...]:
        """The days of the week that a Monday names, in order."""
        if not self.changes:
            return week_days(monday)
        near = days_between(monday - timedelta(days=1), monday + timedelta(days=7))
        return tuple(day for day in near if self.monday_of(day) == monday)

    def first_other(self, other: Weeks) -> date | None:
        """The first day that is in another week by these than by others, if there is one."""
        cuts = sorted({since for since, _ in (*self.changes, *other.changes)})
        for start, end in pairwise([*cuts, date.max]):
            sunday = start + timedelta(days=SUNDAY - start.weekday())
            if sunday < end and self.sunday_first(sunday) != other.sunday_first(sunday):
                return sunday
        return None

    def sunday_first(self, day: date) -> bool:
        """True where a Sunday on this day begins its week."""
        return next((begins for since, begins in reversed(self.changes) if since <= day), False)


MONDAY_FIRST = Weeks()


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    """Monday to Friday and not a holiday in the calendar of the person who must act."""
    return day.weekday() < 5 and day not in holidays


def add_working_days(day: date, count: int, holidays: Collection[date]) -> date:
    """The day on which `count` working days have passed, day 1 being the next working day."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day, holidays)
    return day


def working_days_between(start: date, end: date, holidays: Collection[date]) -> int:
    """How many working days come after `start` up to and including `end`."""
    return sum(is_working_day(start + timedelta(days=n), holidays) for n in range(1, (end - start).days + 1))


@lru_cache(maxsize=100)
def named(day: date) -> str:
    """A day as a sentence names it: "5 October 2026"."""
    return f"{day.day} {day:%B %Y}"
