"""Pages as a person sees them. A click returns the next page, and every page is checked as it opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.journeys.conftest import Site
from tests.support.browser import axe_violations
from tithe.developers.demo import PASSWORD


class Screen:
    """A browser tab on the site. Opening a page checks its accessibility and that it fits the width."""

    def __init__(self, context: BrowserContext, site: Site):
        self.context, self.site = context, site
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        """Remember what a script complains of; a form refused (422) or kept for whoever signs in (401) is no fault."""
        if message.type == "error" and not re.search("status of (422|401)", message.text):
            self.faults.append(message.text)

    def check(self) -> None:
        """Accessibility, width and errors of the page that is open."""
        assert axe_violations(self.page) == []
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        assert self.page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
        assert self.faults == []

    @contextmanager
    def next_page(self) -> Iterator[None]:
        """Wait for the page that is asked for inside, and check it. A click alone returns while the old one is open."""
        with self.page.expect_navigation():
            yield
        self.check()

    def open(self, path: str) -> Screen:
        self.page.goto(self.site.address + path)
        self.check()
        return self

    def sign_in(self, what: str, password: str = PASSWORD) -> Screen:
        """Sign in as one of the site's people."""
        self.open("/sign-in")
        self.page.get_by_label("Email address").fill(self.site.accounts[what])
        self.page.locator("#password").fill(password)
        return self.press("Sign in")

    def press(self, name: str | re.Pattern[str]) -> Screen:
        with self.next_page():
            self._button(name).click()
        return self

    def press_here(self, name: str) -> Screen:
        """Press a button with which a script does something on the page that is open."""
        self._button(name).click()
        return self

    def _button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True).first

    def follow(self, name: str | re.Pattern[str]) -> Screen:
        with self.next_page():
            self.page.get_by_role("link", name=name).first.click()
        return self

    def download(self, name: str) -> Path:
        """The file that a link leads to."""
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=name).click()
        return download.value.path()

    def fill(self, label: str, words: str) -> Screen:
        self.page.get_by_label(label, exact=True).fill(words)
        return self

    def cell(self, project: str, day: date) -> Locator:
        """The cell of a project and a day in the week that is open."""
        return self.page.get_by_label(re.compile(rf"^{re.escape(project)}, .* {day.day} {day:%B} {day.year}$"))

    def log(self, project: str, day: date, typed: str) -> Screen:
        """Type a length of time into a cell."""
        self.cell(project, day).fill(typed)
        return self

    @property
    def name(self) -> str:
        """Who is signed in."""
        return self.page.get_by_text("Signed in as").inner_text().removeprefix("Signed in as ").split(".")[0]

    def sees(self, words: str | re.Pattern[str]) -> Screen:
        expect(self.page.locator("main")).to_contain_text(words)
        return self

    def heading(self, words: str) -> Screen:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)
        return self

    def figure(self, name: str) -> str:
        """A figure from the panel at the top of a page."""
        found = self.page.locator(f".tithe-figures div:has(dt:text-is('{name}')) dd").first
        return found.inner_text().strip()


class ScreenWithoutScript(Screen):
    """The same with scripts turned off. The accessibility checker is a script itself, so it stays out."""

    def check(self) -> None:
        assert self.faults == []
