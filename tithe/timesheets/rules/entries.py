"""What a week holds, and what of it somebody is shown and decides on."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from tithe.kernel.calendar import MONDAY_FIRST, Quarter, Weeks, week_days

THURSDAY = 3  # as `date.weekday` counts
COMPACT = json.JSONEncoder(separators=(",", ":"))


class TimeKind(StrEnum):
    """What time was for. Tithe is given to a project; the other kinds stand by themselves."""

    TITHE = "tithe"
    HELP = "help"
    SECONDMENT = "secondment"
    LEARNING = "learning"


# Time that is not given to a project, by its name.
KINDS = {
    TimeKind.HELP: "Help given",
    TimeKind.SECONDMENT: "Secondment",
    TimeKind.LEARNING: "Learning",
}
# What is taken from the allowance: learning days and secondments are not tithe. Source: §1.1 and §1.2.
TITHED = frozenset({TimeKind.TITHE, TimeKind.HELP})
# Who was helped, or what was done elsewhere, is not said by a project: a note says it.
NEEDS_NOTE = frozenset({TimeKind.HELP, TimeKind.SECONDMENT})


@dataclass(frozen=True)
class Entry:
    """Minutes on one day on one project, or of a kind that has none.

    `fix_by` is the day by which its owner is to put it right, where the day has no room for it any more; it is no part
    of what was logged.
    """

    day: date
    project_id: int | None
    minutes: int
    note: str = ""
    kind: TimeKind = TimeKind.TITHE
    fix_by: date | None = field(default=None, compare=False)

    @property
    def line(self) -> str:
        """The row of the week it stands in: the number of its project, or its kind."""
        return str(self.project_id) if self.kind is TimeKind.TITHE else self.kind

    @property
    def place(self) -> tuple[date, int, str]:
        """Where it stands in its week; each place holds one entry at most."""
        return self.day, self.project_id or 0, self.kind

    @property
    def tithed(self) -> bool:
        """It is taken from the allowance."""
        return self.kind in TITHED


def entry_of(line: str, day: date, minutes: int, note: str) -> Entry:
    """The entry of a row of the week, named as `Entry.line` names it."""
    if line.isdigit():
        return Entry(day, int(line), minutes, note)
    return Entry(day, None, minutes, note, TimeKind(line))


def tithed_minutes(entries: Iterable[Entry]) -> int:
    """The minutes that are taken from the allowance."""
    return sum(entry.minutes for entry in entries if entry.tithed)


def as_shown(entry: Entry) -> list[Any]:
    """An entry as a decision keeps it."""
    shown = [entry.day.isoformat(), entry.project_id, entry.minutes, entry.note]
    return shown if entry.kind is TimeKind.TITHE else [*shown, entry.kind.value]


def from_shown(row: list[Any]) -> Entry:
    """What `as_shown` made an entry of, as an entry again."""
    day, project_id, minutes, note, *kind = row
    return Entry(date.fromisoformat(day), project_id, minutes, note, TimeKind(kind[0]) if kind else TimeKind.TITHE)


def all_as_shown(entries: Iterable[Entry]) -> list[list[Any]]:
    """Every entry of a week as a decision keeps it, in one order."""
    return [as_shown(entry) for entry in sorted(entries, key=_in_order)]


def _in_order(entry: Entry) -> tuple[Any, ...]:
    """By place, spelt out for speed; what has the same place by what it says."""
    return entry.day, entry.project_id or 0, entry.kind, entry.minutes, entry.note


def digest_of(version: int, entries: Iterable[Entry]) -> str:
    """SHA-256 of what a decider is shown: the version and every entry, in one order and spelling."""
    return digest_of_shown(version, all_as_shown(entries))


def digest_of_shown(version: int, shown: list[list[Any]]) -> str:
    """The same, of what `all_as_shown` made of the entries."""
    return hashlib.sha256(COMPACT.encode([version, shown]).encode()).hexdigest()


def counting_day(week_assign: str, monday: date) -> date | None:
    """The day in whose quarter all the time of a week counts, or None where each day counts in its own.

    Source: §1.8 of the scheme's time rules, `week_assign`.
    """
    if week_assign == "thursday":
        return next(day for day in week_days(monday) if day.weekday() == THURSDAY)
    return monday if week_assign == "commencing" else None


@dataclass(frozen=True)
class Counting:
    """In which quarter time that is planned will count: as the policy assigns weeks, and where they begin."""

    week_assign: str = "by_day"
    weeks: Weeks = MONDAY_FIRST

    def quarter_of(self, day: date) -> Quarter:
        return Quarter.containing(counting_day(self.week_assign, self.weeks.monday_of(day)) or day)


BY_DAY = Counting()


def use_by_quarter(entries: Iterable[Entry], counts_on: date | None) -> dict[Quarter, int]:
    """Tithed minutes of a week in each quarter it touches, or all of them in that of the day the week counts on."""
    minutes: dict[Quarter, int] = defaultdict(int)
    for entry in entries:
        if entry.tithed:
            minutes[Quarter.containing(counts_on or entry.day)] += entry.minutes
    return dict(minutes)


@dataclass(frozen=True)
class Change:
    """Minutes of one row on one day, as approved before and as they are asked for now."""

    day: date
    project_id: int | None
    kind: TimeKind
    before: int
    after: int


def changes_between(approved: Iterable[Entry], asked: Iterable[Entry]) -> list[Change]:
    """What an amendment changes, by day and row."""
    before = {entry.place: entry.minutes for entry in approved}
    after = {entry.place: entry.minutes for entry in asked}
    return [
        Change(day, project_id or None, TimeKind(kind), before.get(place, 0), after.get(place, 0))
        for place in sorted({*before, *after})
        if before.get(place) != after.get(place)
        for day, project_id, kind in [place]
    ]
