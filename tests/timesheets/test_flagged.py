"""Weeks with time on a project that waits for a coordinator, or that was stopped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.flags import RAISED, FlagFactory
from tests.support.pages import PageClient
from tests.timesheets.weeks import MONDAY, NOW, Story, approve
from tithe.access.actor import SYSTEM
from tithe.kernel import clock
from tithe.kernel.clock import local_date
from tithe.kernel.db import db
from tithe.kernel.errors import RuleBroken, RulesBroken
from tithe.policy.operations import adopt_policy
from tithe.projects.models import Project, ProjectFlag
from tithe.projects.rules import FlagGround, FlagOutcome, ProjectStatus
from tithe.timesheets.operations.amending import amend_week
from tithe.timesheets.operations.escalation import settle_overdue
from tithe.timesheets.operations.quick import add_line
from tithe.timesheets.operations.timer import start_timer
from tithe.timesheets.operations.weeks import save_week, submit_week
from tithe.timesheets.queries.inbox import inbox_of
from tithe.timesheets.rules.lifecycle import WeekStatus
from tithe.timesheets.rules.unusual import Reason

WAITS = "Plain letters waits for a coordinator. Take this time away, and log it once they have cleared it"
SILENT = datetime(2026, 9, 7, 5, tzinfo=UTC)


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Story()


def flag(story: Story, **changes) -> int:
    return FlagFactory(project_id=story.project.id, raised_by=story.team.owner.id, **changes).id


def stop(story: Story) -> None:
    """A coordinator stops the project on the Friday; it was flagged on the Wednesday."""
    found = db.session.get_one(ProjectFlag, flag(story))
    found.outcome, found.reason, found.settled_at = FlagOutcome.STOPPED, "x" * 40, NOW
    found.settled_by = story.team.director.id
    project = db.session.get_one(Project, story.project.id)
    project.status, project.closed_on = ProjectStatus.STOPPED, local_date(RAISED)
    db.session.commit()


class TestAFlaggedProject:
    def test_takes_no_new_time_beside_the_cell_and_keeps_what_is_there(self, story):
        story.saved(story.entry(60))
        flag(story)
        with pytest.raises(RulesBroken) as refusal:
            story.saved(story.entry(60), story.entry(90, day=1))
        assert [(each.field, each.message) for each in refusal.value.problems] == [("entries.1", WAITS)]
        with pytest.raises(RulesBroken):
            story.saved(story.entry(75))

        story.saved(story.entry(45, note="What was there may be less, with other words"))

    def test_is_not_submitted_until_it_is_cleared(self, story):
        story.saved(story.entry(60))
        found = db.session.get_one(ProjectFlag, flag(story))
        with pytest.raises(RulesBroken, match="waits for a coordinator"):
            submit_week(actor=story.owner, monday=MONDAY, now=NOW)
        found.outcome, found.reason, found.settled_at = FlagOutcome.CLEARED, "x" * 40, NOW
        found.settled_by = story.team.director.id
        db.session.commit()
        submit_week(actor=story.owner, monday=MONDAY, now=NOW)

        assert story.week().status is WeekStatus.SUBMITTED

    def test_goes_on_while_only_its_scope_is_asked_about(self, story):
        flag(story, ground=FlagGround.SCOPE)

        assert story.submitted().status is WeekStatus.SUBMITTED

    def test_takes_no_line_and_no_timer(self, story):
        flag(story)
        for attempt in (add_line, start_timer):
            line = "1h Plain letters" if attempt is add_line else "Plain letters"
            with pytest.raises(RuleBroken, match="waits for a coordinator"):
                attempt(actor=story.owner, line=line, now=NOW)

    def test_is_said_in_its_cell_and_to_whoever_decides(self, app, story):
        story.saved(story.entry(60))
        flag(story)
        shown = PageClient(app).sign_in(story.team.owner).get(f"/weeks/{MONDAY}")

        assert any(WAITS in each for each in shown.words("main"))

    def test_makes_a_week_that_waits_unusual(self, story):
        story.submitted()
        flag(story)
        ((week,), _) = inbox_of(story.manager)

        assert [each.words for each in week.unusual if each.reason is Reason.FLAGGED] == [
            "Plain letters waits for a coordinator or was stopped"
        ]

    def test_is_not_approved_by_silence(self, story):
        adopt_policy(
            actor=SYSTEM, unit_id=story.team.department.id, starts_on=MONDAY - timedelta(weeks=2),
            settings={"expiry_action": "deemed_if_guarded"}, reason="As agreed with staff", now=NOW,
        )  # fmt: skip
        story.submitted(monday=MONDAY - timedelta(weeks=1))
        assert settle_overdue(now=SILENT) == (1, 0), "the other guards hold"
        story.submitted()
        flag(story)

        assert settle_overdue(now=SILENT) == (0, 1)
        assert story.week().status is WeekStatus.SUBMITTED

    def test_is_still_decided_by_its_manager(self, story):
        week = story.submitted()
        flag(story)
        approve(story.manager, week)

        assert story.week().status is WeekStatus.APPROVED


class TestAStoppedProject:
    def test_takes_time_of_days_before_it_was_flagged_alone(self, story):
        stop(story)
        with pytest.raises(RulesBroken, match="was stopped and takes no time from 5 August 2026 on"):
            story.saved(story.entry(60, day=2))

        assert story.submitted(story.entry(60, day=1)).status is WeekStatus.SUBMITTED

    def test_keeps_what_was_approved_when_the_week_is_amended(self, story):
        week = story.approved(story.entry(60, day=1))
        stop(story)
        amend_week(actor=story.owner, week_id=week.id, reason="It was a little less than that", now=NOW)
        save_week(actor=story.owner, monday=MONDAY, entries=[story.entry(45, day=1)], now=NOW)
        submit_week(actor=story.owner, monday=MONDAY, now=NOW)

        assert story.week().total_minutes == 45
