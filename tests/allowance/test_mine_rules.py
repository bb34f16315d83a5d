"""What a day is worth, what was earned so far, and what is left of carried minutes."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tithe.allowance.rules.carry import Lot, unspent
from tithe.allowance.rules.entitlement import entitlement
from tithe.allowance.rules.standing import day_table, earned_by
from tithe.allowance.rules.worktime import Away, Move, Pattern, Stretch, Work
from tithe.kernel.calendar import Quarter
from tithe.policy.rules import Settings

QUARTER = Quarter(2026, 2)
START, END = QUARTER.start, QUARTER.end
BANK_HOLIDAY = frozenset({date(2026, 8, 31)})
WEEK = Pattern(date(2026, 6, 29), ((444, 444, 444, 444, 444, 0, 0),))


def stretch(start=START, end=END, rate_bp=2000, unit_id=1, pattern=WEEK):
    return Stretch(start, end, pattern, Settings(rate_bp=rate_bp), BANK_HOLIDAY, unit_id)


def works(*stretches, **changes):
    return Work(stretches=stretches or (stretch(),), **changes)


def on(day, work):
    return next(each for each in day_table(work) if each.day == day)


class TestDayTable:
    def test_has_every_date_of_a_post_once_and_in_order(self):
        table = day_table(works(stretch(), stretch(date(2026, 9, 1), unit_id=2)))

        assert [each.day for each in table] == list(QUARTER.days())

    def test_says_what_was_due_what_was_taken_off_and_what_counts(self):
        work = works(absences=(Away(date(2026, 7, 6), 200, 200),), moves=(Move(date(2026, 9, 1), None, 4000),))

        assert (on(date(2026, 7, 6), work).absence, on(date(2026, 7, 6), work).counts) == (200, 244)
        assert (on(date(2026, 8, 31), work).holiday, on(date(2026, 8, 31), work).counts) == (True, 0)
        assert on(date(2026, 9, 1), work).due == Fraction(444 * 6, 10)

    def test_adds_the_posts_of_a_day_and_names_every_rate_and_unit(self):
        half = Pattern(WEEK.starts_on, ((222, 222, 222, 222, 222, 0, 0),))
        work = works(stretch(pattern=half), stretch(pattern=half, rate_bp=1000, unit_id=2))

        monday = on(date(2026, 7, 6), work)

        assert (monday.due, monday.rates, monday.unit_ids) == (444, (1000, 2000), (1, 2))
        assert monday.earns == Fraction(222 * 3000, 10_000)

    @given(
        st.lists(st.integers(0, 600), min_size=7, max_size=7),
        st.lists(st.tuples(st.sampled_from(list(QUARTER.days())), st.integers(1, 600)), max_size=8),
        st.integers(0, 2500),
    )
    def test_adds_up_to_the_entitlement_before_its_one_rounding(self, minutes, absences, rate_bp):
        pattern = Pattern(WEEK.starts_on, (tuple(minutes),))
        work = works(stretch(pattern=pattern, rate_bp=rate_bp), absences=tuple(Away(d, m, m) for d, m in absences))

        table, earned = day_table(work), entitlement(work)

        assert sum(each.counts for each in table) == earned.available
        assert abs(sum(each.earns for each in table) - earned.minutes) <= Fraction(15, 2)


class TestEarnedBy:
    def test_is_nothing_before_the_first_day_and_all_on_the_last(self):
        assert earned_by(works(), START - timedelta(days=1)) == 0
        assert earned_by(works(), QUARTER.last_day) == entitlement(works()).minutes == 5775

    def test_counts_the_day_itself(self):
        assert earned_by(works(), START) == 90  # a fifth of 444 minutes, to the nearest quarter of an hour

    @given(st.integers(0, 91))
    def test_never_goes_down_from_one_day_to_the_next(self, days):
        day = START + timedelta(days=days)

        assert earned_by(works(), day) <= earned_by(works(), day + timedelta(days=1))


class TestUnspent:
    def test_takes_from_what_expires_first(self):
        lots = [Lot(QUARTER.next, 300), Lot(QUARTER, 200)]

        assert unspent(lots, 250) == [Lot(QUARTER.next, 250)]
        assert unspent(lots, 0) == [Lot(QUARTER, 200), Lot(QUARTER.next, 300)]
        assert unspent(lots, 900) == []

    @given(st.lists(st.integers(1, 5000), max_size=4), st.integers(-100, 9000))
    def test_makes_and_loses_nothing(self, minutes, spent):
        lots = [Lot(Quarter(2026 + n, 1), each) for n, each in enumerate(minutes)]

        assert sum(lot.minutes for lot in unspent(lots, spent)) == max(0, sum(minutes) - max(0, spent))
