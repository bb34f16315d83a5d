"""What somebody asks the calculator: which quarter, and what would be different from a day on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar

from wtforms import SelectField, StringField, TextAreaField

from tithe.allowance.forms.patterns import WEEKS, PatternForm
from tithe.allowance.rules.patterns import read_day
from tithe.allowance.rules.whatif import Change, pattern_on
from tithe.allowance.rules.worktime import WHOLE, Pattern, Work
from tithe.kernel.calendar import Quarter
from tithe.kernel.errors import Problem, RuleBroken, RulesBroken
from tithe.web.forms import TitheForm, day_typed, strip

BETWEEN = re.compile(r"[\s,;]+")
PER_CENT = re.compile(r"([0-9]{1,3})\s*%?")
HUNDRED = 100
QUARTERS_AHEAD = 4
MOST_LEAVE = 92  # the days of a long quarter

Leave = tuple[tuple[date, ...], int]
Value = TypeVar("Value")


class CalculatorForm(PatternForm):
    """A question, sent in the address so that it can be linked. Nothing is stored, so it needs no token."""

    quarter = SelectField("Quarter")
    starts_on = StringField("From which day?", filters=[strip, day_typed])
    share = StringField("Share of your time lent elsewhere", filters=[strip])
    leave = StringField("Days of leave", filters=[strip])

    def choose(self, today: date) -> Quarter:
        """The quarter asked for; this one where none is, or one that is not offered."""
        now = Quarter.containing(today)
        offered = [now.previous, now]
        for _ in range(QUARTERS_AHEAD):
            offered.append(offered[-1].next)
        self.quarter.choices = [(each.code, each.label) for each in offered]
        asked = self.quarter.data or now.code
        if asked not in {each.code for each in offered}:
            self.absorb(RuleBroken("Choose a quarter from the list", field="quarter"))
            asked = now.code
        self.quarter.data = asked
        return Quarter.parse(asked)

    @property
    def offered(self) -> list[dict[str, str]]:
        """The quarters as the select component takes them."""
        return [{"value": code, "text": label} for code, label in self.quarter.choices]

    def begin(self, work: Work, day: date) -> None:
        """Start from the hours that hold now."""
        self.starts_on.data = day.isoformat()
        if pattern := pattern_on(work, day):
            self.show([list(week) for week in pattern.weeks])

    def show(self, weeks: list[list[int]]) -> None:
        """Hours of more weeks than a pattern has cannot be shown; an empty form keeps them."""
        if len(weeks) in WEEKS:
            super().show(weeks)

    def refuse_unknown(self, names: Iterable[str]) -> None:
        """An unknown name in the address is an error, as an unknown field is."""
        for name in self.unknown(names):
            self.absorb(RuleBroken(f"This page has no field called {name[:40]}. Take it out of the address"))

    def change(self, quarter: Quarter) -> Change:
        """The question, or a refusal of everything in it that cannot be read."""
        problems: list[Problem] = []
        since = _kept(problems, lambda: self._since(quarter), quarter.start)
        pattern = _kept(problems, lambda: self._pattern(since), None)
        share = _kept(problems, self._share, 0)
        nothing: Leave = ((), 0)
        days, count = _kept(problems, lambda: self._leave(quarter), nothing)
        if problems:
            raise RulesBroken(problems)
        return Change(since, pattern, share, days, count)

    def _since(self, quarter: Quarter) -> date:
        if not self.starts_on.data:
            return quarter.start
        since = self.first_day
        if since >= quarter.end:
            words = f"{quarter.label} is over by then. Choose a day up to {quarter.last_day} or a later quarter"
            raise RuleBroken(words, field="starts_on")
        return max(since, quarter.start)

    def _pattern(self, since: date) -> Pattern | None:
        """The hours typed; none at all leave them as they are."""
        if not any(field.data for number in WEEKS for field in self.cells(number)):
            return None
        return Pattern(since, tuple(tuple(week) for week in self.weeks))

    def _share(self) -> int:
        """In basis points."""
        found = PER_CENT.fullmatch(self.share.data or "0")
        if not found or int(found[1]) > HUNDRED:
            raise RuleBroken("Type a share in whole per cent, like 40", field="share")
        return int(found[1]) * WHOLE // HUNDRED

    def _leave(self, quarter: Quarter) -> Leave:
        """A number of days, or the days themselves."""
        words = [word for word in BETWEEN.split(self.leave.data or "") if word]
        if len(words) == 1 and words[0].isascii() and words[0].isdigit():
            if len(words[0]) > 2 or int(words[0]) > MOST_LEAVE:
                raise RuleBroken("There are not that many days in a quarter. Type a smaller number", field="leave")
            return (), int(words[0])
        try:
            days = [read_day(word, "leave") for word in words]
        except RuleBroken:
            raise RuleBroken("Type a number of days, or dates like 2026-08-03", field="leave") from None
        for day in days:
            if day not in quarter:
                raise RuleBroken(f"{day} is not in {quarter.label}. Choose days of that quarter", field="leave")
        return tuple(dict.fromkeys(days)), 0


def _kept(problems: list[Problem], read: Callable[[], Value], instead: Value) -> Value:
    """What was read, or `instead` with its problems kept for later."""
    try:
        return read()
    except RuleBroken as broken:
        problems += broken.problems
        return instead


class ScenarioForm(TitheForm):
    """A scenario as JSON. What is wrong inside it is said beside it, each with its path."""

    scenario = TextAreaField("Scenario")

    def put(self, problem: Problem) -> None:
        path = f"{problem.field}: " if problem.field else ""
        super().put(Problem(path + problem.message, "scenario"))
