"""Public holidays: the table of §1.9 of the time rules, to the day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tithe.allowance.queries.calendars import SUBDIVISIONS, holidays_over, national_days

TABLE = {
    ("england-and-wales", 2026): "1 Jan, 3 Apr, 6 Apr, 4 May, 25 May, 31 Aug, 25 Dec, 28 Dec",
    ("scotland", 2026): "1 Jan, 2 Jan, 3 Apr, 4 May, 25 May, 15 Jun, 3 Aug, 30 Nov, 25 Dec, 28 Dec",
    ("northern-ireland", 2026): "1 Jan, 17 Mar, 3 Apr, 6 Apr, 4 May, 25 May, 13 Jul, 31 Aug, 25 Dec, 28 Dec",
    ("england-and-wales", 2027): "1 Jan, 26 Mar, 29 Mar, 3 May, 31 May, 30 Aug, 27 Dec, 28 Dec",
    ("scotland", 2027): "1 Jan, 4 Jan, 26 Mar, 3 May, 31 May, 2 Aug, 30 Nov, 27 Dec, 28 Dec",
    ("northern-ireland", 2027): "1 Jan, 17 Mar, 26 Mar, 29 Mar, 3 May, 31 May, 12 Jul, 30 Aug, 27 Dec, 28 Dec",
}
PLACES = st.sampled_from(sorted(SUBDIVISIONS))
YEARS = st.integers(min_value=2020, max_value=2040)


def written(days):
    return ", ".join(f"{day.day} {day:%b}" for day in sorted(days))


def holidays_in(place, year):
    return frozenset(national_days(place, year))


class TestHolidaysIn:
    @pytest.mark.parametrize(("place", "year"), TABLE, ids=lambda part: str(part))
    def test_are_those_of_the_published_lists(self, place, year):
        assert written(holidays_in(place, year)) == TABLE[place, year]

    def test_keep_the_substitute_day_and_drop_the_weekend_it_stands_for(self):
        boxing_day, substitute = date(2026, 12, 26), date(2026, 12, 28)

        assert boxing_day not in holidays_in("england-and-wales", 2026)
        assert substitute in holidays_in("england-and-wales", 2026)

    def test_of_a_place_nobody_knows_are_a_fault_rather_than_none(self):
        with pytest.raises(KeyError):
            holidays_in("atlantis", 2026)


class TestHolidaysOver:
    def test_join_both_ends(self):
        found = holidays_over("scotland", 2026, 2027)

        assert found == holidays_in("scotland", 2026) | holidays_in("scotland", 2027)


@given(PLACES, YEARS)
@settings(max_examples=100, deadline=None)
def test_every_holiday_is_a_weekday_of_its_year(place, year):
    for day in holidays_in(place, year):
        assert (day.year, day.weekday() < 5) == (year, True)


@given(YEARS)
@settings(max_examples=21, deadline=None)
def test_northern_ireland_has_every_holiday_of_england_and_two_more(year):
    england, northern_ireland = holidays_in("england-and-wales", year), holidays_in("northern-ireland", year)

    assert england < northern_ireland
    assert len(northern_ireland - england) == 2


@given(PLACES, YEARS)
@settings(max_examples=50, deadline=None)
def test_no_place_has_fewer_than_eight(place, year):
    assert len(holidays_in(place, year)) >= 8
