"""When a project may be registered, and the days on which it takes time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tithe.kernel.calendar import Quarter
from tithe.kernel.errors import RuleBroken
from tithe.projects import rules
from tithe.projects.rules import Membership, ProjectMove, ProjectStatus

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
ANSWERED = dict.fromkeys(rules.QUESTIONS, "An answer")


class TestAfter:
    def test_registers_a_draft(self):
        assert rules.after(ProjectStatus.DRAFT, ProjectMove.REGISTER) is ProjectStatus.REGISTERED

    def test_refuses_to_register_twice(self):
        with pytest.raises(RuleBroken, match="You cannot register a project that is registered"):
            rules.after(ProjectStatus.REGISTERED, ProjectMove.REGISTER)


class TestProblemsIn:
    def test_finds_none_when_every_question_is_answered(self):
        assert rules.problems_in(ANSWERED) == []

    @pytest.mark.parametrize("question", rules.QUESTIONS)
    @pytest.mark.parametrize("nothing", ["", "  ", "\n\t"])
    def test_names_the_question_left_open(self, question, nothing):
        (problem,) = rules.problems_in({**ANSWERED, question: nothing})

        assert problem.field == question
        assert problem.message == rules.QUESTIONS[question]

    def test_finds_all_of_them_at_once(self):
        assert [problem.field for problem in rules.problems_in({})] == list(rules.QUESTIONS)


class TestMembership:
    @settings(deadline=None)
    @given(joined=DAYS, stayed=st.integers(0, 3000), offset=st.integers(-3000, 6000))
    def test_takes_time_from_the_first_day_to_the_last_and_no_other(self, joined, stayed, offset):
        left, day = joined + timedelta(days=stayed), joined + timedelta(days=offset)

        assert Membership(1, "Project", joined, left).open_on(day) == (0 <= offset <= stayed)

    @settings(deadline=None)
    @given(joined=DAYS, offset=st.integers(-3000, 3000))
    def test_goes_on_until_somebody_leaves(self, joined, offset):
        assert Membership(1, "Project", joined).open_on(joined + timedelta(days=offset)) == (offset >= 0)


class TestOwnerJoinsOn:
    @settings(deadline=None)
    @given(DAYS)
    def test_is_the_first_day_of_this_quarter_or_for_its_first_fortnight_of_the_last(self, day):
        quarter = Quarter.containing(day)
        late = (day - quarter.start).days < 14

        assert rules.owner_joins_on(day) == (quarter.previous if late else quarter).start
