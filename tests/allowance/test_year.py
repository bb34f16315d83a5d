"""A year of random events keeps every promise, and ends alike on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.allowance.year import Year

ENDS: dict[int, Any] = {}  # by seed, from whichever engine came first


@pytest.fixture(autouse=True)
def anchored(app, monkeypatch, tmp_path):
    """A file for the anchors of the audit, which timed work writes."""
    settings = replace(app.extensions["tithe"], audit_anchor_file=str(tmp_path / "anchors.jsonl"))
    monkeypatch.setitem(app.extensions, "tithe", settings)


def live(seed: int, *, size: int, days: int) -> Year:
    """Live a year, or a part of one, and look for broken promises on the first of each month and at the end."""
    year = Year(seed, size)
    for month in year.run(days):
        assert year.broken() == [], f"seed {seed} by {month}"
    year.now = year.now.replace(hour=23)
    return year


class TestAYear:
    def test_of_a_dozen_people_keeps_every_promise(self, app):
        year = live(12, size=12, days=215)  # two quarters are closed by then

        assert sum(year.accepted.values()) > 300, year.accepted
        assert year.state() == ENDS.setdefault(12, year.state())

    @pytest.mark.slow
    def test_of_two_hundred_people_keeps_every_promise(self, app):
        year = live(200, size=200, days=397)  # to the first of May, when the year's last quarter has been closed

        tried = {*year.accepted, *year.refused}
        assert {name for name in tried if year.accepted[name] < 10} == set(), year.accepted
        assert year.state() == ENDS.setdefault(200, year.state())
