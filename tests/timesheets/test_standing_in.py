"""Weeks decided in somebody's place or by a rule: who may, what is kept, and what the owner is told."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from tests.factories.delegations import DelegationFactory
from tests.factories.people import RoleGrantFactory
from tests.factories.projects import MemberFactory, ProjectFactory
from tests.support.contents import contents
from tests.support.pages import PageClient
from tests.timesheets.weeks import MONDAY, NOW, Story, actor, approve, send_back
from tithe import checks
from tithe.access.permissions import Permission, Role
from tithe.allowance.models import LedgerLine
from tithe.audit.models import AuditEvent
from tithe.kernel.db import atomic, db
from tithe.kernel.errors import Conflict, NotFound
from tithe.notices.models import Notice
from tithe.people.models import Delegation
from tithe.timesheets.models import Decision, Week
from tithe.timesheets.operations.decisions import approve_by_rule
from tithe.timesheets.queries.inbox import count_awaiting, inbox_of
from tithe.timesheets.queries.weeks import get_week, last_decision
from tithe.timesheets.rules.deciding import DecisionHow
from tithe.timesheets.rules.entries import Entry
from tithe.timesheets.rules.lifecycle import WeekStatus


@pytest.fixture
def story(app) -> Story:
    return Story()


@pytest.fixture
def delegate(story):
    """Hana stands in for the manager today."""
    DelegationFactory(manager_id=story.team.manager.id, delegate_id=story.team.hr.id)
    return actor(story.team.hr)


def broken(code: str) -> tuple[str, ...]:
    db.session.rollback()
    return next(each.first for each in checks.results(NOW) if each.code == code)


class TestDelegate:
    def test_finds_the_managers_weeks_in_their_own_queue_marked_for_whom(self, story, delegate):
        week = story.submitted()

        (waiting,), _ = inbox_of(delegate)

        assert (waiting.week.id, waiting.how, waiting.for_whom) == (week.id, DecisionHow.DELEGATE, "Max Manager")
        assert count_awaiting(delegate) == 1

    def test_leaves_the_week_with_the_manager_too(self, story, delegate):
        story.submitted()
        (waiting,), _ = inbox_of(story.manager)
        assert (waiting.how, waiting.for_whom) == (DecisionHow.MANAGER, None)

    @pytest.mark.parametrize("decide", [approve, send_back])
    def test_decides_under_both_names(self, story, delegate, decide):
        week = story.submitted()

        decide(delegate, week)

        made = db.session.scalars(select(Decision)).one()
        assert (made.decided_by, made.on_behalf_of, made.how) == (
            delegate.id,
            story.team.manager.id,
            DecisionHow.DELEGATE,
        )
        assert last_decision(week.id).who == "Hana Analyst, for Max Manager"
        told = db.session.scalars(
            select(Notice).where(Notice.event.like("week-%ed"), Notice.person_id == story.owner.id)
        )
        assert "Hana Analyst, for Max Manager" in told.one().body
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb.in_(["week:approve", "week:return"]))).one()
        facts = json.loads(event.details)
        assert (event.actor_id, facts["on_behalf_of"], facts["how"]) == (delegate.id, story.team.manager.id, "delegate")
        assert broken("A2") == ()

    def test_is_named_for_the_manager_on_the_week_and_in_the_queue(self, app, friday):
        DelegationFactory(manager_id=friday.team.manager.id, delegate_id=friday.team.hr.id)
        week = friday.submitted()

        assert "For Max Manager" in PageClient(app).sign_in(friday.team.hr).get("/approvals").text
        approve(actor(friday.team.hr), week)
        page = PageClient(app).sign_in(friday.team.owner).get(f"/weeks/{MONDAY}")
        assert "Approved by Hana Analyst, for Max Manager" in page.text

    @pytest.mark.parametrize(
        "stint",
        [
            {"accepted_at": None},
            {"accepted_at": None, "declined_at": NOW},
            {"ended_at": NOW},
            {"starts_on": date(2026, 8, 8), "ends_on": date(2026, 8, 9)},
            {"starts_on": date(2026, 8, 3), "ends_on": date(2026, 8, 6)},
        ],
    )
    def test_decides_nothing_unless_it_counts_today(self, story, stint):
        DelegationFactory(manager_id=story.team.manager.id, delegate_id=story.team.hr.id, **stint)
        week, hana = story.submitted(), actor(story.team.hr)
        before = contents()

        assert count_awaiting(hana) == 0
        with pytest.raises(NotFound):
            approve(hana, week)
        assert contents() == before

    def test_never_decides_their_own_week(self, story):
        DelegationFactory(manager_id=story.team.manager.id, delegate_id=story.owner.id)
        week, owner = story.submitted(), actor(story.team.owner)

        assert count_awaiting(owner) == 0
        with pytest.raises(NotFound):
            approve(owner, week)
        assert get_week(week.id, by=owner, to=Permission.WEEK_READ).id == week.id

    def test_never_decides_nor_sees_one_on_a_project_they_work_on(self, story, delegate):
        MemberFactory(project_id=story.project.id, person_id=delegate.id)
        week, before = story.submitted(), contents()

        assert inbox_of(delegate) == ([], None)
        for attempt in (approve, send_back):
            with pytest.raises(NotFound):
                attempt(delegate, week)
        assert contents() == before

    def test_is_found_out_by_the_check_if_they_did_not_stand_in_at_that_moment(self, story, delegate):
        approve(delegate, story.submitted())
        number = db.session.scalars(select(Decision.id)).one()
        for change in (
            update(Delegation).values(accepted_at=NOW + timedelta(hours=1)),
            update(Delegation).values(accepted_at=NOW, ended_at=NOW - timedelta(hours=1)),
            update(Delegation).values(ended_at=None, starts_on=date(2026, 8, 8)),
            update(Delegation).values(starts_on=date(2026, 8, 3), manager_id=story.team.director.id),
        ):
            db.session.execute(change)
            db.session.commit()
            assert broken("A2") == (f"decision {number}",)

    def test_is_found_out_by_the_check_if_the_week_waited_for_another(self, story, delegate):
        approve(delegate, story.submitted())
        db.session.execute(update(Week).values(approver_id=story.team.director.id))
        db.session.commit()
        assert len(broken("A2")) == 1


class TestQueueKeeper:
    def test_decides_as_the_queue_and_sees_whose_it_is(self, story):
        RoleGrantFactory(person_id=story.team.hr.id, unit_id=story.team.department.id, role=Role.HR_MANAGER)
        director, keeper = actor(story.team.director), actor(story.team.hr)
        project = ProjectFactory(owner_id=director.id, owner=None)
        week = story.submitted(Entry(MONDAY, project.id, 60), by=director)

        (waiting,), _ = inbox_of(keeper)
        approve(keeper, week)

        assert (waiting.how, waiting.week.unit) == (DecisionHow.QUEUE, "Department of Tests")
        assert db.session.scalars(select(Decision.how)).one() is DecisionHow.QUEUE


class TestApproveByRule:
    @pytest.mark.parametrize(
        ("how", "why"), [(DecisionHow.AGREEMENT, "you and your manager agreed"), (DecisionHow.DEEMED, "in time")]
    )
    def test_counts_the_minutes_and_is_decided_by_nobody(self, story, how, why):
        week = story.submitted(story.entry(90))

        approve_by_rule(versions={week.id: week.version}, how=how, now=NOW, words="Fridays until December")

        made = db.session.scalars(select(Decision)).one()
        assert (made.decided_by, made.how, made.reason) == (None, how, "Fridays until December")
        assert made.digest == week.digest
        assert story.week().status is WeekStatus.APPROVED
        assert db.session.scalars(select(LedgerLine.minutes)).all() == [-90]
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "week:approve")).one()
        assert (event.actor_id, json.loads(event.details)["how"]) == (None, how.value)
        told = db.session.scalars(select(Notice).where(Notice.event == "week-approved-by-rule")).one()
        assert told.person_id == story.owner.id
        assert why in told.body
        assert why in last_decision(week.id).who
        assert (broken("A2"), broken("A4")) == ((), ())

    def test_takes_all_or_none(self, story):
        weeks = [story.submitted(monday=MONDAY - timedelta(weeks=number)) for number in range(2)]
        approve(story.manager, weeks[0])
        before = contents()

        with pytest.raises(Conflict):
            approve_by_rule(versions={week.id: week.version for week in weeks}, how=DecisionHow.DEEMED, now=NOW)

        assert contents() == before

    def test_is_undone_with_the_unit_of_work_it_joins(self, story):
        week = story.submitted()
        before = contents()

        @atomic
        def fails() -> None:
            approve_by_rule(versions={week.id: week.version}, how=DecisionHow.AGREEMENT, now=NOW)
            raise Conflict("No")

        with pytest.raises(Conflict, match="No"):
            fails()
        assert contents() == before

    def test_by_nobody_and_no_rule_is_found_out_by_the_check(self, story):
        story.approved()
        db.session.execute(update(Decision).values(decided_by=None))
        db.session.commit()
        assert len(broken("A2")) == 1
