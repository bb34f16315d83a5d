"""Signing in by a provider that other people wrote, over HTTP from end to end."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from http.client import HTTPConnection
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine

from tests.factories.people import Team
from tests.support.pages import Page, PageClient
from tests.timesheets.weeks import NOW
from tithe.kernel.db import db
from tithe.people.models import Identity, SignIn
from tithe.people.provider import Provider

# The provider is built with parts of Authlib that Authlib itself advises against by now. Ours are not.
pytestmark = [
    pytest.mark.filterwarnings("ignore::authlib.deprecate.AuthlibDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mock = import_module("oidc_provider_mock")
    users = [mock.User(sub="ada", claims={"employee_number": "S-ADA"}), mock.User(sub="stranger")]
    with mock.run_server_in_thread(require_nonce=True, user_claims=users) as running:
        yield f"http://localhost:{running.server_port}"


@pytest.fixture
def team(app, server, monkeypatch) -> Iterator[Team]:
    provider = Provider(
        discovery_url=f"{server}/.well-known/openid-configuration",
        client_id="tithe",
        client_secret="a secret",
        scopes="openid profile",
        staff_number_claim="employee_number",
        name="Mock ID",
        base_url="http://tithe.test",
    )
    monkeypatch.setitem(app.extensions, "tithe_provider", provider)
    with time_machine.travel(NOW, tick=True):
        team = Team()
        person = db.session.merge(team.owner)
        person.staff_number = "S-ADA"
        db.session.commit()
        yield team


def at_provider(address: str, **choice: str) -> str:
    """Do at the provider what a person would, and return where it sends them."""
    there = urlsplit(address)
    line = HTTPConnection(there.hostname or "", there.port or 80, timeout=10)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", f"{there.path}?{there.query}", urlencode(choice), form)
    answer = line.getresponse()
    answer.read()
    line.close()
    return answer.headers["Location"]


def go_round(client: PageClient, **choice: Any) -> Page:
    back = urlsplit(at_provider(client.get("/sign-in/oidc").location, **choice))
    assert (back.netloc, back.path) == ("tithe.test", "/sign-in/oidc/back")
    return client.get("/sign-in/oidc/back", query_string=parse_qs(back.query))


class TestProvider:
    def test_lets_a_member_of_staff_in_and_knows_them_again(self, app, client, team):
        assert go_round(client, sub="ada").status == 303
        assert "Signed in as Ada Owner" in client.get("/").text
        assert client.post("/sign-out").location == "/signed-out"
        assert go_round(client, sub="ada").status == 303
        assert (db.session.query(Identity).count(), db.session.query(SignIn).count()) == (1, 2)

    def test_lets_no_stranger_in(self, client, team):
        page = go_round(client, sub="stranger")
        assert page.status == 422
        assert "did not tell tithe your staff number" in page.text

    def test_lets_nobody_in_who_thought_better_of_it(self, client, team):
        assert go_round(client, action="deny").status == 422

    def test_gives_a_token_for_a_code_once(self, client, team):
        back = urlsplit(at_provider(client.get("/sign-in/oidc").location, sub="ada"))
        with client.http.session_transaction() as cookie:
            kept = dict(cookie)
        assert client.get("/sign-in/oidc/back", query_string=parse_qs(back.query)).status == 303
        client.post("/sign-out")
        with client.http.session_transaction() as cookie:
            cookie.update(kept)  # somebody kept the cookie as well
        assert client.get("/sign-in/oidc/back", query_string=parse_qs(back.query)).status == 422
        assert db.session.query(SignIn).count() == 1

    def test_names_where_to_sign_out(self, client, team, server):
        go_round(client, sub="ada")
        client.post("/sign-out")
        assert f"{server}/oauth2/end_session" in client.get("/signed-out").text
