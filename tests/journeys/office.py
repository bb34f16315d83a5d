"""A served tithe with one small team, whose clock a test can set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser
from sqlalchemy import insert

from tests.conftest import test_settings
from tests.factories.people import PersonFactory
from tests.journeys.conftest import DESK, Site, serving
from tests.journeys.pages import Screen, ScreenWithoutScript
from tests.support.pages import PageClient
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.app import create_app
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.timesheets.models import TimeEntry, Week
from tithe.timesheets.rules.lifecycle import WeekStatus

LONG = 400  # the minutes in a week that is unusual


@dataclass
class Office:
    """A served tithe with one team, whose people have signed in already."""

    app: Flask
    address: str
    browser: Browser
    story: Story

    def screen(self, person: Any, *, script: bool = True) -> Screen:
        context = self.browser.new_context(viewport=DESK, java_script_enabled=script)
        cookie = PageClient(self.app).sign_in(person).http.get_cookie("tithe")
        assert cookie
        context.add_cookies([{"name": "tithe", "value": cookie.value, "url": self.address}])
        return (Screen if script else ScreenWithoutScript)(context, Site(self.address, {}))

    def wait(self, count: int) -> None:
        """Weeks of so many people wait for the manager, the first of them unusual; all were on the project before."""
        before = MONDAY - timedelta(weeks=1)
        for number in range(count):
            person = PersonFactory()
            minutes = LONG if number == 0 else 60
            for monday, status, at in ((before, WeekStatus.APPROVED, NOW), (MONDAY, WeekStatus.SUBMITTED, None)):
                self._add(person.id, minutes, starts_on=monday, status=status, decided_at=at)
        db.session.commit()

    def _add(self, person_id: int, minutes: int, **week: Any) -> None:
        team, posted = self.story.team, {"submitted_at": NOW, "due_on": MONDAY, "version": 1}
        row = {"person_id": person_id, "total_minutes": minutes, "unit_id": team.unit.id, **posted, **week}
        week_id = db.session.scalar(insert(Week).values(**row, approver_id=team.manager.id).returning(Week.id))
        entry = {"week_id": week_id, "person_id": person_id, "project_id": self.story.project.id, "minutes": minutes}
        db.session.execute(insert(TimeEntry).values(**entry, day=week["starts_on"], note=""))


@contextmanager
def open_office(tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office on a database of its own, on the Friday of the week of the story."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    app = create_app(test_settings(f"sqlite:///{tmp_path / 'tithe.sqlite'}"))
    with app.app_context():
        upgrade()
        with serving(app) as address:
            yield Office(app, address, browser, Story())
        db.session.remove()
        db.engine.dispose()
