"""What a person sends in one line or with one click."""

from __future__ import annotations

import re
from datetime import date

from wtforms import DateField, HiddenField, StringField
from wtforms.validators import InputRequired, Length, Optional

from tithe.kernel.errors import Problem, RuleBroken, TitheError
from tithe.timesheets.rules.entries import KINDS
from tithe.timesheets.rules.quick import LONGEST_LINE, Candidate, Unclear
from tithe.web.forms import TitheForm, strip

PLACE = re.compile(f"[0-9]{{1,9}}|{'|'.join(KINDS)}")
DAMAGED = "This page is damaged. Open the week and change the time there"


class LineForm(TitheForm):
    """A line of words. What it means is a rule; where it leaves that open, its `candidates` are offered."""

    besides = frozenset({"action", "row", "stop_first"})
    candidates: tuple[Candidate, ...] = ()
    must_stop = False  # another timer runs

    line = StringField(
        "What did you do?",
        filters=[strip],
        validators=[Length(max=LONGEST_LINE, message=f"A line has at most {LONGEST_LINE} characters")],
    )

    def absorb(self, error: TitheError) -> None:
        """Take the refusal, and with it the rows or the way out that it offers; it stands by the line."""
        if isinstance(error, Unclear):
            self.candidates = error.candidates
        self.must_stop = self.must_stop or error.field == "stop_first"
        self.refused = True
        for problem in error.problems:
            self.put(Problem(problem.message, "line"))


class UndoForm(TitheForm):
    """The place of a week that was added to, and what it held before."""

    row = HiddenField(validators=[InputRequired(DAMAGED)])
    day = DateField(validators=[InputRequired(DAMAGED)])
    version = HiddenField(validators=[InputRequired(DAMAGED)])
    minutes = HiddenField(validators=[InputRequired(DAMAGED)])
    note_length = HiddenField(validators=[InputRequired(DAMAGED)])

    def facts(self) -> tuple[str, date, int, int, int]:
        """Row, day, version, minutes and length of the note before. Refuses what no page of ours sends."""
        figures = [self.version.data or "", self.minutes.data or "", self.note_length.data or ""]
        if not self.validate_on_submit() or not all(re.fullmatch("[0-9]{1,9}", each) for each in figures):
            raise RuleBroken(DAMAGED)
        version, minutes, note_length = (int(each) for each in figures)
        return str(self.row.data), self.day.data, version, minutes, note_length


class TimerForm(TitheForm):
    """Stopping or discarding the timer: buttons alone. `back` names the week whose page they were on."""

    besides = frozenset({"round_up", "back"})
    too_short = False  # it may be rounded up

    def absorb(self, error: TitheError) -> None:
        super().absorb(error)
        self.too_short = error.field == "round_up"


class ClickForm(TitheForm):
    """A button alone. There is nothing to correct on its page, so what is wrong is said on one of its own.

    `back` says that it was on the home page.
    """

    besides = frozenset({"back"})

    def require(self) -> None:
        """Refuse what the button does not send."""
        if not self.validate_on_submit():
            raise RuleBroken(self.problems[0]["text"] if self.problems else DAMAGED)


class FavouriteForm(ClickForm):
    """A favourite's button, with the day to log it on; today if none is named."""

    day = DateField(validators=[Optional()])


def parse_row(text: str | None) -> str | None:
    """The row of a week as a page or program names it: the number of a project, or a kind; None if none is named."""
    if not text:
        return None
    if not PLACE.fullmatch(text):
        raise RuleBroken("There is no such row. Choose one of those that are offered", field="row")
    return text
