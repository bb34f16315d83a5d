"""Reading a file of time row by row, with every fault named. Pure.

A row is known again by what does not change when it is corrected: its reference, or when it began, or else its day,
project and task and which of those it is. Rows count on the day they begin.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import BinaryIO

from tithe.kernel.clock import local_date
from tithe.kernel.errors import RuleBroken
from tithe.kernel.feeds import BLOCK, DELIMITERS, LONGEST_CELL, RowError, as_text
from tithe.timesheets.rules.imports import cells
from tithe.timesheets.rules.imports.cells import DAY_SECONDS, DateOrder, printable
from tithe.timesheets.rules.imports.layouts import Columns, Format, recognise

MOST_ROWS = 20_000
LONGEST_NOTE = 500
NO_PROJECT = "(no project)"
TAG = "#"
# What a column may say, whatever its heading.
SAID = (
    "date", "week", "start", "end", "end_date", "length", "minutes", "project", "task", "tags", "note", "user", "email",
    "first_name", "last_name", "reference",
)  # fmt: skip


@dataclass(frozen=True)
class SourceRow:
    """One row as a tool wrote it. `names` are its project and its tags, by which it may be given to a project of ours.

    A row of a whole week has its Monday for a day. `starts` and `ends` are missing where only a length is known.
    """

    line: int
    key: str
    names: tuple[str, ...]
    day: date
    seconds: int
    note: str = ""
    who: tuple[str, ...] = ()
    starts: datetime | None = None
    ends: datetime | None = None
    whole_week: bool = False


@dataclass(frozen=True)
class Sheet:
    """What a file holds. `passed_over` are columns that were not read, `order_shown` is whether a date shows how dates
    are written: if none does they were read day first, unless told otherwise. `untagged` counts events of a calendar
    that have no tag."""

    format: Format
    rows: tuple[SourceRow, ...]
    errors: tuple[RowError, ...]
    passed_over: tuple[str, ...] = ()
    order: DateOrder = DateOrder.DAY_FIRST
    order_shown: bool = True
    untagged: int = 0

    @property
    def names(self) -> list[str]:
        """Every project and tag of its rows: projects first, each in order."""
        found = {name for row in self.rows for name in row.names}
        return sorted(found, key=lambda name: (name[0] == TAG, name.lower(), name))

    @property
    def has_tags(self) -> bool:
        return any(name[0] == TAG for row in self.rows for name in row.names)


def read_sheet(file: BinaryIO, wanted: Format | None = None, order: DateOrder | None = None) -> Sheet:
    """Read a CSV file that one of the tools wrote, then close it. Refuses what none of them would write."""
    with as_text(file) as text:
        heading = text.readline(BLOCK)
        delimiter = max(DELIMITERS, key=heading.count)
        columns = recognise(next(csv.reader([heading], delimiter=delimiter), []), wanted)
        rows = list(_rows(csv.reader(text, delimiter=delimiter, strict=True), columns))
    return read_cells(columns, rows, order)


def _rows(reader: Iterator[list[str]], columns: Columns) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, with the line each begins on."""
    line, count = 2, 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                count += 1
                if count > MOST_ROWS:
                    words = f"The file has more than {MOST_ROWS:,} rows. Export a shorter time and import it in parts"
                    raise RuleBroken(words, field="file")
                yield line, row
            line = reader.line_num + 2  # type: ignore[attr-defined]  # of csv's own reader, which the stubs hide
    except csv.Error as error:
        words = f"This is not a CSV file: line {line} cannot be read ({error})"
        raise RuleBroken(words, field="file") from error


def read_cells(columns: Columns, rows: Iterable[tuple[int, list[str]]], order: DateOrder | None = None) -> Sheet:
    """Read rows under columns that are known. Dates are in the order asked for, else in the one they show."""
    held = [(line, row, _by_column(columns, row)) for line, row in rows]
    when = "week" if columns.format is Format.WEEKLY else "date"
    shown, sure = cells.order_of([row[when].split(" ")[0] for _, _, row in held])
    read = [_read(line, row, by_column, columns, order or shown) for line, row, by_column in held]
    return Sheet(
        format=columns.format,
        rows=numbered(each for each in read if isinstance(each, SourceRow)),
        errors=tuple(each for each in read if isinstance(each, RowError)),
        passed_over=columns.passed_over,
        order=order or shown,
        order_shown=sure or order is not None,
    )


def _by_column(columns: Columns, row: list[str]) -> dict[str, str]:
    blank = dict.fromkeys(SAID, "")
    return blank | {what: row[place].strip() for what, place in columns.places.items() if place < len(row)}


def numbered(rows: Iterable[SourceRow]) -> tuple[SourceRow, ...]:
    """Tell rows with the same mark apart by which of them each is, and make the marks short."""
    seen: Counter[str] = Counter()
    marked = []
    for row in rows:
        seen[row.key] += 1
        key = sha256(f"{row.key}\n{seen[row.key]}".encode()).hexdigest()[:40]
        marked.append(replace(row, key=key))
    return tuple(marked)


