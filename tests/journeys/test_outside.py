"""Somebody from outside is invited, accepts the terms, sees their project, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser

from tests.conftest import test_settings
from tests.factories.people import Team
from tests.factories.projects import ProjectFactory
from tests.journeys.conftest import DESK, PHONE, Site, serving
from tests.journeys.pages import Screen
from tests.support.pages import PageClient
from tithe.app import create_app
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.notices.models import Notice
from tithe.people.rules.secrets import as_mailed

pytestmark = pytest.mark.browser

PASSWORD = "purple otters knit badly"


@dataclass
class House:
    """A served tithe with one team, whose owner has a project and has signed in already."""

    app: Flask
    site: Site
    browser: Browser
    cookie: str

    def screen(self, *, host: bool) -> Screen:
        context = self.browser.new_context(viewport=DESK if host else PHONE)
        if host:
            context.add_cookies([{"name": "tithe", "value": self.cookie, "url": self.site.address}])
        return Screen(context, self.site)

    def mailed(self) -> str:
        """The link in the invitation, as it leaves."""
        with self.app.app_context():
            path = db.session.query(Notice).filter_by(event="outside-invited").one().path
            return as_mailed(path, self.app.extensions["tithe"].secret_key)


@pytest.fixture
def house(tmp_path: Path, browser: Browser) -> Iterator[House]:
    app = create_app(test_settings(f"sqlite:///{tmp_path / 'house.sqlite'}"))
    with app.app_context():
        upgrade()
        team = Team()
        ProjectFactory(owner_id=team.owner.id, owner=None, title="Plain letters")
        ProjectFactory(title="Somebody else’s project")
        cookie = PageClient(app).sign_in(team.owner).http.get_cookie("tithe").value
        db.session.remove()
    with serving(app) as address:
        yield House(app, Site(address, {}), browser, cookie)
    with app.app_context():
        db.engine.dispose()


def test_a_guest_is_invited_accepts_the_terms_and_sees_their_project_alone(house):
    until = clock.today() + timedelta(days=60)
    host = house.screen(host=True).open("/outside").press("Invite somebody")
    host.fill("Their name", "Gita Guest").fill("Their e-mail address", "gita@leeds.example.org")
    host.fill("Where they work", "University of Leeds").fill("Last day", until.isoformat())
    host.page.get_by_label("Plain letters").check()
    host.press("Invite them").heading("Gita Guest").sees("Not yet")

    guest = house.screen(host=False).open(house.mailed()).heading("Accept the terms and choose a password")
    guest.page.get_by_label("New password", exact=True).fill(PASSWORD)
    guest.press("Accept and set password").sees("Tick the box to accept the terms")
    guest.page.get_by_label("I have read these terms and accept them").check()
    guest.page.get_by_label("New password", exact=True).fill(PASSWORD)
    guest.press("Accept and set password").heading("Sign in")
    guest.page.get_by_label("Email address").fill("gita@leeds.example.org")
    guest.page.locator("#password").fill(PASSWORD)
    guest.press("Sign in").heading("Your projects").sees("Ada Owner").follow("Plain letters").sees("Who benefits")
    assert guest.page.get_by_role("link", name="People", exact=True).count() == 0
    for path in ("/people", "/projects", "/weeks/this", "/projects/2"):
        assert guest.page.request.get(house.site.address + path).status == 404, path
    for path in ("/terms", "/account/security", "/account/my-data", "/inbox"):
        guest.open(path)

    host.open("/outside").sees("Active").follow("Gita Guest").sees("Version 1").press("End this stay now")
    guest.page.goto(house.site.address + "/")
    guest.heading("Sign in")
