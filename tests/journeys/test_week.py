"""Logging a week: with keys alone, on a phone, without scripts, in few steps, and with work that was not saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from tests.journeys.conftest import DESK, PHONE, Site
from tests.journeys.pages import Screen, ScreenWithoutScript
from tithe.kernel import clock
from tithe.kernel.calendar import monday_of

pytestmark = pytest.mark.browser

WHO, PROJECT = "HR analyst", "Shorter letters"  # somebody for whom the demo logs nothing
CELLS = "[data-week-grid] input"
ENOUGH = 12  # steps from the start page to a submitted week of three entries


@pytest.fixture
def desk(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESK)
    yield context
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    yield context
    context.close()


def at_work(screen: Screen) -> date:
    """Sign in with a project to log time to, and open an empty week with enough days; its Monday."""
    screen.sign_in(WHO).open("/projects")
    if not screen.page.get_by_role("link", name=PROJECT).count():
        screen.open("/projects/new").fill("Title", PROJECT)
        screen.fill("What is the problem?", "Letters of four pages are not read to their end.")
        screen.fill("Who would benefit?", "People who are sent letters")
        screen.fill("What do you expect to happen?", "If a letter is one page, calls about it fall by half.")
        screen.press("Register project")
    this = monday_of(clock.today())
    for monday in (this - timedelta(weeks=1), this - timedelta(weeks=2)):
        screen.open(f"/weeks/{monday}")
        if screen.page.get_by_role("button", name="Take it back").count():
            screen.press("Take it back")
        if len(cells(screen)) >= 4:
            break
    for each in screen.page.locator("[data-week-grid] :is(input, textarea)").all():
        if each.input_value():
            each.fill("", force=True)
    screen.press("Save")
    return monday


def cells(screen: Screen) -> list[Locator]:
    """The fields for time on the days that are open, in their order."""
    return screen.page.locator(CELLS).all()


def edges(screen: Screen, selector: str, side: str = "top") -> list[float]:
    """How far down the page some elements begin, or another measure of them, all at one moment."""
    measure = f"found => found.map(each => each.getBoundingClientRect().{side})"
    return screen.page.locator(selector).evaluate_all(measure)


def values(screen: Screen) -> list[str]:
    return [each.input_value() for each in cells(screen)]


class TestWithKeysAlone:
    def test_a_week_is_filled_checked_and_saved(self, desk: BrowserContext, site: Site):
        member = Screen(desk, site)
        at_work(member)
        keys = member.page.keyboard
        cells(member)[0].focus()

        keys.type("1:30 Read fifty letters")
        keys.press("ArrowRight")
        keys.press("Control+d")
        keys.press("ArrowRight")
        keys.type("9")
        expect(member.page.locator("[data-week-checks]")).to_contain_text("Take 1h 36m away", timeout=3000)
        expect(member.page.locator(".is-over")).to_have_text("1:36 over")
        keys.press("Escape")
        keys.type("2")
        keys.press("Enter")
        expect(cells(member)[3]).to_be_focused()
        keys.press("ArrowLeft")
        expect(cells(member)[2]).to_be_focused()
        with member.next_page():
            keys.press("Control+s")
        member.sees("Week saved")

        assert values(member)[:4] == ["1:30", "1:30", "2:00", ""]
        notes = [each.input_value() for each in member.page.locator(".tithe-note").all()]
        assert notes[:3] == ["Read fifty letters", "Read fifty letters", ""]
        assert member.page.locator("[data-week-total]").inner_text() == "5:00"


class TestChecks:
    def test_say_briefly_in_the_cell_what_the_list_says_in_full(self, desk: BrowserContext, site: Site):
        member = Screen(desk, site)
        at_work(member)

        cells(member)[0].fill("9")

        expect(member.page.locator("td.has-warning > small")).to_have_text("1:36 over", timeout=3000)
        words = re.compile("1:36 over You were due to work 7h 24m .* Take 1h 36m away$")
        expect(cells(member)[0]).to_have_accessible_description(words)
        assert len(set(edges(member, ".tithe-week tbody th > span"))) == 1, "the days stand in one line"


class TestOnAPhone:
    def test_this_week_stands_in_line(self, phone: BrowserContext, site: Site):
        member = Screen(phone, site)
        at_work(member)
        member.open("/")

        assert [len(set(edges(member, f".tithe-glance {each}"))) for each in ("strong", "svg")] == [1, 1]
        assert not member.page.get_by_text("of 7:24").first.is_visible()

    def test_a_week_reads_day_by_day_and_can_be_saved_from_anywhere(self, phone: BrowserContext, site: Site):
        member = Screen(phone, site)
        at_work(member)
        tops = edges(member, "tbody :is(th, input)")
        assert tops == sorted(tops), "each day stands above its fields"
        assert min(edges(member, CELLS, "height")) >= 44

        cells(member)[0].fill("1:15")
        note = member.page.get_by_label(f"Note for {PROJECT}").first
        note.fill("On the train")
        expect(member.page.get_by_role("button", name="Save", exact=True)).to_be_in_viewport()
        member.press("Save").sees("Week saved")
        expect(note).to_have_value("On the train")


class TestWithoutScript:
    def test_a_week_is_checked_gets_a_row_and_a_note_and_is_saved(self, browser: Browser, site: Site):
        member = ScreenWithoutScript(browser.new_context(java_script_enabled=False), site)
        at_work(member)
        cells(member)[0].fill("9 Long letters")
        member.press("Check").sees("Take 1h 36m away")
        cells(member)[0].fill("2")
        member.press("Add learning")
        member.page.get_by_label(re.compile("^Learning, ")).first.fill("1")
        member.press("Save").sees("Week saved").sees("1:00 that is not from your allowance")
        expect(member.page.get_by_label(f"Note for {PROJECT}").first).to_have_value("Long letters")
        member.context.close()


class TestFewSteps:
    def test_lead_from_the_start_page_to_a_submitted_week_of_three_entries(self, desk: BrowserContext, site: Site):
        member = Screen(desk, site)
        monday = at_work(member)
        member.open("/").follow("My week").follow("Week before")
        steps = 2
        if not member.page.url.endswith(str(monday)):
            member.follow("Week before")
            steps += 1
        for box, typed in zip(cells(member), ("1", "1:30", "45m"), strict=False):
            box.click()
            member.page.keyboard.type(typed)
            steps += 2
        member.press("Save and submit").sees("Week submitted")
        steps += 1

        assert steps <= ENOUGH


class TestUnsavedWork:
    def test_is_offered_back_after_the_browser_closed(self, desk: BrowserContext, site: Site):
        member = Screen(desk, site)
        monday = at_work(member)
        cells(member)[0].fill("3:45")
        member.page.close()

        again = Screen(desk, site).open(f"/weeks/{monday}").sees("This browser kept what you typed")
        again.press_here("Put it back")
        expect(cells(again)[0]).to_have_value("3:45")
        again.press("Save").sees("Week saved").open(f"/weeks/{monday}")
        expect(again.page.locator("[data-week-kept]")).to_be_hidden()

    def test_survives_a_session_that_ended(self, desk: BrowserContext, site: Site):
        member = Screen(desk, site)
        at_work(member)
        cells(member)[0].fill("4:15")
        cookies = desk.cookies()
        token = member.page.locator("input[name=csrf_token]").first.input_value()
        desk.request.post(f"{site.address}/sign-out", form={"csrf_token": token})
        desk.add_cookies(cookies)  # type: ignore[arg-type]  # what cookies() returns is what this takes

        member.press("Save").sees("What you typed is kept on this page")
        Screen(desk, site).sign_in(WHO)  # in another tab
        member.press("Send it again").sees("Send what you typed?").press("Send it again").sees("Week saved")
        assert values(member)[0] == "4:15"

    def test_does_not_outlive_signing_out(self, desk: BrowserContext, site: Site):
        member = Screen(desk, site)
        monday = at_work(member)
        cells(member)[0].fill("5:15")
        member.press("Sign out").sign_in(WHO).open(f"/weeks/{monday}")
        expect(member.page.locator("[data-week-kept]")).to_be_hidden()
