"""Durations as people type and read them. Inside tithe a duration is a whole number of minutes."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from tithe.kernel.errors import RuleBroken

DAY = 1440
FRACTIONS = {
    "¼": Decimal("0.25"),
    "½": Decimal("0.5"),
    "¾": Decimal("0.75"),
    "⅓": Decimal(20) / 60,
    "⅔": Decimal(40) / 60,
}
HOUR_WORD = r"(?:h|hr|hrs|hour|hours)"
MINUTE_WORD = r"(?:m|min|mins|minute|minutes)"
CLOCK = re.compile(r"([0-9]{1,3}):([0-9]{2})")
MINUTES_ONLY = re.compile(rf"([0-9]{{1,5}})\s*{MINUTE_WORD}")
HOURS_AND_MINUTES = re.compile(rf"([0-9]{{1,3}})\s*{HOUR_WORD}\s*([0-9]{{1,2}})\s*{MINUTE_WORD}?")
HOURS = re.compile(rf"([0-9]{{0,3}})(?:[.,]([0-9]{{1,4}}))?\s*([¼½¾⅓⅔]?)\s*{HOUR_WORD}?")
HELP = "Write it like 1:30, 1.5, 90m or 1h 30"


def parse(text: str, *, most: int = DAY) -> int:
    """Read a duration as minutes: `1:30`, `1.5`, `90m`, `1h 30`, `1½`. A bare number is hours. Blank is 0.

    Refuses what it cannot read, and more than `most` minutes, with words for the person who typed it.
    """
    words = text.strip().lower()
    if not words:
        return 0
    minutes = _clock(words) if ":" in words else _words(words)
    if minutes is None:
        raise RuleBroken(f"“{text.strip()[:20]}” is not a length of time. {HELP}")
    if minutes > most:
        instead = f"For minutes write {words}m" if words.isdigit() and int(words) <= most else HELP
        limit = "a day" if most == DAY else spoken(most)
        raise RuleBroken(f"“{text.strip()[:20]}” is more than {limit}. {instead}")
    return minutes


def _clock(words: str) -> int | None:
    found = CLOCK.fullmatch(words)
    if not found or int(found[2]) > 59:
        return None
    return int(found[1]) * 60 + int(found[2])


def _words(words: str) -> int | None:
    if found := MINUTES_ONLY.fullmatch(words):
        return int(found[1])
    if found := HOURS_AND_MINUTES.fullmatch(words):
        return int(found[1]) * 60 + int(found[2]) if int(found[2]) < 60 else None
    found = HOURS.fullmatch(words)
    if not found or not any(found.groups()) or (found[2] and found[3]):
        return None
    hours = Decimal(f"{found[1] or 0}.{found[2] or 0}") + FRACTIONS.get(found[3], Decimal(0))
    return int((hours * 60).quantize(Decimal(1), ROUND_HALF_UP))


def clock(minutes: int) -> str:
    """Minutes as typed into a cell: 90 is "1:30"."""
    return f"{minutes // 60}:{minutes % 60:02}"


def spoken(minutes: int) -> str:
    """Minutes as read in a sentence: 90 is "1h 30m", -45 is "−45m"."""
    sign, (hours, rest) = "−" if minutes < 0 else "", divmod(abs(minutes), 60)
    if not hours:
        return f"{sign}{rest}m"
    return f"{sign}{hours:,}h {rest:02}m" if rest else f"{sign}{hours:,}h"


def hours(minutes: int) -> Decimal:
    """Minutes as hours to two places, for tables that leave tithe."""
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)
