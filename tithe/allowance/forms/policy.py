"""A policy as somebody types it: every setting in the unit people read, empty where it is inherited."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import StringField, TextAreaField

from tithe.allowance.rules.patterns import read_day, read_share
from tithe.kernel import minutes
from tithe.kernel.errors import Problem, RuleBroken, RulesBroken
from tithe.policy.rules import ABOUT, LAST_DAY, About, Kind, problems_with, read, shown
from tithe.web.forms import DAY_LIKE, TitheForm, day_typed, strip

NAMES = re.compile(r"\b(" + "|".join(ABOUT) + r")\b")
MINUS = "-−"


class PolicyForm(TitheForm):
    """The first day, the reason, and a field for each setting, named as the setting is."""

    starts_on = StringField("First day", filters=[strip, day_typed])
    reason = TextAreaField("Why does the policy change?", filters=[strip])

    def begin(self, settings: Mapping[str, Any], starts_on: date) -> None:
        """Start from settings that are on record."""
        self.starts_on.data = starts_on.isoformat()
        for name, value in settings.items():
            self._fields[name].data = _typed(ABOUT[name].kind, value)

    @property
    def day(self) -> date | None:
        """The first day, if it can be read."""
        try:
            found = read_day(self.starts_on.data or "", "starts_on")
        except RuleBroken:
            return None
        return found if found <= LAST_DAY else None

    @property
    def proposal(self) -> dict[str, Any]:
        """Everything typed, or a refusal of all in it that cannot be read."""
        problems: list[Problem] = []
        settings = {}
        for name, about in ABOUT.items():
            text = self._fields[name].data or ""
            if text:
                settings[name] = _read(name, text)
                if not about.takes(settings[name]):
                    problems.append(Problem(_wanted(name, about, text), name))
        try:
            starts_on = read_day(self.starts_on.data or "", "starts_on")
        except RuleBroken:
            problems.append(Problem(f"Say from which day this holds, {DAY_LIKE}", "starts_on"))
        if problems := problems + problems_with(self.reason.data or "", self.day or LAST_DAY, None):
            raise RulesBroken(problems)
        return {"starts_on": starts_on, "settings": settings, "reason": self.reason.data or ""}

    def put(self, problem: Problem) -> None:
        """Rules name settings as files and programs do; here they have the names that stand beside their fields."""
        words = NAMES.sub(lambda found: f"“{ABOUT[found[1]].label}”", problem.message)
        super().put(Problem(words.replace("_", " "), problem.field))

    @property
    def sent(self) -> dict[str, str]:
        """Everything typed, for the page that asks once more."""
        return {name: field.data for name, field in self._fields.items() if field.data}


for _name, _about in ABOUT.items():
    setattr(PolicyForm, _name, StringField(_about.label, filters=[strip]))


class WithdrawForm(TitheForm):
    """Nothing but the token: the address says which version."""


def _typed(kind: Kind, value: Any) -> str:
    """A value as it is typed: 12.5, 7h 24m, true."""
    if kind is Kind.MINUTES:
        return minutes.spoken(value)
    if kind is Kind.YES_NO:
        return "true" if value else "false"
    return f"{value / 100:g}" if kind is Kind.RATE else str(value)


def _read(name: str, text: str) -> Any:
    """What was typed as a value of the setting; what cannot be read comes back as it is."""
    try:
        match ABOUT[name].kind:
            case Kind.RATE:
                return read_share(text)
            case Kind.PERCENT:
                return read(name, text.removesuffix("%"))
            case Kind.MINUTES:
                return _length(text)
    except RuleBroken:
        return text
    return read(name, text)


def _length(text: str) -> int:
    length = minutes.parse(text.lstrip(MINUS), most=99 * 60)
    return -length if text[0] in MINUS else length


def _wanted(name: str, about: About, text: str) -> str:
    """What the field takes, for somebody who typed something else."""
    if about.kind in (Kind.CHOICE, Kind.YES_NO, Kind.MONTH):
        return f"Choose one of the list for “{about.label}”"
    low, high = shown(name, about.low), shown(name, about.high)
    what = {
        Kind.RATE: f"a share from {low} to {high}, like 12.5",
        Kind.PERCENT: f"whole per cent from {low} to {high}",
        Kind.MINUTES: f"a length of time from {low} to {high}, like 1h 30m",
    }.get(about.kind, f"a whole number from {about.low} to {about.high}")
    return f"“{text[:20]}” does not fit “{about.label}”. Type {what}, or nothing to inherit it"
