"""Passkeys in a real browser with a device that Chromium makes up, and the pages that work without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

import pytest
from flask_migrate import upgrade
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect
from werkzeug.serving import make_server

from tests.conftest import test_settings
from tests.factories.people import Team
from tests.people.second_steps import App
from tests.people.signing_in import COST, PASSWORD
from tests.support.browser import axe_violations
from tithe.access.actor import SYSTEM
from tithe.app import create_app
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.people.operations import identity

pytestmark = pytest.mark.browser
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass(frozen=True)
class Site:
    address: str
    email: str
    other: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """tithe at localhost, which browsers trust without TLS, with one person in it."""
    path: Path = tmp_path_factory.mktemp("passkeys") / "tithe.sqlite"
    server = make_server("127.0.0.1", 0, None, threaded=True)
    address = f"http://localhost:{server.port}"
    settings = test_settings(f"sqlite:///{path}")
    app = create_app(replace(settings, base_url=address))
    with app.app_context():
        upgrade()
        team = Team()
        for person in (team.owner, team.colleague):
            identity.set_password(actor=SYSTEM, person_id=person.id, password=PASSWORD, cost=COST, now=clock.now())
        emails = team.owner.email, team.colleague.email
        db.session.remove()
    server.app = app
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield Site(address, *emails)
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def device(context: BrowserContext, page: Page) -> tuple[CDPSession, str]:
    wires = context.new_cdp_session(page)
    wires.send("WebAuthn.enable")
    return wires, wires.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]


def enter_password(page: Page, site: Site, email: str = "") -> None:
    page.goto(f"{site.address}/sign-in")
    page.get_by_label("Email address").fill(email or site.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()


def clean(page: Page) -> None:
    """No fault that axe finds, and nothing wider than the screen."""
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_passkey_is_added_used_alone_used_as_second_step_and_removed(site, page, device):
    wires, authenticator = device
    enter_password(page, site)
    page.get_by_role("link", name="Signing in and security").click()
    clean(page)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a name")
    assert wires.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"] == []
    page.get_by_label("Name of this passkey").fill("test phone")
    clean(page)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    clean(page)
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("heading", name="test phone")).to_be_visible()
    clean(page)

    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("Signed in as Ada Owner")).to_be_visible()

    sign_out(page)
    enter_password(page, site)
    expect(page.get_by_role("heading", level=1)).to_have_text("Show that it is you")
    clean(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("Signed in as Ada Owner")).to_be_visible()

    page.goto(f"{site.address}/account/prove")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Signing in and security")

    sign_out(page)
    wires.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used")).to_be_visible()
    clean(page)

    wires.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("link", name="Signing in and security").click()
    page.get_by_role("button", name="Remove the passkey test phone").click()
    expect(page.get_by_text("Removed the passkey")).to_be_visible()


def test_an_app_is_set_up_and_turned_off_without_a_script(site, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    enter_password(page, site, site.other)
    page.goto(f"{site.address}/account/security")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    page.get_by_role("link", name="Set up an authenticator app").click()
    assert page.get_by_role("img").evaluate("picture => picture.naturalWidth > 100")
    app = App(page.locator(".tithe-key code").inner_text())
    page.get_by_label("Code").fill(app.shows(clock.now()))
    page.get_by_role("button", name="Set up the app").click()
    codes = page.locator(".tithe-codes code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("button", name="Sign out").click()
    enter_password(page, site, site.other)
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"{site.address}/account/security")
    expect(page.get_by_text(re.compile("^9 left"))).to_be_visible()
    page.get_by_role("link", name="Turn off").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Code").fill(codes[1])
    page.get_by_role("button", name="Turn off the app").click()
    expect(page.get_by_text("Your app is turned off")).to_be_visible()
    context.close()
