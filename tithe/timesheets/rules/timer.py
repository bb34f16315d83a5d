"""How long a timer runs and what it is worth. Pure.

A timer belongs to the day it is started on. It is worth whole minutes, the nearest, and never more than that day holds.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.errors import RuleBroken
from tithe.kernel.minutes import DAY, spoken
from tithe.timesheets.rules.limits import Limits

LONGEST = timedelta(hours=4)  # a clock that runs longer was most likely forgotten
LONGEST_NOTE = 200
CAPPED = "capped"


def room_left(limits: Limits, logged: int, day: date) -> int:
    """Minutes a day still takes besides those that are logged on it."""
    bound = DAY if limits.own_time and day not in limits.blackouts else limits.scheduled.get(day, 0)
    return max(0, bound - logged)


def runs_until(started: datetime, room: int) -> datetime:
    """When a timer stops counting: after four hours, at the day's end, or when the day is full.

    Refuses one for a day that takes no more.
    """
    if room <= 0:
        raise RuleBroken("Today has no room for more time. Look at your week to see why", field="line")
    midnight = datetime.combine(local_date(started) + timedelta(days=1), time.min, LONDON)
    return min(started + LONGEST, started + timedelta(minutes=room), midnight)


def worth(started: datetime, stopped: datetime) -> int:
    """Minutes from one instant to another, to the nearest minute, half a minute up."""
    return int((stopped - started).total_seconds() + 30) // 60


def rounded_up(minutes: int, logged: int, shortest: int, *, up: bool) -> int:
    """The minutes to add to a cell that holds `logged`: enough for the shortest entry, if that was asked for.

    Refuses what is too short otherwise.
    """
    least = max(1, shortest - logged)
    if minutes >= least:
        return minutes
    if not up:
        words = f"This timer is at {spoken(minutes)} and the shortest entry is {spoken(shortest)}"
        raise RuleBroken(f"{words}. Round it up to {spoken(least)}, let it run on, or discard it", field="round_up")
    return least
