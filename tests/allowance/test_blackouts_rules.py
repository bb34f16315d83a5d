"""Blackouts: counting their days, and what may be set."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.allowance.scheme import EARLIEST, LONG_REASON, REASON, TODAY, plan
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules import blackouts as rules
from tithe.allowance.rules.blackouts import BlackoutState, Dates, Year
from tithe.kernel.calendar import SchemeYear, days_between, is_working_day

HOLIDAYS = holidays_over("england-and-wales", 2026, 2028)
DAY = timedelta(days=1)
YEAR = SchemeYear(2026)
SPANS = st.builds(
    lambda first, length: Dates(first, first + length * DAY),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(0, 60),
)


def problems(asked, **changes):
    about = {"notice_wd": 20, "today": TODAY, "holidays": HOLIDAYS, **changes}
    return [each.field for each in rules.problems_in(asked, **about)]


class TestWorkingDays:
    def test_leave_out_weekends_and_public_holidays(self):
        assert rules.working_days([Dates(date(2026, 8, 28), date(2026, 9, 1))], HOLIDAYS) == 2

    def test_count_a_day_once_where_blackouts_overlap(self):
        week, rest = Dates(date(2026, 10, 5), date(2026, 10, 9)), Dates(date(2026, 10, 8), date(2026, 10, 13))

        assert rules.working_days([week, rest], HOLIDAYS) == 7

    def test_are_those_of_one_year_when_a_blackout_crosses_its_end(self):
        winter, spring = Dates(date(2026, 12, 30), date(2027, 1, 5)), Dates(date(2027, 3, 30), date(2027, 4, 1))
        calendar_years, years = ([SchemeYear(number, month) for number in (2026, 2027)] for month in (1, 4))

        assert [rules.working_days([winter], HOLIDAYS, year) for year in calendar_years] == [2, 2]
        assert [rules.working_days([winter], HOLIDAYS, year) for year in years] == [4, 0]
        assert [rules.working_days([spring], HOLIDAYS, year) for year in years] == [2, 1]


@given(st.lists(SPANS, max_size=6), st.randoms())
def test_the_order_of_blackouts_changes_no_count(spans, random):
    shuffled = random.sample(spans, len(spans))

    assert rules.working_days(spans, HOLIDAYS, YEAR) == rules.working_days(shuffled, HOLIDAYS, YEAR)


@given(st.lists(SPANS, max_size=6))
def test_the_count_is_of_the_days_covered(spans):
    covered = [
        day
        for day in days_between(YEAR.start, YEAR.end)
        if any(each.starts_on <= day <= each.last_day for each in spans)
    ]

    assert rules.working_days(spans, HOLIDAYS, YEAR) == sum(is_working_day(day, HOLIDAYS) for day in covered)


@given(st.lists(SPANS, min_size=1, max_size=6))
def test_a_blackout_within_another_adds_nothing(spans):
    inner = Dates(spans[0].last_day, spans[0].last_day)

    assert rules.working_days([*spans, inner], HOLIDAYS, YEAR) == rules.working_days(spans, HOLIDAYS, YEAR)


class TestPlan:
    def test_may_begin_once_the_notice_is_given(self):
        assert problems(plan(EARLIEST)) == []
        assert problems(plan(EARLIEST - DAY, EARLIEST)) == ["starts_on"]

    def test_learns_the_earliest_day(self):
        [problem] = rules.problems_in(plan(date(2026, 8, 17)), notice_wd=20, today=TODAY, holidays=HOLIDAYS)

        assert problem.message == (
            "This gives 6 working days’ notice and 20 are needed. Begin on 7 September 2026 or later, "
            "or say that it is an emergency"
        )

    def test_may_begin_today_where_no_notice_is_needed(self):
        assert problems(plan(TODAY), notice_wd=0) == []

    def test_may_begin_today_in_an_emergency_with_a_longer_reason(self):
        assert problems(plan(TODAY, emergency=True, reason="x" * 40)) == []
        assert problems(plan(TODAY, emergency=True, reason="x" * 39)) == ["reason"]

    @pytest.mark.parametrize("reason", ["", " " * 40, "x" * 19, "x" * 501])
    def test_needs_a_reason_of_some_length(self, reason):
        assert problems(plan(reason=reason)) == ["reason"]

    @pytest.mark.parametrize("reason", ["x" * 20, "x" * 500])
    def test_takes_a_reason_of_twenty_to_five_hundred_characters(self, reason):
        assert problems(plan(reason=reason)) == []

    @pytest.mark.parametrize("emergency", [False, True])
    def test_cannot_begin_before_today(self, emergency):
        asked = plan(TODAY - DAY, EARLIEST, emergency=emergency, reason=LONG_REASON)
        assert problems(asked) == ["starts_on"]

    def test_cannot_end_before_it_begins(self):
        assert problems(plan(EARLIEST, EARLIEST - DAY)) == ["last_day"]

    def test_holds_a_working_day(self):
        assert problems(plan(date(2026, 9, 12), date(2026, 9, 13))) == ["last_day"]

    def test_ends_within_two_years(self):
        assert problems(plan(date(2028, 12, 1), date(2028, 12, 31))) == []
        assert problems(plan(date(2028, 12, 1), date(2029, 1, 1))) == ["last_day"]
        assert problems(plan(date(2028, 12, 1), date.max)) == ["last_day"]

    def test_names_a_known_ground(self):
        assert problems(plan(ground="dislike", reason=REASON)) == ["ground"]


class TestYear:
    @pytest.mark.parametrize(
        ("before", "after", "over"), [(0, 40, False), (39, 41, True), (45, 45, False), (45, 46, True)]
    )
    def test_is_over_its_limit_only_when_the_plan_adds_to_it(self, before, after, over):
        assert Year(YEAR, before, after, 40).is_over is over


class TestState:
    @pytest.mark.parametrize(
        ("today", "state"),
        [
            (date(2026, 10, 4), BlackoutState.COMING),
            (date(2026, 10, 5), BlackoutState.CURRENT),
            (date(2026, 10, 9), BlackoutState.CURRENT),
            (date(2026, 10, 10), BlackoutState.PAST),
        ],
    )
    def test_follows_the_days(self, today, state):
        week = Dates(date(2026, 10, 5), date(2026, 10, 9))

        assert rules.state_of(week, lifted=False, today=today) is state
        assert rules.state_of(week, lifted=True, today=today) is BlackoutState.LIFTED
