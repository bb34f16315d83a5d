"""What a change of hours, leave or share would make of a quarter."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from tests.allowance.working import (
    CONTRACTED,
    DAYS,
    FULL_TIME,
    PATTERNS,
    QUARTER,
    away,
    over,
    part_of,
    quarter_of,
    works,
)
from tithe.allowance.rules.entitlement import entitlement
from tithe.allowance.rules.standing import day_table
from tithe.allowance.rules.whatif import Change, changed, pattern_on, patterns_over
from tithe.allowance.rules.worktime import Pattern, Work
from tithe.kernel.errors import RuleBroken

SEPTEMBER = date(2026, 9, 1)
FOUR_DAYS = Pattern(SEPTEMBER, ((444, 444, 444, 444, 0, 0, 0),))
LAWFUL = settings(max_examples=100, deadline=None)


def then(change, work=None):
    return entitlement(changed(work or quarter_of(), change))


class TestChanged:
    def test_holds_new_hours_from_their_day_on(self):
        found = then(Change(SEPTEMBER, FOUR_DAYS))

        assert found.accruing_days == 65 - 4  # four Fridays of September
        assert entitlement(part_of(changed(quarter_of(), Change(SEPTEMBER, FOUR_DAYS)), QUARTER.start, SEPTEMBER)) == (
            entitlement(part_of(quarter_of(), QUARTER.start, SEPTEMBER))
        )

    def test_lends_a_share_on_top_of_what_is_lent(self):
        once = changed(quarter_of(), Change(QUARTER.start, share_bp=2000))

        assert then(Change(QUARTER.start, share_bp=3000), once).available == 65 * 444 // 2

    def test_takes_leave_on_the_days_named_and_nothing_on_days_off(self):
        leave = (date(2026, 9, 7), date(2026, 9, 12))  # a Monday and a Saturday

        assert then(Change(SEPTEMBER, leave=leave)).accruing_days == 64

    def test_takes_a_number_of_days_from_the_last_ones_due(self):
        found = changed(quarter_of(), Change(SEPTEMBER, FOUR_DAYS, leave_days=2))

        assert [each.day for each in day_table(found) if each.absence] == [date(2026, 9, 29), date(2026, 9, 30)]

    def test_does_not_take_leave_on_days_already_away(self):
        found = then(Change(SEPTEMBER, leave_days=1), quarter_of(absences=(away(date(2026, 9, 30)),)))

        assert found.accruing_days == 63

    def test_refuses_more_leave_than_there_are_days(self):
        with pytest.raises(RuleBroken, match="only 65 days") as refused:
            then(Change(SEPTEMBER, leave_days=66))

        assert refused.value.field == "leave"

    def test_takes_nothing_off_for_leave_on_the_contracted_basis(self):
        work = quarter_of(settings=CONTRACTED)

        assert then(Change(SEPTEMBER, leave=(SEPTEMBER,)), work) == entitlement(work)

    def test_is_the_whole_week_of_somebody_with_two_posts(self):
        two = Work(quarter_of().stretches * 2)

        assert then(Change(QUARTER.start, FULL_TIME), two) == entitlement(quarter_of())

    @given(works(posts=3), DAYS, PATTERNS)
    @LAWFUL
    def test_keeps_every_day_somebody_holds_a_post_on(self, work, since, pattern):
        found = changed(work, Change(since, pattern))

        assert [each.day for each in day_table(found)] == [each.day for each in day_table(work)]

    @given(works(), DAYS)
    @LAWFUL
    def test_changes_nothing_when_nothing_is_different(self, work, since):
        assert changed(work, Change(since)) == work


class TestPatternOn:
    def test_adds_the_weeks_of_two_posts(self):
        mornings = Pattern(QUARTER.start, ((222,) * 5 + (0, 0), (111,) * 5 + (0, 0)))
        posts = (over(QUARTER.start, QUARTER.end, mornings), over(QUARTER.start, QUARTER.end))

        assert pattern_on(Work(posts), QUARTER.start).weeks == ((666,) * 5 + (0, 0), (555,) * 5 + (0, 0))

    def test_is_none_where_no_post_is_held(self):
        assert pattern_on(Work(), SEPTEMBER) is None

    @given(PATTERNS, DAYS)
    @LAWFUL
    def test_says_the_same_of_every_later_day(self, pattern, day):
        found = pattern_on(quarter_of(pattern), day)

        later = [day + timedelta(days=number) for number in range(60)]
        assert list(map(found.minutes_on, later)) == list(map(pattern.minutes_on, later))


class TestPatternsOver:
    def test_leave_a_gap_between_posts_empty(self):
        august = date(2026, 8, 1)
        found = patterns_over(Work((over(QUARTER.start, august), over(SEPTEMBER, QUARTER.end))), QUARTER.end)

        assert [(each.starts_on, each.cycle_minutes) for each in found] == [
            (QUARTER.start, 2220),
            (august, 0),
            (SEPTEMBER, 2220),
        ]

    def test_say_once_what_goes_on_unchanged(self):
        found = patterns_over(Work((over(QUARTER.start, SEPTEMBER), over(SEPTEMBER, QUARTER.end))), QUARTER.end)

        assert [each.starts_on for each in found] == [QUARTER.start]
