"""Entitlement: the worked rows of §1.3 of the time rules to the minute, every way a day loses its worth, the laws."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.allowance.working import (
    ABSENCES,
    COMPRESSED,
    CONTRACTED,
    DAYS,
    FULL_TIME,
    HOLIDAYS,
    MON_TO_WED,
    MOVES,
    NORTHERN_IRELAND,
    NOTHING,
    PATTERNS,
    POLICIES,
    QUARTER,
    WEEKLY,
    away,
    over,
    part_of,
    quarter_of,
    works,
)
from tithe.allowance.rules.entitlement import (
    PARTS,
    ROUNDING,
    Entitlement,
    day_figures,
    entitlement,
    plain,
    rounded,
)
from tithe.allowance.rules.worktime import WHOLE, Move, Pattern, Stretch, Work, default_pattern
from tithe.policy.rules import ABOUT, Settings

TUESDAY, WEDNESDAY = date(2026, 8, 4), date(2026, 8, 5)
BANK_HOLIDAY = date(2026, 8, 31)
LEAVE = (away(TUESDAY), away(WEDNESDAY))
A_DAY = 444
LAWFUL = settings(max_examples=100, deadline=None)


def exact(work: Work) -> Fraction:
    """What the days earn together before the one rounding."""
    return Fraction(sum(each.available * each.rate_bp for each in day_figures(work)), PARTS * WHOLE)


def available(work: Work) -> Fraction:
    return entitlement(work).available


class TestWorkedExamples:
    @pytest.mark.parametrize(
        ("work", "minutes_available", "before_rounding", "minutes"),
        [
            (quarter_of(MON_TO_WED, absences=LEAVE), 16_428, "3285.6", 3285),
            (quarter_of(MON_TO_WED, absences=LEAVE, holidays=NORTHERN_IRELAND), 15_984, "3196.8", 3195),
            (Work((over(date(2026, 8, 17), QUARTER.end),)), 14_208, "2841.6", 2835),
            (quarter_of(COMPRESSED), 28_860, "5772", 5775),
            (quarter_of(COMPRESSED, Settings(holiday_credit="standard_day")), 28_971, "5794.2", 5790),
        ],
        ids=["three days, two of leave", "in Northern Ireland", "starter", "compressed", "one standard day off"],
    )
    def test_come_out_to_the_minute(self, work, minutes_available, before_rounding, minutes):
        assert available(work) == minutes_available
        assert exact(work) == Fraction(before_rounding)
        assert entitlement(work).minutes == minutes


class TestAbsence:
    def test_takes_off_no_more_than_is_due(self):
        assert available(quarter_of(absences=(away(TUESDAY, 1000),))) == 64 * A_DAY

    @pytest.mark.parametrize("day", [date(2026, 8, 8), BANK_HOLIDAY], ids=["Saturday", "holiday"])
    def test_takes_nothing_off_a_day_without_hours(self, day):
        assert available(quarter_of(absences=(away(day),))) == 65 * A_DAY

    def test_that_does_not_reduce_takes_nothing_off(self):
        assert available(quarter_of(absences=(away(TUESDAY, reducing=0),))) == 65 * A_DAY

    def test_in_two_parts_of_a_day_takes_off_both(self):
        assert available(quarter_of(absences=(away(TUESDAY, 100), away(TUESDAY, 100)))) == 65 * A_DAY - 200

    def test_lowers_two_posts_of_a_day_one_after_the_other(self):
        mornings = Pattern(QUARTER.start, ((222,) * 5 + (0, 0),))
        posts = quarter_of(mornings).stretches * 2

        assert available(Work(posts, absences=(away(TUESDAY, 300),))) == 65 * A_DAY - 300


class TestOverride:
    def test_stands_in_for_the_pattern(self):
        assert available(quarter_of(overrides=((TUESDAY, 100),))) == 64 * A_DAY + 100

    def test_makes_a_saturday_count(self):
        assert available(quarter_of(overrides=((date(2026, 8, 8), 300),))) == 65 * A_DAY + 300

    def test_does_not_make_a_holiday_count(self):
        assert available(quarter_of(overrides=((BANK_HOLIDAY, 300),))) == 65 * A_DAY

    def test_is_the_whole_day_of_somebody_with_two_posts(self):
        posts = quarter_of().stretches * 2

        assert available(Work(posts, overrides=((TUESDAY, 100),))) == 2 * 64 * A_DAY + 100


class TestShareLentElsewhere:
    def test_leaves_the_rest_at_home_while_it_lasts(self):
        move = Move(date(2026, 9, 1), date(2026, 9, 30), 4000)

        assert available(quarter_of(moves=(move,))) == 43 * A_DAY + Fraction(22 * A_DAY * 6, 10)

    def test_counts_the_last_day(self):
        assert available(quarter_of(moves=(Move(TUESDAY, TUESDAY, WHOLE),))) == 64 * A_DAY

    def test_of_more_than_everything_leaves_nothing(self):
        moves = (Move(QUARTER.start, None, 6000), Move(QUARTER.start, None, 6000))

        assert entitlement(quarter_of(moves=moves)) == Entitlement()

    def test_lowers_a_standard_day_off_too(self):
        move = Move(QUARTER.start, None, 5000)
        whole = quarter_of(COMPRESSED, Settings(holiday_credit="standard_day"))

        assert available(replace(whole, moves=(move,))) == available(whole) / 2


class TestContractedBasis:
    @pytest.mark.parametrize(
        ("pattern", "minutes_available", "minutes"),
        [(FULL_TIME, "28860", 5775), (MON_TO_WED, "17316", 3465), (COMPRESSED, "28860", 5775)],
        ids=["full time", "0.6", "compressed"],
    )
    def test_spreads_the_week_evenly_over_its_weekdays(self, pattern, minutes_available, minutes):
        found = entitlement(quarter_of(pattern, CONTRACTED))

        assert (found.available, found.minutes, found.accruing_days) == (Fraction(minutes_available), minutes, 65)

    def test_takes_off_a_holiday_on_which_nothing_was_due(self):
        fridays_off = quarter_of(COMPRESSED, CONTRACTED, holidays=frozenset({date(2026, 7, 3)}))

        assert available(fridays_off) == 65 * A_DAY

    def test_ignores_leave_and_single_days(self):
        work = quarter_of(MON_TO_WED, CONTRACTED)

        assert entitlement(replace(work, absences=LEAVE, overrides=((TUESDAY, 0),))) == entitlement(work)

    def test_leaves_the_share_at_home(self):
        work = quarter_of(FULL_TIME, CONTRACTED, moves=(Move(QUARTER.start, None, 2500),))

        assert available(work) == Fraction(65 * A_DAY * 3, 4)

    @given(PATTERNS, HOLIDAYS)
    @LAWFUL
    def test_is_exact_over_one_to_four_weeks(self, pattern, holidays):
        weekdays = [day for day in QUARTER.days() if day.weekday() < 5 and day not in holidays]
        a_day = Fraction(sum(map(sum, pattern.weeks)), 5 * len(pattern.weeks))

        assert available(quarter_of(pattern, CONTRACTED, holidays=holidays)) == a_day * len(weekdays)


class TestEmployment:
    def test_of_a_leaver_counts_the_last_day(self):
        assert entitlement(Work((over(QUARTER.start, date(2026, 7, 4)),))).accruing_days == 3

    def test_of_nobody_and_of_no_hours_earns_nothing(self):
        assert entitlement(Work()) == entitlement(quarter_of(NOTHING)) == Entitlement()

    def test_makes_starters_wait_where_the_policy_says_so(self):
        waits = quarter_of(settings=Settings(qualifying_weeks=4), employed_from=QUARTER.start)

        assert available(waits) == available(part_of(quarter_of(), date(2026, 7, 29), QUARTER.end))

    def test_leaves_probation_out_where_the_policy_says_so(self):
        last = date(2026, 7, 31)
        left_out = quarter_of(settings=Settings(exclude_probation=True), probation_ends=last)

        assert available(left_out) == available(part_of(quarter_of(), date(2026, 8, 1), QUARTER.end))
        assert entitlement(quarter_of(probation_ends=last)) == entitlement(quarter_of())


class TestMinutesForEvents:
    def test_come_on_top_whatever_the_hours(self):
        event = Settings(rate_bp=0, event_min=1332)

        assert [entitlement(quarter_of(each, event)).minutes for each in (FULL_TIME, MON_TO_WED)] == [1332, 1332]

    def test_are_not_for_those_who_have_no_day_to_work(self):
        assert entitlement(quarter_of(NOTHING, Settings(event_min=1332))).minutes == 0


class TestUnits:
    def test_share_the_minutes_by_what_was_earned_in_each_and_lose_none(self):
        cut = date(2026, 8, 1)
        work = Work((over(QUARTER.start, cut, unit_id=7), over(cut, QUARTER.end, unit_id=3)))

        found = entitlement(work)

        assert found.shares == {7: (2043, 23), 3: (3732, 42)}
        assert sum(minutes for minutes, _ in found.shares.values()) == found.minutes == 5775

    def test_hold_a_person_who_earns_nothing_there(self):
        assert entitlement(Work((over(QUARTER.start, QUARTER.end, NOTHING, unit_id=7),))).shares == {7: (0, 0)}

    @given(works(), st.lists(st.sampled_from([1, 2, 3]), min_size=4, max_size=4))
    @LAWFUL
    def test_always_add_up_to_the_whole(self, work, units):
        stretches = tuple(replace(each, unit_id=unit) for each, unit in zip(work.stretches, units, strict=False))
        found = entitlement(replace(work, stretches=stretches))

        assert sum(minutes for minutes, _ in found.shares.values()) == found.minutes
        assert sum(days for _, days in found.shares.values()) >= found.accruing_days


class TestRounded:
    @pytest.mark.parametrize(
        ("minutes", "half_up", "half_even", "up", "down"),
        [
            ("7.5", 15, 0, 15, 0),
            ("22.5", 30, 30, 30, 15),
            ("7.4999", 0, 0, 15, 0),
            ("15", 15, 15, 15, 15),
            ("0", 0, 0, 0, 0),
        ],
    )
    def test_goes_to_the_multiple_its_mode_names(self, minutes, half_up, half_even, up, down):
        found = [rounded(Decimal(minutes), 15, mode) for mode in ("half_up", "half_even", "up", "down")]

        assert found == [half_up, half_even, up, down]


class TestPlain:
    @pytest.mark.parametrize(
        ("amount", "written"),
        [(Fraction(16_428), 16_428), (Fraction(2664, 10), "266.4"), (Fraction(200, 3), "66.6667"), (Fraction(0), 0)],
    )
    def test_writes_whole_minutes_as_numbers_and_others_as_decimals(self, amount, written):
        assert plain(amount) == written


@given(works(), st.sets(DAYS, max_size=5))
@LAWFUL
def test_any_split_of_the_quarter_sums_to_the_whole_before_rounding(work, cuts):
    edges = sorted({QUARTER.start, *cuts, QUARTER.end})
    parts = [part_of(work, start, end) for start, end in pairwise(edges)]

    assert sum(exact(part) for part in parts) == exact(work)
    assert sum(available(part) for part in parts) == available(work)
    assert sum(entitlement(part).accruing_days for part in parts) == entitlement(work).accruing_days


@given(PATTERNS, POLICIES, ABSENCES, MOVES, st.sets(DAYS, max_size=5))
@LAWFUL
def test_cutting_a_stretch_where_nothing_changes_changes_nothing(pattern, policy, absences, moves, cuts):
    work = quarter_of(pattern, policy, absences=absences, moves=moves)
    edges = sorted({QUARTER.start, *cuts, QUARTER.end})
    pieces = tuple(over(start, end, pattern, settings=policy) for start, end in pairwise(edges))

    assert entitlement(replace(work, stretches=pieces)) == entitlement(work)


@given(WEEKLY, WEEKLY, POLICIES, ABSENCES, MOVES, HOLIDAYS)
@LAWFUL
def test_more_contracted_time_never_earns_less(one, other, policy, absences, moves, holidays):
    less, more = (
        quarter_of(default_pattern(weekly, QUARTER.start), policy, absences=absences, moves=moves, holidays=holidays)
        for weekly in sorted((one, other))
    )

    assert entitlement(less).minutes <= entitlement(more).minutes
    assert exact(less) <= exact(more)


@given(works(), DAYS, st.integers(0, 1440))
@LAWFUL
def test_more_time_away_never_earns_more(work, day, minutes):
    assert exact(replace(work, absences=(*work.absences, away(day, minutes)))) <= exact(work)


@given(works(), st.randoms(use_true_random=False))
@LAWFUL
def test_the_order_of_absences_and_moves_does_not_matter(work, chance):
    shuffled = [list(work.absences), list(work.moves), list(work.overrides)]
    for each in shuffled:
        chance.shuffle(each)
    absences, moves, overrides = map(tuple, shuffled)

    assert entitlement(replace(work, absences=absences, moves=moves, overrides=overrides)) == entitlement(work)


@given(st.lists(st.builds(Stretch, DAYS, DAYS, PATTERNS), max_size=4), st.randoms(use_true_random=False))
@LAWFUL
def test_the_order_of_posts_does_not_matter_under_one_policy(stretches, chance):
    shuffled = list(stretches)
    chance.shuffle(shuffled)

    assert entitlement(Work(tuple(shuffled))) == entitlement(Work(tuple(stretches)))


@given(works())
@LAWFUL
def test_rounding_moves_a_quarter_by_less_than_one_step(work):
    found = entitlement(work)
    policy = work.last.settings if work.last else Settings()
    events = policy.event_min if found.accruing_days else 0
    error = found.minutes - events - exact(work)

    assert abs(error) < policy.round_to
    assert (found.minutes - events) % policy.round_to == 0
    assert policy.round_mode not in ("half_up", "half_even") or abs(error) * 2 <= policy.round_to


@given(works())
@LAWFUL
def test_a_quarter_is_worth_between_nothing_and_a_quarter_of_what_is_due(work):
    for figure in day_figures(work):
        assert 0 <= figure.available <= figure.base
    assert 0 <= exact(work) <= available(work) / 4


@given(PATTERNS, HOLIDAYS, DAYS)
@LAWFUL
def test_one_holiday_more_takes_off_exactly_what_was_due_that_day(pattern, holidays, day):
    before, after = (quarter_of(pattern, holidays=each) for each in (holidays, holidays | {day}))
    due = 0 if day in holidays else pattern.minutes_on(day)

    assert available(before) - available(after) == due


def test_the_modes_of_rounding_are_those_a_policy_may_choose():
    assert set(ABOUT["round_mode"].choices) == set(ROUNDING)


def test_a_whole_quarter_has_a_figure_for_each_of_its_days():
    assert [figure.day for figure in day_figures(quarter_of())] == list(QUARTER.days())
