"""Entries that a day has no room for any more, since leave was recorded later. Source: §1.5."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

FIX_WD = 10  # the working days an owner has to put an entry right


@dataclass(frozen=True)
class Logged:
    """An entry, and by when it is to be put right if that is asked for already."""

    id: int
    week_id: int
    owner_id: int
    day: date
    minutes: int
    fix_by: date | None


def overfull(entries: Iterable[Logged], room: Callable[[int, date], int | None]) -> set[int]:
    """The ids of all entries on days that hold more than `room` says somebody has; None is room without end."""
    by_day: defaultdict[tuple[int, date], list[Logged]] = defaultdict(list)
    for entry in entries:
        by_day[entry.owner_id, entry.day].append(entry)
    found: set[int] = set()
    for (owner_id, day), held in by_day.items():
        most = room(owner_id, day)
        if most is not None and sum(entry.minutes for entry in held) > most:
            found.update(entry.id for entry in held)
    return found
