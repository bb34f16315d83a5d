"""How somebody stands in a quarter: what each day is worth, what was earned so far, what is left of carried minutes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from tithe.allowance.rules.entitlement import ONE_DAY, PARTS, DayFigure, day_figures, entitlement
from tithe.allowance.rules.worktime import WHOLE, Work


@dataclass(frozen=True)
class DayWorth:
    """One date, all posts of that day together, in minutes: what was `due`, what was taken off, what `counts`.

    `earns` is the share before the one rounding at the end; `rates` are in basis points.
    """

    day: date
    due: Fraction
    holiday: bool
    absence: int
    counts: Fraction
    earns: Fraction
    rates: tuple[int, ...]
    unit_ids: tuple[int, ...]


def day_table(work: Work) -> list[DayWorth]:
    """Every date somebody holds a post on, in order. Source: §1.2 of the scheme's time rules."""
    by_day: defaultdict[date, list[DayFigure]] = defaultdict(list)
    for figure in day_figures(work):
        by_day[figure.day].append(figure)
    return [_merged(day, by_day[day]) for day in sorted(by_day)]


def _merged(day: date, figures: list[DayFigure]) -> DayWorth:
    return DayWorth(
        day=day,
        due=Fraction(sum(each.base for each in figures), PARTS),
        holiday=any(each.holiday for each in figures),
        absence=sum(each.absence for each in figures),
        counts=Fraction(sum(each.available for each in figures), PARTS),
        earns=Fraction(sum(each.available * each.rate_bp for each in figures), PARTS * WHOLE),
        rates=tuple(sorted({each.rate_bp for each in figures})),
        unit_ids=tuple(sorted({each.unit_id for each in figures if each.unit_id is not None})),
    )


def earned_by(work: Work, day: date) -> int:
    """Minutes earned up to and including a day, rounded as the whole would be.

    Source: §1.2 of the scheme's time rules, "when usable".
    """
    begun = (replace(each, end=min(each.end, day + ONE_DAY)) for each in work.stretches if each.start <= day)
    return entitlement(replace(work, stretches=tuple(begun))).minutes
