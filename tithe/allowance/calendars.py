"""Public holidays of the three parts of the United Kingdom, from the open `holidays` data set."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from holidays import country_holidays

SUBDIVISIONS = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}


@lru_cache(maxsize=256)
def holidays_in(calendar: str, year: int) -> frozenset[date]:
    """The weekdays of a year that are public holidays: the substitute day where the day itself is at a weekend."""
    found = country_holidays("GB", subdiv=SUBDIVISIONS[calendar], years=year)
    return frozenset(day for day in found if day.weekday() < 5 and day.year == year)


@lru_cache(maxsize=1024)
def holidays_over(calendar: str, first_year: int, last_year: int) -> frozenset[date]:
    """The public holidays of some years, both ends included."""
    return frozenset().union(*(holidays_in(calendar, year) for year in range(first_year, last_year + 1)))
