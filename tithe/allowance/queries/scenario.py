"""The holidays of the calendar that a scenario names."""

from __future__ import annotations

from datetime import date

from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules.holidays import NATIONAL
from tithe.kernel.errors import RuleBroken


def holidays_of(calendar: str, first_year: int, last_year: int) -> frozenset[date]:
    """The holidays of some years, both ends included. Refuses a calendar nobody knows; a national one needs no
    database."""
    expected = f"Expected {' or '.join(NATIONAL)}, or the code of a calendar that is kept here"
    if not calendar.isprintable():  # such a code can be neither stored nor looked for
        raise RuleBroken(expected)
    try:
        return holidays_over(calendar, first_year, last_year)
    except KeyError:
        raise RuleBroken(expected) from None
