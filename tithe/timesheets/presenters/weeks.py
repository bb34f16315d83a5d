"""The week as a grid to fill in, and weeks as plain values for JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from tithe.allowance.rules.schedule import Day as KnownDay
from tithe.kernel.calendar import SUNDAY
from tithe.kernel.errors import Problem
from tithe.kernel.minutes import clock
from tithe.projects.rules import Membership
from tithe.timesheets.queries.room import Room
from tithe.timesheets.queries.weeks import WeekRow
from tithe.timesheets.rules.entries import KINDS, NEEDS_NOTE, TITHED, Entry, TimeKind


class Day(NamedTuple):
    """A column: the date and its names, its room in minutes, those of absence, and why it is closed if it is."""

    date: date
    name: str
    short: str
    month: str
    room: int
    away: int
    closed: str


@dataclass
class Cell:
    """What was typed, or stored, in one row on one day.

    `off` marks a cell in which nothing new can be typed. `stored` is what another window saved where it differs.
    `cover` says that its time leaves a shared post without cover.
    """

    day: Day
    name: str
    off: bool = False
    value: str = ""
    note: str = ""
    minutes: int = 0
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    stored: str = ""
    cover: Problem | None = None
    fix_by: date | None = None

    @property
    def note_name(self) -> str:
        return f"n{self.name[1:]}"

    @property
    def is_empty(self) -> bool:
        return not (self.value or self.note)

    @property
    def is_typed(self) -> bool:
        """It is a field of the form: it takes time, or what it holds may be taken away."""
        return not self.off or not self.is_empty

    @property
    def is_marked(self) -> bool:
        """Something is said beneath it."""
        return bool(self.errors or self.warnings or self.cover or self.fix_by or self.stored)

    @property
    def is_fine(self) -> bool:
        """Nothing is wrong with it, and nothing would keep it from being submitted."""
        return not (self.errors or self.warnings)

    @property
    def briefly(self) -> str:
        """What is wrong in a few words. The sentences stand in lists on the page, each in a link of `links`."""
        return ". ".join(each.short or each.message for each in self.errors + self.warnings)

    @property
    def links(self) -> list[dict[str, Any]]:
        """Links to this cell with what is wrong in full: the errors, then the warnings. A script names them too."""
        ids = [f"{self.name}-wrong-{number}" for number, _ in enumerate(self.errors, 1)]
        ids += [f"{self.name}-why-{number}" for number, _ in enumerate(self.warnings, 1)]
        found = zip(self.errors + self.warnings, ids, strict=True)
        return [{"text": each.message, "href": f"#{self.name}", "attributes": {"id": at}} for each, at in found]


@dataclass
class Row:
    """The days of one project, or of a kind of time that has none; `line` names it as `Entry.line` does."""

    line: str
    title: str
    cells: list[Cell]

    @property
    def total(self) -> int:
        return sum(cell.minutes for cell in self.cells)

    @property
    def tithed(self) -> bool:
        """Its time is taken from the allowance."""
        return self.line.isdigit() or self.line in TITHED

    @property
    def needs_note(self) -> bool:
        return self.line in NEEDS_NOTE


@dataclass
class Grid:
    """The whole week, ready to draw. `more` are the kinds of time that have no row yet, by name."""

    days: list[Day]
    rows: list[Row]
    more: dict[str, str]

    @property
    def span(self) -> str:
        """The first day and the last, where they are not the usual Monday and Sunday."""
        first, last = self.days[0], self.days[-1]
        usual = first.date.weekday() == 0 and last.date.weekday() == SUNDAY
        return "" if usual else f"{first.short} {first.month} to {last.short} {last.month}"

    @property
    def tithed(self) -> int:
        return sum(row.total for row in self.rows if row.tithed)

    @property
    def other(self) -> int:
        return sum(row.total for row in self.rows if not row.tithed)

    @property
    def by_day(self) -> list[tuple[Day, list[tuple[Row, Cell]], int]]:
        """Each day with its cells, and with the minutes of them all."""
        lines = [(day, [(row, row.cells[number]) for row in self.rows]) for number, day in enumerate(self.days)]
        return [(day, cells, sum(cell.minutes for _, cell in cells)) for day, cells in lines]

    @cached_property
    def cells(self) -> dict[tuple[str, date], Cell]:
        """Every cell by its row and day."""
        return {(row.line, cell.day.date): cell for row in self.rows for cell in row.cells}

    @property
    def marked(self) -> list[Cell]:
        """The cells of which something is said."""
        return [cell for row in self.rows for cell in row.cells if cell.is_marked]

    @property
    def notes(self) -> list[tuple[Row, Cell]]:
        """Every cell with a note."""
        return [(row, cell) for row in self.rows for cell in row.cells if cell.note]


def grid_of(
    week: WeekRow,
    titles: Mapping[int, str],
    room: Room,
    today: date,
    kinds: Collection[str] = (),
) -> Grid:
    """Rows for the projects one may log to this week, those the week already holds, and the kinds asked for."""
    days = [_day(day, room, today) for day in room.schedule.weeks.days_of(week.starts_on)]
    open_to = {str(each.project_id): each for each in room.memberships if any(each.open_on(day.date) for day in days)}
    held = {entry.line: KINDS.get(entry.kind) or titles.get(entry.project_id or 0, "") for entry in week.entries}
    chosen: dict[str, str] = {kind: title for kind, title in KINDS.items() if kind in kinds}
    names = {**held, **chosen, **{line: each.title for line, each in open_to.items()}}
    stored = {(entry.line, entry.day): entry for entry in week.entries}
    rows = [
        Row(line, title, [_cell(line, day, stored.get((line, day.date)), open_to.get(line)) for day in days])
        for line, title in names.items()
    ]
    rows.sort(key=lambda row: (not row.line.isdigit(), row.title.lower(), row.line))
    return Grid(days, rows, {kind: title for kind, title in KINDS.items() if kind not in names})


def cell_name(line: str, day: date) -> str:
    """What the time of one row on one day is called on the page of its week."""
    return f"m-{line}-{day.isoformat()}"


def _cell(line: str, day: Day, entry: Entry | None, membership: Membership | None) -> Cell:
    takes_time = not line.isdigit() or (membership is not None and membership.open_on(day.date))
    cell = Cell(day, cell_name(line, day.date), off=bool(day.closed) or not takes_time)
    if entry:
        cell.value, cell.minutes, cell.note = clock(entry.minutes), entry.minutes, entry.note
        cell.fix_by = entry.fix_by
    return cell


def _day(day: date, room: Room, today: date) -> Day:
    known = room.schedule.on(day)
    return Day(day, *names_of_day(day), known.scheduled, known.away, _closed(day, known, room, today))


@lru_cache(maxsize=1024)
def names_of_day(day: date) -> tuple[str, str, str]:
    """A day as it stands in a label, at the head of a column, and its month; they never change, so they are kept."""
    return f"{day:%A} {day.day} {day:%B %Y}", f"{day:%a} {day.day}", f"{day:%b}"


def _closed(day: date, known: KnownDay, room: Room, today: date) -> str:
    if day > today:
        return "Not yet"
    if (room.counts_on or day) < room.schedule.closed_before and room.counted is None:
        return "Quarter closed"
    if known.blackout:
        return "Blackout"
    if known.scheduled or room.schedule.settings.own_time_allowed:
        return ""
    if known.holiday:
        return "Holiday"
    return "Away" if known.away else "Not worked"


def checked_as_json(grid: Grid, general: Iterable[str]) -> dict[str, Any]:
    """What is wrong with what was typed: words for the whole week, and by the name of each cell, where in brief too;
    and the cells whose time leaves a shared post without cover."""
    wrong = [cell for cell in grid.marked if not cell.is_fine]
    return {
        "week": list(general),
        "cells": {cell.name: [each.message for each in cell.errors + cell.warnings] for cell in wrong},
        "brief": {cell.name: cell.briefly for cell in wrong},
        "cover": {cell.name: cell.cover.message for cell in grid.marked if cell.cover},
    }


def cover_lines(cells: Iterable[Cell]) -> list[dict[str, Any]]:
    """The cells whose time leaves a shared post without cover, each line leading to its cell."""
    return [
        {"text": cell.cover.message, "href": f"#{cell.name}", "attributes": {"id": f"{cell.name}-cover"}}
        for cell in cells
        if cell.cover
    ]


def copied(count: int) -> str:
    """What copying last week came to."""
    if not count:
        return "Last week has nothing that fits into an empty cell of this week"
    return f"{count} {'entry' if count == 1 else 'entries'} copied from last week. Nothing is saved yet"


def week_as_json(week: WeekRow) -> dict[str, Any]:
    return {
        "id": week.id,
        "monday": week.starts_on,
        "status": week.status.value,
        "version": week.version,
        "total_minutes": week.total_minutes,
        "submitted_at": week.submitted_at,
        "due_on": week.due_on,
        "decided_at": week.decided_at,
        "amends_version": week.amends_version,
        "amend_reason": week.amend_reason,
        "nothing_since": week.nothing_since,
        "counts_on": week.counts_on,
        "entries": entries_as_json(week.entries),
    }


def entries_as_json(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Entries as plain values; a kind is named only where it is not tithe."""
    return [
        {"date": entry.day, "project_id": entry.project_id, "minutes": entry.minutes, "note": entry.note}
        | ({} if entry.kind is TimeKind.TITHE else {"kind": entry.kind.value})
        for entry in entries
    ]
