"""Entitlement: the worked rows of §1.3 of the time rules to the minute, then its laws.

Absences arrive with a later issue, so leave is written here as a stretch whose pattern has no minutes. Not to be said
yet: reducing and protected absences, `holiday_credit = standard_day` (5,790 for compressed hours), the share of a move
out, the `contracted` basis, carry-over and lapse (§1.4).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tithe.allowance import rules
from tithe.allowance.calendars import holidays_over
from tithe.allowance.rules import STANDARD_DAY, Entitlement, Pattern, Stretch, default_pattern, entitlement
from tithe.kernel.calendar import Quarter

QUARTER = Quarter(2026, 2)  # Jul to Sep 2026
ENGLAND = holidays_over("england-and-wales", 2026, 2026)
NORTHERN_IRELAND = holidays_over("northern-ireland", 2026, 2026)
FIFTH = 2000
MON_TO_WED = Pattern(date(2026, 1, 5), ((444, 444, 444, 0, 0, 0, 0),))
FULL_TIME = default_pattern(2220, date(2026, 1, 5))
COMPRESSED = Pattern(date(2026, 1, 5), ((555, 555, 555, 555, 0, 0, 0),))
NO_WORK = Pattern(date(2026, 1, 5), ((0,) * 7,))
LEAVE = (date(2026, 8, 4), date(2026, 8, 6))  # a Tuesday and a Wednesday


def with_leave(pattern):
    """A quarter of a pattern with two days of leave taken out of it."""
    first, after = LEAVE
    return [
        Stretch(QUARTER.start, first, pattern, FIFTH),
        Stretch(first, after, NO_WORK, FIFTH),
        Stretch(after, QUARTER.end, pattern, FIFTH),
    ]


def whole(pattern, rate_bp=FIFTH, start=QUARTER.start):
    return [Stretch(start, QUARTER.end, pattern, rate_bp)]


class TestEntitlement:
    @pytest.mark.parametrize(
        ("stretches", "holidays", "available", "exact", "minutes"),
        [
            (with_leave(MON_TO_WED), ENGLAND, 16_428, "3285.6", 3285),
            (with_leave(MON_TO_WED), NORTHERN_IRELAND, 15_984, "3196.8", 3195),
            (whole(FULL_TIME, start=date(2026, 8, 17)), ENGLAND, 14_208, "2841.6", 2835),
            (whole(COMPRESSED), ENGLAND, 28_860, "5772", 5775),
        ],
        ids=["three days a week in England", "the same in Northern Ireland", "starter on 17 August", "compressed"],
    )
    def test_is_the_worked_example_to_the_minute(self, stretches, holidays, available, exact, minutes):
        found = entitlement(stretches, holidays)

        assert (found.available, found.minutes) == (available, minutes)
        assert Decimal(found.available) * FIFTH / 10_000 == Decimal(exact)

    def test_of_full_time_is_65_days_with_the_bank_holiday_off(self):
        assert entitlement(whole(FULL_TIME), ENGLAND) == Entitlement(5775, 65 * 444, 65)

    def test_of_a_leaver_ends_with_the_last_day(self):
        start, end = rules.clipped(date(2020, 1, 1), date(2026, 7, 3), QUARTER.start, QUARTER.end)

        assert entitlement([Stretch(start, end, FULL_TIME, FIFTH)], ENGLAND).accruing_days == 3

    def test_of_nobody_and_of_nothing_is_nothing(self):
        assert entitlement([], ENGLAND) == entitlement(whole(NO_WORK), ENGLAND) == Entitlement(0, 0, 0)

    def test_at_no_rate_still_counts_the_days(self):
        assert entitlement(whole(FULL_TIME, rate_bp=0), ENGLAND) == Entitlement(0, 65 * 444, 65)

    def test_adds_two_jobs_and_counts_their_days_once(self):
        mornings = Pattern(date(2026, 1, 5), ((222,) * 5 + (0, 0),))

        assert entitlement([*whole(mornings), *whole(mornings)], ENGLAND) == entitlement(whole(FULL_TIME), ENGLAND)

    def test_takes_each_part_at_its_own_rate(self):
        cut = date(2026, 8, 1)
        stretches = [Stretch(QUARTER.start, cut, FULL_TIME, 2000), Stretch(cut, QUARTER.end, FULL_TIME, 1000)]

        found = entitlement(stretches, ENGLAND)

        assert found.minutes == rules.rounded(Decimal(23 * 444 * 2000 + 42 * 444 * 1000) / 10_000, 15, "half_up")

    @pytest.mark.parametrize(
        ("mode", "minutes"), [("half_up", 3285), ("up", 3300), ("down", 3285), ("half_even", 3285)]
    )
    def test_rounds_once_as_the_policy_says(self, mode, minutes):
        assert entitlement(with_leave(MON_TO_WED), ENGLAND, round_mode=mode).minutes == minutes


class TestRounded:
    @pytest.mark.parametrize(
        ("exact", "half_up", "half_even", "up", "down"),
        [
            ("7.5", 15, 0, 15, 0),
            ("22.5", 30, 30, 30, 15),
            ("7.4999", 0, 0, 15, 0),
            ("15", 15, 15, 15, 15),
            ("0", 0, 0, 0, 0),
        ],
    )
    def test_goes_to_the_multiple_its_mode_names(self, exact, half_up, half_even, up, down):
        found = [rules.rounded(Decimal(exact), 15, mode) for mode in ("half_up", "half_even", "up", "down")]

        assert found == [half_up, half_even, up, down]


class TestPattern:
    def test_repeats_its_weeks_from_the_week_it_starts_in(self):
        wednesday = date(2026, 7, 1)
        nine_day_fortnight = Pattern(wednesday, ((493,) * 5 + (0, 0), (493,) * 4 + (0, 0, 0)))
        fridays = [date(2026, 7, 3) + timedelta(weeks=n) for n in range(-2, 3)]

        assert [nine_day_fortnight.minutes_on(day) for day in fridays] == [493, 0, 493, 0, 493]


class TestDefaultPattern:
    @pytest.mark.parametrize(
        ("weekly", "days"),
        [
            (0, (0, 0, 0, 0, 0, 0, 0)),
            (100, (100, 0, 0, 0, 0, 0, 0)),
            (444, (444, 0, 0, 0, 0, 0, 0)),
            (1332, (444, 444, 444, 0, 0, 0, 0)),
            (1110, (444, 444, 222, 0, 0, 0, 0)),
            (2220, (444, 444, 444, 444, 444, 0, 0)),
            (2400, (480, 480, 480, 480, 480, 0, 0)),
        ],
    )
    def test_fills_standard_days_from_monday(self, weekly, days):
        assert default_pattern(weekly, date(2026, 7, 1)).weeks == (days,)


DAYS = st.dates(min_value=QUARTER.start, max_value=QUARTER.last_day)
RATES = st.integers(min_value=0, max_value=2500)
A_WEEK = st.lists(st.integers(min_value=0, max_value=1440), min_size=7, max_size=7).map(tuple)
PATTERNS = st.builds(
    Pattern, st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.lists(A_WEEK, min_size=1, max_size=4).map(tuple)
)
HOLIDAYS = st.frozensets(DAYS, max_size=10)
STRETCHES = st.lists(
    st.builds(lambda a, b, pattern, rate: Stretch(min(a, b), max(a, b), pattern, rate), DAYS, DAYS, PATTERNS, RATES),
    max_size=4,
)
WEEKLY = st.integers(min_value=0, max_value=10_080)
LAWFUL = settings(max_examples=100, deadline=None)


@given(PATTERNS, RATES, HOLIDAYS, st.sets(DAYS, max_size=5))
@LAWFUL
def test_any_split_of_the_quarter_sums_to_the_whole(pattern, rate, holidays, cuts):
    edges = sorted({QUARTER.start, *cuts, QUARTER.end})
    parts = [Stretch(a, b, pattern, rate) for a, b in pairwise(edges)]

    together = entitlement(parts, holidays)
    apart = [entitlement([part], holidays) for part in parts]

    assert together == entitlement([Stretch(QUARTER.start, QUARTER.end, pattern, rate)], holidays)
    assert sum(part.available for part in apart) == together.available
    assert sum(part.accruing_days for part in apart) == together.accruing_days


@given(STRETCHES, HOLIDAYS, st.randoms(use_true_random=False))
@LAWFUL
def test_the_order_of_stretches_does_not_matter(stretches, holidays, chance):
    shuffled = list(stretches)
    chance.shuffle(shuffled)

    assert entitlement(shuffled, holidays) == entitlement(stretches, holidays)


@given(STRETCHES, HOLIDAYS, st.integers(1, 60), st.sampled_from(sorted(rules.ROUNDING)))
@LAWFUL
def test_entitlement_is_never_negative_and_within_one_rounding_of_a_quarter_of_the_time(
    stretches, holidays, round_to, mode
):
    found = entitlement(stretches, holidays, round_to=round_to, round_mode=mode)

    assert 0 <= found.minutes <= found.available / 4 + round_to
    assert found.minutes % round_to == 0
    assert (found.available > 0) == (found.accruing_days > 0)


@given(WEEKLY, WEEKLY, DAYS, DAYS, RATES, HOLIDAYS)
@settings(max_examples=200, deadline=None)
def test_more_contracted_time_never_earns_less(one, other, first, last, rate, holidays):
    start, end = min(first, last), max(first, last) + timedelta(days=1)
    less, more = (
        entitlement([Stretch(start, end, default_pattern(weekly, start), rate)], holidays, round_to=1).minutes
        for weekly in sorted((one, other))
    )

    assert less <= more


@given(st.integers(min_value=0, max_value=10_079))
@settings(max_examples=200, deadline=None)
def test_a_minute_more_a_week_takes_a_minute_from_no_day(weekly):
    (less,), (more,) = (default_pattern(each, QUARTER.start).weeks for each in (weekly, weekly + 1))

    assert all(before <= after for before, after in zip(less, more, strict=True))


@given(WEEKLY)
@settings(max_examples=200, deadline=None)
def test_the_default_pattern_spends_the_weekly_minutes_on_weekdays_exactly(weekly):
    (days,) = default_pattern(weekly, QUARTER.start).weeks

    assert sum(days[:5]) == weekly
    assert days[5:] == (0, 0)
    assert max(days) - min(days[:5]) < 5 or weekly < 5 * STANDARD_DAY


@given(STRETCHES, HOLIDAYS, DAYS)
@LAWFUL
def test_one_holiday_more_takes_off_exactly_what_was_scheduled_that_day(stretches, holidays, day):
    before, after = entitlement(stretches, holidays), entitlement(stretches, holidays | {day})

    assert before.available - after.available == rules.scheduled(day, stretches, holidays)


@given(STRETCHES, HOLIDAYS)
@LAWFUL
def test_what_is_available_is_what_is_scheduled_day_by_day(stretches, holidays):
    by_day = [rules.scheduled(day, stretches, holidays) for day in QUARTER.days()]

    found = entitlement(stretches, holidays)

    assert found.available == sum(by_day)
    assert found.accruing_days == sum(minutes > 0 for minutes in by_day)
