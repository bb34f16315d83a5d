"""Quarters, weeks and working days, by the worked cases of §1.8 of the time rules and by law."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tithe.kernel import calendar
from tithe.kernel.calendar import Quarter, SchemeYear, Weeks
from tithe.kernel.errors import RuleBroken

ENGLAND = {date(2026, 8, 31)}
SCOTLAND = {date(2026, 8, 3)}
DAYS = st.dates(min_value=date(1991, 1, 1), max_value=date(2199, 12, 31))
START_MONTHS = st.sampled_from([1, 4, 7, 10])
QUARTERS = st.builds(Quarter.containing, DAYS)
DAYS_NEAR = st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 6, 30))
CHANGES = st.lists(st.tuples(DAYS_NEAR, st.booleans()), max_size=6, unique_by=lambda change: change[0])
WEEKS = st.builds(lambda changes: Weeks(tuple(sorted(changes))), CHANGES)
HOLIDAYS = st.frozensets(st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 12, 31)), max_size=40)


class TestQuarter:
    @pytest.mark.parametrize(
        ("start_month", "name"),
        [(4, "2025-26 Q4"), (1, "2026 Q1"), (7, "2025-26 Q3"), (10, "FY2026 Q2")],
        ids=["UK and Canada", "calendar year", "Australia", "United States"],
    )
    def test_of_10_february_2026_is_called_by_where_the_year_starts(self, start_month, name):
        quarter = Quarter.containing(date(2026, 2, 10))

        assert (quarter.name(start_month), quarter.code) == (name, "2025-26Q4")

    @pytest.mark.parametrize(
        ("start_month", "last"), [(4, "2025-26Q4"), (1, "2026-27Q3"), (7, "2026-27Q1"), (10, "2026-27Q2")]
    )
    def test_ends_a_year_where_the_next_one_starts(self, start_month, last):
        quarters = [Quarter(2025, 4), Quarter(2026, 1), Quarter(2026, 2), Quarter(2026, 3)]

        assert [each.code for each in quarters if each.ends_year(start_month)] == [last]

    @pytest.mark.parametrize(
        ("code", "start", "last_day", "label"),
        [
            ("2026-27Q1", date(2026, 4, 1), date(2026, 6, 30), "Apr to Jun 2026"),
            ("2026-27Q2", date(2026, 7, 1), date(2026, 9, 30), "Jul to Sep 2026"),
            ("2026-27Q3", date(2026, 10, 1), date(2026, 12, 31), "Oct to Dec 2026"),
            ("2026-27Q4", date(2027, 1, 1), date(2027, 3, 31), "Jan to Mar 2027"),
            ("2027-28Q4", date(2028, 1, 1), date(2028, 3, 31), "Jan to Mar 2028"),
            ("1999-00Q3", date(1999, 10, 1), date(1999, 12, 31), "Oct to Dec 1999"),
        ],
    )
    def test_has_a_code_for_programs_and_months_for_people(self, code, start, last_day, label):
        quarter = Quarter.parse(code)

        assert (quarter.start, quarter.last_day) == (start, last_day)
        assert (quarter.label, str(quarter)) == (label, code)

    def test_contains_its_first_day_and_not_the_day_after_its_last(self):
        quarter = Quarter(2026, 2)

        assert date(2026, 7, 1) in quarter
        assert date(2026, 9, 30) in quarter
        assert date(2026, 6, 30) not in quarter
        assert date(2026, 10, 1) not in quarter

    def test_of_jul_to_sep_2026_has_66_weekdays(self):
        assert sum(day.weekday() < 5 for day in Quarter(2026, 2).days()) == 66

    def test_counts_the_leap_day(self):
        assert len(list(Quarter(2027, 4).days())) == 91

    @pytest.mark.parametrize(
        "code",
        [
            "",
            "2026Q1",
            "2026-27",
            "2026-28Q1",
            "2026-26Q1",
            "2026-27Q0",
            "2026-27Q5",
            "2026-27Q1 ",
            "2026-27q1",
            "2026-27Q1\n",
            "２０２６-２７Q1",
            "0000-01Q1",
            "9999-00Q4",
            "1989-90Q1",
            "2201-02Q1",
            "2026-27Q1" * 1000,
        ],
    )
    def test_refuses_a_code_that_names_no_quarter(self, code):
        with pytest.raises(RuleBroken, match="is not a quarter") as refusal:
            Quarter.parse(code)

        assert refusal.value.field == "quarter"
        assert len(refusal.value.message) < 100


class TestMondayOf:
    @pytest.mark.parametrize(
        ("day", "monday"),
        [
            (date(2027, 1, 1), date(2026, 12, 28)),  # ISO calls it 2026-W53
            (date(2025, 12, 29), date(2025, 12, 29)),  # 2026-W01
            (date(2028, 2, 29), date(2028, 2, 28)),
            (date(2026, 3, 29), date(2026, 3, 23)),  # clocks go forward on this Sunday
            (date(2026, 10, 25), date(2026, 10, 19)),  # and back on this one
        ],
    )
    def test_names_the_week_a_day_falls_in(self, day, monday):
        assert calendar.monday_of(day) == monday
        assert day in calendar.week_days(monday)


class TestAddWorkingDays:
    @pytest.mark.parametrize(
        ("holidays", "due"),
        [(ENGLAND, date(2026, 9, 8)), (SCOTLAND, date(2026, 9, 7))],
        ids=["England skips 31 August", "Scotland does not"],
    )
    def test_gives_ten_days_to_decide_a_week_submitted_on_monday_24_august_2026(self, holidays, due):
        assert calendar.add_working_days(date(2026, 8, 24), 10, holidays) == due

    def test_counts_the_next_working_day_as_day_one(self):
        friday, monday = date(2026, 8, 28), date(2026, 8, 31)

        assert calendar.add_working_days(friday, 1, ()) == monday
        assert calendar.add_working_days(friday, 1, ENGLAND) == monday + timedelta(days=1)

    def test_of_no_days_stays_where_it_is(self):
        saturday = date(2026, 8, 29)

        assert calendar.add_working_days(saturday, 0, ()) == saturday


def working_days_after(day, holidays):
    """An oracle that writes every working day out."""
    every = (day + timedelta(days=n) for n in range(1, 400))
    return [each for each in every if each.isoweekday() <= 5 and each not in holidays]


@given(QUARTERS)
@settings(max_examples=200, deadline=None)
def test_quarters_meet_without_gap_or_overlap(quarter):
    assert quarter.end == quarter.next.start
    assert quarter.previous.end == quarter.start
    assert quarter.next.previous == quarter
    assert quarter.previous < quarter < quarter.next


@given(DAYS)
@settings(max_examples=200, deadline=None)
def test_every_day_is_in_the_one_quarter_that_contains_it(day):
    quarter = Quarter.containing(day)

    assert day in quarter
    assert day not in quarter.next
    assert day not in quarter.previous


@given(DAYS, START_MONTHS)
@settings(max_examples=200, deadline=None)
def test_a_year_is_four_whole_quarters_from_its_first_month(day, start_month):
    year = SchemeYear.containing(day, start_month)
    quarters = calendar.quarters_over(year.start, year.last_day)

    assert day in year
    assert (year.start.month, year.end) == (start_month, SchemeYear(year.number + 1, start_month).start)
    assert (quarters[0].start, quarters[-1].end) == (year.start, year.end)
    assert [each.name(start_month) for each in quarters] == [f"{year.name} Q{number}" for number in range(1, 5)]
    assert [each.ends_year(start_month) for each in quarters] == [False, False, False, True]


@given(QUARTERS)
@settings(max_examples=200, deadline=None)
def test_parsing_the_code_of_a_quarter_gives_it_back(quarter):
    assert Quarter.parse(quarter.code) == quarter


@given(QUARTERS)
@settings(max_examples=100, deadline=None)
def test_the_days_of_a_quarter_are_those_it_contains(quarter):
    days = list(quarter.days())

    assert days == sorted(set(days))
    assert (days[0], days[-1]) == (quarter.start, quarter.last_day)
    assert 90 <= len(days) <= 92


@given(DAYS)
@settings(max_examples=200, deadline=None)
def test_a_week_is_seven_days_from_a_monday(day):
    week = calendar.week_days(calendar.monday_of(day))

    assert day in week
    assert week[0].isoweekday() == 1
    assert {calendar.monday_of(each) for each in week} == {week[0]}


@given(DAYS_NEAR, st.integers(min_value=1, max_value=60), HOLIDAYS)
@settings(max_examples=200, deadline=None)
def test_adding_working_days_agrees_with_writing_them_out(day, count, holidays):
    assert calendar.add_working_days(day, count, holidays) == working_days_after(day, holidays)[count - 1]


@given(DAYS_NEAR, st.integers(min_value=0, max_value=60), HOLIDAYS)
@settings(max_examples=200, deadline=None)
def test_the_working_days_between_are_those_that_were_added(day, count, holidays):
    later = calendar.add_working_days(day, count, holidays)

    assert calendar.working_days_between(day, later, holidays) == count


class TestWeeks:
    @given(WEEKS, DAYS_NEAR)
    def test_have_every_day_in_exactly_one_of_them(self, weeks, day):
        near = [calendar.monday_of(day) + timedelta(weeks=number) for number in (-2, -1, 0, 1, 2)]

        assert [monday for monday in near if day in weeks.days_of(monday)] == [weeks.monday_of(day)]

    @given(WEEKS, DAYS_NEAR)
    def test_follow_each_other_without_gap_or_overlap_whatever_changes(self, weeks, day):
        monday = weeks.monday_of(day)
        days, following = weeks.days_of(monday), weeks.days_of(monday + timedelta(weeks=1))

        assert days == tuple(days[0] + timedelta(days=number) for number in range(len(days)))
        assert following[0] == days[-1] + timedelta(days=1)
        assert 6 <= len(days) <= 8
        assert monday in days

    @given(DAYS)
    def test_run_from_monday_to_sunday_where_nobody_says_otherwise(self, day):
        assert Weeks().monday_of(day) == calendar.monday_of(day)
        assert Weeks().days_of(calendar.monday_of(day)) == calendar.week_days(calendar.monday_of(day))

    @given(DAYS)
    def test_run_from_sunday_to_saturday_where_that_is_said(self, day):
        days = Weeks(((date.min, True),)).days_of(calendar.monday_of(day))

        assert [f"{each:%a}" for each in days] == ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    @given(WEEKS, WEEKS)
    def test_name_the_first_day_they_place_otherwise(self, weeks, others):
        days = (date(2025, 12, 1) + timedelta(days=number) for number in range(700))
        first = next((day for day in days if weeks.monday_of(day) != others.monday_of(day)), None)

        assert weeks.first_other(others) == first == others.first_other(weeks)

    def test_have_six_days_or_eight_where_this_changes(self):
        weeks = Weeks(((date(2026, 8, 1), True), (date(2026, 10, 1), False)))

        assert weeks.days_of(date(2026, 7, 27))[-1] == date(2026, 8, 1)
        assert weeks.days_of(date(2026, 8, 3))[0] == date(2026, 8, 2)
        assert len(weeks.days_of(date(2026, 9, 28))) == 8
