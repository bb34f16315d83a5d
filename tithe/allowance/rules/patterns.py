"""What hours may be put on record: patterns, hours on single days, and shares lent elsewhere.

Source: §1.2 of the scheme's time rules.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from tithe.allowance.rules.worktime import Move, Work
from tithe.kernel import minutes
from tithe.kernel.calendar import Quarter
from tithe.kernel.errors import Problem, RuleBroken, RulesBroken

LONGEST_CYCLE = 4  # weeks
MOST_DAYS = 400  # dates changed at once: a year of annualised hours, and some
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAY_AND_HOURS = re.compile(r"([0-9-]+)[\s,;]+(.+)")
SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?)\s*%?")
NAMES_OF_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Weeks = Sequence[Sequence[int]]


class PatternState(StrEnum):
    """Whether a pattern has ended, holds today, or is still to begin."""

    PAST = "past"
    NOW = "now"
    COMING = "coming"


@dataclass(frozen=True)
class Effect:
    """What a quarter is worth to somebody before and after a change, in minutes."""

    quarter: Quarter
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


def problems_in(weeks: Weeks) -> list[Problem]:
    """What is wrong with the shape of a pattern. Nothing worked at all is allowed: a career break is a pattern too."""
    if not 1 <= len(weeks) <= LONGEST_CYCLE:
        return [Problem(f"A pattern has one to {LONGEST_CYCLE} weeks", "weeks")]
    return [
        Problem(f"Week {number} needs seven days of 0 to {minutes.DAY} minutes, Monday first", "weeks")
        for number, week in enumerate(weeks, 1)
        if len(week) != len(NAMES_OF_DAYS) or not all(0 <= each <= minutes.DAY for each in week)
    ]


def problems_with_days(days: Iterable[date], first_open_day: date, field: str) -> list[Problem]:
    """Why hours cannot change from these days: they are out of reach, or their quarter is closed."""
    found = []
    for day in days:
        if not EARLIEST <= day <= LATEST:
            found.append(Problem(f"Choose a day from {EARLIEST.year} to {LATEST.year}", field))
        elif day < first_open_day:
            label = Quarter.containing(day).label
            found.append(Problem(f"{label} is closed. Ask HR for a correction instead", field))
    return list(dict.fromkeys(found))


def average(weeks: Weeks) -> Fraction:
    """Minutes of an average week of the cycle."""
    return Fraction(sum(map(sum, weeks)), len(weeks))


def over_lent(moves: Collection[Move], new: Move) -> tuple[date, int] | None:
    """The first day on which a new share and those lent already are more than the whole, and what is left on it.

    The share left is in basis points. It can only fall where something begins.
    """
    home = Work(moves=tuple(moves))
    begin = {each.starts_on for each in moves if new.starts_on <= each.starts_on <= (new.last_day or date.max)}
    for day in sorted({new.starts_on, *begin}):
        if new.share_bp > home.home_share(day):
            return day, home.home_share(day)
    return None


def first_day_changed(last_day: date | None, another: date | None) -> date:
    """The first day on which it matters that something ends on one day or on another; None is no end."""
    return min(each for each in (last_day, another, LATEST) if each) + timedelta(days=1)


def read_day(text: str, field: str) -> date:
    """Read a date like 2026-10-05."""
    try:
        if ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # a date no calendar has is refused in the same words
    raise RuleBroken(f"“{text[:20]}” is not a date. Write it like 2026-10-05", field=field)


def read_share(text: str) -> int:
    """Read a share in per cent, like 40 or 33.33%, as basis points."""
    found = SHARE.fullmatch(text.strip())
    if not found:
        raise RuleBroken(f"“{text[:20]}” is not a share. Write per cent, like 40 or 33.33", field="share")
    return int(Decimal(found[1]) * 100)


def read_weeks(text: str) -> list[list[int]]:
    """Read weeks as commands and files give them: seven lengths of time, Monday first, weeks parted by a stroke."""
    return [_read_week(number, week) for number, week in enumerate(text.split("/"), 1)]


def _read_week(number: int, text: str) -> list[int]:
    words = text.split()
    if len(words) != len(NAMES_OF_DAYS):
        raise RuleBroken(
            f"Week {number} has {len(words)} days. Write seven, Monday first, like 7:24 7:24 7:24 0 0 0 0",
            field="weeks",
        )
    return [minutes.parse(each) for each in words]


def read_days(text: str) -> dict[date, int]:
    """Read lines of a date and a length of time, like "2026-08-03 5:00"; every line that is wrong is named."""
    found: dict[date, int] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            day, length = _read_line(line.strip())
            if day in found:
                raise RuleBroken(f"{day.isoformat()} is there twice. Keep one of the two")
            found[day] = length
        except RuleBroken as broken:
            problems.append(Problem(f"Line {number}: {broken.message}", "days"))
    if problems:
        raise RulesBroken(problems)
    return found


def _read_line(line: str) -> tuple[date, int]:
    parts = DAY_AND_HOURS.fullmatch(line)
    if not parts:
        raise RuleBroken(f"“{line[:30]}” is not a date and its hours. Write it like 2026-08-03 5:00")
    return read_day(parts[1], "days"), minutes.parse(parts[2])
