"""A quarter as it is and as it would be, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tithe.allowance.rules.entitlement import Entitlement, entitlement, plain
from tithe.allowance.rules.standing import DayWorth, day_table
from tithe.allowance.rules.worktime import Work
from tithe.kernel.calendar import Quarter
from tithe.kernel.minutes import spoken
from tithe.policy.rules import shown


@dataclass(frozen=True)
class Side:
    """One of the two: figures in words, and the length of its bar in per cent of the longer one."""

    name: str
    days: int
    available: str
    entitlement: str
    length: int


@dataclass(frozen=True)
class DayLine:
    """One date: what counts now, and how what would count comes about."""

    day: date
    now: str
    due: str
    off: str
    counts: str
    differs: bool


@dataclass(frozen=True)
class Comparison:
    """What the page shows once somebody has asked."""

    words: str
    sides: tuple[Side, Side]
    days: list[DayLine]
    note: str


def compare(quarter: Quarter, now: Work, then: Work) -> Comparison:
    """Set a quarter beside what it would be."""
    before, after = entitlement(now), entitlement(then)
    longest = max(before.minutes, after.minutes, 1)
    sides = _side("Now", before, longest), _side("With the change", after, longest)
    return Comparison(_in_words(quarter, before.minutes, after.minutes), sides, _days(now, then), _note(then))


def _side(name: str, figures: Entitlement, longest: int) -> Side:
    length = 100 * figures.minutes // longest
    return Side(name, figures.accruing_days, exactly(figures.available), spoken(figures.minutes), length)


def _in_words(quarter: Quarter, before: int, after: int) -> str:
    if before == after:
        return f"Your entitlement for {quarter.label} would stay {spoken(after)}."
    difference = spoken(abs(after - before))
    which = "more" if after > before else "less"
    return (
        f"Your entitlement for {quarter.label} would be {spoken(after)}: "
        f"{difference} {which} than the {spoken(before)} it is now."
    )


def _note(work: Work) -> str:
    """How the days add up to the entitlement."""
    held = [each.settings for each in work.stretches]
    rates = " or ".join(shown("rate_bp", rate) for rate in sorted({settings.rate_bp for settings in held}))
    words = f"What counts earns {rates}, and the sum is rounded once, to {held[-1].round_to} minutes."
    if held[-1].event_min:
        words += f" {spoken(held[-1].event_min)} for events come on top."
    if any(settings.accrual_basis == "contracted" for settings in held):
        words += " Leave takes nothing off where the policy goes by contracted time."
    return words


def _days(now: Work, then: Work) -> list[DayLine]:
    """The dates on which anything is due, now or then. No change takes a date away, so both have the same."""
    before, after = ({each.day: each for each in day_table(work)} for work in (now, then))
    return [_line(before[day], worth) for day, worth in after.items() if worth.due or before[day].due]


def _line(now: DayWorth, then: DayWorth) -> DayLine:
    off = "Holiday" if then.holiday else f"{spoken(then.absence)} away" if then.absence else ""
    return DayLine(
        day=then.day,
        now=_or_dash(now.counts),
        due=_or_dash(then.due),
        off=off,
        counts=_or_dash(then.counts),
        differs=now.counts != then.counts,
    )


def _or_dash(minutes: Fraction) -> str:
    """Minutes of a day as a table shows them: a dash for none."""
    return exactly(minutes) if minutes else "–"


def exactly(minutes: Fraction) -> str:
    """Minutes as read in a sentence, with the part of a minute that a share leaves: 4h 26.4m."""
    if minutes.denominator == 1:
        return spoken(int(minutes))
    hours, rest = divmod(minutes, 60)
    return f"{hours:,}h {plain(rest)}m" if hours else f"{plain(rest)}m"
