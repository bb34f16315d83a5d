"""Days in forms: every field is the browser's own picker, and what is typed by hand without one is read too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.kernel import clock
from tithe.web.forms import day_typed

TEMPLATES = Path(__file__).parents[2] / "templates"
OF_A_DAY = re.compile(
    r"text_field\((\w+\.(?:\w*day|starts_on|ends_on|leaves_on|probation_ends_on|ended_from|day_of)),[^)]*"
)


class TestDayTyped:
    @pytest.mark.parametrize("typed", ["24 12 2026", "24/12/2026", "24.12.2026", "24-12-2026", "2026-12-24"])
    def test_is_what_a_picker_sends(self, typed):
        assert day_typed(typed) == "2026-12-24"

    @pytest.mark.parametrize("typed", ["soon", "24 December", "24 12 26", "24 12 2026 or so", "", None])
    def test_is_left_alone_where_it_is_none(self, typed):
        assert day_typed(typed) == typed

    def test_fills_in_figures_left_out(self):
        assert day_typed("1 2 2026") == "2026-02-01"


class TestFields:
    def test_of_days_are_all_the_same_kind(self):
        found = [each for path in TEMPLATES.rglob("*.html") for each in OF_A_DAY.finditer(path.read_text())]

        assert len(found) > 20
        assert [each[1] for each in found if 'type="date"' not in each[0]] == []

    def test_take_a_day_typed_by_hand(self, client, app, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: NOW)
        story = Story()
        typed = f"{MONDAY.day} {MONDAY.month} {MONDAY.year}"

        page = client.sign_in(story.team.owner).get(f"/allowance/calculator?starts_on={typed}")

        assert (page.status, page.errors, page.value("starts_on")) == (200, [], str(MONDAY))
