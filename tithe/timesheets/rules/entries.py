"""What a week holds, and what of it somebody is shown and decides on."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tithe.kernel.calendar import Quarter


@dataclass(frozen=True)
class Entry:
    """Minutes on one project on one day."""

    day: date
    project_id: int
    minutes: int
    note: str = ""


def digest_of(version: int, entries: Iterable[Entry]) -> str:
    """SHA-256 of what a decider is shown: the version and every entry, in one order and spelling."""
    shown = sorted((entry.day.isoformat(), entry.project_id, entry.minutes, entry.note) for entry in entries)
    return hashlib.sha256(json.dumps([version, shown], separators=(",", ":")).encode()).hexdigest()


def use_by_quarter(entries: Iterable[Entry]) -> dict[Quarter, int]:
    """Minutes of a week in each quarter it touches: a straddling week is split by day."""
    minutes: dict[Quarter, int] = defaultdict(int)
    for entry in entries:
        minutes[Quarter.containing(entry.day)] += entry.minutes
    return dict(minutes)


@dataclass(frozen=True)
class Change:
    """Minutes on one project on one day, as approved before and as they are asked for now."""

    day: date
    project_id: int
    before: int
    after: int


def changes_between(approved: Iterable[Entry], asked: Iterable[Entry]) -> list[Change]:
    """What an amendment changes, by day and project."""
    before = {(entry.day, entry.project_id): entry.minutes for entry in approved}
    after = {(entry.day, entry.project_id): entry.minutes for entry in asked}
    return [
        Change(*place, before.get(place, 0), after.get(place, 0))
        for place in sorted({*before, *after})
        if before.get(place) != after.get(place)
    ]
