"""Which columns each tool writes, and which of them say what. Pure.

Toggl Track and Clockify: the detailed report. Harvest: the detailed time report. Kimai: the CSV export of timesheets.
Two plain forms stand beside them: a row a day, and a row a week.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tithe.kernel.errors import RuleBroken


class Format(StrEnum):
    """Where a file comes from."""

    TOGGL = "toggl"
    CLOCKIFY = "clockify"
    HARVEST = "harvest"
    KIMAI = "kimai"
    PLAIN = "plain"
    WEEKLY = "weekly"
    ICAL = "ical"


NAMES = {
    Format.TOGGL: "Toggl Track",
    Format.CLOCKIFY: "Clockify",
    Format.HARVEST: "Harvest",
    Format.KIMAI: "Kimai",
    Format.PLAIN: "the plain form",
    Format.WEEKLY: "the plain form of weekly totals",
    Format.ICAL: "a calendar",
}
ENDS = {"end_date": ("end date", "stop date"), "end": ("end time", "stop time")}
WHO = {"email": ("email",), "first_name": ("first name",), "last_name": ("last name",)}


@dataclass(frozen=True)
class Layout:
    """The columns of a tool. `shown_by` are groups of headings that give it away: one of each must be there."""

    format: Format
    shown_by: tuple[tuple[str, ...], ...]
    columns: Mapping[str, tuple[str, ...]]


# The first that fits is taken, so the most telling stand first.
LAYOUTS = (
    Layout(
        Format.CLOCKIFY,
        (("start date",), ("duration (h)", "duration (decimal)"), ("project",)),
        {
            "date": ("start date",),
            "start": ("start time",),
            **ENDS,
            "length": ("duration (h)", "duration (decimal)"),
            "project": ("project",),
            "task": ("task",),
            "tags": ("tags",),
            "note": ("description",),
            "user": ("user",),
            **WHO,
        },
    ),
    Layout(
        Format.TOGGL,
        (("start date",), ("duration",), ("description", "start time"), ("project",)),
        {
            "date": ("start date",),
            "start": ("start time",),
            **ENDS,
            "length": ("duration",),
            "project": ("project",),
            "task": ("task",),
            "tags": ("tags",),
            "note": ("description",),
            "user": ("user", "member"),
            **WHO,
        },
    ),
    Layout(
        Format.KIMAI,
        (("date",), ("from", "begin"), ("duration",), ("activity",), ("project",)),
        {
            "date": ("date",),
            "start": ("from", "begin"),
            "end": ("to", "end"),
            "length": ("duration",),
            "project": ("project",),
            "task": ("activity",),
            "tags": ("tags",),
            "note": ("description",),
            "user": ("user", "username", "alias", "name"),
            **WHO,
        },
    ),
    Layout(
        Format.HARVEST,
        (("date",), ("hours",), ("task",), ("notes", "hours rounded"), ("project",)),
        {
            "date": ("date",),
            "start": ("started at",),
            "end": ("ended at",),
            "length": ("hours",),
            "project": ("project",),
            "task": ("task",),
            "note": ("notes",),
            **WHO,
        },
    ),
    Layout(
        Format.WEEKLY,
        (("week", "week commencing", "monday"), ("total", "duration", "hours", "minutes"), ("project",)),
        {
            "week": ("week", "week commencing", "monday"),
            "length": ("total", "duration", "hours"),
            "minutes": ("minutes",),
            "project": ("project",),
            "note": ("note", "notes"),
            "reference": ("reference",),
        },
    ),
    Layout(
        Format.PLAIN,
        (("date",), ("project",), ("duration", "hours", "minutes", "end")),
        {
            "date": ("date",),
            "start": ("start",),
            "end": ("end",),
            "length": ("duration", "hours"),
            "minutes": ("minutes",),
            "project": ("project",),
            "tags": ("tags",),
            "note": ("note", "notes"),
            "reference": ("reference",),
        },
    ),
)
EXPECTED = (
    "The first line names no columns we know. Export a detailed report from Toggl Track, Clockify, Harvest or Kimai, "
    "or write the columns date, project, minutes and note"
)


@dataclass(frozen=True)
class Columns:
    """Where a file says what: the place of each column by what it says, and the headings that are passed over."""

    format: Format
    places: Mapping[str, int]
    headings: tuple[str, ...]
    passed_over: tuple[str, ...]

    def called(self, what: str) -> str:
        """The heading of a column as the file writes it, or what it would say if the file had it."""
        return self.headings[self.places[what]] if what in self.places else what


def recognise(headings: Sequence[str], wanted: Format | None = None) -> Columns:
    """Tell by its headings which tool wrote a file, or read them as those of the tool that is named."""
    found = [" ".join(each.lower().split()) for each in headings]
    for layout in LAYOUTS:
        if wanted in (None, layout.format) and _fits(layout, found):
            return _columns(layout, found, headings)
    if wanted is not None:
        words = f"This is not a file of {NAMES[wanted]}: its columns are {', '.join(found[:8]) or 'missing'}"
        raise RuleBroken(f"{words}. Leave the format out, or choose another file", field="file")
    raise RuleBroken(EXPECTED, field="file")


def _fits(layout: Layout, found: Collection[str]) -> bool:
    return all(any(each in found for each in group) for group in layout.shown_by)


def _columns(layout: Layout, found: list[str], headings: Sequence[str]) -> Columns:
    places = {
        what: found.index(heading)
        for what, names in layout.columns.items()
        if (heading := next((name for name in names if name in found), None)) is not None
    }
    twice = [found[place] for place in places.values() if found.count(found[place]) > 1]
    if twice:
        raise RuleBroken(f"The file has the column {twice[0]} twice. Keep one of them", field="file")
    used = set(places.values())
    over = tuple(" ".join(each.split())[:60] for place, each in enumerate(headings) if place not in used)
    named = tuple(" ".join(each.split())[:60] for each in headings)
    return Columns(layout.format, places, named, tuple(each for each in over if each))
