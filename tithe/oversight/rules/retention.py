"""How long each class of records of somebody who has left is kept, and from which day it is to be erased.

Source: the table of retention in the scheme's rules on who may do what, and its defaults on privacy.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from tithe.kernel.privacy import Kept

MONTHS = {Kept.ACCESS: 13, Kept.MESSAGES: 12, Kept.DECISIONS: 36}  # after the last day of employment
TIME_YEARS, COSTED_YEARS = 3, 6  # after the end of the financial year of the last day
YEAR_ENDS = (3, 31)
CLASSES = tuple(kept for kept in Kept if kept is not Kept.ALWAYS)


def due_on(kept: Kept, last_day: date, *, costed: bool = False) -> date:
    """The first day on which a class of records of somebody who left on `last_day` is to be erased.

    Time that was costed to a fund is kept longer. Names and posts go last, when everything else has gone.
    """
    if kept is Kept.TIME:
        end = date(last_day.year + ((last_day.month, last_day.day) > YEAR_ENDS), *YEAR_ENDS)
        return end.replace(year=end.year + (COSTED_YEARS if costed else TIME_YEARS)) + timedelta(days=1)
    if kept is Kept.PERSON:
        return max(due_on(each, last_day, costed=costed) for each in CLASSES if each is not Kept.PERSON)
    return months_after(last_day, MONTHS[kept]) + timedelta(days=1)


def due_classes(last_day: date, today: date, done: Collection[Kept]) -> list[Kept]:
    """The classes to be erased today for somebody who has left, those already erased left out."""
    return [kept for kept in CLASSES if kept not in done and due_on(kept, last_day) <= today]


def first_due(today: date) -> date:
    """Whoever left on this day or later has nothing to be erased yet."""
    return months_after(today, -min(MONTHS.values()))


def oldest_kept(kept: Kept, today: date) -> date:
    """Rows of this class from before this day go for everybody."""
    return months_after(today, -MONTHS[kept])


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the last of that month where it has fewer days."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for back in range(4):
        try:
            return date(year, month + 1, day.day - back)
        except ValueError:
            continue
    raise AssertionError("a month has at least 28 days")
