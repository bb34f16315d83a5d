"""Dates, times of day and lengths of time as other tools write them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from tithe.kernel import minutes
from tithe.kernel.clock import LONDON
from tithe.kernel.errors import RuleBroken
from tithe.kernel.feeds import FIRST_YEAR, LAST_YEAR

DAY_SECONDS = 86_400
MINUTE = timedelta(minutes=1)
YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
TIME = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,6})?)?\s*([ap]\.?m\.?)?", re.IGNORECASE)
OFFSET = re.compile(r"(?<=[0-9])\s*(Z|[+-][0-9]{2}:?[0-9]{2})\Z", re.IGNORECASE)
LENGTH = re.compile(r"([0-9]{1,4}):([0-9]{2})(?::([0-9]{2}))?")
DECIMAL = re.compile(r"[0-9]{1,5}(?:[.,][0-9]{1,8})?")


class DateOrder(StrEnum):
    """Which number of a date like 03/08/2026 comes first."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


def order_of(texts: Iterable[str]) -> tuple[DateOrder, bool]:
    """In which order the dates of a file are written, and whether one of them shows it; if none does, day first."""
    sure = False
    for text in texts:
        found = YEAR_LAST.match(text)
        if not found:
            continue
        if int(found[3]) > 12 >= int(found[1]):
            return DateOrder.MONTH_FIRST, True
        sure = sure or found[2] == "." or int(found[1]) > 12
        if sure:
            return DateOrder.DAY_FIRST, True
    return DateOrder.DAY_FIRST, not any(YEAR_LAST.match(text) for text in texts)


def read_day(text: str, order: DateOrder) -> date | None:
    """Read 2026-08-03, 3.8.2026 or 03/08/2026; None for anything else."""
    if found := YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := YEAR_LAST.fullmatch(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        day, month = (second, first) if order is DateOrder.MONTH_FIRST and found[2] != "." else (first, second)
        year += 2000 if len(found[4]) == 2 else 0
    else:
        return None
    try:
        return date(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


def read_moment(day: date, text: str) -> datetime | None:
    """The instant at which a clock shows this time on a day: one with an offset of its own, else London's.

    Takes 9:05, 09:05:30, 1:05 PM and 24:00, which is the end of the day; None for anything else.
    """
    offset = OFFSET.search(text)
    found = TIME.fullmatch(text[: offset.start()] if offset else text)
    if not found:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[4][0] in "pP" else 0)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and minute + second):
        return None
    wall = datetime.combine(day, time()) + timedelta(hours=hour, minutes=minute, seconds=second)
    if offset:
        return (wall - _offset(offset[1])).replace(tzinfo=UTC)
    return wall.replace(tzinfo=LONDON).astimezone(UTC)


def _offset(text: str) -> timedelta:
    """How far ahead of UTC an offset like +02:00 is."""
    if text in "Zz":
        return timedelta()
    ahead = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return -ahead if text[0] == "-" else ahead


def later_of_two(moment: datetime) -> datetime:
    """The second time that a clock in London shows the hour in which it is put back; the moment itself at other times.

    Source: summer time ends by putting the clock back from two to one.
    """
    return moment.astimezone(LONDON).replace(fold=1).astimezone(UTC)


def read_length(text: str) -> int | None:
    """Seconds in 1:30, 01:30:00, 1.5 or 1,5 (hours) or 1h 30; None for anything else, and for less than nothing."""
    if found := LENGTH.fullmatch(text):
        if max(int(found[2]), int(found[3] or 0)) > 59:
            return None
        return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)
    if DECIMAL.fullmatch(text):
        hours = Decimal(text.replace(",", "."))
        return int((hours * 3600).quantize(Decimal(1), ROUND_HALF_UP))
    try:
        return minutes.parse(text) * 60 if text else None
    except RuleBroken:
        return None


def read_minutes(text: str) -> int | None:
    """Seconds in a whole number of minutes; None for anything else."""
    return int(text) * 60 if text.isascii() and text.isdigit() and len(text) <= 5 else None


def whole_minutes(seconds: int) -> int:
    """Seconds as minutes, half up: ninety seconds are two minutes."""
    return (seconds + 30) // 60


def printable(text: str) -> str:
    """Words on one line, without what cannot be printed or stored."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
