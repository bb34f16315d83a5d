"""Entitlement: the share of the days somebody works that is theirs to spend. Source: the scheme's time rules, §1.2.

A day is worth its scheduled minutes less holidays and reducing absences; days are summed and the sum is rounded once,
so a change of hours, rate or calendar inside a quarter needs no special case. Inside, a minute is `PARTS` parts: shares
in basis points and averages over one to four weeks of five days are then whole numbers, and nothing is lost before the
rounding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from tithe.allowance.rules.worktime import DAYS_A_WEEK, WHOLE, Stretch, Work
from tithe.kernel.calendar import monday_of
from tithe.policy.rules import Settings

PARTS_A_POINT = 60  # the least number that one to four weeks of five days divide
PARTS = PARTS_A_POINT * WHOLE
ROUNDING = {"half_up": ROUND_HALF_UP, "up": ROUND_UP, "down": ROUND_DOWN, "half_even": ROUND_HALF_EVEN}
ONE_DAY = timedelta(days=1)


class DayFigure(NamedTuple):
    """One day of one post in the sum. `base` and `available` are in parts of a minute, `absence` in minutes."""

    day: date
    base: int
    holiday: bool
    absence: int
    available: int
    rate_bp: int
    unit_id: int | None


@dataclass(frozen=True)
class Entitlement:
    """What some days are worth: `minutes` after rounding, from `available` minutes on `accruing_days` days.

    `shares` says how many of the minutes, and of the days, were earned in each unit.
    """

    minutes: int = 0
    available: Fraction = Fraction(0)
    accruing_days: int = 0
    shares: dict[int, tuple[int, int]] = field(default_factory=dict)


def day_figures(work: Work) -> Iterator[DayFigure]:
    """What each day of each stretch is worth, in order of stretch.

    An override is the person's whole day and stands in the first post of that day; an absence lowers the posts of its
    day in their order.
    """
    overrides = dict(work.overrides)
    away: dict[date, int] = defaultdict(int)
    for each in work.absences:
        away[each.day] += each.reducing
    used: set[date] = set()
    for stretch in work.stretches:
        contracted = stretch.settings.accrual_basis == "contracted"
        figures = _contracted(work, stretch) if contracted else _available(work, stretch, overrides, away, used)
        for day, base, holiday, absence, available in figures:
            if not work.counts(stretch, day):
                available = 0
            yield DayFigure(day, base, holiday, absence, available, stretch.settings.rate_bp, stretch.unit_id)


Worth = tuple[date, int, bool, int, int]


def _available(
    work: Work, stretch: Stretch, overrides: dict[date, int], away: dict[date, int], used: set[date]
) -> Iterator[Worth]:
    """Scheduled minutes, less the holiday as scheduled (or one standard day), less what is left of the absence."""
    cycle = [minutes for week in stretch.pattern.weeks for minutes in week]
    place = (stretch.start - monday_of(stretch.pattern.starts_on)).days
    standard = stretch.settings.holiday_credit == "standard_day"
    day = stretch.start
    while day < stretch.end:
        minutes = cycle[place % len(cycle)]
        if day in overrides:
            minutes = 0 if day in used else overrides[day]
            used.add(day)
        parts = PARTS_A_POINT * work.home_share(day)
        base = minutes * parts
        holiday = day in stretch.holidays
        room = base
        if holiday:
            credit = stretch.settings.std_week_min * parts // DAYS_A_WEEK
            room = max(0, base - credit) if standard else 0
        absence = 0
        if away and room and (owed := away.get(day, 0)):
            absence = min(owed, -(-room // PARTS))
            away[day] = owed - absence
        yield day, base, holiday, absence, max(0, room - absence * PARTS)
        day += ONE_DAY
        place += 1


def _contracted(work: Work, stretch: Stretch) -> Iterator[Worth]:
    """Full-time equivalent × the standard day on every weekday that is no holiday: a fifth of the contracted week.

    Leave is ignored, and so are single days that differ from the pattern.
    """
    shape = stretch.pattern
    a_day = shape.cycle_minutes * PARTS_A_POINT // (DAYS_A_WEEK * len(shape.weeks))
    day = stretch.start
    while day < stretch.end:
        base = a_day * work.home_share(day) if day.weekday() < DAYS_A_WEEK else 0
        holiday = day in stretch.holidays
        yield day, base, holiday, 0, 0 if holiday else base
        day += ONE_DAY


def entitlement(work: Work) -> Entitlement:
    """Sum available minutes × rate over every day, then round once, as the settings in force at the end say.

    Minutes given for an event (`event_min`) come on top for whoever has a day to work.
    """
    available, weighted, days = 0, 0, set()
    by_unit: dict[int, list[int]] = {}
    days_of: defaultdict[int, set[date]] = defaultdict(set)
    for stretch in work.stretches:
        if stretch.unit_id is not None:
            by_unit.setdefault(stretch.unit_id, [0, 0])  # a unit without a day to work still holds the person
    for figure in day_figures(work):
        if figure.available:
            available += figure.available
            weighted += figure.available * figure.rate_bp
            days.add(figure.day)
            if figure.unit_id is not None:
                by_unit[figure.unit_id][0] += figure.available * figure.rate_bp
                by_unit[figure.unit_id][1] += figure.available
                days_of[figure.unit_id].add(figure.day)
    settings = work.last.settings if work.last else Settings()
    minutes = rounded(Decimal(weighted) / (PARTS * WHOLE), settings.round_to, settings.round_mode)
    minutes += settings.event_min if days else 0
    split = _split(minutes, by_unit)
    shares = {unit: (split[unit], len(days_of[unit])) for unit in by_unit}
    return Entitlement(minutes, Fraction(available, PARTS), len(days), shares)


def _split(total: int, by_unit: dict[int, list[int]]) -> dict[int, int]:
    """Split rounded minutes over units by what their days weigh, or by their days where no rate gives them weight.

    What whole minutes leave over goes to the largest remainders, the unit with the lower id first: none is lost.
    """
    weighs = 0 if any(weight for weight, _ in by_unit.values()) else 1
    weights = {unit: each[weighs] for unit, each in by_unit.items()}
    whole = sum(weights.values()) or 1
    minutes_of = {unit: total * weight // whole for unit, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda unit: (-(total * weights[unit] % whole), unit))
    for unit in by_remainder[: total - sum(minutes_of.values())]:
        minutes_of[unit] += 1
    return minutes_of


def rounded(minutes: Decimal, round_to: int, round_mode: str) -> int:
    """Round to a multiple of `round_to` minutes."""
    return int((minutes / round_to).quantize(Decimal(1), ROUNDING[round_mode])) * round_to


def plain(amount: Fraction) -> int | str:
    """An amount as people and JSON read it: a whole number, or a decimal string of at most four places."""
    if amount.denominator == 1:
        return int(amount)
    return f"{Decimal(amount.numerator) / amount.denominator:.4f}".rstrip("0").rstrip(".")
