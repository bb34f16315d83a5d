"""Patterns: cycles and their anchor, the hours of somebody without any on record, and days cut out of a period."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.allowance.working import DAYS, MOVES, PATTERNS, QUARTER, WEEKLY
from tithe.allowance.rules.worktime import WHOLE, Move, Pattern, Work, clipped, default_pattern

LAWFUL = settings(max_examples=200, deadline=None)


class TestPattern:
    def test_repeats_its_weeks_from_the_week_it_starts_in(self):
        wednesday = date(2026, 7, 1)
        nine_day_fortnight = Pattern(wednesday, ((493,) * 5 + (0, 0), (493,) * 4 + (0, 0, 0)))
        fridays = [date(2026, 7, 3) + timedelta(weeks=n) for n in range(-2, 3)]

        assert [nine_day_fortnight.minutes_on(day) for day in fridays] == [493, 0, 493, 0, 493]

    @given(PATTERNS, st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(-60, 60))
    @LAWFUL
    def test_is_the_same_a_cycle_later(self, pattern, day, cycles):
        later = day + timedelta(weeks=cycles * len(pattern.weeks))

        assert pattern.minutes_on(day) == pattern.minutes_on(later)

    @given(PATTERNS, st.dates(date(2020, 1, 1), date(2030, 1, 1)))
    @LAWFUL
    def test_spends_the_minutes_of_its_cycle_in_any_cycle_of_days(self, pattern, day):
        days = [day + timedelta(days=n) for n in range(7 * len(pattern.weeks))]

        assert sum(map(pattern.minutes_on, days)) == pattern.cycle_minutes


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
            (2402, (481, 481, 480, 480, 480, 0, 0)),
        ],
    )
    def test_fills_standard_days_from_monday(self, weekly, days):
        assert default_pattern(weekly, date(2026, 7, 1)).weeks == (days,)

    def test_follows_the_standard_week_of_the_policy(self):
        assert default_pattern(1050, date(2026, 7, 1), 2100).weeks == ((420, 420, 210, 0, 0, 0, 0),)

    @given(WEEKLY, st.sampled_from([1800, 2220, 2520]))
    @LAWFUL
    def test_spends_the_weekly_minutes_on_weekdays_exactly(self, weekly, standard_week):
        (days,) = default_pattern(weekly, QUARTER.start, standard_week).weeks

        assert sum(days[:5]) == weekly
        assert days[5:] == (0, 0)

    @given(WEEKLY, st.sampled_from([1800, 2220, 2520]))
    @LAWFUL
    def test_takes_a_minute_from_no_day_for_a_minute_more_a_week(self, weekly, standard_week):
        (less,), (more,) = (default_pattern(each, QUARTER.start, standard_week).weeks for each in (weekly, weekly + 1))

        assert all(before <= after for before, after in zip(less, more, strict=True))


class TestHomeShare:
    def test_is_everything_outside_a_move(self):
        work = Work(moves=(Move(date(2026, 8, 3), date(2026, 8, 7), 4000),))
        around = [date(2026, 8, 2), date(2026, 8, 3), date(2026, 8, 7), date(2026, 8, 8)]

        assert [work.home_share(day) for day in around] == [WHOLE, 6000, 6000, WHOLE]

    @given(MOVES, DAYS)
    @LAWFUL
    def test_stays_between_nothing_and_everything(self, moves, day):
        assert 0 <= Work(moves=moves).home_share(day) <= WHOLE


class TestClipped:
    @pytest.mark.parametrize(
        ("start", "last_day", "found"),
        [
            (date(2020, 1, 1), None, (QUARTER.start, QUARTER.end)),
            (date(2020, 1, 1), date(2026, 7, 3), (QUARTER.start, date(2026, 7, 4))),
            (date(2026, 8, 17), QUARTER.last_day, (date(2026, 8, 17), QUARTER.end)),
            (date(2026, 8, 17), date(2027, 1, 1), (date(2026, 8, 17), QUARTER.end)),
        ],
    )
    def test_keeps_the_days_inside_with_the_last_included(self, start, last_day, found):
        assert clipped(start, last_day, QUARTER.start, QUARTER.end) == found
