"""The start page in words and figures: this week day by day, the timer, and the balance as a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tithe.home.presenters.words import Part, bar_of
from tithe.home.queries import Home
from tithe.kernel.minutes import clock
from tithe.timesheets.presenters.plans import Shown, waiting_for_answer
from tithe.timesheets.presenters.quick import timer_shown
from tithe.timesheets.presenters.weeks import cell_name
from tithe.timesheets.rules.entries import Entry
from tithe.timesheets.rules.limits import Limits, over_limits


@dataclass(frozen=True)
class Glance:
    """A day of this week: what is logged on it, the room it has, and how full that makes it, in hundredths."""

    name: str
    number: int
    logged: str
    room: str
    full: int
    is_today: bool
    is_off: bool
    is_over: bool


@dataclass(frozen=True)
class Warned:
    """What keeps this week from being submitted, and the cell of its page that is to blame, if one is."""

    text: str
    cell: str


@dataclass(frozen=True)
class StartPage:
    """What the start page shows beside the rows themselves."""

    days: list[Glance]
    total: int
    warnings: list[Warned]
    timer: dict[str, Any] | None
    bar: list[Part]
    planned: list[Shown]


def page(home: Home, now: datetime) -> StartPage:
    """The start page at an instant."""
    limits = home.room.limits(home.week.starts_on)
    logged = dict.fromkeys(limits.scheduled, 0)
    for entry in home.week.entries:
        logged[entry.day] += entry.minutes
    balance = home.balance
    return StartPage(
        days=[_glance(day, minutes, limits, home.today) for day, minutes in logged.items()],
        total=sum(logged.values()),
        warnings=_warnings(home.week.entries, limits) if home.week.is_open else [],
        timer=timer_shown(home.timer, now) if home.timer else None,
        bar=bar_of(balance.accrued, balance.other, balance.used, home.waiting),
        planned=waiting_for_answer(home.room, home.today),
    )


def banner(page: StartPage, home: Home, logged: dict[str, Any] | None) -> list[Warned]:
    """What keeps the week that was just added to from being submitted; of another week than this one as it was kept."""
    if logged is None:
        return []
    if logged["monday"] == home.week.starts_on.isoformat():
        return page.warnings
    return [Warned(words, "") for words in logged["warnings"]]


def _warnings(entries: Sequence[Entry], limits: Limits) -> list[Warned]:
    cells = {f"entries.{number}": cell_name(each.line, each.day) for number, each in enumerate(entries)}
    return [Warned(each.message, cells.get(each.field or "", "")) for each in over_limits(entries, limits)]


def _glance(day: date, logged: int, limits: Limits, today: date) -> Glance:
    room = limits.scheduled.get(day, 0)
    return Glance(
        name=f"{day:%a}",
        number=day.day,
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
