"""A manager with thirty weeks waiting, and a week that goes from hand to hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, expect
from sqlalchemy import insert

from tests.conftest import test_settings
from tests.factories.delegations import DelegationFactory
from tests.factories.people import PersonFactory
from tests.journeys.conftest import DESK, Site, serving
from tests.journeys.pages import Screen, ScreenWithoutScript
from tests.support.pages import PageClient
from tests.timesheets.weeks import MONDAY, NOW, REASON, Story
from tithe.app import create_app
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.timesheets.models import TimeEntry, Week
from tithe.timesheets.rules.lifecycle import WeekStatus

pytestmark = pytest.mark.browser

WAITING, LONG = 30, 400  # weeks, and the minutes in the one that is unusual
A_MINUTE = 60  # seconds


@dataclass
class Office:
    """A served tithe with one team, whose people have signed in already."""

    app: Flask
    address: str
    browser: Browser
    story: Story

    def screen(self, person: Any, *, script: bool = True) -> Screen:
        context = self.browser.new_context(viewport=DESK, java_script_enabled=script)
        cookie = PageClient(self.app).sign_in(person).http.get_cookie("tithe")
        assert cookie
        context.add_cookies([{"name": "tithe", "value": cookie.value, "url": self.address}])
        return (Screen if script else ScreenWithoutScript)(context, Site(self.address, {}))

    def wait(self, count: int) -> None:
        """Weeks of so many people wait for the manager, the first of them unusual; all were on the project before."""
        before = MONDAY - timedelta(weeks=1)
        for number in range(count):
            person = PersonFactory()
            minutes = LONG if number == 0 else 60
            for monday, status, at in ((before, WeekStatus.APPROVED, NOW), (MONDAY, WeekStatus.SUBMITTED, None)):
                self._add(person.id, minutes, starts_on=monday, status=status, decided_at=at)
        db.session.commit()

    def _add(self, person_id: int, minutes: int, **week: Any) -> None:
        team, posted = self.story.team, {"submitted_at": NOW, "due_on": MONDAY, "version": 1}
        row = {"person_id": person_id, "total_minutes": minutes, "unit_id": team.unit.id, **posted, **week}
        week_id = db.session.scalar(insert(Week).values(**row, approver_id=team.manager.id).returning(Week.id))
        entry = {"week_id": week_id, "person_id": person_id, "project_id": self.story.project.id, "minutes": minutes}
        db.session.execute(insert(TimeEntry).values(**entry, day=week["starts_on"], note=""))


@pytest.fixture
def office(tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    app = create_app(test_settings(f"sqlite:///{tmp_path / 'tithe.sqlite'}"))
    with app.app_context():
        upgrade()
        with serving(app) as address:
            yield Office(app, address, browser, Story())
        db.session.remove()
        db.engine.dispose()


class TestThirtyWeeks:
    def test_are_cleared_in_four_clicks_and_less_than_a_minute(self, office):
        office.wait(WAITING)
        manager = office.screen(office.story.team.manager)
        started = time.monotonic()
        manager.open("/approvals").press(f"Tick the {WAITING - 1} with nothing unusual").press("Approve ticked weeks")
        manager.sees(f"{WAITING - 1} weeks approved").sees("more than half a day")
        manager.follow("Open").press("Approve this week").sees("No week waits for you")

        assert time.monotonic() - started < A_MINUTE
        manager.context.close()

    def test_can_be_gone_through_by_keys_that_work_in_the_list_alone(self, office):
        office.wait(4)
        manager = office.screen(office.story.team.manager).open("/approvals")
        keys, boxes = manager.page.keyboard, manager.page.locator("input[name=weeks]")
        manager.page.locator("body").press("x")
        manager.page.locator("body").press("a")
        expect(boxes).to_have_count(4)
        expect(manager.page.locator("input[name=weeks]:checked")).to_have_count(0)

        boxes.first.focus()
        for key in ("j", "x", "ArrowDown", "Space", "j", "j", "k", "x"):
            keys.press(key)
        assert [boxes.nth(number).is_checked() for number in range(4)] == [False, True, False, False]
        keys.press("x")
        keys.press("a")
        manager.page.wait_for_url("**/approvals")
        manager.sees("2 weeks approved")
        boxes.first.focus()
        keys.press("o")
        manager.page.wait_for_url("**/approvals/*")
        manager.page.get_by_role("button", name="Approve this week").wait_for()
        manager.context.close()

    def test_are_ticked_without_scripts_too(self, office):
        office.wait(3)
        manager = office.screen(office.story.team.manager, script=False)
        manager.open("/approvals").press("Tick the 2 with nothing unusual").press("Approve ticked weeks")
        manager.sees("2 weeks approved")
        manager.context.close()


class TestAWeek:
    def test_is_asked_about_answered_returned_amended_and_approved_by_a_delegate(self, office):
        story, path = office.story, f"/weeks/{MONDAY}"
        week = story.submitted()
        owner, manager = office.screen(story.team.owner), office.screen(story.team.manager)
        manager.open(f"/approvals/{week.id}").fill("What do you want to know?", "Why on Tuesday?")
        manager.press("Send question").sees("Not answered yet")
        owner.open(path).sees("Why on Tuesday?").follow("Answer this question")
        owner.fill("Your answer", "The courts asked for it").press("Send answer").sees("The courts asked for it")
        manager.open(f"/approvals/{week.id}").sees("The courts asked for it")
        manager.page.get_by_label("A date, project or length of time is mistaken").check()
        manager.fill("What needs to change?", REASON).press("Return this week")
        owner.open(path).sees(REASON).press("Save and submit").sees("Week submitted")
        manager.open("/approvals").sees("Changed after it was returned").follow("Open").press("Approve this week")
        owner.open(path).sees("Approved by Max Manager").follow("Amend this week")
        owner.fill("What was wrong?", "It took an hour").press("Reopen the week").press("Save and submit")

        DelegationFactory(manager_id=story.team.manager.id, delegate_id=story.team.hr.id)
        delegate = (
            office.screen(story.team.hr).open("/approvals").sees("For Max Manager").sees("Amends what was approved")
        )
        delegate.follow("Open").press("Approve this week").sees("Week approved")
        owner.open(path).sees("Approved by Hana Analyst, for Max Manager")
        for screen in (owner, manager, delegate):
            screen.context.close()
