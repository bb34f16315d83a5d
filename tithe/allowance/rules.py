"""Entitlement: the share of the days somebody works that is theirs to spend. Source: the scheme's time rules, §1.2.

Integers and Decimal all the way, rounded once at the end. A day is worth its scheduled minutes unless it is a
holiday; days are summed, so a change of hours, rate or calendar inside a quarter needs no special case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from enum import StrEnum

from tithe.kernel.calendar import Quarter, add_working_days, days_between, monday_of

STANDARD_DAY = 444
DAYS_A_WEEK = 5
GRACE_WORKING_DAYS = 10
BASIS_POINTS = 10_000
ROUNDING = {"half_up": ROUND_HALF_UP, "up": ROUND_UP, "down": ROUND_DOWN, "half_even": ROUND_HALF_EVEN}

DayMinutes = tuple[int, ...]


class LedgerKind(StrEnum):
    """What a line of the ledger did to somebody's minutes."""

    ACCRUAL = "accrual"
    CARRY_IN = "carry_in"
    HOLD = "hold"
    RELEASE = "release"
    USE = "use"
    REVERSAL = "reversal"
    ADJUSTMENT = "adjustment"
    CARRY_OUT = "carry_out"
    LAPSE = "lapse"


@dataclass(frozen=True)
class Pattern:
    """Minutes for each day of a cycle of one to four weeks that starts in the week of `starts_on`."""

    starts_on: date
    weeks: tuple[DayMinutes, ...]

    def minutes_on(self, day: date) -> int:
        weeks_in = (monday_of(day) - monday_of(self.starts_on)).days // 7
        return self.weeks[weeks_in % len(self.weeks)][day.weekday()]


@dataclass(frozen=True)
class Stretch:
    """Days over which nothing about a person's work changes: `start` up to but not including `end`.

    `holidays` are those of the place of work over these days, beside any that hold for the whole person; `unit_id`
    is the unit the post is in.
    """

    start: date
    end: date
    pattern: Pattern
    rate_bp: int
    holidays: frozenset[date] = frozenset()
    unit_id: int | None = None

    def minutes_on(self, day: date) -> int:
        """Minutes by pattern, none on a holiday or outside these days."""
        if not self.start <= day < self.end or day in self.holidays:
            return 0
        return self.pattern.minutes_on(day)


@dataclass(frozen=True)
class Entitlement:
    """What a quarter is worth: `minutes` after rounding, from `available` minutes on `accruing_days` days."""

    minutes: int
    available: int
    accruing_days: int


def default_pattern(weekly_minutes: int, starts_on: date) -> Pattern:
    """The pattern of somebody who has none on record: standard days from Monday until the weekly minutes are used.

    More than five standard days spreads the week evenly over Monday to Friday, an odd minute each from Monday on.
    """
    if weekly_minutes > STANDARD_DAY * DAYS_A_WEEK:
        even, odd = divmod(weekly_minutes, DAYS_A_WEEK)
        return Pattern(starts_on, ((*(even + (n < odd) for n in range(DAYS_A_WEEK)), 0, 0),))
    days = [min(STANDARD_DAY, max(0, weekly_minutes - STANDARD_DAY * n)) for n in range(DAYS_A_WEEK)]
    return Pattern(starts_on, ((*days, 0, 0),))


def scheduled(day: date, stretches: Sequence[Stretch], holidays: Collection[date]) -> int:
    """Minutes somebody is due to work on a day: none on a holiday or outside employment."""
    if day in holidays:
        return 0
    return sum(each.minutes_on(day) for each in stretches)


def entitlement(
    stretches: Sequence[Stretch],
    holidays: Collection[date],
    *,
    round_to: int = 15,
    round_mode: str = "half_up",
) -> Entitlement:
    """Sum available minutes × rate over every day, then round once to `round_to` minutes."""
    available, weighted, days = 0, 0, set()
    for stretch in stretches:
        for day in days_between(stretch.start, stretch.end):
            minutes = 0 if day in holidays else stretch.minutes_on(day)
            if minutes:
                available += minutes
                weighted += minutes * stretch.rate_bp
                days.add(day)
    return Entitlement(rounded(Decimal(weighted) / BASIS_POINTS, round_to, round_mode), available, len(days))


def shares(stretches: Sequence[Stretch], total: int) -> dict[int, tuple[int, int]]:
    """Split a rounded entitlement over the units it was earned in: minutes and accruing days by unit.

    Minutes follow what each unit's days weigh; what whole minutes leave over goes to the largest remainders, the unit
    with the lower id first, so that none is lost.
    """
    weights: defaultdict[int, int] = defaultdict(int)
    days: defaultdict[int, set[date]] = defaultdict(set)
    for stretch in stretches:
        if stretch.unit_id is None:
            continue
        weights[stretch.unit_id] += 0  # a unit without a day to work still holds the person
        for day in days_between(stretch.start, stretch.end):
            if minutes := stretch.minutes_on(day):
                weights[stretch.unit_id] += minutes * stretch.rate_bp
                days[stretch.unit_id].add(day)
    whole = sum(weights.values()) or 1
    minutes_of = {unit: total * weight // whole for unit, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda unit: (-(total * weights[unit] % whole), unit))
    for unit in by_remainder[: total - sum(minutes_of.values())]:
        minutes_of[unit] += 1
    return {unit: (minutes_of[unit], len(days[unit])) for unit in weights}


def rounded(minutes: Decimal, round_to: int, round_mode: str) -> int:
    """Round to a multiple of `round_to` minutes."""
    return int((minutes / round_to).quantize(Decimal(1), ROUNDING[round_mode])) * round_to


def clipped(start: date, last_day: date | None, first: date, end: date) -> tuple[date, date]:
    """The part of `start`…`last_day` (included) that lies in [first, end), as a half-open pair."""
    return max(start, first), min(last_day + timedelta(days=1), end) if last_day else end


def grace_ends(quarter: Quarter, holidays: Collection[date]) -> date:
    """The last day on which late entries for a quarter are taken: ten working days after it. Source: §1.7."""
    return add_working_days(quarter.last_day, GRACE_WORKING_DAYS, holidays)
