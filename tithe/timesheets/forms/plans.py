"""The shape of a plan, of moving a block, and of saying what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms import HiddenField, SelectChoice, SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import Length

from tithe.kernel import minutes
from tithe.kernel.errors import Problem, RuleBroken
from tithe.people.forms.days import DayField
from tithe.timesheets.rules.plans import MOST_WEEKS_BETWEEN, NO_WEEKDAY, WEEKDAYS, PlanShape, Wish
from tithe.web.forms import DAY_LIKE, TitheForm, strip

DAYS = [SelectChoice(str(number), name) for number, name in enumerate(WEEKDAYS)]
OFTEN = {1: "Every week", 2: "Every 2 weeks", 3: "Every 3 weeks", 4: "Every 4 weeks"}


class PlanForm(TitheForm):
    """What is planned, for when. Which fields a page shows depends on the shape of the plan."""

    line = SelectField("What on?", validate_choice=False)
    weekdays = SelectMultipleField("On which days?", choices=DAYS, coerce=int)
    every_weeks = SelectField(
        "How often?", coerce=int, default=1, choices=[SelectChoice(weeks, words) for weeks, words in OFTEN.items()]
    )
    starts_on = DayField("First day", wanted="Enter the first day")
    last_day = DayField("Last day", wanted="Enter the last day", optional=True)
    minutes = StringField("How long each day?", filters=[strip])
    note = StringField("Note (optional)", filters=[strip], validators=[Length(max=500, message="Write at most 500")])

    def take(self, shape: PlanShape, rows: Iterable[tuple[str, str]]) -> None:
        """Say what shape is planned, and which rows of the week there are."""
        self.shape = shape
        self.line.choices = [SelectChoice(line, title) for line, title in rows]

    def validate_line(self, field: Any) -> None:
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError("Choose what the time is for")

    def validate_weekdays(self, field: Any) -> None:
        if self.shape is PlanShape.RHYTHM and not field.data:
            raise ValidationError(NO_WEEKDAY)

    def validate_last_day(self, field: Any) -> None:
        if self.shape is not PlanShape.DAY and field.day is None and not field.errors:
            raise ValidationError(f"Enter the last day, {DAY_LIKE}")

    def validate_minutes(self, field: Any) -> None:
        read_minutes(field.data)

    @property
    def wish(self) -> Wish:
        """What was typed, once it has the right shape."""
        starts_on = self.starts_on.day or date.min
        return Wish(
            shape=self.shape,
            line=self.line.data,
            starts_on=starts_on,
            last_day=starts_on if self.shape is PlanShape.DAY else self.last_day.day or date.min,
            minutes=read_minutes(self.minutes.data),
            weekdays=frozenset(self.weekdays.data or ()),
            every_weeks=min(self.every_weeks.data or 1, MOST_WEEKS_BETWEEN),
            note=self.note.data or "",
        )


def read_minutes(text: str | None) -> int:
    """A length of time as minutes, or what is wrong with it."""
    try:
        found = minutes.parse(text or "")
    except RuleBroken as broken:
        raise ValidationError(broken.message) from None
    if not found:
        raise ValidationError(f"Enter how long. {minutes.HELP}")
    return found


class MoveForm(TitheForm):
    """The day a block moves to."""

    day = DayField("To which day?", wanted="Enter the day")


class DropForm(TitheForm):
    """Giving a block up: the page to go back to, and what stood in the field beside the button."""

    minutes = StringField("How long?", filters=[strip])
    back = HiddenField(default="plans")


class SettleForm(DropForm):
    """What became of a block: how long it took, as planned if nothing is typed."""

    def validate_minutes(self, field: Any) -> None:
        if field.data:
            read_minutes(field.data)

    @property
    def took(self) -> int | None:
        """The minutes that were typed; None for as planned."""
        return read_minutes(self.minutes.data) if self.minutes.data else None

    def blame(self, block_id: int) -> Problem | None:
        """The first thing wrong, for the block it is about."""
        words = next((each["text"] for each in self.problems), None)
        return Problem(words, f"took-{block_id}") if words else None
