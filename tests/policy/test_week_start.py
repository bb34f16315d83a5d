"""Where the week starts: one answer for everybody, which only the top gives, and only for days to come."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.people import UnitFactory
from tests.policy.policies import AUGUST, NOW, OCTOBER, TODAY, adopt, withdraw
from tests.support.contents import contents
from tithe.access.actor import SYSTEM
from tithe.kernel.calendar import Weeks
from tithe.kernel.errors import RuleBroken
from tithe.policy import queries
from tithe.policy.operations import adopt_policy
from tithe.policy.rules import problems_with_weeks, weeks_from

DAY = timedelta(days=1)
SUNDAY = date(2026, 8, 2)
SUNDAY_FIRST, MONDAY_FIRST, NOTHING = {"week_start": "sunday"}, {"week_start": "monday"}, {"rate_bp": 100}
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
VERSIONS = st.lists(
    st.tuples(st.integers(1, 3), DAYS, st.sampled_from([SUNDAY_FIRST, MONDAY_FIRST, NOTHING])),
    max_size=8,
    unique_by=lambda version: version[:2],
)


@pytest.fixture
def department(app):
    """The one unit at the top, with a team below."""
    top = UnitFactory(code="DEPT")
    UnitFactory(code="TEAM", parent_id=top.id)
    return top


def refused(call) -> tuple[str, str | None]:
    """The words and the field of a refusal that stores nothing."""
    before = contents()
    with pytest.raises(RuleBroken) as refusal:
        call()
    assert contents() == before
    (problem,) = refusal.value.problems
    return problem.message, problem.field


class TestWeeksFrom:
    @given(VERSIONS, DAYS)
    def test_a_sunday_comes_first_where_what_holds_in_a_unit_at_the_top_says_so(self, versions, day):
        newest = {unit: settings for unit, since, settings in sorted(versions, key=lambda v: v[1]) if since <= day}

        assert weeks_from(versions).sunday_first(day) == (SUNDAY_FIRST in newest.values())

    @given(VERSIONS)
    def test_tells_changes_alone_in_any_order(self, versions):
        changes = weeks_from(versions).changes

        assert weeks_from(reversed(versions)).changes == changes
        assert [first for _, first in changes] == [number % 2 == 0 for number in range(len(changes))]


class TestProblemsWithWeeks:
    @given(VERSIONS, VERSIONS, DAYS)
    def test_find_whatever_day_up_to_today_would_move(self, versions, others, today):
        before, after = weeks_from(versions), weeks_from(others)
        days = (date(2025, 12, 1) + n * DAY for n in range(400))
        moved = any(before.monday_of(day) != after.monday_of(day) for day in days if day <= today)

        assert bool(problems_with_weeks(before, after, today)) == moved


class TestAdopting:
    def test_at_the_top_makes_sundays_come_first_from_its_day_on(self, department):
        adopt(department, SUNDAY, week_start="sunday")

        weeks = queries.weeks()
        assert weeks.monday_of(SUNDAY - 7 * DAY) == SUNDAY - 13 * DAY
        assert weeks.monday_of(SUNDAY) == SUNDAY + DAY
        assert queries.monday_of(SUNDAY) == SUNDAY + DAY

    def test_is_refused_below_the_top(self, department):
        team = UnitFactory(code="OTHER-TEAM", parent_id=department.id)

        for value in ("sunday", "monday"):
            words, field = refused(lambda value=value: adopt(team, AUGUST, week_start=value))
            assert (words.split(". ")[0], field) == ("week_start is one for the whole organisation", "week_start")

    def test_is_refused_where_several_units_are_at_the_top(self, department):
        UnitFactory(code="ELSE")

        words, field = refused(lambda: adopt(department, AUGUST, week_start="sunday"))
        assert "several units with none above them" in words
        assert field == "week_start"

    def test_stays_possible_for_whoever_said_it_before_another_top_came(self, department):
        adopt(department, AUGUST, week_start="sunday")
        UnitFactory(code="ELSE")

        adopt(department, OCTOBER, week_start="sunday", rate_bp=1000)

        assert queries.weeks() == Weeks(((AUGUST, True),))

    @pytest.mark.parametrize("starts_on", [TODAY - 30 * DAY, date(2026, 7, 19)])
    def test_is_refused_for_a_sunday_that_has_come(self, department, starts_on):
        words, field = refused(lambda: adopt(department, starts_on, week_start="sunday"))

        assert "would come into another week" in words
        assert field == "week_start"

    def test_may_reach_back_over_days_that_are_no_sunday(self, department):
        adopt(department, TODAY, week_start="sunday")  # a Monday

        assert queries.monday_of(TODAY + 6 * DAY) == TODAY + 7 * DAY

    def test_of_something_else_says_again_where_the_week_starts_or_is_refused(self, department):
        adopt(department, SUNDAY, week_start="sunday")
        later = datetime(2026, 9, 1, 9, tzinfo=UTC)

        def correct(**settings):
            facts = {"starts_on": AUGUST + 9 * DAY, "settings": settings, "reason": "Put right", "now": later}
            adopt_policy(actor=SYSTEM, unit_id=department.id, **facts)

        assert "Sunday 16 August 2026 would come" in refused(lambda: correct(rate_bp=1000))[0]
        correct(rate_bp=1000, week_start="sunday")
        assert queries.weeks() == Weeks(((SUNDAY, True),))

    def test_goes_back_to_monday_later(self, department):
        adopt(department, SUNDAY, week_start="sunday")
        adopt(department, OCTOBER, week_start="monday")

        assert queries.weeks() == Weeks(((SUNDAY, True), (OCTOBER, False)))
        assert len(queries.weeks().days_of(date(2026, 9, 28))) == 8

    def test_can_be_taken_back_before_it_begins(self, department):
        adopt(department, SUNDAY, week_start="sunday")
        withdraw(department, 1, now=NOW)

        assert queries.weeks() == Weeks()
