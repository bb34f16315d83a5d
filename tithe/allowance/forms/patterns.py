"""What a manager or HR sends about somebody's working hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from wtforms import HiddenField, StringField, TextAreaField

from tithe.allowance.rules import patterns as rules
from tithe.kernel import minutes
from tithe.kernel.errors import Problem, RuleBroken, RulesBroken
from tithe.web.forms import DAY_LIKE, TitheForm, day_typed, strip

WEEKS = range(1, rules.LONGEST_CYCLE + 1)
DAYS = range(1, len(rules.NAMES_OF_DAYS) + 1)

Value = TypeVar("Value")


class ChangeForm(TitheForm):
    """A change of hours. `remove` names what is to be taken off the record instead of added to it."""

    remove = HiddenField(default="")

    @property
    def sent(self) -> dict[str, str]:
        """Everything typed, for a page that asks once more before it is saved."""
        return {name: field.data for name, field in self._fields.items() if field.data}

    def read(self, *names: str) -> list[Any]:
        """Several of the answers below by name; everything wrong with any of them is refused at once."""
        answers: list[Any] = []
        problems: list[Problem] = []
        for name in names:
            try:
                answers.append(getattr(self, name))
            except RuleBroken as broken:
                problems += broken.problems
        if problems:
            raise RulesBroken(problems)
        return answers

    def told(self, name: str, read: Callable[[str], Value], empty: str) -> Value:
        """Read one field; refuse it where it is empty, with these words."""
        text = self._fields[name].data or ""
        if not text:
            raise RuleBroken(empty, field=name)
        try:
            return read(text)
        except RuleBroken as broken:
            raise RuleBroken(broken.message, field=name) from broken

    def day(self, name: str, empty: str) -> date:
        return self.told(name, _read_day, empty)


def _read_day(text: str) -> date:
    try:
        return rules.read_day(text, "")
    except RuleBroken:
        raise RuleBroken(f"“{text[:20]}” is not a date. Write it {DAY_LIKE}") from None


class PatternForm(ChangeForm):
    """A first day and up to four weeks of seven cells, named `w1d1` for Monday of the first week."""

    starts_on = StringField("First day of these hours", filters=[strip, day_typed])

    @property
    def first_day(self) -> date:
        return self.day("starts_on", "Say from which day these hours hold")

    def cells(self, week: int) -> list[Any]:
        """The seven fields of a week, Monday first."""
        return [self._fields[f"w{week}d{day}"] for day in DAYS]

    def show(self, weeks: list[list[int]]) -> None:
        """Start from hours that are on record."""
        for number, week in enumerate(weeks, 1):
            for field, length in zip(self.cells(number), week, strict=True):
                field.data = minutes.clock(length) if length or not any(week) else ""

    @property
    def alternates(self) -> bool:
        """True if anything stands in a week after the first."""
        return any(field.data for number in WEEKS[1:] for field in self.cells(number))

    @property
    def weeks(self) -> list[list[int]]:
        """The weeks up to the last that holds something; an empty cell beside others is a day not worked."""
        filled = [number for number in WEEKS if any(field.data for field in self.cells(number))]
        if not filled:
            raise RuleBroken("Type the hours of at least one week. For a week not worked, type 0", field="w1d1")
        problems: list[Problem] = []
        weeks = [self._week(number, problems) for number in WEEKS[: filled[-1]]]
        problems += [
            Problem(f"Week {number} is empty. Type 0 on a day if nothing is worked in it", f"w{number}d1")
            for number in WEEKS[: filled[-1]]
            if number not in filled
        ]
        if problems:
            raise RulesBroken(problems)
        return weeks

    def _week(self, number: int, problems: list[Problem]) -> list[int]:
        return [self._length(field, problems) for field in self.cells(number)]

    def _length(self, field: Any, problems: list[Problem]) -> int:
        try:
            return minutes.parse(field.data or "")
        except RuleBroken as broken:
            problems.append(Problem(broken.message, field.name))
            return 0


for _week in WEEKS:
    for _day in DAYS:
        _label = f"Week {_week}, {rules.NAMES_OF_DAYS[_day - 1]}"
        setattr(PatternForm, f"w{_week}d{_day}", StringField(_label, filters=[strip]))


class DaysForm(ChangeForm):
    """Hours on one day, or on many pasted as lines."""

    day_of = StringField("Day", filters=[strip, day_typed])
    hours = StringField("Hours on that day", filters=[strip])
    days = TextAreaField("Many days at once", filters=[strip])

    @property
    def changes(self) -> dict[date, int | None]:
        """Minutes by day; None goes back to the pattern."""
        if self.remove.data:
            return {self.day("remove", ""): None}
        pasted: dict[date, int | None] = dict(rules.read_days(self.days.data or ""))
        if pasted and not (self.day_of.data or self.hours.data):
            return pasted
        one, length = self.read("one_day", "length")
        if one in pasted:
            raise RuleBroken(f"{one.isoformat()} is in the lines below too. Keep one of the two", field="day_of")
        return {**pasted, one: length}

    @property
    def one_day(self) -> date:
        return self.day("day_of", "Say which day, or paste many days below")

    @property
    def length(self) -> int:
        """Minutes of the one day."""
        return self.told("hours", minutes.parse, "Say how long the day is. Type 0 if it is not worked")


class MoveForm(ChangeForm):
    """A share of somebody's time lent elsewhere; with `move` another last day for one on record."""

    move = HiddenField(default="")
    starts_on = StringField("First day", filters=[strip, day_typed])
    last_day = StringField("Last day", filters=[strip, day_typed])
    share = StringField("Share of the time", filters=[strip])

    @property
    def first_day(self) -> date:
        return self.day("starts_on", "Say from which day the share is lent")

    @property
    def ends(self) -> date | None:
        return self.day("last_day", "") if self.last_day.data else None

    @property
    def share_bp(self) -> int:
        """The share in basis points."""
        return self.told("share", rules.read_share, "Say which share is lent, like 40")


def as_id(text: str | None) -> int:
    """An id as a page sends it; 0, which nothing has, if it is odd."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
