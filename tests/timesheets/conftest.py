"""The clock of these tests stands still on a Friday afternoon."""

from __future__ import annotations

import pytest

from tests.timesheets.weeks import NOW, Story
from tithe.kernel import clock


@pytest.fixture
def friday(app, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Doors read the clock; here it says Friday 7 August 2026, four in the afternoon in London."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Story()
