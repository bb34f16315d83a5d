"""Agreeing in advance, and what follows for weeks, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.factories.delegations import DelegationFactory
from tests.factories.plans import BlockFactory, RequestFactory
from tests.factories.projects import MemberFactory
from tests.support.contents import contents
from tests.timesheets.weeks import MONDAY, NOW, Story, actor
from tithe.access.actor import SYSTEM
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken, RulesBroken
from tithe.notices.models import Notice
from tithe.people.models import Assignment
from tithe.policy.operations import adopt_policy
from tithe.timesheets.models import Decision, TitheRequest
from tithe.timesheets.operations import agreements, amending
from tithe.timesheets.presenters.agreements import warnings
from tithe.timesheets.queries import agreements as queries
from tithe.timesheets.queries.room import waiting_of
from tithe.timesheets.queries.standing import standing_of
from tithe.timesheets.rules.agreements import Asked, RequestShape, RequestStatus
from tithe.timesheets.rules.deciding import DecisionHow
from tithe.timesheets.rules.entries import Entry, TimeKind
from tithe.timesheets.rules.lifecycle import WeekStatus

TODAY = date(2026, 8, 7)
QUARTER = Quarter.containing(TODAY)
WORDS = "Everybody answers letters in these weeks, so please ask again"


@pytest.fixture
def story(app) -> Story:
    return Story()


def asked(**changes: Any) -> Asked:
    """Four hours on Fridays until Christmas."""
    usual = {
        "shape": RequestShape.RHYTHM,
        "starts_on": date(2026, 8, 10),
        "last_day": date(2026, 12, 18),
        "weekdays": frozenset({4}),
        "week_minutes": 240,
    }
    return Asked(**(usual | changes))


def burst(starts_on: date, days: int = 5) -> Asked:
    last_day = starts_on + timedelta(days=days - 1)
    every = frozenset(range(7))
    return asked(shape=RequestShape.BURST, starts_on=starts_on, last_day=last_day, weekdays=every, week_minutes=10080)


def ask(story: Story, **changes: Any) -> int:
    return agreements.ask_agreement(actor=story.owner, asked=asked(**changes), now=NOW)


def agreed(story: Story, **changes: Any) -> TitheRequest:
    """Up to four hours a week from 3 August on, on weekdays, that the manager agreed to."""
    usual = {"status": RequestStatus.AGREED, "decided_at": NOW, "decided_by": story.manager.id}
    return RequestFactory(person_id=story.owner.id, **(usual | changes))


def stored(request_id: int) -> TitheRequest:
    db.session.rollback()
    return db.session.get_one(TitheRequest, request_id)


def events() -> list[tuple[str, int]]:
    return [tuple(row) for row in db.session.execute(select(Notice.event, Notice.person_id).order_by(Notice.id))]


class TestAskAgreement:
    def test_waits_for_whoever_manages_the_person_today(self, story):
        request_id = ask(story)

        assert stored(request_id).status is RequestStatus.ASKED
        assert events() == [("agreement-asked", story.manager.id)]
        assert [row.id for row in queries.team_requests(story.manager, TODAY)] == [request_id]
        assert queries.team_requests(actor(story.team.director), TODAY) == []
        assert queries.for_inbox(story.manager, TODAY) == queries.ForInbox(1, 0)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"starts_on": date(2026, 8, 6)}, "Agree in advance: choose 7 August 2026"),
            ({"last_day": date(2026, 8, 9)}, "Choose 10 August 2026, the first day"),
            ({"last_day": date(2027, 8, 11)}, "An agreement lasts a year at most"),
            ({"weekdays": frozenset()}, "Choose at least one day of the week"),
            ({"week_minutes": 0}, "Say how long in a week"),
            ({"project_ids": frozenset({999})}, "Choose registered projects you are a member of"),
            ({"duties": "w" * 501}, "Write at most 500 characters"),
        ],
    )
    def test_refuses(self, story, changes, words):
        before = contents()
        with pytest.raises(RulesBroken) as refusal:
            ask(story, **changes)
        assert refusal.value.message.startswith(words)
        assert contents() == before

    def test_takes_one_rhythm_at_a_time(self, story):
        ask(story, last_day=date(2026, 8, 31))

        with pytest.raises(RulesBroken, match="already"):
            ask(story, starts_on=date(2026, 8, 31))
        ask(story, starts_on=date(2026, 9, 1))

    def test_takes_two_bursts_of_five_working_days_a_year(self, story):
        with pytest.raises(RulesBroken, match="at most 5 working days"):
            agreements.ask_agreement(actor=story.owner, asked=burst(date(2026, 8, 10), 8), now=NOW)
        for first in (date(2026, 8, 10), date(2026, 9, 7)):
            agreements.ask_agreement(actor=story.owner, asked=burst(first), now=NOW)

        with pytest.raises(RulesBroken, match="You have 2 bursts in 2026-27, the most in a year"):
            agreements.ask_agreement(actor=story.owner, asked=burst(date(2026, 10, 5)), now=NOW)

    def test_counts_the_bursts_of_a_year_from_where_the_policy_starts_it(self, story):
        for first in (date(2026, 8, 10), date(2026, 9, 7)):
            agreements.ask_agreement(actor=story.owner, asked=burst(first), now=NOW)
        about = {"actor": SYSTEM, "unit_id": story.team.unit.id, "reason": "Why", "now": NOW}
        adopt_policy(starts_on=date(2026, 7, 1), settings={"fy_start_month": 10}, **about)

        agreements.ask_agreement(actor=story.owner, asked=burst(date(2026, 10, 5)), now=NOW)
        with pytest.raises(RulesBroken, match="You have 2 bursts in FY2026"):
            agreements.ask_agreement(actor=story.owner, asked=burst(date(2026, 9, 21)), now=NOW)

    def test_needs_a_manager(self, story):
        director = actor(story.team.director)

        with pytest.raises(RuleBroken, match="You have no line manager on record"):
            agreements.ask_agreement(actor=director, asked=asked(), now=NOW)


class TestDeciding:
    def test_is_for_the_manager_alone(self, story):
        request_id, before = ask(story), contents()
        for who in (story.owner, actor(story.team.colleague), actor(story.team.director), actor(story.team.hr)):
            with pytest.raises(NotFound):
                agreements.agree(actor=who, request_id=request_id, now=NOW)
        assert contents() | {"notice": []} == before | {"notice": []}

    def test_is_done_once(self, story):
        request_id = ask(story)
        agreements.agree(actor=story.manager, request_id=request_id, now=NOW)

        with pytest.raises(Conflict):
            agreements.agree(actor=story.manager, request_id=request_id, now=NOW)
        with pytest.raises(Conflict):
            agreements.withdraw_agreement(actor=story.owner, request_id=request_id, now=NOW)
        assert stored(request_id).decided_by == story.manager.id
        assert events()[-1] == ("agreement-agreed", story.owner.id)

    def test_may_be_done_by_an_accepted_delegate(self, story):
        DelegationFactory(manager_id=story.manager.id, delegate_id=story.team.director.id)
        request_id = ask(story)

        agreements.agree(actor=actor(story.team.director), request_id=request_id, now=NOW)

        assert stored(request_id).decided_by == story.team.director.id

    def test_refuses_with_a_ground_and_words(self, story):
        request_id = ask(story)
        for ground, reason in (("cover", "No"), ("wrong_entry", WORDS), (None, WORDS)):
            with pytest.raises(RulesBroken):
                agreements.refuse(actor=story.manager, request_id=request_id, ground=ground, reason=reason, now=NOW)

        agreements.refuse(actor=story.manager, request_id=request_id, ground="cover", reason=WORDS, now=NOW)

        assert stored(request_id).status is RequestStatus.REFUSED
        assert WORDS in db.session.scalars(select(Notice.body).where(Notice.event == "agreement-refused")).one()

    def test_warns_where_too_few_would_be_left(self, story):
        request_id = ask(story, weekdays=frozenset({1, 4}))
        BlockFactory(
            person_id=story.team.colleague.id, day=date(2026, 8, 14), project_id=story.project.id, kind="tithe"
        )
        found = queries.get_request(request_id, by=story.manager, to="agreement:decide", today=TODAY)
        cover = queries.cover_with(found, TODAY)

        assert cover.team == 2
        assert warnings(cover, 50) == ["2 of 2 people would be on tithe at once on 14 Aug 2026"]
        assert warnings(cover, 100) == []

    @pytest.mark.parametrize("who", ["owner", "manager"])
    def test_is_ended_from_a_day_on_by_either_side(self, story, who):
        request = agreed(story)
        ender = getattr(story, who)
        for day in (date(2026, 8, 6), date(2026, 12, 19)):
            with pytest.raises(RuleBroken, match="Choose a day from"):
                agreements.end_agreement(actor=ender, request_id=request.id, ended_from=day, now=NOW)

        agreements.end_agreement(actor=ender, request_id=request.id, ended_from=date(2026, 8, 17), now=NOW)

        ((held),) = standing_of(story.owner.id, [QUARTER]).agreed
        assert held.last_day == date(2026, 8, 16)
        other = story.manager if who == "owner" else story.owner
        assert events() == [("agreement-ended", other.id)]


class TestSubmitting:
    def decision(self) -> Decision | None:
        return db.session.scalars(select(Decision)).first()

    def test_approves_a_week_inside_an_agreement_at_once(self, story):
        agreed(story)

        week = story.submitted(story.entry(240))

        assert week.status is WeekStatus.APPROVED
        decision = self.decision()
        assert (decision.how, decision.decided_by, decision.version) == (DecisionHow.AGREEMENT, None, 2)
        assert "week-submitted" not in [event for event, _ in events()]
        assert queries.for_inbox(story.manager, TODAY) == queries.ForInbox(0, 1)
        (lately,) = queries.approved_lately(story.manager, TODAY)
        assert (lately.id, lately.total_minutes) == (week.id, 240)
        assert queries.approved_lately(actor(story.team.director), TODAY) == []

    @pytest.mark.parametrize(
        "changes",
        [
            {"week_minutes": 89},
            {"weekdays": 0b11101},
            {"starts_on": date(2026, 8, 5)},
            {"last_day": date(2026, 8, 3)},
            {"project_ids": [999]},
            {"status": RequestStatus.ASKED, "decided_at": None, "decided_by": None},
            {"shape": RequestShape.BURST},
        ],
    )
    def test_leaves_every_other_week_to_the_manager(self, story, changes):
        agreed(story, **changes)

        assert story.submitted().status is WeekStatus.SUBMITTED
        assert self.decision() is None

    def test_leaves_an_ended_one_to_the_manager(self, story):
        day = date(2026, 8, 4)
        agreed(story, status=RequestStatus.ENDED, ended_from=day, ended_by=story.owner.id)

        assert story.submitted().status is WeekStatus.SUBMITTED

    def test_leaves_an_amendment_to_the_manager(self, story):
        week = story.approved()
        agreed(story)
        amending.amend_week(actor=story.owner, week_id=week.id, reason="An hour was missing", now=NOW)

        assert story.submitted(story.entry(120)).status is WeekStatus.SUBMITTED

    def test_leaves_a_project_the_manager_works_on_to_somebody_else(self, story):
        agreed(story)
        MemberFactory(project_id=story.project.id, person_id=story.manager.id)

        week = story.submitted()

        assert (week.status, week.approver_id) == (WeekStatus.SUBMITTED, story.team.director.id)

    def test_leaves_all_weeks_to_a_person_where_the_policy_says_so(self, story):
        agreed(story)
        every = {"entry_approval": "every"}
        unit = story.team.unit.id
        adopt_policy(actor=SYSTEM, unit_id=unit, starts_on=MONDAY, settings=every, reason="Why", now=NOW)

        assert story.submitted().status is WeekStatus.SUBMITTED

    def test_goes_on_under_an_active_successor_and_stops_without_a_manager(self, story):
        agreed(story)
        mine = Assignment.person_id == story.owner.id
        db.session.execute(update(Assignment).where(mine).values(line_manager_id=story.team.director.id))
        db.session.commit()
        assert story.submitted().status is WeekStatus.APPROVED
        db.session.execute(update(Assignment).where(mine).values(line_manager_id=None))
        db.session.commit()

        assert story.submitted(monday=MONDAY - timedelta(weeks=1)).status is WeekStatus.SUBMITTED

    def test_counts_learning_towards_no_agreement(self, story):
        agreed(story)

        week = story.submitted(Entry(MONDAY, None, 200, "", TimeKind.LEARNING))

        assert week.status is WeekStatus.SUBMITTED

    def test_lifts_the_weekly_cap_on_the_days_of_an_agreed_burst(self, story):
        week = [story.entry(444, day=day) for day in range(4)]
        with pytest.raises(RulesBroken, match="40% of your week"):
            story.submitted(*week)

        agreed(story, burst=True, last_day=date(2026, 8, 7))

        assert story.submitted(*week).status is WeekStatus.SUBMITTED


class TestWaiting:
    def test_counts_of_an_amendment_only_what_it_asks_for_beyond_what_is_counted(self, story):
        week = story.approved(story.entry(100))
        amending.amend_week(actor=story.owner, week_id=week.id, reason="An hour was missing", now=NOW)
        story.submitted(story.entry(160))
        story.submitted(monday=MONDAY - timedelta(weeks=1))

        assert standing_of(story.owner.id, [QUARTER]).waiting[QUARTER] == 60 + 90
        assert waiting_of([story.owner.id, story.manager.id], QUARTER) == {story.owner.id: 60 + 90}

    def test_counts_nothing_of_one_that_asks_for_less(self, story):
        week = story.approved(story.entry(100))
        amending.amend_week(actor=story.owner, week_id=week.id, reason="It was too much", now=NOW)
        story.submitted(story.entry(40))

        assert standing_of(story.owner.id, [QUARTER]).waiting[QUARTER] == 0
