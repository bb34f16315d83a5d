"""Somebody moves unit and manager in the middle of a quarter: what was stays with the old line, what comes follows."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories.people import RoleGrantFactory
from tests.people.hr_files import CALENDARS
from tests.support.pages import ApiClient
from tests.timesheets.weeks import MONDAY, NOW, Story, actor, approve
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.allowance.operations.accrual import accrue_for
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.people.operations.posts import attempt, change_post
from tithe.timesheets.models import Decision
from tithe.timesheets.operations.weeks import save_week, submit_week
from tithe.timesheets.rules.entries import Entry

MOVES = MONDAY + timedelta(days=14)  # the Monday after next
EARLIER = MONDAY - timedelta(days=7)


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    story = Story()
    RoleGrantFactory(person_id=story.team.hr.id, unit_id=story.team.department.id, role=Role.HR_MANAGER)
    story.approved(monday=EARLIER)
    story.submitted()
    return story


def move(story: Story) -> None:
    """To the department itself, under its director."""
    db.session.rollback()
    changes = {"unit_id": story.team.department.id, "line_manager_id": story.team.director.id}
    wanted = partial(
        change_post, actor=SYSTEM, person_id=story.owner.id, starts_on=MOVES, changes=changes, calendars=CALENDARS,
        now=NOW,
    )  # fmt: skip
    attempt(wanted, keep=True, then=partial(accrue_for, actor=SYSTEM, now=NOW))


def decisions() -> list[tuple[Any, ...]]:
    db.session.rollback()
    found = select(Decision.week_id, Decision.decided_by, Decision.outcome, Decision.total_minutes, Decision.digest)
    return [tuple(row) for row in db.session.execute(found.order_by(Decision.id))]


def queue(app: Any, person: Any) -> list[str]:
    return [each["monday"] for each in ApiClient(app).as_(person).get("/approvals").json["weeks"]]


def used(app: Any, story: Story) -> dict[str, tuple[int, int]]:
    """People who took part and minutes used this quarter, in each unit and below."""
    answer = ApiClient(app).as_(story.team.hr).get("/reports/utilisation?quarter=2026-27Q2&unit=DEPT").json
    return {each["unit_code"]: (each["participants"], each["used_minutes"]) for each in answer["units"]}


class TestMovingMidQuarter:
    def test_leaves_decisions_queues_and_reports_as_they_were(self, app, story, monkeypatch):
        decided, reported = decisions(), used(app, story)
        assert reported == {"DEPT": (1, 90), "DEPT-TEAM": (1, 90)}
        move(story)

        for now in (NOW, NOW + (MOVES - MONDAY)):
            monkeypatch.setattr(clock, "now", lambda now=now: now)
            assert decisions() == decided
            assert queue(app, story.team.manager) == [str(MONDAY)]
            assert queue(app, story.team.director) == []
            assert used(app, story) == reported

    def test_lets_what_comes_follow_the_new_line(self, app, story, monkeypatch):
        move(story)
        then = NOW + (MOVES - MONDAY)
        monkeypatch.setattr(clock, "now", lambda: then)
        who = actor(story.team.owner, then)
        save_week(actor=who, monday=MOVES, entries=(Entry(MOVES, story.project.id, 60),), now=then)
        db.session.rollback()
        submit_week(actor=who, monday=MOVES, now=then)

        assert queue(app, story.team.manager) == [str(MONDAY)], "what waited goes on waiting for the old manager"
        assert queue(app, story.team.director) == [str(MOVES)]
        approve(actor(story.team.director, then), story.week(MOVES))
        assert [row[1] for row in decisions()] == [story.manager.id, story.team.director.id]
        assert used(app, story) == {"DEPT": (1, 150), "DEPT-TEAM": (1, 90)}, "each minute where it was worked"
