"""Public holidays: their kinds, what a calendar may hold, and reading published lists. Source: §1.9 of the scheme's
time rules.

A calendar holds weekdays only: where a holiday falls at a weekend its substitute day is kept and the day itself is not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from tithe.kernel.errors import Problem, RuleBroken

DEFAULT_CALENDAR = "england-and-wales"
NATIONAL_NAMES = {
    "england-and-wales": "England and Wales",
    "scotland": "Scotland",
    "northern-ireland": "Northern Ireland",
}
NATIONAL = tuple(NATIONAL_NAMES)
TAKEN_CODES = {*NATIONAL, "new"}  # the last is the address of the page that makes one
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST_CODE, LONGEST_NAME = 30, 120
FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_YEARS = 20  # that are copied or replaced at once
NOTICE = timedelta(days=365)  # a calendar that ends sooner is warned about
SATURDAY = 5


class DayKind(StrEnum):
    """Why a day is a holiday."""

    BANK = "bank"
    PRIVILEGE = "privilege"
    LOCAL = "local"
    ONE_OFF = "one_off"


PUBLISHED_KINDS = {DayKind.BANK, DayKind.ONE_OFF}  # the kinds a published list speaks of


@dataclass(frozen=True, order=True)
class Holiday:
    """A day on which the people of a calendar do not work."""

    day: date
    name: str
    kind: DayKind = DayKind.BANK


def trimmed(holiday: Holiday) -> Holiday:
    """The same without blanks round its name."""
    return replace(holiday, name=holiday.name.strip())


@dataclass(frozen=True)
class Difference:
    """What makes one set of holidays another: days that come, days that go, and days with another name or kind."""

    added: tuple[Holiday, ...] = ()
    removed: tuple[Holiday, ...] = ()
    changed: tuple[tuple[Holiday, Holiday], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    @property
    def earliest(self) -> date | None:
        """The first day that becomes a holiday or stops being one; None if only names and kinds change."""
        return min((each.day for each in (*self.added, *self.removed)), default=None)

    @property
    def mark(self) -> str:
        """A short text that only the same difference has, to tell whether what was shown is what would be saved."""
        return hashlib.sha256(repr((self.added, self.removed, self.changed)).encode()).hexdigest()[:32]


def difference(before: Iterable[Holiday], after: Iterable[Holiday]) -> Difference:
    """What it takes to get from some holidays to others."""
    old, new = ({each.day: each for each in days} for days in (before, after))
    return Difference(
        added=tuple(new[day] for day in sorted(new.keys() - old.keys())),
        removed=tuple(old[day] for day in sorted(old.keys() - new.keys())),
        changed=tuple((old[day], new[day]) for day in sorted(old.keys() & new.keys()) if old[day] != new[day]),
    )


def with_published(before: Iterable[Holiday], published: Iterable[Holiday], since: date) -> list[Holiday]:
    """A calendar's holidays once it has followed a published list, from its first day to its last.

    Privilege and local days are the calendar's own and stay. So does everything before `since`, whose quarters are
    closed. A day that is in both takes the name of the list and keeps its kind.
    """
    listed = {each.day: each for each in published}
    if not listed:
        return sorted(before)
    first, last = max(min(listed), since), max(listed)
    result = {day: each for day, each in listed.items() if day >= since}
    for each in before:
        replaced = first <= each.day <= last and each.kind in PUBLISHED_KINDS
        if not replaced:
            result[each.day] = each
        elif each.day in result:
            result[each.day] = Holiday(each.day, result[each.day].name, each.kind)
    return [result[day] for day in sorted(result)]


def read_day(text: str) -> date | None:
    """The date in "2026-12-24", or None for anything else."""
    try:
        return date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        return None


def problems_in_code(code: str) -> list[Problem]:
    """What keeps this from being the code of a new calendar."""
    if not CODE.fullmatch(code) or len(code) > LONGEST_CODE:
        words = f"Write the code with small letters, figures and hyphens, at most {LONGEST_CODE}, like leeds-office"
        return [Problem(words, "code")]
    return [Problem(taken(code), "code")] if code in TAKEN_CODES else []


def taken(code: str) -> str:
    return f"The code {code} is taken. Choose another"


def problems_in_name(name: str, field: str = "name") -> list[Problem]:
    """What keeps this from being the name of a calendar or of a holiday."""
    if not name.strip():
        return [Problem("Enter a name", field)]
    if len(name) > LONGEST_NAME or not name.isprintable():
        return [Problem(f"Write the name on one line of at most {LONGEST_NAME} characters", field)]
    return []


def problems_in_years(first: int, last: int) -> list[Problem]:
    """What keeps these from being the first and last year to fill."""
    years = [("first", first, FIRST_YEAR, LAST_YEAR), ("last", last, FIRST_YEAR, LAST_YEAR)]
    if FIRST_YEAR <= first <= LAST_YEAR:
        years = [("last", last, first, min(first + MOST_YEARS - 1, LAST_YEAR))]
    return [
        Problem(f"Enter the {which} year, from {least} to {most}", f"{which}_year")
        for which, year, least, most in years
        if not least <= year <= most
    ]


def problems_in_day(day: date, field: str = "day") -> list[Problem]:
    """What keeps a date from being a holiday."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return [Problem(f"Enter a date from {FIRST_YEAR} to {LAST_YEAR}", field)]
    if day.weekday() >= SATURDAY:
        words = f"{day.day} {day:%B %Y} is a {day:%A}. Enter the weekday that is taken instead"
        return [Problem(words, field)]
    return []


def problems_in_days(days: Iterable[Holiday], first_year: int, last_year: int) -> list[Problem]:
    """What keeps these from being all the holidays of some years."""
    problems, seen = [], set()
    for number, each in enumerate(days):
        field = f"days.{number}"
        problems += problems_in_day(each.day, f"{field}.date") + problems_in_name(each.name, f"{field}.name")
        if not first_year <= each.day.year <= last_year:
            problems.append(Problem(f"{each.day} is not in the years {first_year} to {last_year}", f"{field}.date"))
        if each.day in seen:
            problems.append(Problem(f"{each.day} stands twice. Leave one out", f"{field}.date"))
        seen.add(each.day)
    return problems


def refuse_national(code: str) -> None:
    """National calendars are those of the data set and nobody edits them."""
    if code in NATIONAL_NAMES:
        words = f"The calendar of {NATIONAL_NAMES[code]} is national and cannot be changed. Make a copy and change that"
        raise RuleBroken(words)
