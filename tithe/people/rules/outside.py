"""How long somebody from outside may stay, what of it is true on a day, and the first terms of use. Pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from tithe.kernel.calendar import named
from tithe.kernel.errors import Problem

WANTED = {"name": "Enter their name", "email": "Enter their e-mail address", "organisation": "Enter where they work"}
LONGEST = {"name": 120, "email": 254, "organisation": 120}
LONGEST_TERMS = 10_000
REMIND_BEFORE = (14, 3)  # days before the last day on which the member and their host are reminded


class StayStatus(StrEnum):
    """What may be done about a stay. Nothing is stored of it: it follows from the days and instants."""

    INVITED = "invited"
    ACTIVE = "active"
    ENDED = "ended"  # by somebody, before its last day
    OVER = "over"


LIVE = frozenset({StayStatus.INVITED, StayStatus.ACTIVE})


@dataclass(frozen=True)
class Terms:
    """A version of the terms of use. Without an instant it came with tithe."""

    version: int
    words: str
    published_at: datetime | None = None


def status_on(today: date, *, last_day: date, accepted: bool, ended: bool) -> StayStatus:
    """Where a stay stands on a day. From the day after its last nothing of it works."""
    if ended:
        return StayStatus.ENDED
    if last_day < today:
        return StayStatus.OVER
    return StayStatus.ACTIVE if accepted else StayStatus.INVITED


def latest_day(today: date, months: int) -> date:
    """The same day some months on, or the last of a shorter month."""
    count = today.month - 1 + months
    year, month = today.year + count // 12, count % 12 + 1
    return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))


def problem_with_day(last_day: date, today: date, months: int) -> Problem | None:
    """Why a stay may not last to a day, counted from today; with no months nobody may be invited at all."""
    if months == 0:
        return Problem("Your unit invites nobody from outside. Ask HR if that should change", "last_day")
    latest = latest_day(today, months)
    if last_day < today:
        return Problem("This day has gone by. Choose today or a later one", "last_day")
    if last_day > latest:
        return Problem(f"A stay may last to {named(latest)} at the latest. It can be extended later", "last_day")
    return None


def ends_before(day: date, starts_on: date) -> date:
    """The last day of a stay that is ended on a day: the one before, unless it only began that day."""
    return max(starts_on, day - timedelta(days=1))


def must_be_handed_on(*, host_is_here: bool, host_takes_part: bool, handed_on: bool) -> bool:
    """Whether somebody else has to host: the host has left, or invited them to projects and works on none of them
    any more. Whoever came after a host need not work on any."""
    return not host_is_here or not (host_takes_part or handed_on)


FIRST_TERMS = Terms(
    1,
    """You are invited to take part in projects of this organisation. You are not employed by it through this account.

What you see here is for your work on these projects. Do not pass it on, publish it or use it for anything else, unless the person who invited you agrees in writing. That still holds when your account has ended.

The account is for you alone. Keep your password to yourself, sign out on shared computers, and say at once if somebody else may have used it.

Tell the person who invited you before you work on anything in which you, your employer or somebody close to you has an interest.

What you do here is recorded: when you sign in, what you change and whom it concerns. You can read and download what is held about you under My data. It is removed when the time it has to be kept is over.

Your account ends by itself on the day named in your invitation. It may be ended earlier, by your host or by HR, without giving a reason.""",  # noqa: E501  a paragraph is a line: pages and mail wrap it
)
