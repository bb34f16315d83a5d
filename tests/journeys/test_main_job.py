"""From a new idea to the quarter's figures, as the people who do it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.journeys.conftest import Site
from tests.journeys.pages import Screen, ScreenWithoutScript
from tithe.kernel import clock
from tithe.kernel.calendar import monday_of
from tithe.web.filters import short_day

pytestmark = pytest.mark.browser

# The demo leaves these four weeks of its member of staff waiting for a decision: one for each story.
FOR_DESK, FOR_PHONE, FOR_RETURN, FOR_NO_SCRIPT = (
    monday_of(clock.today()) - timedelta(weeks=weeks) for weeks in (1, 2, 3, 4)
)
WORDS = "The day was a bank holiday where you work. Please move the hour and a half to Thursday."


def minutes(figure: str) -> int:
    """Minutes of a figure such as “76h 21m”."""
    hours, _, rest = figure.replace(",", "").partition("h")
    return int(hours) * 60 + int(rest.strip().rstrip("m") or 0) if "h" in figure else int(figure.rstrip("m"))


class TestTheMainJob:
    def test_a_project_becomes_approved_hours_in_the_report(
        self, browser: Browser, context: BrowserContext, site: Site
    ):
        member = Screen(context, site).sign_in("Member of staff")
        width = member.page.viewport_size["width"]
        title = f"Signs that people can follow ({width})"
        member.open("/projects/new").fill("Title", title)
        member.fill("What is the problem?", "Visitors ask the way four times between the gate and the hall.")
        member.fill("Who would benefit?", "Visitors, and the officers they ask")
        member.fill("What do you expect to happen?", "If every turning has a sign, questions at the gate fall by half.")
        member.press("Register project").heading(title).sees("You can log time to it now")

        monday = FOR_DESK if width > 500 else FOR_PHONE
        member.open(f"/weeks/{monday}").press("Take it back").sees("Week taken back")
        member.log(title, monday, "lots").press("Save").sees("“lots” is not a length of time")
        member.log(title, monday, "1:30").log(title, monday + timedelta(days=1), "1½").press("Save").sees("Week saved")
        member.press("Save and submit").sees("Week submitted").sees("Submitted")

        before = _used(browser, site)
        manager = Screen(browser.new_context(viewport=member.page.viewport_size), site).sign_in("Line manager")
        manager.open("/approvals").sees(title)
        total = member.page.locator("[data-week-total]").inner_text()
        manager.page.get_by_role("row").filter(has_text=title).get_by_role("checkbox").check()
        manager.press("Approve ticked weeks").sees("Week approved")

        hours, _, rest = total.partition(":")
        assert _used(browser, site) == before + int(hours) * 60 + int(rest)
        member.open(f"/weeks/{monday}").sees("Approved by")
        manager.context.close()

    def test_a_returned_week_comes_back_with_words_and_is_put_right(self, browser: Browser, site: Site):
        member = Screen(browser.new_context(), site).sign_in("Member of staff")
        manager = Screen(browser.new_context(), site).sign_in("Line manager")
        week = f"{member.name}, week of {short_day(FOR_RETURN)}"
        manager.open("/approvals").follow(f"Open {week}").heading(week)
        manager.press("Return this week").sees("Choose why the week goes back")
        manager.page.get_by_label("A date, project or length of time is mistaken").check()
        manager.fill("What needs to change?", WORDS).press("Return this week").sees("Week returned, with your words")
        member.open("/").follow(f"Your week of {short_day(FOR_RETURN)} was returned").sees(WORDS)
        member.press("Save and submit").sees("Week submitted")
        for screen in (member, manager):
            screen.context.close()

    def test_hr_downloads_and_freezes_last_quarter(self, browser: Browser, site: Site):
        analyst = Screen(browser.new_context(accept_downloads=True), site).sign_in("HR analyst")
        analyst.open("/reports/utilisation")
        text = analyst.download("Download every unit below as CSV").read_text(encoding="utf-8")
        assert text.startswith("period,unit_code,unit_name")
        with analyst.next_page():
            analyst.page.locator("nav[aria-label=Quarters] a").first.click()
        analyst.press(re.compile("^Freeze")).sees("is frozen").sees("These figures do not change")
        analyst.context.close()


class TestWithoutScript:
    def test_a_week_can_be_filled_in_and_saved(self, browser: Browser, site: Site):
        member = ScreenWithoutScript(browser.new_context(java_script_enabled=False), site).sign_in("Member of staff")
        member.open(f"/weeks/{FOR_NO_SCRIPT}").press("Take it back").sees("Week taken back")
        wednesday = FOR_NO_SCRIPT + timedelta(days=2)
        member.log("Plain words in order letters", wednesday, "45m").press("Save").sees("Week saved")
        expect(member.cell("Plain words in order letters", wednesday)).to_have_value("0:45")
        member.context.close()


def _used(browser: Browser, site: Site) -> int:
    """The minutes used this quarter in everything the analyst covers."""
    analyst = Screen(browser.new_context(), site).sign_in("HR analyst").open("/reports/utilisation")
    used = minutes(analyst.figure("Used"))
    analyst.context.close()
    return used
