"""Passkeys in a real browser with a device that Chromium makes up, and the pages that work without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from flask_migrate import upgrade
from playwright.sync_api import Browser, CDPSession, expect
from werkzeug.serving import make_server

from tests.conftest import test_settings
from tests.factories.people import Team
from tests.journeys.conftest import PHONE, Site
from tests.journeys.pages import Screen, ScreenWithoutScript
from tests.people.second_steps import App
from tests.people.signing_in import COST, PASSWORD
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


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """tithe at localhost, which browsers trust without TLS, with two people in it."""
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
        accounts = {"owner": team.owner.email, "colleague": team.colleague.email}
        db.session.remove()
    server.app = app
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield Site(address, accounts)
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def screen(browser: Browser, site: Site) -> Iterator[Screen]:
    screen = Screen(browser.new_context(viewport=PHONE), site)
    yield screen
    screen.context.close()


@pytest.fixture
def device(screen: Screen) -> tuple[CDPSession, str]:
    wires = screen.context.new_cdp_session(screen.page)
    wires.send("WebAuthn.enable")
    return wires, wires.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]


def test_a_passkey_is_added_used_alone_used_as_second_step_and_removed(screen, device):
    wires, authenticator = device
    screen.sign_in("owner", PASSWORD).follow("Signing in and security").press("Add a passkey")
    screen.press("Make the passkey").sees("Enter a name")
    assert wires.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"] == []
    screen.fill("Name of this passkey", "test phone").press("Make the passkey").heading("Recovery codes")
    screen.press("I have kept them")
    expect(screen.page.get_by_role("heading", name="test phone")).to_be_visible()

    screen.press("Sign out").press("Sign in with a passkey")
    assert screen.name == "Ada Owner"

    screen.press("Sign out").sign_in("owner", PASSWORD).heading("Show that it is you").press("Use a passkey")
    assert screen.name == "Ada Owner"

    screen.open("/account/prove").press("Use a passkey").heading("Signing in and security")

    screen.press("Sign out")
    wires.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    screen.press_here("Sign in with a passkey").sees("No passkey was used").check()

    wires.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
    screen.press("Sign in with a passkey").follow("Signing in and security")
    screen.press("Remove the passkey test phone").sees("Removed the passkey")


def test_an_app_is_set_up_and_turned_off_without_a_script(browser, site):
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    screen = ScreenWithoutScript(context, site).sign_in("colleague", PASSWORD).open("/account/security")
    expect(screen.page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    screen.follow("Set up an authenticator app")
    assert screen.page.get_by_role("img").evaluate("picture => picture.naturalWidth > 100")
    app = App(screen.page.locator(".tithe-key code").inner_text())
    screen.fill("Code", app.shows(clock.now())).press("Set up the app")
    kept = screen.page.locator(".tithe-codes code")
    expect(kept).to_have_count(10)
    codes = kept.all_inner_texts()
    screen.press("Sign out").sign_in("colleague", PASSWORD)
    expect(screen.page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    screen.fill("Code", codes[0]).press("Sign in").open("/account/security")
    expect(screen.page.get_by_text(re.compile("^9 left"))).to_be_visible()
    screen.follow("Turn off").fill("Your password", PASSWORD).fill("Code", codes[1])
    screen.press("Turn off the app").sees("Your app is turned off")
    context.close()
