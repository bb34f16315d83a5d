"""What a person sends: a grid of durations, a choice of weeks, a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import request
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from tithe.kernel import minutes
from tithe.kernel.calendar import days_between
from tithe.kernel.errors import Conflict, Problem, RuleBroken, TitheError
from tithe.timesheets.presenters.weeks import Cell, Grid
from tithe.timesheets.rules.entries import KINDS, Entry, entry_of
from tithe.web.forms import OURS, TitheForm, strip

CELL = re.compile(f"([mn])-([0-9]{{1,9}}|{'|'.join(KINDS)})-([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})")
KNOWN = {OURS, "version", "action"}
STALE = "The page does not fit this week any more. Reload it and put your time in again"
LONGEST_NOTE, LONGEST_TIME = 500, 4  # characters; words ("1 hour 30 minutes")


@dataclass
class Typed:
    """What was typed in one row on one day, and what is wrong with it."""

    line: str
    day: date
    value: str = ""
    note: str = ""
    minutes: int = 0
    errors: list[Problem] = field(default_factory=list)

    def read(self) -> None:
        """Turn the words into minutes; what cannot be read is an error and stays as it was typed.

        Words after the time are its note: "1:30 Read fifty letters".
        """
        try:
            self.minutes = minutes.parse(self.value)
        except RuleBroken as broken:
            if not self._read_with_note():
                self.errors.append(Problem(broken.message, short="Not a time"))
        if len(self.note) > LONGEST_NOTE:
            self.errors.append(Problem(f"A note has at most {LONGEST_NOTE} characters", short="Note too long"))
        if self.note and not self.value:
            words = "This note has no time beside it. Type how long, or empty the note"
            self.errors.append(Problem(words, short="No time"))

    def _read_with_note(self) -> bool:
        """Take as much from the front as reads as a time, if the rest begins with a letter. True if something does."""
        words = [] if self.note else self.value.split()
        for end in range(min(len(words), LONGEST_TIME + 1) - 1, 0, -1):
            try:
                if words[end][0].isalpha():
                    self.minutes = minutes.parse(" ".join(words[:end]))
                    self.value, self.note = " ".join(words[:end]), " ".join(words[end:])
                    return True
            except RuleBroken:
                continue
        return False


class WeekForm(TitheForm):
    """The grid. Cells are named by row and day; anything else is an error, and nothing typed is lost."""

    version = HiddenField(default="0")
    overtaken = False  # another window saved this week since the page was made
    notice = ""  # what was done with what was typed

    def take(self, monday: date, sent: Mapping[str, str]) -> None:
        """Read every cell that was sent. Nothing is asked of the database: most weeks are saved at the first try."""
        self.typed: dict[tuple[str, date], Typed] = {}
        self.in_the_way: list[str] = []
        for name, value in sent.items():
            found = CELL.fullmatch(name)
            if found and (day := _day_of(found[3], monday)):
                cell = self.typed.setdefault((found[2], day), Typed(found[2], day))
                setattr(cell, "value" if found[1] == "m" else "note", " ".join(value.split()))
            elif name not in KNOWN:
                self.put(Problem(STALE if found else f"There is no field called {name[:40]}"))
                self.refused = True
        for cell in self.typed.values():
            cell.read()
            self.refused = self.refused or bool(cell.errors)

    def unknown(self, sent: Iterable[str]) -> list[str]:
        """Which names fit depends on the week, so `take` looks at them."""
        return []

    @property
    def entries(self) -> list[Entry]:
        return [entry_of(cell.line, cell.day, cell.minutes, cell.note) for cell in self.typed.values() if cell.minutes]

    @property
    def kinds(self) -> set[str]:
        """The kinds of time that have a row on the page that was sent, or are to get one."""
        return {line for line, _ in self.typed if line in KINDS} | {request.form.get("action", "")}

    def absorb(self, error: TitheError) -> None:
        """Put each refusal by the cell of the entry it blames, the rest at the top."""
        self.refused = True
        self.overtaken = isinstance(error, Conflict)
        entries = self.entries
        for problem in error.problems:
            number = re.fullmatch(r"entries\.([0-9]+)", problem.field or "")
            if number:
                entry = entries[int(number[1])]
                self.typed[entry.line, entry.day].errors.append(problem)
            else:
                self.put(Problem(problem.message))

    def copy(self, entries: Iterable[Entry], grid: Grid) -> int:
        """Put entries into cells of the grid that are empty and take time; say how many found a place."""
        cells, copied = grid.cells, 0
        for entry in entries:
            place = entry.line, entry.day
            typed, cell = self.typed.get(place), cells.get(place)
            taken = typed.value or typed.note if typed else cell and not cell.is_empty
            if cell and not cell.off and not taken:
                self.typed[place] = Typed(*place, minutes.clock(entry.minutes), entry.note, entry.minutes)
                copied += 1
        return copied

    def fill(self, grid: Grid) -> None:
        """Show in the grid what was typed. What has no place in it any more is said at the top."""
        cells = grid.cells
        for place, typed in self.typed.items():
            if place in cells:
                cell = cells[place]
                if self.overtaken and (cell.minutes, cell.note) != (typed.minutes, typed.note):
                    cell.stored = " ".join([cell.value or "empty", cell.note]).strip()
                cell.value, cell.note, cell.minutes, cell.errors = typed.value, typed.note, typed.minutes, typed.errors
            elif typed.value or typed.note:
                self.put(Problem(STALE))

    def warn(self, grid: Grid, problems: Iterable[Problem], entries: Sequence[Entry]) -> None:
        """Say what would keep the week from being submitted, by the cell of each entry that is blamed."""
        for problem in problems:
            number = re.fullmatch(r"entries\.([0-9]+)", problem.field or "")
            entry = entries[int(number[1])] if number else None
            if entry and (entry.line, entry.day) in grid.cells:
                grid.cells[entry.line, entry.day].warnings.append(problem)
            else:
                self.in_the_way.append(problem.message)

    def cover(self, grid: Grid, said: Iterable[Problem], entries: Sequence[Entry]) -> None:
        """Say which entries leave a shared post without cover, by their cells. Nothing is kept from being
        submitted by it."""
        for problem in said:
            entry = entries[int((problem.field or "").removeprefix("entries."))]
            if cell := grid.cells.get((entry.line, entry.day)):
                cell.cover = problem

    def summary(self, marked: Iterable[Cell]) -> list[dict[str, Any]]:
        """Everything wrong with the week, each line leading to its cell."""
        return self.problems + [line for cell in marked for line in cell.links[: len(cell.errors)]]

    def warnings(self, marked: Iterable[Cell]) -> list[dict[str, Any]]:
        """Everything that would keep the week from being submitted, as `summary` has what is wrong."""
        general = [{"text": words, "href": ""} for words in self.in_the_way]
        return general + [line for cell in marked for line in cell.links[len(cell.errors) :]]


def _day_of(text: str, monday: date) -> date | None:
    """A day that may be in the week of `monday`, or None: whether a Sunday is, saving it says."""
    near = days_between(monday - timedelta(days=1), monday + timedelta(days=7))
    return next((day for day in near if day.isoformat() == text), None)


class AmendForm(TitheForm):
    """Why an approved week is opened again. Who may, and until when, is a rule."""

    reason = TextAreaField(
        "What was wrong?",
        filters=[strip],
        validators=[Length(max=500, message="Write at most 500 characters")],
    )


def parse_monday(text: str) -> date:
    """A Monday as it stands in an address: 2026-08-03."""
    try:
        day = date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        day = None
    if day is None or day.weekday() != 0 or not 2000 <= day.year < 2100:
        raise RuleBroken("A week is named by its Monday, like 2026-08-03", field="monday")
    return day
