"""What a person sends: a grid of durations, a choice of weeks, a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from tithe.kernel import minutes
from tithe.kernel.calendar import week_days
from tithe.kernel.errors import Problem, RuleBroken, TitheError
from tithe.timesheets.presenters.weeks import Grid
from tithe.timesheets.rules.deciding import GROUNDS
from tithe.timesheets.rules.entries import KINDS, Entry, entry_of
from tithe.web.forms import TitheForm, strip

CELL = re.compile(f"([mn])-([0-9]{{1,9}}|{'|'.join(KINDS)})-([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})")
KNOWN = {"csrf_token", "version", "action"}
STALE = "The page does not fit this week any more. Reload it and put your time in again"
LONGEST_NOTE = 500


@dataclass
class Typed:
    """What was typed in one row on one day, and what is wrong with it."""

    line: str
    day: date
    value: str = ""
    note: str = ""
    minutes: int = 0
    errors: list[str] = field(default_factory=list)

    def read(self) -> None:
        """Turn the words into minutes; what cannot be read is an error and stays as it was typed."""
        try:
            self.minutes = minutes.parse(self.value)
        except RuleBroken as broken:
            self.errors.append(broken.message)
        if len(self.note) > LONGEST_NOTE:
            self.errors.append(f"A note has at most {LONGEST_NOTE} characters")
        if self.note and not self.value:
            self.errors.append("This note has no time beside it. Type how long, or empty the note")


class WeekForm(TitheForm):
    """The grid. Cells are named by project and day; anything else is an error, and nothing typed is lost."""

    version = HiddenField(default="0")

    def take(self, monday: date, sent: Mapping[str, str]) -> None:
        """Read every cell that was sent. Nothing is asked of the database: most weeks are saved at the first try."""
        self.typed: dict[tuple[str, date], Typed] = {}
        for name, value in sent.items():
            found = CELL.fullmatch(name)
            if found and (day := _day_of(found[3], monday)):
                cell = self.typed.setdefault((found[2], day), Typed(found[2], day))
                setattr(cell, "value" if found[1] == "m" else "note", value.strip())
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

    def absorb(self, error: TitheError) -> None:
        """Put each refusal by the cell of the entry it blames, the rest at the top."""
        self.refused = True
        entries = self.entries
        for problem in error.problems:
            number = re.fullmatch(r"entries\.([0-9]+)", problem.field or "")
            if number:
                entry = entries[int(number[1])]
                self.typed[entry.line, entry.day].errors.append(problem.message)
            else:
                self.put(Problem(problem.message))

    def fill(self, grid: Grid) -> None:
        """Show in the grid what was typed. What has no place in it any more is said at the top."""
        cells = {(row.line, cell.day.date): cell for row in grid.rows for cell in row.cells}
        for cell in cells.values():
            cell.value, cell.note, cell.minutes = "", "", 0
        for place, typed in self.typed.items():
            if place in cells:
                cell = cells[place]
                cell.value, cell.note, cell.minutes, cell.errors = typed.value, typed.note, typed.minutes, typed.errors
            elif typed.value or typed.note:
                self.put(Problem(STALE))

    def summary(self, grid: Grid) -> list[dict[str, str]]:
        """Everything wrong with the week, each line leading to its cell."""
        cells = [cell for row in grid.rows for cell in row.cells]
        return self.problems + [{"text": words, "href": f"#{cell.name}"} for cell in cells for words in cell.errors]


def _day_of(text: str, monday: date) -> date | None:
    """A day of the week that starts on `monday`, or None."""
    return next((day for day in week_days(monday) if day.isoformat() == text), None)


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
        choices=[SelectChoice(ground.value, words) for ground, words in GROUNDS.items()],
        validate_choice=False,
    )
    reason = TextAreaField(
        "What needs to change?",
        filters=[strip],
        validators=[Length(max=4000, message="Write at most 4,000 characters")],
    )


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
