"""Weeks that nobody decides in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from tests.factories.absences import AbsenceFactory
from tests.factories.delegations import DelegationFactory
from tests.factories.people import RoleGrantFactory
from tests.support.contents import contents, counted
from tests.timesheets.weeks import MONDAY, NOW, Story, actor, approve
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.kernel.errors import NotFound
from tithe.notices.models import Notice
from tithe.people.models import Assignment, Person
from tithe.policy.operations import adopt_policy
from tithe.projects.models import ProjectMember
from tithe.timesheets.models import Decision
from tithe.timesheets.operations.amending import amend_week
from tithe.timesheets.operations.escalation import settle_overdue
from tithe.timesheets.operations.weeks import recall_week, save_week, submit_week
from tithe.timesheets.queries.escalation import moved_from
from tithe.timesheets.rules.deciding import DecisionHow
from tithe.timesheets.rules.escalation import Silence, Stage, silence_approves
from tithe.timesheets.rules.lifecycle import WeekStatus


@pytest.fixture
def story(app):
    return Story()


DUE = date(2026, 8, 21)  # ten working days after NOW, in England
AFTER = NOW + timedelta(days=15)  # the Saturday after: its day begins with everything due on the Friday overdue
LATER = AFTER + timedelta(days=9)


def settle(now=AFTER):
    db.session.rollback()
    return settle_overdue(now=now)


def adopt(story, **settings):
    """The department decides so from July on."""
    about = {"actor": SYSTEM, "unit_id": story.team.department.id, "reason": "As decided by the board"}
    adopt_policy(starts_on=date(2026, 7, 1), settings=settings, now=NOW, **about)


def silence(story):
    adopt(story, expiry_action="deemed_if_guarded")


def told(event):
    return {notice.person_id for notice in db.session.scalars(select(Notice).where(Notice.event == event))}


class TestSettleOverdue:
    def test_gives_the_week_to_the_countersigning_manager_with_five_days_more(self, story):
        week = story.submitted()
        assert week.due_on == DUE

        assert settle() == (0, 1)
        after = story.week()
        assert (after.approver_id, after.stage, after.status) == (
            story.team.director.id,
            Stage.COUNTERSIGNER,
            WeekStatus.SUBMITTED,
        )
        assert (after.version, after.due_on) == (week.version + 1, date(2026, 8, 28))
        assert told("week-escalated") == {story.team.director.id}
        assert told("week-moved-on") == {story.team.manager.id}
        assert told("week-waits-elsewhere") == {story.owner.id}

    def test_changes_nothing_on_the_last_day_nor_twice(self, story):
        story.submitted()
        before = contents()

        assert settle(AFTER - timedelta(days=1)) == (0, 0)
        assert contents() == before
        assert (settle(), settle()) == ((0, 1), (0, 0))

    def test_takes_one_step_however_late_it_comes(self, story):
        story.submitted()

        assert settle(NOW + timedelta(days=90)) == (0, 1)
        assert story.week().stage is Stage.COUNTERSIGNER

    def test_goes_on_to_the_queue_of_the_unit_whose_keepers_are_told(self, story):
        RoleGrantFactory(person_id=story.team.colleague.id, unit_id=story.team.department.id, role=Role.COORDINATOR)
        story.submitted()
        settle()

        assert settle(LATER) == (0, 1)
        after = story.week()
        assert (after.approver_id, after.unit_id, after.stage) == (None, story.team.unit.id, Stage.COORDINATOR)
        assert told("weeks-in-queue") == {story.team.colleague.id}
        assert settle(LATER + timedelta(days=30)) == (0, 0)

    def test_goes_to_the_queue_at_once_where_the_countersigner_works_on_the_project_too(self, story):
        story.submitted()
        db.session.add(
            ProjectMember(project_id=story.project.id, person_id=story.team.director.id, joined_on=date(2026, 1, 1))
        )
        db.session.commit()

        settle()

        assert (story.week().approver_id, story.week().stage) == (None, Stage.COORDINATOR)

    def test_goes_to_the_queue_at_once_where_the_countersigner_has_left(self, story):
        story.submitted()
        db.session.execute(update(Person).where(Person.id == story.team.director.id).values(leaves_on=date(2026, 8, 1)))
        db.session.commit()

        settle()

        assert story.week().stage is Stage.COORDINATOR

    def test_lets_the_countersigner_decide_as_such_and_the_manager_no_more(self, story):
        week = story.submitted()
        settle()
        with pytest.raises(NotFound):
            approve(story.manager, week)

        approve(actor(story.team.director), story.week())

        assert db.session.scalars(select(Decision.how)).one() is DecisionHow.COUNTERSIGNER

    def test_keeps_where_it_went_for_whoever_had_it(self, story):
        week = story.submitted()
        settle()

        [moved], following = moved_from(story.manager, AFTER)

        assert (moved.week_id, moved.due_was, moved.to) == (week.id, DUE, "Dora Director")
        assert following is None
        assert moved_from(actor(story.team.director), AFTER) == ([], None)
        assert moved_from(story.manager, AFTER + timedelta(days=29)) == ([], None)

    def test_begins_again_when_its_owner_takes_it_back(self, story):
        story.submitted()
        settle()
        recall_week(actor=story.owner, monday=MONDAY, now=AFTER)

        assert (story.week().stage, story.week().status) == (Stage.MANAGER, WeekStatus.DRAFT)

    def test_sends_no_more_statements_for_more_weeks(self, story):
        story.submitted()
        for_one = counted(settle)
        for weeks in (1, 2, 3):
            story.submitted(monday=MONDAY - timedelta(days=7 * weeks), by=None)

        assert counted(settle) <= for_one + 2  # the managers of each Monday

    def test_counts_the_holidays_of_the_owner_where_the_unit_says_so(self, story):
        adopt(story, sla_calendar="owner")
        post = update(Assignment).where(Assignment.person_id == story.team.manager.id)
        db.session.execute(post.values(calendar="scotland"))
        db.session.commit()
        now = NOW + timedelta(days=17)  # Monday 24 August; the 31st is a holiday in England, not in Scotland

        save_week(actor=story.owner, monday=MONDAY, entries=[story.entry(day=1)], now=now)
        submit_week(actor=story.owner, monday=MONDAY, now=now)

        assert story.week().due_on == date(2026, 9, 8)


class TestSilence:
    def test_approves_within_every_limit_apart_from_managers(self, story):
        silence(story)
        week = story.submitted()

        assert settle() == (1, 0)
        assert story.week().status is WeekStatus.APPROVED
        made = db.session.scalars(select(Decision)).one()
        assert (made.how, made.decided_by, made.version) == (DecisionHow.DEEMED, None, week.version)
        assert told("week-deemed") == {story.team.manager.id}
        assert told("week-approved-by-rule") == {story.owner.id}

    def test_never_approves_where_the_unit_lets_nothing_be_deemed(self, story):
        story.submitted()

        assert settle() == (0, 1)

    def test_moves_on_what_is_above_the_limit_of_minutes(self, story):
        silence(story)
        story.submitted(story.entry(440, day=1), story.entry(15, day=2))

        assert settle() == (0, 1)

    def test_moves_on_a_day_the_owner_was_away_after_all(self, story):
        silence(story)
        story.submitted()
        AbsenceFactory(person_id=story.owner.id, day=MONDAY + timedelta(days=1))

        assert settle() == (0, 1)

    def test_moves_on_while_the_manager_is_away_unless_somebody_stands_in(self, story):
        silence(story)
        story.submitted()
        AbsenceFactory(person_id=story.team.manager.id, day=DUE)
        DelegationFactory(
            manager_id=story.team.manager.id,
            delegate_id=story.team.colleague.id,
            starts_on=DUE,
            ends_on=date(2026, 8, 28),
        )

        assert settle() == (1, 0)

    def test_moves_on_while_the_manager_is_away(self, story):
        silence(story)
        story.submitted()
        AbsenceFactory(person_id=story.team.manager.id, day=DUE)

        assert settle() == (0, 1)

    def test_never_approves_an_amendment(self, story):
        silence(story)
        week = story.approved()
        amend_week(actor=story.owner, week_id=week.id, reason="It was another day", now=NOW)
        story.submitted()

        assert settle() == (0, 1)

    def test_never_speaks_for_the_countersigner(self, story):
        story.submitted()
        settle()
        silence(story)

        assert settle(LATER) == (0, 1)
        assert story.week().stage is Stage.COORDINATOR

    @pytest.mark.parametrize(
        "changes",
        [
            {"stage": Stage.COUNTERSIGNER},
            {"minutes": 445},
            {"amends": True},
            {"asked": True},
            {"to_fix": True},
            {"decider_active": False},
            {"blacked_out": True},
            {"limits_broken": 1},
        ],
    )
    def test_needs_every_guard(self, changes):
        passing = {
            "stage": Stage.MANAGER,
            "minutes": 444,
            "amends": False,
            "asked": False,
            "to_fix": False,
            "decider_active": True,
        }

        assert silence_approves(Silence(**passing))
        assert not silence_approves(Silence(**{**passing, **changes}))


class TestMovedOn:
    def test_is_listed_for_whoever_had_it(self, story, client, api, monkeypatch):
        week = story.submitted()
        settle()
        monkeypatch.setattr(clock, "now", lambda: AFTER)
        page = client.sign_in(story.team.manager).get("/approvals/moved")

        assert "Ada Owner" in page.text
        assert "Dora Director" in page.text
        api = api.as_(story.team.manager, "approvals:read")
        [moved] = api.get("/approvals/moved").json["weeks"]
        assert (moved["id"], moved["to"], moved["status"]) == (week.id, "Dora Director", "submitted")

    def test_is_nothing_for_most(self, story, client, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: AFTER)
        page = client.sign_in(story.team.manager).get("/approvals/moved")

        assert "No week has moved on" in page.text
