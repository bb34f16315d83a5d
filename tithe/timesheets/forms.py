"""What a person sends: a grid of durations, a choice of weeks, a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from tithe.kernel import minutes
from tithe.kernel.errors import Problem, RuleBroken, TitheError
from tithe.timesheets import rules
from tithe.timesheets.presenters import Cell, Grid
from tithe.timesheets.rules import Entry
from tithe.web.forms import TitheForm, strip

CELL = re.compile(r"[mn]-[0-9]{1,12}-[0-9]{4}-[0-9]{2}-[0-9]{2}")
KNOWN = {"csrf_token", "version", "action"}
STALE = "The page does not fit this week any more. Reload it and put your time in again"
LONGEST_NOTE = 500


class WeekForm(TitheForm):
    """The grid. Cells are named by project and day; anything else is an error, and nothing typed is lost."""

    version = HiddenField(default="0")

    def unknown(self, sent: Iterable[str]) -> list[str]:
        """Which names fit depends on the week, so `take` looks at them."""
        return []

    def take(self, grid: Grid, sent: Mapping[str, str]) -> list[Entry]:
        """Put what was typed into the grid, and return the entries that could be read. Faults stay by their cells."""
        cells = {cell.name: cell for row in grid.rows for cell in row.cells}
        for name in set(sent) - set(cells) - {cell.note_name for cell in cells.values()} - KNOWN:
            self.put(Problem(STALE if CELL.fullmatch(name) else f"There is no field called {name[:40]}"))
            self.refused = True
        for cell in cells.values():
            self._fill(cell, sent)
        return [
            Entry(cell.day.date, row.project_id, cell.minutes, cell.note)
            for row in grid.rows
            for cell in row.cells
            if cell.minutes
        ]

    def _fill(self, cell: Cell, sent: Mapping[str, str]) -> None:
        cell.value, cell.note = sent.get(cell.name, "").strip(), sent.get(cell.note_name, "").strip()
        cell.minutes = self._read(cell.value, cell.errors)
        if len(cell.note) > LONGEST_NOTE:
            cell.errors.append(f"A note has at most {LONGEST_NOTE} characters")
        if cell.note and not cell.value:
            cell.errors.append("This note has no time beside it. Type how long, or empty the note")
        self.refused = self.refused or bool(cell.errors)

    def _read(self, value: str, errors: list[str]) -> int:
        try:
            return minutes.parse(value)
        except RuleBroken as broken:
            errors.append(broken.message)
            return 0

    def absorb_into(self, grid: Grid, entries: list[Entry], error: TitheError) -> None:
        """Put each refusal by the cell of the entry it blames, the rest at the top."""
        self.refused = True
        for problem in error.problems:
            number = re.fullmatch(r"entries\.([0-9]+)", problem.field or "")
            cell = grid.cell(entries[int(number[1])]) if number else None
            if cell:
                cell.errors.append(problem.message)
            else:
                self.put(Problem(problem.message))

    def summary(self, grid: Grid) -> list[dict[str, str]]:
        """Everything wrong with the week, each line leading to its cell."""
        cells = [cell for row in grid.rows for cell in row.cells]
        return self.problems + [{"text": words, "href": f"#{cell.name}"} for cell in cells for words in cell.errors]


class ApproveForm(TitheForm):
    """Weeks ticked in the queue, each named by its id and the version that was shown ("12:3")."""

    besides = frozenset({"action", "weeks"})

    def chosen(self, ticked: list[str]) -> dict[int, int]:
        """The versions by id. Refuses what the page did not offer."""
        pairs = [re.fullmatch(r"([0-9]{1,12}):([0-9]{1,9})", each) for each in ticked]
        if not pairs or not all(pairs):
            raise RuleBroken("Tick at least one week, then approve", field="weeks")
        return {int(pair[1]): int(pair[2]) for pair in pairs if pair}


class ReturnForm(TitheForm):
    """Why a week goes back. Which grounds count, and how many words, is a rule."""

    version = HiddenField(default="0")
    ground = RadioField(
        "Why does it go back?",
        choices=[SelectChoice(ground.value, words) for ground, words in rules.GROUNDS.items()],
        validate_choice=False,
    )
    reason = TextAreaField(
        "What needs to change?",
        filters=[strip],
        validators=[Length(max=4000, message="Write at most 4,000 characters")],
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
