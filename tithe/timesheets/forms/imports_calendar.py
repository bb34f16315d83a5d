"""Reading time from a calendar file: events that carry a tag or a category.

A tag is a word after # in the title. What follows the tag #tithe names the project: "#tithe Rainfall maps". Titles of
events without tag or category are not kept, nor shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tithe.allowance.forms.absences_calendar import key_of, occurrences
from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.feeds import LONGEST_CELL, RowError
from tithe.timesheets.rules.imports.cells import DAY_SECONDS, printable
from tithe.timesheets.rules.imports.layouts import Format
from tithe.timesheets.rules.imports.sheet import LONGEST_NOTE, TAG, Sheet, SourceRow, numbered

BEGINS = b"BEGIN:VCALENDAR"
LOOKS_BACK = timedelta(days=366)
WORD = re.compile(r"#(\w[\w-]{0,49})")
OURS = "#tithe"


@dataclass(frozen=True)
class Happening:
    """An event as it was read; without names it is not for us."""

    key: str
    names: tuple[str, ...]
    note: str
    starts: datetime
    seconds: int


def is_calendar(content: bytes) -> bool:
    """Whether a file says that it is a calendar."""
    return content.lstrip(b"\xef\xbb\xbf \r\n\t")[: len(BEGINS)].upper() == BEGINS


def read_events(content: bytes, today: date) -> Sheet:
    """The tagged events of the last year up to today. A row's line is its number among them, in order of time."""
    found = occurrences(content, today - LOOKS_BACK, today + timedelta(days=1), _happening)
    tagged = sorted((each for each in found if each.names), key=lambda each: (each.starts, each.key))
    read = [_row(number, each) for number, each in enumerate(tagged, 1)]
    return Sheet(
        format=Format.ICAL,
        rows=numbered(each for each in read if isinstance(each, SourceRow)),
        errors=tuple(each for each in read if isinstance(each, RowError)),
        untagged=len(found) - len(tagged),
    )


def _happening(event: Any, series: set[str]) -> Happening:
    begins, ends = event["DTSTART"].dt, event["DTEND"].dt
    starts = _instant(begins)
    names, note = _names(printable(str(event.get("SUMMARY", ""))), [str(each) for each in event.categories])
    all_day = not isinstance(begins, datetime)  # it says which day, not how long
    seconds = 0 if all_day else int((_instant(ends) - starts).total_seconds())
    return Happening(key_of(event, series), names, note, starts, seconds)


def _instant(moment: date) -> datetime:
    """A date or time of a calendar file; one without a zone is in London."""
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day, tzinfo=LONDON).astimezone(UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=LONDON)).astimezone(UTC)


def _names(title: str, categories: list[str]) -> tuple[tuple[str, ...], str]:
    """What an event may be given to a project of ours by, and what else its title says."""
    tags = [f"{TAG}{word.lower()}" for word in WORD.findall(title)]
    tags += [f"{TAG}{word.lower()}" for each in categories if (word := printable(each).lstrip(TAG)[:LONGEST_CELL])]
    words = printable(WORD.sub("", title))[:LONGEST_CELL]
    if OURS in tags and title.lower().startswith(OURS) and words:
        return (words, *dict.fromkeys(tags)), ""
    return tuple(dict.fromkeys(tags)), words[:LONGEST_NOTE]


def _row(number: int, each: Happening) -> SourceRow | RowError:
    if not 0 <= each.seconds <= DAY_SECONDS:
        return RowError(number, "DTEND", "expected an event of at most 24 hours that ends after it begins")
    row = SourceRow(number, f"{Format.ICAL}\n{each.key}", each.names, local_date(each.starts), each.seconds, each.note)
    ends = each.starts + timedelta(seconds=each.seconds)
    return replace(row, starts=each.starts, ends=ends) if each.seconds else row
