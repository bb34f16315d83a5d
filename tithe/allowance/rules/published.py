"""Reading lists of bank holidays in the shape GOV.UK publishes them: {division: {division, events: [{title, date}]}}.

Source: §1.9 of the scheme's time rules. What else such a file holds is passed over: it may grow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tithe.allowance.rules.holidays import (
    FIRST_YEAR,
    LAST_YEAR,
    SATURDAY,
    DayKind,
    Holiday,
    problems_in_name,
    read_day,
)
from tithe.kernel.errors import Problem, RuleBroken, RulesBroken

LARGEST_FILE = 200_000  # bytes; the published list has some fifty thousand
MOST_EVENTS = 1000
MOST_PROBLEMS = 10
EXTRA = "extra bank holiday"  # the note on a holiday that is for once
SUBSTITUTE = " (substitute day)"
VE_DAY = date(2020, 5, 8)
# What GOV.UK calls the holidays that the data set calls otherwise.
TITLES = {
    "May Day": "Early May bank holiday",
    "Spring Bank Holiday": "Spring bank holiday",
    "Late Summer Bank Holiday": "Summer bank holiday",
    "Summer Bank Holiday": "Summer bank holiday",
    "New Year's Day": "New Year’s Day",
    "New Year Holiday": "2nd January",
    "Saint Andrew's Day": "St Andrew’s Day",
    "Saint Patrick's Day": "St Patrick’s Day",
    "Battle of the Boyne": "Battle of the Boyne (Orangemen’s Day)",
    "Platinum Jubilee of Elizabeth II": "Platinum Jubilee bank holiday",
    "State Funeral of Queen Elizabeth II": "Bank Holiday for the State Funeral of Queen Elizabeth II",
    "Coronation of Charles III": "Bank holiday for the coronation of King Charles III",
    "Scotland's participation in the FIFA World Cup final": "World Cup bank holiday",
}


def titled(name: str, day: date) -> str:
    """A holiday of the data set under the title GOV.UK gives it; where two meet on a day, both."""
    parts = []
    for part in name.split("; "):
        plain = part.removesuffix(SUBSTITUTE)
        parts.append(TITLES.get(plain, plain) + part[len(plain) :])
    return "; ".join(parts) + (" (VE day)" if day == VE_DAY else "")


@dataclass(frozen=True)
class Published:
    """The holidays of one division of a list, and those left out because they fall at a weekend."""

    division: str
    days: tuple[Holiday, ...]
    at_weekends: tuple[Holiday, ...] = ()


def read_text(content: bytes) -> Any:
    """What a file of JSON holds. Refuses one that is too large or not JSON."""
    if len(content) > LARGEST_FILE:
        raise RuleBroken(
            f"The file is larger than {LARGEST_FILE // 1000} kB. Is it a list of bank holidays?", field="file"
        )
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        words = "The file is not JSON. Download the list of bank holidays from GOV.UK again and choose it unchanged"
        raise RuleBroken(words, field="file") from None


def read_published(lists: Any, division: str) -> Published:
    """The holidays of a division, in order. Refuses a list in any other shape, naming every event that is at fault."""
    read = [_read(event, division, number) for number, event in enumerate(_events(lists, division))]
    found = sorted(each for each in read if isinstance(each, Holiday))
    problems = [problem for each in read if not isinstance(each, Holiday) for problem in each]
    if len({each.day for each in found}) < len(found):
        problems.append(Problem(f"A date stands twice under {division}. Leave one out", f"{division}.events"))
    if problems:
        raise RulesBroken(problems[:MOST_PROBLEMS])
    return Published(
        division,
        days=tuple(each for each in found if each.day.weekday() < SATURDAY),
        at_weekends=tuple(each for each in found if each.day.weekday() >= SATURDAY),
    )


def _events(lists: Any, division: str) -> list[Any]:
    shape = "The file is not a list of bank holidays as GOV.UK publishes it: divisions, each with events"
    if not isinstance(lists, Mapping):
        raise RuleBroken(shape, field="file")
    if division not in lists:
        there = ", ".join(str(name)[:40] for name in list(lists)[:5]) or "nothing"
        raise RuleBroken(f"The file has no list for {division}. It holds: {there}", field="division")
    events = lists[division].get("events") if isinstance(lists[division], Mapping) else None
    if not isinstance(events, list):
        raise RuleBroken(shape, field=f"{division}.events")
    if not 0 < len(events) <= MOST_EVENTS:
        raise RuleBroken(
            f"{division} has {len(events)} events; 1 to {MOST_EVENTS} are read", field=f"{division}.events"
        )
    return events


def _read(event: Any, division: str, number: int) -> Holiday | list[Problem]:
    """The holiday of an event, or what is wrong with it."""
    path, where = f"{division}.events.{number}", f"Event {number + 1} of {division}"
    if not isinstance(event, Mapping):
        return [Problem(f"{where} has no title and date", path)]
    title, text = (value if isinstance(value := event.get(name), str) else "" for name in ("title", "date"))
    problems = [
        Problem(f"{where}: the title is wrong. {problem.message}", problem.field)
        for problem in problems_in_name(title, f"{path}.title")
    ]
    day = read_day(text)
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        words = f"{where}: the date must be one from {FIRST_YEAR} to {LAST_YEAR}, like 2026-12-25"
        return [*problems, Problem(words, f"{path}.date")]
    once = EXTRA in str(event.get("notes", "")).lower()
    return problems or Holiday(day, title.strip(), DayKind.ONE_OFF if once else DayKind.BANK)
