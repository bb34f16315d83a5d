"""The start page in words and figures: this week day by day, the timer, and the balance as a bar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tithe.home.presenters.words import Part, bar_of
from tithe.home.queries import Home
from tithe.kernel.calendar import week_days
from tithe.kernel.minutes import clock
from tithe.timesheets.presenters.plans import Shown, waiting_for_answer
from tithe.timesheets.presenters.quick import timer_shown
from tithe.timesheets.rules.limits import Limits, over_limits


@dataclass(frozen=True)
class Glance:
    """A day of this week: what is logged on it, the room it has, and how full that makes it, in hundredths."""

    name: str
    short: str
    logged: str
    room: str
    full: int
    is_today: bool
    is_off: bool
    is_over: bool


@dataclass(frozen=True)
class StartPage:
    """What the start page shows beside the rows themselves."""

    days: list[Glance]
    total: int
    warnings: list[str]
    timer: dict[str, Any] | None
    bar: list[Part]
    planned: list[Shown]


def page(home: Home, now: datetime) -> StartPage:
    """The start page at an instant."""
    limits = home.room.limits(home.week.starts_on)
    logged = dict.fromkeys(week_days(home.week.starts_on), 0)
    for entry in home.week.entries:
        logged[entry.day] += entry.minutes
    balance = home.balance
    open_week = home.week.is_open
    return StartPage(
        days=[_glance(day, minutes, limits, home.today) for day, minutes in logged.items()],
        total=sum(logged.values()),
        warnings=[each.message for each in over_limits(home.week.entries, limits)] if open_week else [],
        timer=timer_shown(home.timer, now) if home.timer else None,
        bar=bar_of(balance.accrued, balance.other, balance.used, home.waiting),
        planned=waiting_for_answer(home.room, home.today),
    )


def _glance(day: date, logged: int, limits: Limits, today: date) -> Glance:
    room = limits.scheduled.get(day, 0)
    return Glance(
        name=f"{day:%A} {day.day} {day:%B}",
        short=f"{day:%a} {day.day}",
        logged=clock(logged) if logged else "–",
        room=f"of {clock(room)}" if room else _why_closed(day, limits),
        full=min(100, 100 * logged // room) if room else 100 * bool(logged),
        is_today=day == today,
        is_off=room == 0,
        is_over=logged > room and not limits.own_time,
    )


def _why_closed(day: date, limits: Limits) -> str:
    if day in limits.blackouts:
        return "Blackout"
    if day in limits.holidays:
        return "Holiday"
    return "Away" if day in limits.away else "Off"
