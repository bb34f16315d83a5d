"""The shape of what is typed about holiday calendars."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, SelectChoice, SelectField, StringField, ValidationError

from tithe.allowance.presenters.calendars import KINDS
from tithe.allowance.rules import published
from tithe.allowance.rules.holidays import NATIONAL_NAMES, DayKind, Holiday, problems_in_name, read_day
from tithe.allowance.rules.published import LARGEST_FILE, Published
from tithe.kernel.errors import Problem, RuleBroken
from tithe.web.forms import DAY_LIKE, TitheForm, day_typed, strip


class CopyForm(TitheForm):
    """A new calendar, and which one it starts from."""

    name = StringField("Name", filters=[strip])
    code = StringField("Code", filters=[strip])
    copied_from = SelectField("Start from", validate_choice=False)
    first_year = StringField("First year", filters=[strip])
    last_year = StringField("Last year", filters=[strip])

    def offer(self, calendars: Mapping[str, str]) -> None:
        """Which calendars there are to start from, by code."""
        self.copied_from.choices = [SelectChoice(*each) for each in calendars.items()]

    @property
    def offered(self) -> list[dict[str, Any]]:
        """The same as the select component takes them."""
        return [
            {"value": each.value, "text": each.label, "selected": each.value == self.copied_from.data}
            for each in self.copied_from.choices
        ]

    @property
    def answers(self) -> dict[str, Any]:
        """What was typed; what is no year is the year 0, which the rules refuse with everything else."""
        words = {name: self[name].data or "" for name in ("name", "code", "copied_from")}
        return words | {name: _year(self[name].data or "") for name in ("first_year", "last_year")}


def _year(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else 0


class NameForm(TitheForm):
    """Another name for a calendar."""

    name = StringField("Name", filters=[strip])


class DayForm(TitheForm):
    """A holiday to add."""

    day = StringField("Date", filters=[strip, day_typed])
    name = StringField("Name", filters=[strip])
    kind = RadioField(
        "Kind", choices=[SelectChoice(kind.value, words) for kind, words in KINDS.items()], default="local"
    )

    def validate_day(self, field: Any) -> None:
        if read_day(field.data or "") is None:
            raise ValidationError(f"Enter the date of the holiday, {DAY_LIKE}")

    def validate_name(self, field: Any) -> None:
        for problem in problems_in_name(field.data or ""):
            raise ValidationError(problem.message)

    @property
    def holiday(self) -> Holiday:
        """What was typed, once it has the right shape."""
        return Holiday(read_day(self.day.data) or date.min, self.name.data or "", DayKind(self.kind.data))


class DeleteForm(TitheForm):
    """A calendar to delete: nothing is typed."""


class RemoveForm(TitheForm):
    """A holiday to remove."""

    day = HiddenField()

    @property
    def chosen(self) -> date:
        return read_day(self.day.data or "") or date.min


class ImportForm(TitheForm):
    """A published list and the division to follow. Once read, the file travels with the page in `content`."""

    file = FileField("File")
    division = RadioField(
        "Part of the United Kingdom", choices=[SelectChoice(*each) for each in NATIONAL_NAMES.items()]
    )
    content = HiddenField()
    seen = HiddenField()

    def validate_file(self, field: Any) -> None:
        """Keep what was uploaded, so that a refusal of something else does not lose it."""
        if field.data:
            sent = field.data.read(LARGEST_FILE + 1)
            try:
                published.read_text(sent)
            except RuleBroken as refusal:
                raise ValidationError(refusal.message) from refusal
            self.content.data = sent.decode("utf-8-sig")
        if not self.content.data:
            raise ValidationError("Choose the file with the list of bank holidays")

    @cached_property
    def published(self) -> Published:
        """What the list says, or a refusal."""
        return published.read_published(published.read_text(self.content.data.encode()), self.division.data)

    def put(self, problem: Problem) -> None:
        """What is wrong inside the file is put beside the file."""
        inside = problem.field is not None and problem.field not in self._fields
        super().put(Problem(problem.message, "file") if inside else problem)
