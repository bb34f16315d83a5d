"""Weeks that wait for somebody who leaves."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory
from tests.factories.projects import ProjectFactory
from tests.support.contents import contents, counted
from tests.timesheets.weeks import MONDAY, NOW, Story, actor, approve
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.audit.models import AuditEvent
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.kernel.errors import NotFound
from tithe.kernel.jobs import run_due
from tithe.notices.models import Notice
from tithe.people.models import Assignment
from tithe.people.operations.posts import leave
from tithe.projects.models import ProjectMember
from tithe.timesheets.jobs import JOBS
from tithe.timesheets.operations.handover import hand_over_orphans, reassign_weeks
from tithe.timesheets.rules.lifecycle import WeekStatus

LAST_DAY = date(2026, 8, 9)
NIGHT = NOW + timedelta(days=3)  # the Monday after


@pytest.fixture
def story(app):
    return Story()


def goes(story, person=None):
    """The manager leaves on the Sunday."""
    db.session.rollback()
    leave(actor=SYSTEM, person_id=(person or story.team.manager).id, last_day=LAST_DAY, now=NOW)


def night(now=NIGHT):
    db.session.rollback()
    return hand_over_orphans(now=now)


class TestHandOverOrphans:
    def test_gives_the_week_to_the_managers_own_manager_who_is_told(self, story):
        week = story.submitted()
        goes(story)

        assert night() == 1
        after = story.week()
        assert (after.approver_id, after.status) == (story.team.director.id, WeekStatus.SUBMITTED)
        assert after.version == week.version + 1
        told = db.session.scalars(select(Notice).where(Notice.event == "week-handed-over")).one()
        assert (told.person_id, told.path) == (story.team.director.id, f"/approvals/{week.id}")
        assert "Max Manager has left before deciding 1h 30m" in told.body
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "week:hand-over")).one()
        facts = {"version": week.version + 1, "approver_id": story.team.director.id, "was": story.team.manager.id}
        assert (event.subject_id, json.loads(event.details)) == (week.id, facts)

    def test_lets_the_new_approver_decide_it(self, story):
        story.submitted()
        goes(story)
        night()

        approve(actor(story.team.director), story.week())

        assert story.week().status is WeekStatus.APPROVED

    def test_changes_nothing_before_the_last_day_is_over_nor_twice(self, story):
        story.submitted()
        goes(story)
        before = contents()

        assert night(NOW + timedelta(days=2)) == 0
        assert contents() == before
        assert (night(), night()) == (1, 0)

    def test_leaves_alone_what_is_decided_or_waits_for_others(self, story):
        story.approved()
        other = story.submitted(monday=MONDAY - timedelta(days=7))
        colleague = actor(story.team.manager)
        project = ProjectFactory(owner_id=colleague.id, owner=None)
        mine = type(story.entry())(MONDAY, project.id, 60)
        story.submitted(mine, by=colleague)  # waits for the director
        goes(story, story.team.colleague)

        assert night() == 0
        assert story.week(other.starts_on).approver_id == story.team.manager.id

    def test_sends_a_week_on_a_project_they_share_to_the_hr_queue(self, story):
        story.submitted()
        db.session.add(
            ProjectMember(project_id=story.project.id, person_id=story.team.director.id, joined_on=date(2026, 1, 1))
        )
        db.session.commit()
        goes(story)

        assert night() == 1
        assert (story.week().approver_id, story.week().unit_id) == (None, story.team.unit.id)
        assert db.session.scalar(select(Notice.id).where(Notice.event == "week-handed-over")) is None

    def test_never_gives_a_week_to_its_owner(self, story):
        story.submitted()
        db.session.execute(
            update(Assignment)
            .where(Assignment.person_id == story.team.manager.id)
            .values(line_manager_id=story.team.owner.id)
        )
        db.session.commit()
        goes(story)

        assert night() == 1
        assert story.week().approver_id is None

    def test_goes_to_the_hr_queue_when_the_next_manager_has_left_too(self, story):
        story.submitted()
        goes(story)
        goes(story, story.team.director)

        assert night() == 1
        assert story.week().approver_id is None

    def test_sends_no_more_statements_for_more_weeks(self, story):
        story.submitted()
        goes(story)
        for_one = counted(night)
        new = PersonFactory(name="New Manager")
        used = {"line_manager_id": story.team.director.id, "person": None, "unit": None}
        AssignmentFactory(person_id=new.id, unit_id=story.team.unit.id, **used)
        mine = update(Assignment).where(Assignment.person_id == story.owner.id)
        db.session.execute(mine.values(line_manager_id=new.id))
        db.session.commit()
        for weeks in (1, 2, 3):
            story.submitted(monday=MONDAY - timedelta(days=7 * weeks))
        goes(story, new)

        assert counted(night) == for_one

    def test_is_done_every_night(self, story):
        story.submitted()
        goes(story)
        [job] = [each for each in JOBS if each.name == "handovers"]

        db.session.rollback()
        assert run_due(job, NIGHT) == ["2026-08-10"]
        assert story.week().approver_id == story.team.director.id
        assert run_due(job, NIGHT) == []


class TestReassignWeeks:
    """The owner gets another manager after submitting."""

    def hr(self, story):
        RoleGrantFactory(person_id=story.team.hr.id, unit_id=story.team.department.id, role=Role.HR_MANAGER)
        return actor(story.team.hr)

    def moves(self, story):
        new = PersonFactory(name="New Manager")
        used = {"line_manager_id": story.team.director.id, "person": None, "unit": None}
        AssignmentFactory(person_id=new.id, unit_id=story.team.unit.id, **used)
        mine = update(Assignment).where(Assignment.person_id == story.owner.id)
        db.session.execute(mine.values(line_manager_id=new.id))
        db.session.commit()
        return new

    def test_lets_undecided_weeks_wait_for_the_new_manager_alone(self, story):
        approved = story.approved(monday=MONDAY - timedelta(days=7))
        week = story.submitted()
        new, hr = self.moves(story), self.hr(story)

        assert reassign_weeks(actor=hr, person_id=story.owner.id, now=NOW) == 1
        after = story.week()
        assert (after.approver_id, after.version, after.due_on) == (new.id, week.version + 1, week.due_on)
        assert story.week(approved.starts_on) == approved
        told = {(each.person_id, each.event) for each in db.session.scalars(select(Notice))}
        assert {(new.id, "week-submitted"), (story.team.manager.id, "week-moved-on")} <= told

    def test_changes_nothing_while_the_manager_is_the_same_nor_twice(self, story):
        story.submitted()
        hr = self.hr(story)
        assert reassign_weeks(actor=hr, person_id=story.owner.id, now=NOW) == 0
        self.moves(story)

        moved = [reassign_weeks(actor=hr, person_id=story.owner.id, now=NOW) for _ in range(2)]

        assert moved == [1, 0]

    def test_is_for_hr_managers_of_the_unit_alone(self, story):
        story.submitted()
        self.moves(story)

        for who in (story.manager, story.owner, actor(story.team.hr)):
            with pytest.raises(NotFound):
                reassign_weeks(actor=who, person_id=story.owner.id, now=NOW)

    def test_is_offered_by_page_and_to_programs(self, story, client, api, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: NOW)
        story.submitted()
        self.moves(story)
        self.hr(story)
        browser = client.sign_in(story.team.hr)
        assert browser.post("/approvals/reassign", {"person": "nobody"}).status == 422
        assert browser.post("/approvals/reassign", {"person": story.team.owner.email}).status == 303

        answer = api.as_(story.team.hr, "approvals:write").post("/approvals/reassign", {"person": story.owner.email})

        assert answer.json == {"moved": 0}
