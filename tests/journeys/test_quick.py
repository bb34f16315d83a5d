"""Time added between two meetings, from the start page."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.journeys.conftest import Site
from tests.journeys.pages import Screen

pytestmark = pytest.mark.browser


class TestTheStartPage:
    def test_takes_a_line_of_words_and_gives_it_back(self, context: BrowserContext, site: Site):
        member = Screen(context, site).sign_in("Member of staff").open("/")

        member.fill("What did you do?", "45m gardens").press("Add").sees("is called “gardens”")
        member.press("Learning").sees("Added 45m to Learning")
        member.press("Undo what was added").sees("Undone")

    def test_keeps_and_logs_a_favourite(self, context: BrowserContext, site: Site):
        member = Screen(context, site).sign_in("Member of staff").open("/favourites")

        member.fill("New favourite", "20m learning").press("Save favourite").sees("Favourite saved")
        member.open("/").press("Log today: Learning 20m").sees("Added 20m to Learning")
        member.press("Undo what was added").sees("Undone")
        member.open("/favourites").press("Delete Learning, 20m").sees("You have none yet")
