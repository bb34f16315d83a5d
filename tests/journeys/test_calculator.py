"""Asking what would be, as people ask it: with a form, a link and a scenario."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.journeys.conftest import Site
from tests.journeys.pages import Screen

pytestmark = pytest.mark.browser


class TestTheCalculator:
    def test_answers_what_fewer_hours_would_mean_and_tries_a_scenario(self, context: BrowserContext, site: Site):
        member = Screen(context, site).sign_in("Member of staff").open("/allowance/calculator")
        member.page.get_by_label("Week 1, Tuesday").fill("lots")
        member.press("Work it out").sees("“lots” is not a length of time")
        member.page.get_by_label("Week 1, Tuesday").fill("0")
        member.press("Work it out").sees("With the change")
        member.page.get_by_text("Why these numbers? Day by day").click()
        member.check()

        member.page.get_by_label("Scenario").fill('{"period": {"start": "2026-07-01"}}')
        member.press("Work out the scenario").sees("period.end: Expected a date like 2026-07-01, but it is missing")
        member.page.get_by_label("Scenario").fill('{"period": {"start": "2026-07-01", "end": "2026-10-01"}}')
        member.press("Work out the scenario").sees("96h 15m")
        member.page.get_by_text("Every day of it, in minutes").click()
        member.check()
