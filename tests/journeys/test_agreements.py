"""What is agreed in advance, from asking to a week that needs no decision; and a project that waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.factories.flags import CLEARED, WORDS
from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory
from tests.factories.plans import BlockFactory
from tests.journeys.office import Office, open_office
from tests.timesheets.weeks import MONDAY, NOW
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.projects.models import Project

pytestmark = pytest.mark.browser

FRIDAY, NEXT_MONDAY, NEXT_FRIDAY = date(2026, 8, 7), date(2026, 8, 10), date(2026, 8, 14)
LETTERS = "Plain letters"


@pytest.fixture
def office(tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with open_office(tmp_path, browser, monkeypatch) as office:
        accrue_quarter(actor=SYSTEM, quarter=Quarter.containing(MONDAY), now=NOW)
        yield office


class TestARhythm:
    @pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
    def test_is_agreed_in_sight_of_the_cover_and_approves_a_week_when_it_is_submitted(self, office, script):
        story = office.story
        colleague = {"person_id": story.team.colleague.id, "project_id": story.project.id, "kind": "tithe"}
        BlockFactory(day=NEXT_FRIDAY, **colleague)
        owner = office.screen(story.team.owner, script=script)
        owner.open("/agreements").press("Ask for a rhythm")
        owner.page.get_by_label("Friday").check()
        owner.fill("How long in a week at most?", "4h").fill("First day", str(FRIDAY)).fill("Last day", "2026-12-18")
        owner.press("Ask your manager").sees("Your manager has been told")

        manager = office.screen(story.team.manager, script=script)
        manager.open("/agreements").follow("Ada Owner").sees("Cover would be thin")
        manager.sees("2 of 2 people would be on tithe at once on 14 Aug 2026")
        manager.press("Agree").sees("Ada Owner has been told")

        owner.open(f"/weeks/{MONDAY}").log(LETTERS, FRIDAY, "2:00").press("Save and submit")
        owner.sees("because it is within what you and your manager agreed")
        manager.open("/approvals").sees("No week waits for you")
        for screen in (owner, manager):
            screen.context.close()


class TestABurst:
    def test_lifts_the_cap_on_its_days_and_its_week_is_decided_as_usual(self, office, monkeypatch):
        story = office.story
        owner = office.screen(story.team.owner)
        owner.open("/agreements").press("Ask for a burst")
        owner.fill("First day", str(NEXT_MONDAY)).fill("Last day", str(NEXT_FRIDAY))
        owner.press("Ask your manager").sees("Your manager has been told")
        manager = office.screen(story.team.manager).open("/agreements").follow("Ada Owner")
        manager.press("Agree").sees("Ada Owner has been told")

        later = NOW + timedelta(days=7)
        monkeypatch.setattr(clock, "now", lambda: later)
        owner, manager = office.screen(story.team.owner), office.screen(story.team.manager)
        owner.open(f"/weeks/{NEXT_MONDAY}")
        for day in range(3):
            owner.log(LETTERS, NEXT_MONDAY + timedelta(days=day), "7:24")
        owner.press("Save and submit").sees("Week submitted")
        manager.open("/approvals").sees("22h 12m in the week").follow("Open").press("Approve this week")
        owner.open(f"/weeks/{NEXT_MONDAY}").sees("Approved by Max Manager")
        for screen in (owner, manager):
            screen.context.close()


class TestAFlaggedProject:
    def test_takes_time_again_once_a_coordinator_has_cleared_it(self, office):
        story = office.story
        coordinator = PersonFactory(name="Cora Coordinator")
        AssignmentFactory(person_id=coordinator.id, person=None, unit_id=story.team.department.id, unit=None)
        RoleGrantFactory(person_id=coordinator.id, unit_id=story.team.department.id, role=Role.COORDINATOR)
        db.session.get_one(Project, story.project.id).unit_id = story.team.unit.id
        db.session.commit()
        owner = office.screen(story.team.owner).open(f"/projects/{story.project.id}")
        owner.follow("Ask a coordinator to look").press("Send to the coordinators").sees(
            "Choose what should be looked at"
        )
        owner.page.get_by_label("A conflict of interest").check()
        owner.fill("Why?", WORDS).press("Send to the coordinators").sees("Waits for a coordinator")
        owner.open(f"/weeks/{MONDAY}").log(LETTERS, FRIDAY, "2:00").press("Save").sees("waits for a coordinator")

        looks = office.screen(coordinator).open("/").follow("1 flagged project waits").follow(LETTERS)
        looks.page.get_by_label("There is nothing against it").check()
        looks.fill("Why?", CLEARED).press("Record this").sees("No project waits for you")
        owner.open(f"/weeks/{MONDAY}").log(LETTERS, FRIDAY, "2:00").press("Save and submit").sees("Week submitted")
        for screen in (owner, looks):
            screen.context.close()
