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
# From one time of day to another: "9:00-10:30", "9.15 to 10", "from 13:00 until 14:30".
SPAN = re.compile(
    r"(?<![\w:.,-])(?:from\s+)?([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*(?:-|–|to|until)\s*([0-9]{1,2})(?:[:.]([0-9]{2}))?(?![\w:,-])",
    re.IGNORECASE,
)
# A duration among other words, the surest way of writing one first; a bare number only where a line begins or ends.
AMONG_WORDS = tuple(
    re.compile(rf"(?<![\w:.,½¼¾⅓⅔-]){each}(?![\w:½¼¾⅓⅔]|[.,][0-9])", re.IGNORECASE)
    for each in (
        rf"[0-9]{{1,3}}\s*{HOUR_WORD}\s*[0-9]{{1,2}}(?:\s*{MINUTE_WORD})?",
        r"[0-9]{1,3}:[0-9]{2}",
        rf"[0-9]{{1,5}}\s*{MINUTE_WORD}",
        rf"[0-9]{{0,3}}(?:[.,][0-9]{{1,4}})?\s*[¼½¾⅓⅔]?(?<=[0-9¼½¾⅓⅔])\s*{HOUR_WORD}",
        r"[0-9]{0,3}(?:[.,][0-9]{1,4}|\s*[¼½¾⅓⅔])",
    )
)
BARE = re.compile(r"\A\s*([0-9]{1,2})(?=\s)|(?<=\s)([0-9]{1,2})\s*\Z")
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


def find(text: str) -> tuple[int, int, int] | None:
    """The first duration that stands in a line of words: its minutes, and where it begins and ends in the text.

    It may also be given as two times of day; an end before its start is refused, and so is more than a day.
    """
    if (span := SPAN.search(text)) and (span[2] or span[4]):
        return _between(span), span.start(), span.end()
    for pattern in AMONG_WORDS:
        if found := pattern.search(text):
            return parse(found[0]), found.start(), found.end()
    if found := BARE.search(text):
        return parse(found[0]), found.start(), found.end()
    return None


def _between(span: re.Match[str]) -> int:
    """The minutes between two times of day."""
    (start_hour, start_minute), (end_hour, end_minute) = ((int(span[at]), int(span[at + 1] or 0)) for at in (1, 3))
    if max(start_hour, end_hour) > 24 or max(start_minute, end_minute) > 59:
        raise RuleBroken(f"“{span[0].strip()}” is not two times of day. Write it like 9:00-10:30")
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if not start < end <= DAY:
        raise RuleBroken(f"“{span[0].strip()}” ends before it begins. Write times of one day, like 13:00-14:30")
    return end - start


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
