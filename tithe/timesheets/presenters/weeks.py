"""The week as a grid to fill in, and weeks as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tithe.kernel.calendar import week_days
from tithe.kernel.minutes import clock
from tithe.projects.rules import Membership
from tithe.timesheets.queries.inbox import AwaitingRow
from tithe.timesheets.queries.room import Room
from tithe.timesheets.queries.weeks import WeekRow
from tithe.timesheets.rules.entries import KINDS, Entry, TimeKind


@dataclass(frozen=True)
class Day:
    """A column: the date, its room in minutes, and why it is closed if it is."""

    date: date
    room: int
    closed: str


@dataclass
class Cell:
    """What was typed, or stored, for one project on one day."""

    day: Day
    name: str
    value: str = ""
    note_name: str = ""
    note: str = ""
    minutes: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass
class Row:
    """The days of one project, or of a kind of time that has none; `line` names it as `Entry.line` does."""

    line: str
    title: str
    cells: list[Cell]

    @property
    def total(self) -> int:
        return sum(cell.minutes for cell in self.cells)


@dataclass
class Grid:
    """The whole week, ready to draw."""

    days: list[Day]
    rows: list[Row]

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)

    def day_total(self, number: int) -> int:
        return sum(row.cells[number].minutes for row in self.rows)

    @property
    def notes(self) -> list[tuple[Row, Cell]]:
        """Every cell that holds something, each with room for a note."""
        return [(row, cell) for row in self.rows for cell in row.cells if cell.minutes or cell.value or cell.note]


def minutes_name(line: str, day: date) -> str:
    return f"m-{line}-{day.isoformat()}"


def note_name(line: str, day: date) -> str:
    return f"n-{line}-{day.isoformat()}"


def grid_of(
    week: WeekRow, memberships: Sequence[Membership], titles: Mapping[int, str], room: Room, today: date
) -> Grid:
    """Rows for the projects one may log to this week and those the week already holds."""
    days = [Day(day, room.schedule.scheduled(day), _closed(day, room, today)) for day in week_days(week.starts_on)]
    open_to = {str(each.project_id): each.title for each in memberships if any(each.open_on(day.date) for day in days)}
    held = {entry.line: KINDS.get(entry.kind) or titles.get(entry.project_id or 0, "") for entry in week.entries}
    stored = {(entry.line, entry.day): entry for entry in week.entries}
    rows = [
        Row(line, title, [_cell(line, day, stored.get((line, day.date))) for day in days])
        for line, title in {**held, **open_to}.items()
    ]
    return Grid(days, sorted(rows, key=lambda row: (not row.line.isdigit(), row.title.lower(), row.line)))


def _cell(line: str, day: Day, entry: Entry | None) -> Cell:
    cell = Cell(day, minutes_name(line, day.date), note_name=note_name(line, day.date))
    if entry:
        cell.value, cell.minutes, cell.note = clock(entry.minutes), entry.minutes, entry.note
    return cell


def _closed(day: date, room: Room, today: date) -> str:
    if day > today:
        return "Not yet"
    if room.schedule.blackout_on(day):
        return "Blackout"
    if room.schedule.scheduled(day) or room.schedule.settings.own_time_allowed:
        return ""
    if room.schedule.is_holiday(day):
        return "Holiday"
    return "Away" if room.schedule.away(day) else "Not worked"


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
        "entries": entries_as_json(week.entries),
    }


def entries_as_json(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Entries as plain values; a kind is named only where it is not tithe."""
    return [
        {"date": entry.day, "project_id": entry.project_id, "minutes": entry.minutes, "note": entry.note}
        | ({} if entry.kind is TimeKind.TITHE else {"kind": entry.kind.value})
        for entry in entries
    ]


def awaiting_as_json(week: AwaitingRow, entries: Iterable[tuple[Entry, str]]) -> dict[str, Any]:
    return {
        "id": week.id,
        "owner": week.owner_name,
        "monday": week.starts_on,
        "version": week.version,
        "total_minutes": week.total_minutes,
        "submitted_at": week.submitted_at,
        "due_on": week.due_on,
        "entries": [
            {**line, "project": title}
            for line, title in zip(
                entries_as_json(entry for entry, _ in entries), (title for _, title in entries), strict=True
            )
        ],
    }
