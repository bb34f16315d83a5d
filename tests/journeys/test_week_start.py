"""A week from Sunday to Saturday, on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.office import Office, open_office
from tests.timesheets.test_week_start import SUNDAY, sunday_first
from tests.timesheets.weeks import MONDAY

pytestmark = pytest.mark.browser


@pytest.fixture
def office(tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with open_office(tmp_path, browser, monkeypatch) as office:
        sunday_first(office.story, SUNDAY)
        yield office


class TestAWeekFromSunday:
    def test_reads_from_sunday_on_left_to_right_and_top_to_bottom(self, office):
        owner = office.screen(office.story.team.owner)
        for size, axis in ((DESK, "x"), (PHONE, "y")):
            owner.page.set_viewport_size(size)
            owner.open(f"/weeks/{MONDAY}")
            days = owner.page.locator("[data-week-grid] tbody th[scope=row]")
            places = days.evaluate_all(f"all => all.map(each => each.getBoundingClientRect().{axis})")

            expect(owner.page.get_by_text("Sun 2 Aug to Sat 8 Aug")).to_be_visible()
            expect(days.first).to_have_text(re.compile(r"^\s*Sun 2"))
            assert places == sorted(places)
            assert len(places) == 7

    def test_is_the_one_that_the_start_page_shows(self, office):
        office.screen(office.story.team.owner).open("/").sees(re.compile(r"Sun\s*2"))
