"""Public holidays: of the three parts of the United Kingdom from the open `holidays` data set, or of one's own."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from holidays import country_holidays
from sqlalchemy import select

from tithe.allowance.models import CalendarDay
from tithe.kernel.db import db

SUBDIVISIONS = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}


@lru_cache(maxsize=256)
def national_days(calendar: str, year: int) -> dict[date, str]:
    """The public holidays of a year by name, on weekdays: the substitute where the day itself is at a weekend."""
    found = country_holidays("GB", subdiv=SUBDIVISIONS[calendar], years=year)
    return {day: found[day] for day in sorted(found) if day.weekday() < 5 and day.year == year}


@lru_cache(maxsize=1024)
def _national_over(calendar: str, first_year: int, last_year: int) -> frozenset[date]:
    years = range(first_year, last_year + 1)
    return frozenset(day for year in years for day in national_days(calendar, year))


def holidays_over(calendar: str, first_year: int, last_year: int) -> frozenset[date]:
    """The public holidays of some years, both ends included. Only a calendar of one's own asks the database."""
    if calendar in SUBDIVISIONS:
        return _national_over(calendar, first_year, last_year)
    days = select(CalendarDay.day).where(
        CalendarDay.calendar == calendar,
        CalendarDay.day.between(date(first_year, 1, 1), date(last_year, 12, 31)),
    )
    return frozenset(db.session.scalars(days))
