"""Working time for tests of the pure rules: the people of §1.3 of the time rules, and anybody at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules.entitlement import ROUNDING
from tithe.allowance.rules.worktime import Away, Move, Pattern, Stretch, Work, default_pattern
from tithe.kernel.calendar import Quarter
from tithe.policy.rules import Settings

QUARTER = Quarter(2026, 2)  # Jul to Sep 2026: 66 weekdays
ENGLAND = holidays_over("england-and-wales", 2026, 2026)
NORTHERN_IRELAND = holidays_over("northern-ireland", 2026, 2026)
ANCHOR = date(2026, 1, 5)
FULL_TIME = default_pattern(2220, ANCHOR)
MON_TO_WED = Pattern(ANCHOR, ((444, 444, 444, 0, 0, 0, 0),))
COMPRESSED = Pattern(ANCHOR, ((555, 555, 555, 555, 0, 0, 0),))
NOTHING = Pattern(ANCHOR, ((0,) * 7,))
CONTRACTED = Settings(accrual_basis="contracted")


def away(day: date, minutes: int = 444, reducing: int | None = None) -> Away:
    return Away(day, minutes, minutes if reducing is None else reducing)


def over(start: date, end: date, pattern: Pattern = FULL_TIME, **changes: Any) -> Stretch:
    return Stretch(start, end, pattern, **{"holidays": ENGLAND, **changes})


def quarter_of(pattern: Pattern = FULL_TIME, settings: Settings | None = None, **about: Any) -> Work:
    """A whole quarter of one pattern."""
    holidays = about.pop("holidays", ENGLAND)
    settings = settings or Settings()
    return Work((over(QUARTER.start, QUARTER.end, pattern, settings=settings, holidays=holidays),), **about)


def part_of(work: Work, start: date, end: date) -> Work:
    """The same work over fewer days."""
    inside = [replace(each, start=max(each.start, start), end=min(each.end, end)) for each in work.stretches]
    return replace(work, stretches=tuple(each for each in inside if each.start < each.end))


DAYS = st.dates(min_value=QUARTER.start, max_value=QUARTER.last_day)
MINUTES = st.integers(min_value=0, max_value=1440)
SHARES = st.integers(min_value=0, max_value=10_000)
WEEKLY = st.integers(min_value=0, max_value=7200)
A_WEEK = st.lists(MINUTES, min_size=7, max_size=7).map(tuple)
PATTERNS = st.builds(
    Pattern, st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.lists(A_WEEK, min_size=1, max_size=4).map(tuple)
)
HOLIDAYS = st.frozensets(DAYS, max_size=8)
ABSENCES = st.lists(
    st.builds(lambda day, minutes, reduces: away(day, minutes, minutes * reduces), DAYS, MINUTES, st.booleans()),
    max_size=8,
).map(tuple)
MOVES = st.lists(st.builds(lambda a, b, share: Move(min(a, b), max(a, b), share), DAYS, DAYS, SHARES), max_size=3).map(
    tuple
)
OVERRIDES = st.dictionaries(DAYS, MINUTES, max_size=5).map(lambda days: tuple(sorted(days.items())))
POLICIES = st.builds(
    Settings,
    rate_bp=st.integers(0, 2500),
    accrual_basis=st.sampled_from(["available", "contracted"]),
    holiday_credit=st.sampled_from(["scheduled", "standard_day"]),
    round_to=st.integers(1, 60),
    round_mode=st.sampled_from(sorted(ROUNDING)),
    event_min=st.sampled_from([0, 0, 1332]),
    qualifying_weeks=st.sampled_from([0, 0, 6]),
    exclude_probation=st.booleans(),
)


@st.composite
def works(draw: st.DrawFn, posts: int = 2) -> Work:
    """Anybody's quarter: posts one beside the other, hours and policy that may change in each, and everything else."""
    stretches = []
    for _ in range(draw(st.integers(1, posts))):
        first, last = sorted((draw(DAYS), draw(DAYS)))
        cut = draw(st.dates(first, last))
        edges = [first, cut, last] if first < cut < last else [first, last]
        for start, end in pairwise(edges):
            if start < end:
                stretches.append(Stretch(start, end, draw(PATTERNS), draw(POLICIES), draw(HOLIDAYS)))
    return Work(
        stretches=tuple(stretches),
        overrides=draw(OVERRIDES),
        absences=draw(ABSENCES),
        moves=draw(MOVES),
        employed_from=draw(st.none() | st.dates(date(2026, 5, 1), QUARTER.last_day)),
        probation_ends=draw(st.none() | DAYS),
    )
