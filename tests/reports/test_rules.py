"""Utilisation and participation, and people counted once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tithe.kernel.calendar import Quarter, working_days_between
from tithe.reports import rules
from tithe.reports.rules import Line, Sums

LINE = Line(1, None, "U", "Unit", eligible=8, participants=3, entitlement_minutes=6000, used_minutes=1234)
SUMS = st.builds(Sums, *[st.integers(-1000, 1000)] * 4)


class TestLine:
    @pytest.mark.parametrize(
        ("used", "entitlement", "expected"),
        [(1234, 6000, "20.6"), (0, 6000, "0.0"), (6000, 6000, "100.0"), (9000, 6000, "150.0"), (1, 2000, "0.1")],
    )
    def test_gives_utilisation_to_one_place_half_up(self, used, entitlement, expected):
        assert replace(LINE, used_minutes=used, entitlement_minutes=entitlement).utilisation == Decimal(expected)

    def test_gives_none_where_there_is_nothing_to_divide_by(self):
        assert replace(LINE, entitlement_minutes=0).utilisation is None
        assert replace(LINE, eligible=0).participation is None

    def test_gives_participation_as_a_share_of_those_eligible(self):
        assert LINE.participation == Decimal("37.5")


class TestSums:
    @given(SUMS, SUMS, SUMS)
    @settings(deadline=None)
    def test_add_up_in_any_order(self, first, second, third):
        assert first + second == second + first
        assert (first + second) + third == first + (second + third)
        assert first + Sums() == first


class TestDigest:
    def test_agrees_exactly_when_the_lines_do(self):
        assert rules.digest([LINE]) == rules.digest([replace(LINE)])
        changes = {
            "unit_id": 2, "parent_id": 9, "unit_code": "V", "unit_name": "Other", "eligible": 9, "participants": 4,
            "entitlement_minutes": 6001, "used_minutes": 1235,
        }  # fmt: skip
        others = {rules.digest([replace(LINE, **{name: value})]) for name, value in changes.items()}
        assert len(others | {rules.digest([LINE]), rules.digest([]), rules.digest([LINE, LINE])}) == 11


class TestFreezesOn:
    def test_is_the_day_after_ten_working_days_of_grace(self):
        assert rules.freezes_on(Quarter.parse("2026-27Q1"), frozenset()) == date(2026, 7, 15)

    def test_waits_out_holidays(self):
        holidays = frozenset({date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)})
        assert rules.freezes_on(Quarter.parse("2026-27Q3"), holidays) == date(2027, 1, 16)

    @given(st.integers(2020, 2040), st.integers(1, 4), st.sets(st.integers(1, 20), max_size=5))
    @settings(deadline=None)
    def test_leaves_exactly_ten_working_days(self, year, number, offsets):
        quarter = Quarter(year, number)
        holidays = frozenset(quarter.end + timedelta(days=each) for each in offsets)
        day = rules.freezes_on(quarter, holidays)
        assert working_days_between(quarter.last_day, day - timedelta(days=1), holidays) == 10
