"""A manager with thirty weeks waiting, and a week that goes from hand to hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.factories.delegations import DelegationFactory
from tests.journeys.office import Office, open_office
from tests.timesheets.weeks import MONDAY, REASON

pytestmark = pytest.mark.browser

WAITING = 30  # weeks
A_MINUTE = 60  # seconds


@pytest.fixture
def office(tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with open_office(tmp_path, browser, monkeypatch) as office:
        yield office


class TestThirtyWeeks:
    def test_are_cleared_in_four_clicks_and_less_than_a_minute(self, office):
        office.wait(WAITING)
        manager = office.screen(office.story.team.manager)
        started = time.monotonic()
        manager.open("/approvals").press_here(f"Tick the {WAITING - 1} with nothing unusual")
        manager.press("Approve ticked weeks")
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
        for number in range(4):
            expect(boxes.nth(number)).to_be_checked(checked=number == 1)
        keys.press("x")
        with manager.next_page():
            keys.press("a")
        manager.sees("2 weeks approved")
        boxes.first.focus()
        with manager.next_page():
            keys.press("o")
        expect(manager.page.get_by_role("button", name="Approve this week")).to_be_visible()
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
