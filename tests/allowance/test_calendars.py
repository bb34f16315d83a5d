"""Public holidays: the table of §1.9 of the time rules, to the day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.calendars import CalendarDayFactory, CalendarFactory
from tests.support.contents import counted
from tithe.allowance.queries.calendars import SUBDIVISIONS, days_of, holidays_over, national_days
from tithe.allowance.rules.holidays import DayKind, Holiday

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

    def test_know_a_calendar_of_ones_own_in_one_statement(self, app):
        calendar = CalendarFactory().code
        inside = [CalendarDayFactory(calendar=calendar, day=date(year, 8, 12)).day for year in (2026, 2027)]
        CalendarDayFactory(calendar=calendar, day=date(2025, 12, 31))
        CalendarDayFactory(calendar=calendar, day=date(2028, 1, 3))
        CalendarDayFactory(calendar=CalendarFactory().code, day=date(2026, 8, 13))

        assert holidays_over(calendar, 2026, 2027) == set(inside)
        assert counted(lambda: holidays_over(calendar, 2026, 2027)) == 1
        assert days_of(calendar, 2026, 2026) == [Holiday(inside[0], "Town fair", DayKind.LOCAL)]

    def test_are_none_in_a_calendar_that_has_none_then(self, app):
        assert holidays_over(CalendarFactory().code, 2026, 2026) == frozenset()

    def test_of_a_calendar_nobody_knows_are_a_fault(self, app):
        with pytest.raises(KeyError):
            holidays_over("atlantis", 2026, 2026)


class TestKinds:
    @pytest.mark.parametrize(
        ("place", "year", "day"),
        [
            ("scotland", 2026, date(2026, 6, 15)),
            ("england-and-wales", 2022, date(2022, 9, 19)),
            ("england-and-wales", 2022, date(2022, 6, 3)),
            ("northern-ireland", 2023, date(2023, 5, 8)),
        ],
    )
    def test_tell_a_day_that_is_for_once(self, place, year, day):
        once = {each.day for each in days_of(place, year, year) if each.kind is DayKind.ONE_OFF}

        assert day in once

    @pytest.mark.parametrize("place", SUBDIVISIONS)
    def test_are_bank_holidays_in_ordinary_years(self, place):
        ordinary = days_of(place, 2019, 2021) + days_of(place, 2027, 2040)

        assert {each.kind for each in ordinary} == {DayKind.BANK}


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


# What GOV.UK calls the bank holidays of these years, whatever the division.
TITLES = {
    "New Year’s Day", "2nd January", "St Patrick’s Day", "Good Friday", "Easter Monday", "Early May bank holiday",
    "Early May bank holiday (VE day)", "Spring bank holiday", "Platinum Jubilee bank holiday",
    "Bank holiday for the coronation of King Charles III", "World Cup bank holiday",
    "Battle of the Boyne (Orangemen’s Day)", "Summer bank holiday",
    "Bank Holiday for the State Funeral of Queen Elizabeth II", "St Andrew’s Day", "Christmas Day", "Boxing Day",
}  # fmt: skip


class TestTitles:
    @pytest.mark.parametrize("calendar", sorted(SUBDIVISIONS))
    def test_are_those_of_gov_uk(self, calendar):
        found = {name for year in range(2020, 2029) for name in national_days(calendar, year).values()}

        assert {part.removesuffix(" (substitute day)") for name in found for part in name.split("; ")} <= TITLES

    @pytest.mark.parametrize(
        ("calendar", "day", "title"),
        [
            ("england-and-wales", date(2020, 5, 8), "Early May bank holiday (VE day)"),
            ("england-and-wales", date(2026, 5, 4), "Early May bank holiday"),
            ("england-and-wales", date(2026, 8, 31), "Summer bank holiday"),
            ("england-and-wales", date(2026, 12, 28), "Boxing Day (substitute day)"),
            ("scotland", date(2026, 1, 2), "2nd January"),
            ("scotland", date(2022, 1, 3), "New Year’s Day (substitute day)"),
            ("northern-ireland", date(2026, 7, 13), "Battle of the Boyne (Orangemen’s Day) (substitute day)"),
        ],
    )
    def test_follow_the_day(self, calendar, day, title):
        assert national_days(calendar, day.year)[day] == title

    def test_leave_the_kinds_as_they_are(self):
        once = {each.day for each in days_of("england-and-wales", 2020, 2028) if each.kind is DayKind.ONE_OFF}

        assert once == {date(2022, 6, 3), date(2022, 9, 19), date(2023, 5, 8)}
