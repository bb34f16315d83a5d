"""How long records are kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tithe.kernel.privacy import Kept
from tithe.oversight.rules.retention import CLASSES, due_classes, due_on, first_due, months_after

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 12, 31))


class TestDueOn:
    @pytest.mark.parametrize(
        ("kept", "last_day", "expected"),
        [
            (Kept.TIME, date(2026, 3, 31), date(2029, 4, 1)),
            (Kept.TIME, date(2026, 4, 1), date(2030, 4, 1)),
            (Kept.DECISIONS, date(2026, 3, 31), date(2029, 4, 1)),
            (Kept.ACCESS, date(2026, 1, 31), date(2027, 3, 1)),
            (Kept.MESSAGES, date(2028, 2, 29), date(2029, 3, 1)),
            (Kept.PERSON, date(2026, 4, 1), date(2030, 4, 1)),
        ],
    )
    def test_is_the_day_after_the_last_they_are_kept_on(self, kept, last_day, expected):
        assert due_on(kept, last_day) == expected

    def test_is_three_years_later_for_time_that_was_costed(self):
        assert due_on(Kept.TIME, date(2026, 5, 1), costed=True) == date(2033, 4, 1)

    @given(DAYS)
    def test_puts_names_last(self, last_day):
        assert due_on(Kept.PERSON, last_day) == max(due_on(kept, last_day) for kept in CLASSES)

    @given(DAYS, st.integers(0, 400), st.sampled_from(CLASSES))
    def test_never_comes_earlier_for_somebody_who_left_later(self, last_day, days, kept):
        assert due_on(kept, last_day) <= due_on(kept, last_day + timedelta(days=days))

    @given(DAYS, st.integers(0, 3000))
    def test_finds_nobody_whom_the_first_look_leaves_out(self, last_day, days):
        today = last_day + timedelta(days=days)

        assert last_day < first_due(today) or not due_classes(last_day, today, ())


class TestMonthsAfter:
    @given(DAYS, st.integers(-60, 60))
    def test_lands_in_the_month_that_is_meant(self, day, months):
        found = months_after(day, months)

        assert found.year * 12 + found.month == day.year * 12 + day.month + months
        assert found.day <= day.day
        assert found.day == day.day or (found + timedelta(days=1)).day == 1
