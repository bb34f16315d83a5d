"""Where a week starts: one answer for everybody, and never another for a day that has come.

Source: §1.8 of the scheme's time rules: a week is identified by its Monday's date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tithe.kernel.calendar import Weeks, named
from tithe.kernel.errors import Problem

WEEK_START, SUNDAY_FIRST = "week_start", "sunday"
AtTheTop = tuple[int, date, Mapping[str, Any]]  # a unit with none above it, a day, and what it names from then on


def weeks_from(versions: Iterable[AtTheTop]) -> Weeks:
    """Which week each day belongs to, under what the units at the top decided: Sunday first where one says so."""
    by_unit: defaultdict[int, list[tuple[date, bool]]] = defaultdict(list)
    for unit_id, starts_on, settings in versions:
        by_unit[unit_id].append((starts_on, settings.get(WEEK_START) == SUNDAY_FIRST))
    saying = [Weeks(tuple(sorted(said))) for said in by_unit.values() if any(first for _, first in said)]
    changes: list[tuple[date, bool]] = []
    for day in sorted({since for each in saying for since, _ in each.changes}):
        sunday_first = any(each.sunday_first(day) for each in saying)
        if sunday_first != (bool(changes) and changes[-1][1]):
            changes.append((day, sunday_first))
    return Weeks(tuple(changes))


def problems_with_weeks(before: Weeks, after: Weeks, today: date) -> list[Problem]:
    """What is wrong with weeks that would be others than before: time may be logged up to today, and stays in its
    week."""
    day = before.first_other(after)
    if day is None or day > today:
        return []
    words = (
        f"Sunday {named(day)} would come into another week, and time may be logged on it. Where the week starts can "
        "change only on days to come, so leave week_start as it was until then, or choose a later day"
    )
    return [Problem(words, WEEK_START)]
