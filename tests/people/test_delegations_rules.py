"""What may be delegated to whom, for how long, and never along a chain."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tithe.people.rules.delegations import (
    MOST_DAYS,
    DelegationStatus,
    Stint,
    clash,
    may_stand_in,
    problems_in_days,
    status_of,
)
from tithe.people.rules.grades import Grade, rank

TODAY = date(2026, 8, 7)
DAYS = st.integers(0, 40).map(lambda count: TODAY + timedelta(days=count))


@st.composite
def stints(draw):
    first, last = sorted((draw(DAYS), draw(DAYS)))
    manager, delegate = draw(st.lists(st.integers(1, 5), min_size=2, max_size=2, unique=True))
    accepted = draw(st.booleans())
    return Stint(manager, delegate, first, last, accepted)


def on(stint: Stint, day: date) -> bool:
    return stint.starts_on <= day <= stint.ends_on


class TestDays:
    def test_may_be_eight_weeks_and_not_a_day_more(self):
        last = TODAY + timedelta(days=MOST_DAYS - 1)

        assert problems_in_days(TODAY, last, TODAY) == []
        [problem] = problems_in_days(TODAY, last + timedelta(days=1), TODAY)
        assert (problem.field, "at most 8 weeks" in problem.message) == ("ends_on", True)

    def test_may_begin_later_and_last_one_day(self):
        later = TODAY + timedelta(days=400)

        assert problems_in_days(later, later, TODAY) == []

    @pytest.mark.parametrize(("first", "last", "field"), [(-1, 5, "starts_on"), (3, 2, "ends_on")])
    def test_are_neither_gone_by_nor_the_wrong_way_round(self, first, last, field):
        [problem] = problems_in_days(TODAY + timedelta(days=first), TODAY + timedelta(days=last), TODAY)

        assert problem.field == field


class TestGrades:
    @given(st.sampled_from(Grade), st.sampled_from(Grade))
    def test_allow_the_same_and_above(self, delegate, manager):
        assert may_stand_in(delegate, manager) == (rank(delegate) >= rank(manager))

    @given(st.sampled_from(Grade))
    def test_take_an_unknown_one_as_the_lowest(self, known):
        assert may_stand_in(known, None)
        assert may_stand_in(None, None)
        assert not may_stand_in(None, known)


class TestClash:
    @given(st.lists(stints(), max_size=12))
    def test_leaves_one_delegate_a_manager_and_no_chain_on_any_day(self, asked):
        kept: list[Stint] = []
        for each in asked:
            if clash(each, kept) is None:
                kept.append(Stint(each.manager_id, each.delegate_id, each.starts_on, each.ends_on, accepted=True))

        for day in (TODAY + timedelta(days=count) for count in range(41)):
            that_day = [each for each in kept if on(each, day)]
            managers = [each.manager_id for each in that_day]
            assert len(managers) == len(set(managers))
            assert not set(managers) & {each.delegate_id for each in that_day}

    @given(stints(), stints())
    def test_needs_a_day_in_common(self, first, second):
        days = [TODAY + timedelta(days=count) for count in range(41)]
        assume(not any(on(first, day) and on(second, day) for day in days))

        assert clash(first, [second]) is None

    def test_of_somebody_elses_unanswered_question_is_none(self):
        asked = Stint(2, 3, TODAY, TODAY)

        assert clash(Stint(1, 2, TODAY, TODAY), [asked]) is None
        assert clash(Stint(1, 3, TODAY, TODAY), [asked]) is None

    def test_lets_one_person_stand_in_for_two(self):
        assert clash(Stint(1, 3, TODAY, TODAY), [Stint(2, 3, TODAY, TODAY, accepted=True)]) is None


class TestStatus:
    @pytest.mark.parametrize(
        ("accepted", "today", "status"),
        [
            (False, TODAY, DelegationStatus.WAITING),
            (False, TODAY + timedelta(days=7), DelegationStatus.LAPSED),
            (True, TODAY - timedelta(days=1), DelegationStatus.COMING),
            (True, TODAY, DelegationStatus.IN_FORCE),
            (True, TODAY + timedelta(days=6), DelegationStatus.IN_FORCE),
            (True, TODAY + timedelta(days=7), DelegationStatus.OVER),
        ],
    )
    def test_follows_the_days(self, accepted, today, status):
        stint = Stint(1, 2, TODAY, TODAY + timedelta(days=6), accepted)

        assert status_of(stint, declined=False, ended=False, today=today) is status
        assert status_of(stint, declined=True, ended=False, today=today) is DelegationStatus.DECLINED
        assert status_of(stint, declined=False, ended=True, today=today) is DelegationStatus.ENDED
