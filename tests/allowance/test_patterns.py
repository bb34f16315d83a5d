"""Putting working hours on record, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest

from tests.allowance.hours import (
    FOUR_DAYS,
    FULL,
    NOW,
    OCTOBER,
    SEPTEMBER,
    Office,
    acting,
    close,
    days_of,
    messages,
    patterns_of,
    reasons,
    verbs,
    written,
)
from tests.allowance.ledgers import DAY, FULL_TIME, QUARTER, accrued, post_of
from tests.support.threads import at_once, errors_in
from tithe.access.actor import SYSTEM
from tithe.allowance.operations import patterns as operations
from tithe.allowance.operations.patterns import NewPattern
from tithe.allowance.queries import patterns as queries
from tithe.allowance.queries.balances import drift
from tithe.allowance.queries.patterns import PAGE
from tithe.allowance.rules.patterns import MOST_DAYS, Effect
from tithe.audit.queries import first_broken_link
from tithe.kernel.errors import Conflict, NotFound, RuleBroken

TODAY = NOW.date()


@pytest.fixture
def office(app) -> Office:
    return Office()


def set_pattern(office, *weeks, starts_on=SEPTEMBER, by=SYSTEM):
    person_id, given = office.owner_id, weeks or (FOUR_DAYS,)
    return operations.set_pattern(actor=by, person_id=person_id, starts_on=starts_on, weeks=given, now=NOW)


def set_days(office, days, by=SYSTEM):
    return operations.set_days(actor=by, person_id=office.owner_id, days=days, now=NOW)


def hours(office, by=None, **changes):
    who = by or acting(office.team.owner)
    return queries.hours_of(office.owner_id, by=who, today=TODAY, **changes)


class TestSettingAPattern:
    def test_posts_the_difference_with_its_reason(self, office):
        assert set_pattern(office)

        assert patterns_of(office.owner_id) == {SEPTEMBER: [FOUR_DAYS]}
        # four Fridays of September less: 27,084 minutes, a fifth of which is 5,416.8
        assert accrued(office.team.owner) == [FULL_TIME, -360]
        assert reasons(office.owner_id)[1] == (
            "Accrual for Jul to Sep 2026, worked out again: your working pattern changed"
        )
        assert drift(QUARTER) == []

    def test_is_recorded_and_told_to_the_person(self, office):
        set_pattern(office, by=acting(office.team.manager))

        assert verbs() == ["pattern:set"]
        assert first_broken_link() is None
        (body,) = messages(office.owner_id)
        assert "new working hours hold from 1 September 2026. Max Manager put it there." in body

    def test_holds_from_the_middle_of_a_week_without_moving_the_cycle(self, office):
        set_pattern(office, FULL, [0] * 7, starts_on=date(2026, 9, 2))

        (row,) = hours(office).patterns
        assert (row.starts_on, row.weeks) == (date(2026, 9, 2), [FULL, [0] * 7])

    def test_replaces_one_from_the_same_day_and_says_when_nothing_is_new(self, office):
        set_pattern(office)

        assert set_pattern(office) is False
        assert set_pattern(office, FULL)
        assert patterns_of(office.owner_id) == {SEPTEMBER: [FULL]}
        assert len(verbs()) == 2

    def test_may_be_none_at_all(self, office):
        assert set_pattern(office, [0] * 7)

    def test_leaves_the_quarter_alone_when_it_is_to_come(self, office):
        set_pattern(office, starts_on=OCTOBER)

        assert accrued(office.team.owner) == [FULL_TIME]

    @pytest.mark.parametrize("weeks", [[], [FULL] * 5, [FULL[:5]], [[1441, *FULL[1:]]]])
    def test_refuses_what_is_no_pattern(self, office, weeks):
        with pytest.raises(RuleBroken):
            operations.set_pattern(actor=SYSTEM, person_id=office.owner_id, starts_on=OCTOBER, weeks=weeks, now=NOW)

    def test_refuses_a_closed_quarter_and_takes_the_day_after_it(self, office):
        close(QUARTER.previous)

        with pytest.raises(RuleBroken, match=r"Apr to Jun 2026 is closed\. Ask HR for a correction instead"):
            set_pattern(office, starts_on=QUARTER.start - DAY)
        assert set_pattern(office, starts_on=QUARTER.start)

    @pytest.mark.parametrize("name", ["owner", "colleague", "director", "hr"])
    def test_is_only_for_the_line_manager_and_hr_managers(self, office, name):
        with pytest.raises(NotFound):
            set_pattern(office, by=acting(getattr(office.team, name)))
        assert patterns_of(office.owner_id) == {}

    def test_is_for_hr_managers(self, office):
        assert set_pattern(office, by=acting(office.hr))

    def test_by_four_at_once_is_saved_once(self, app, office):
        results = at_once(app, [partial(set_pattern, office)] * 4)

        assert {type(each) for each in errors_in(results)} <= {Conflict}
        assert patterns_of(office.owner_id) == {SEPTEMBER: [FOUR_DAYS]}
        assert sum(accrued(office.team.owner)) == FULL_TIME - 360


class TestRemovingAPattern:
    def test_goes_back_to_what_held_before(self, office):
        set_pattern(office)

        operations.remove_pattern(actor=SYSTEM, person_id=office.owner_id, starts_on=SEPTEMBER, now=NOW)

        assert patterns_of(office.owner_id) == {}
        assert accrued(office.team.owner) == [FULL_TIME, -360, 360]
        assert verbs() == ["pattern:set", "pattern:remove"]
        assert len(messages(office.owner_id)) == 2

    @pytest.mark.parametrize("starts_on", [TODAY, TODAY - DAY])
    def test_is_refused_once_it_has_begun(self, office, starts_on):
        set_pattern(office, starts_on=starts_on)

        with pytest.raises(RuleBroken, match="Set new ones from a later day"):
            operations.remove_pattern(actor=SYSTEM, person_id=office.owner_id, starts_on=starts_on, now=NOW)

    def test_is_refused_where_there_is_none(self, office):
        with pytest.raises(RuleBroken, match="removed already"):
            operations.remove_pattern(actor=SYSTEM, person_id=office.owner_id, starts_on=OCTOBER, now=NOW)


class TestSingleDays:
    def test_count_whatever_the_pattern_says(self, office):
        assert set_days(office, {date(2026, 8, 10): 0, date(2026, 8, 15): 300}) == 2

        assert days_of(office.owner_id) == {date(2026, 8, 10): 0, date(2026, 8, 15): 300}
        assert accrued(office.team.owner) == [FULL_TIME, -30]  # 28,860 − 444 + 300 minutes: 5,743.2
        assert reasons(office.owner_id)[1].endswith("worked out again: hours on single days changed")
        assert "your hours changed on 2 days from 10 August 2026" in messages(office.owner_id)[0]

    def test_change_and_go_back_to_the_pattern(self, office):
        monday, tuesday = date(2026, 8, 10), date(2026, 8, 11)
        set_days(office, {monday: 0, tuesday: 0})

        assert set_days(office, {monday: None, tuesday: 60}) == 2

        assert days_of(office.owner_id) == {tuesday: 60}
        assert verbs() == ["pattern:days"] * 2

    def test_that_are_so_already_change_nothing_even_in_a_closed_quarter(self, office):
        june = date(2026, 6, 1)
        set_days(office, {june: 0})
        close(QUARTER.previous)
        before = written()

        assert set_days(office, {june: 0, date(2026, 8, 10): None}) == 0

        assert written() == before

    def test_are_refused_in_a_closed_quarter(self, office):
        close(QUARTER.previous)

        with pytest.raises(RuleBroken, match="Apr to Jun 2026 is closed"):
            set_days(office, {date(2026, 6, 1): 0, date(2026, 8, 10): 0})
        assert days_of(office.owner_id) == {}

    @pytest.mark.parametrize("count", [0, MOST_DAYS + 1])
    def test_are_refused_when_there_are_none_or_too_many(self, office, count):
        with pytest.raises(RuleBroken, match="days at a time"):
            set_days(office, {SEPTEMBER + timedelta(days=n): 0 for n in range(count)})

    def test_are_only_for_those_who_may_set_patterns(self, office):
        with pytest.raises(NotFound):
            set_days(office, {SEPTEMBER: 0}, by=acting(office.team.owner))


class TestRehearsal:
    @pytest.mark.parametrize("starts_on", [QUARTER.start, SEPTEMBER, OCTOBER, date(2027, 1, 4)])
    def test_says_what_saving_does_and_keeps_nothing(self, office, starts_on):
        save = partial(set_pattern, office, starts_on=starts_on)
        about = {"person_id": office.owner_id, "since": starts_on, "today": TODAY}
        before = written()

        rehearsed = operations.with_effects(save, **about, keep=False)

        assert written() == before
        assert rehearsed == operations.with_effects(save, **about, keep=True)
        assert patterns_of(office.owner_id) == {starts_on: [FOUR_DAYS]}

    def test_looks_at_this_quarter_and_the_one_the_change_begins_in(self, office):
        save = partial(set_pattern, office, starts_on=OCTOBER)

        effects = operations.with_effects(save, person_id=office.owner_id, since=OCTOBER, today=TODAY, keep=False)

        assert [each.quarter for each in effects] == [QUARTER.next]
        assert effects[0].change < 0

    def test_is_worth_what_is_then_posted(self, office):
        save = partial(set_pattern, office)

        (effect,) = operations.with_effects(save, person_id=office.owner_id, since=SEPTEMBER, today=TODAY, keep=True)

        assert effect == Effect(QUARTER, FULL_TIME, sum(accrued(office.team.owner)))

    def test_refuses_what_saving_would(self, office):
        with pytest.raises(RuleBroken):
            operations.with_effects(
                partial(set_pattern, office, starts_on=date.max),
                person_id=office.owner_id,
                since=date.max,
                today=TODAY,
                keep=False,
            )


class TestImport:
    def test_sets_all_and_counts_what_is_new(self, office):
        others = [post_of(), post_of()]
        rows = [NewPattern(each.id, SEPTEMBER, [FOUR_DAYS]) for each in [*others, office.team.owner]]
        set_pattern(office)

        assert operations.import_patterns(actor=SYSTEM, rows=rows, now=NOW, keep=True) == 2
        assert operations.import_patterns(actor=SYSTEM, rows=rows, now=NOW, keep=True) == 0

    def test_sets_none_when_one_is_refused_or_it_is_a_rehearsal(self, office):
        good, bad = NewPattern(office.owner_id, SEPTEMBER, [FOUR_DAYS]), NewPattern(2**31 - 1, SEPTEMBER, [FOUR_DAYS])

        assert operations.import_patterns(actor=SYSTEM, rows=[good], now=NOW, keep=False) == 1
        with pytest.raises(NotFound):
            operations.import_patterns(actor=SYSTEM, rows=[good, bad], now=NOW, keep=True)

        assert patterns_of(office.owner_id) == {}


class TestReading:
    def test_says_what_held_holds_and_will_hold(self, office):
        for starts_on in (date(2026, 1, 5), date(2026, 8, 3), OCTOBER):
            set_pattern(office, starts_on=starts_on)

        found = hours(office)

        assert [(row.state, row.last_day) for row in found.patterns] == [
            ("past", date(2026, 8, 2)),
            ("now", OCTOBER - DAY),
            ("coming", None),
        ]
        assert (found.contracted, found.default, found.managers) == (2220, None, ["Max Manager"])

    def test_says_what_stands_in_where_nothing_is_on_record(self, office):
        found = hours(office)

        assert (found.default, found.patterns) == (FULL, [])

    def test_adds_up_the_posts_held_at_once(self, office):
        post_of(office.team.owner, weekly_minutes=444)

        found = hours(office)

        assert (found.contracted, found.default) == (2664, [888, 444, 444, 444, 444, 0, 0])

    def test_says_nothing_stands_in_for_somebody_without_a_post(self, office):
        leaver = post_of(ends_on=TODAY - DAY)

        found = queries.hours_of(leaver.id, by=SYSTEM, today=TODAY)

        assert (found.contracted, found.default) == (None, None)

    def test_pages_through_dated_days_both_ways(self, office):
        set_days(office, {QUARTER.start + timedelta(days=n): 60 for n in range(2 * PAGE + 5)})

        first = hours(office).days
        second = hours(office, days_from=first.after).days
        third = hours(office, days_from=second.after).days

        assert [len(page.days) for page in (first, second, third)] == [PAGE, PAGE, 5]
        assert (first.before, third.after) == (None, None)
        assert (second.before, third.before) == (min(first.days), min(second.days))

    @pytest.mark.parametrize("name", ["owner", "manager"])
    def test_is_for_oneself_and_the_manager(self, office, name):
        assert hours(office, by=acting(getattr(office.team, name))).person.id == office.owner_id

    @pytest.mark.parametrize("name", ["colleague", "director", "hr"])
    def test_is_for_nobody_else_but_hr_managers(self, office, name):
        with pytest.raises(NotFound):
            hours(office, by=acting(getattr(office.team, name)))