def _read(line: int, row: list[str], cell: dict[str, str], columns: Columns, order: DateOrder) -> SourceRow | RowError:
    """One row, or the first thing wrong with it."""
    if any(each.strip() for each in row[len(columns.headings) :]):
        words = f"has {len(row)} cells under {len(columns.headings)} headings; expected one for each"
        return RowError(line, "line", words)
    whole_week = columns.format is Format.WEEKLY
    when = "week" if whole_week else "date"
    day = cells.read_day(cell[when], order)
    if day is None:
        words = f"expected a date like 2026-07-06 or 06/07/2026, found “{printable(cell[when])[:20]}”"
        return RowError(line, columns.called(when), words)
    if whole_week and day.weekday() != 0:
        return RowError(line, columns.called(when), f"expected a Monday, found a {day:%A}")
    span = _span(line, cell, columns, day, order)
    if isinstance(span, RowError):
        return span
    seconds = _seconds(line, cell, columns, span)
    if isinstance(seconds, RowError):
        return seconds
    names = _names(cell)
    if any(len(name) > LONGEST_CELL for name in names):
        return RowError(line, columns.called("project"), f"expected at most {LONGEST_CELL} characters")
    starts, ends = span
    return SourceRow(
        line=line,
        key=_key(cell, columns.format, day, starts),
        names=names,
        day=local_date(starts) if starts else day,
        seconds=seconds,
        note=printable(cell["note"])[:LONGEST_NOTE],
        who=_who(cell),
        starts=starts,
        ends=ends,
        whole_week=whole_week,
    )


Span = tuple[datetime | None, datetime | None]


def _span(line: int, cell: dict[str, str], columns: Columns, day: date, order: DateOrder) -> Span | RowError:
    """When a row begins and ends, as far as it says."""
    moments: list[datetime | None] = []
    last = cells.read_day(cell["end_date"], order) if cell["end_date"] else day
    if last is None:
        found = printable(cell["end_date"])[:20]
        return RowError(line, columns.called("end_date"), f"expected a date like 2026-07-06, found “{found}”")
    for what, on in (("start", day), ("end", last)):
        moment = cells.read_moment(on, cell[what]) if cell[what] else None
        if cell[what] and moment is None:
            found = printable(cell[what])[:20]
            return RowError(line, columns.called(what), f"expected a time like 09:30, found “{found}”")
        moments.append(moment)
    starts, ends = moments
    if starts and ends and ends < starts:
        ends = cells.later_of_two(ends)
        if ends < starts and not cell["end_date"]:
            ends += timedelta(days=1)  # past midnight, by a tool that says only one date
        if ends < starts:
            return RowError(line, columns.called("end"), "ends before it begins; expected a later time")
    return starts, ends


def _seconds(line: int, cell: dict[str, str], columns: Columns, span: Span) -> int | RowError:
    """How long a row is: its length where it gives one, since pauses are taken off that, else from start to end."""
    starts, ends = span
    elapsed = (ends - starts).total_seconds() if starts and ends else None
    what = "length" if cell["length"] else "minutes"
    if cell[what]:
        text = cell[what]
        seconds = cells.read_length(text) if what == "length" else cells.read_minutes(text)
        if columns.format is Format.KIMAI and text.isdigit() and (elapsed is None or int(text) * 3600 > elapsed + 60):
            seconds = int(text[:9])  # Kimai writes hours, or seconds
        if seconds is None:
            found = printable(text)[:20]
            return RowError(line, columns.called(what), f"expected a length of time like 1:30, found “{found}”")
        if elapsed is not None and seconds > elapsed + 3600 + 60:
            words = f"says “{printable(text)[:20]}”, but the row is shorter from start to end; expected the same"
            return RowError(line, columns.called(what), words)
    elif elapsed is not None:
        seconds, what = int(elapsed), "end"
    else:
        return RowError(line, columns.called("length"), "expected a length of time like 1:30, found nothing")
    most = DAY_SECONDS * (7 if columns.format is Format.WEEKLY else 1)
    if seconds > most:
        return RowError(line, columns.called(what), "expected at most 24 hours")
    return seconds


def _names(cell: Mapping[str, str]) -> tuple[str, ...]:
    """What a row may be given to a project of ours by: its project, then its tags."""
    tags = [f"{TAG}{tag}" for each in cell["tags"].split(",") if (tag := printable(each).lstrip(TAG))]
    return (printable(cell["project"]) or NO_PROJECT, *dict.fromkeys(tags))


def _who(cell: Mapping[str, str]) -> tuple[str, ...]:
    """Whose row it is: an address and a name, as far as the tool says. Empty if it says nothing."""
    name = f"{cell['first_name']} {cell['last_name']}".strip() or cell["user"]
    return tuple(each.lower() for each in (printable(cell["email"]), printable(name)) if each)


def _key(cell: Mapping[str, str], source: Format, day: date, starts: datetime | None) -> str:
    """What a row is known by. It is made short, and told from its likes, by `numbered`."""
    if cell["reference"]:
        return f"{source}\nreference\n{cell['reference']}"
    if starts:
        return f"{source}\nstarts\n{starts.isoformat()}"
    return f"{source}\nday\n{day}\n{cell['project'].lower()}\n{cell['task'].lower()}"
