"""A team in the first week of August 2026, its quarter posted and the week before approved."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.access.actor import SYSTEM
from tithe.allowance.operations import accrual
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter

QUARTER = Quarter(2026, 2)
LAST_WEEK = MONDAY - timedelta(days=7)


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    story = Story()
    accrual.accrue_quarter(actor=SYSTEM, quarter=QUARTER, now=NOW)
    return story
