"""When somebody is reminded of a week of their own they have said nothing of."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, timedelta

from tithe.kernel.calendar import add_working_days, days_between, monday_of

WEEKS_BACK = 4  # how many weeks a reminder looks back
WORKING_DAYS_AFTER = 2  # the working day after a week from which its owner is reminded


def last_mondays(today: date) -> tuple[date, ...]:
    """The Mondays of the last weeks that are over, the oldest first.

    A Sunday goes with the six days before it here, wherever weeks start: these weeks are over on it either way.
    """
    this = monday_of(today)
    return tuple(this - timedelta(days=7 * weeks) for weeks in range(WEEKS_BACK, 0, -1))


def reminded_on(today: date, works: Callable[[date], bool], holidays: Collection[date]) -> date | None:
    """The day of this week on which somebody is reminded of those before it: the second working day of their calendar,
    or the first after it that they are at work; None when that has not come by today."""
    sunday = monday_of(today) - timedelta(days=1)
    second = add_working_days(sunday, WORKING_DAYS_AFTER, holidays)
    return next((day for day in days_between(second, today + timedelta(days=1)) if works(day)), None)
