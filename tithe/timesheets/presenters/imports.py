"""What an import does, as pages, JSON and the terminal show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tithe.kernel.calendar import named
from tithe.kernel.minutes import spoken
from tithe.timesheets.operations.imports import Report, WeekChange
from tithe.timesheets.rules.imports.cells import DateOrder
from tithe.timesheets.rules.imports.layouts import NAMES, Format
from tithe.timesheets.rules.imports.plan import Fate

FIGURES = {
    Fate.LOADED: "New",
    Fate.CHANGED: "Changed",
    Fate.KNOWN: "Already in",
    Fate.LEFT_OUT: "Left out",
    Fate.CLOSED: "Week not open",
    Fate.WRONG: "Wrong",
}
MOST_SHOWN = 200  # wrong rows named on a page or a terminal; the JSON names them all


@dataclass(frozen=True)
class ShownCell:
    """A change in a week, in words."""

    day: str
    title: str
    before: str
    after: str
    rows: str


def rows_in_words(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def figures(report: Report) -> list[tuple[str, int]]:
    """How many rows there are, and how many of each fate: together they are all of them."""
    return [("Rows", report.rows), *((words, getattr(report, fate.value)) for fate, words in FIGURES.items())]


def cells_of(week: WeekChange, titles: Mapping[str, str]) -> list[ShownCell]:
    """The changes of a week, by day."""
    return [
        ShownCell(
            day=f"{cell.day:%A} {cell.day.day} {cell.day:%b}",
            title=titles.get(cell.line, f"Project {cell.line}"),
            before=spoken(cell.before) if cell.before else "–",
            after=spoken(cell.after) if cell.after else "–",
            rows=rows_in_words(cell.rows),
        )
        for cell in week.cells
    ]


def notes_on(report: Report) -> Iterator[str]:
    """What a person should know of how a file was read."""
    yield f"Read as a file of {NAMES[report.format]}."
    if not report.order_shown:
        first = "day" if report.order is DateOrder.DAY_FIRST else "month"
        yield f"No date shows whether day or month comes first: they were read {first} first."
    if report.whose:
        yield f"The file is of {report.whose}, which is not what you are called here. Check that it is yours."
    if report.whole_weeks:
        yield "A total of a week goes on its Thursday, or on the nearest day of that quarter you are due to work."
    if report.untagged:
        yield f"{report.untagged:,} events without a tag or category were passed over."
    if report.missing:
        words = "row was" if report.missing == 1 else "rows were"
        yield (
            f"{report.missing:,} {words} loaded from such a file before and not in this one. "
            "Nothing is taken away: change your week if the time is wrong."
        )
    if report.passed_over:
        yield f"Columns not read: {', '.join(report.passed_over)}."


def line_numbers(lines: Iterable[int]) -> str:
    """Numbers with runs of them drawn together: "2–4, 9"."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    return ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in runs)


def place_word(source: Format) -> str:
    """What a row is called where it stands in the file."""
    return "Event" if source is Format.ICAL else "Line"


def as_json(report: Report) -> dict[str, Any]:
    """The whole report: every row is counted once, and each that is not loaded is named by its line."""
    plain = asdict(report)
    plain |= {"format": report.format.value, "order": report.order.value, "passed_over": list(report.passed_over)}
    plain["weeks"] = [
        {
            "monday": week.monday,
            "cells": [
                {
                    "date": cell.day,
                    "row": cell.line,
                    "before_minutes": cell.before,
                    "after_minutes": cell.after,
                    "rows": cell.rows,
                }
                for cell in week.cells
            ],
        }
        for week in report.weeks
    ]
    plain["reasons"] = [{"fate": each.fate.value, "why": each.why, "lines": [*each.lines]} for each in report.reasons]
    plain["errors"] = [vars(each) for each in report.errors]
    return plain


def done(report: Report) -> str:
    """What an import did, in a sentence or three."""
    words = [f"{rows_in_words(report.loaded)} loaded"]
    words += [f"{report.changed:,} changed"] if report.changed else []
    words += [f"{report.known:,} already in"] if report.known else []
    words += [f"{report.left_out:,} left out"] if report.left_out else []
    words += [f"{report.closed:,} in weeks that are not open"] if report.closed else []
    words += [f"{report.wrong:,} wrong"] if report.wrong else []
    return ", ".join(words)


def in_words(report: Report, titles: Mapping[str, str], *, saved: bool) -> str:
    """The report for a terminal."""
    lines = [*notes_on(report), *(f"{words}: {count:,}" for words, count in figures(report))]
    lines += [f"“{name}” goes to: {titles.get(line, line)}" for name, line in report.mapping.items()]
    for week in report.weeks:
        lines.append(f"Week of {named(week.monday)}")
        for cell in cells_of(week, titles):
            lines.append(f"  {cell.day}: {cell.title}, {cell.before} → {cell.after}, from {cell.rows}")
    place = place_word(report.format)
    for reason in report.reasons:
        lines.append(f"{FIGURES[reason.fate]}: {reason.why} ({place.lower()} {line_numbers(reason.lines)})")
    for error in report.errors[:MOST_SHOWN]:
        lines.append(f"Wrong: {place.lower()} {error.line}, {error.column}: {error.message}")
    ending = "Saved" if saved else "Nothing was saved" + ("" if report.wrong else ". Add --commit to save")
    return "\n".join([*lines, ending])
