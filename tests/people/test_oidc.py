"""Signing in by the organisation's own provider: over HTTP, against a real one and one that lies."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from config import LOCAL_ACCOUNTS
from tests.conftest import test_settings
from tests.factories.people import PersonFactory, Team
from tests.people.providers import BAD, CLAIM, CURVE, OURS, SECRET, SHARED, SUBJECT, Liar, lying_provider, signed
from tests.support.contents import contents
from tests.support.pages import PageClient
from tests.timesheets.weeks import NOW
from tithe.app import create_app
from tithe.audit.models import AuditEvent
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.notices.models import Notice
from tithe.people.models import Identity, SignIn
from tithe.people.operations import oidc
from tithe.people.rules.sign_ins import LocalAccounts

DISTRUST = "We could not be sure who you are"


@pytest.fixture(scope="module")
def server() -> Iterator[Liar]:
    with lying_provider() as liar:
        yield liar


@pytest.fixture
def hands(app, monkeypatch):
    class Hands:
        now = NOW

    monkeypatch.setattr(clock, "now", lambda: Hands.now)
    return Hands


@pytest.fixture
def liar(app, hands, server, monkeypatch) -> Liar:
    monkeypatch.setattr(server, "extra", {})
    monkeypatch.setattr(server, "description", dict(server.description))
    monkeypatch.setattr(server, "keys", list(server.keys))
    server.asked.clear()
    server.tokens.clear()
    monkeypatch.setitem(app.extensions, "tithe_provider", server.provider())
    return server


@pytest.fixture
def team(app, hands) -> Team:
    return Team()


def leave(client: PageClient, **query: str) -> dict[str, str]:
    """Set out for the provider; return what it is asked."""
    answer = client.get("/sign-in/oidc", query_string=query)
    assert answer.status == 303, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def come_back(client: PageClient, liar: Liar, *, lie=None, **claims):
    """Go there and back, with a good token unless told otherwise."""
    asked = leave(client)
    said = liar.claims(asked["nonce"], **claims)
    liar.token = lie(liar, said) if lie else signed(said)
    return client.get("/sign-in/oidc/back", query_string={"code": "c", "state": asked["state"]})


def sessions() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(SignIn)) or 0


class TestLeaving:
    def test_asks_with_state_nonce_and_a_challenge_and_changes_nothing(self, client, liar):
        before = contents()
        asked = leave(client)

        assert asked["redirect_uri"] == "http://tithe.test/sign-in/oidc/back"
        assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == ("code", "openid", "S256")
        assert len(asked["state"]) == len(asked["nonce"]) == 32
        assert contents() == before

    def test_is_different_each_time(self, app, client, liar):
        first, second = leave(client), leave(PageClient(app))
        assert not {first[each] for each in ("state", "nonce", "code_challenge")} & set(second.values())

    def test_is_offered_only_where_there_is_a_provider(self, client, app, hands):
        assert "/sign-in/oidc" not in client.get("/sign-in").text
        assert client.get("/sign-in/oidc").status == 404
        assert client.get("/sign-in/oidc/back?code=c&state=s").status == 404

    def test_is_offered_by_name(self, client, liar):
        page = client.get("/sign-in?next=/projects")
        assert "Sign in with Government ID" in page.text
        assert "/sign-in/oidc?next=/projects" in page.text

    def test_shows_only_what_works(self, client, app, liar, monkeypatch):
        settings = app.extensions["tithe"]
        for local, shown, apart in (("on", True, False), ("break-glass", True, True), ("off", False, False)):
            monkeypatch.setitem(app.extensions, "tithe", replace(settings, local_accounts=local))
            page = client.get("/sign-in")
            assert ('name="password"' in page.text, "<details" in page.text) == (shown, apart), local

    def test_says_so_when_the_provider_is_down(self, client, liar):
        liar.extra["/.well-known/openid-configuration"] = Response(status=500)
        page = client.get("/sign-in/oidc")
        assert page.status == 503
        assert "does not answer just now" in page.text


class TestComingBack:
    def test_links_an_imported_person_by_staff_number_and_lets_them_in(self, client, liar, team):
        back = come_back(client, liar, **{CLAIM: team.owner.staff_number})

        assert (back.status, back.location) == (303, "/")
        assert "Signed in as Ada Owner" in client.get("/").text
        linked = db.session.query(Identity).one()
        assert (linked.issuer, linked.subject, linked.person_id) == (liar.issuer, SUBJECT, team.owner.id)
        assert [each.event for each in db.session.query(Notice)] == ["identity-linked"]
        assert {each.verb for each in db.session.query(AuditEvent)} >= {"identity:link", "session:start"}

    def test_knows_them_by_issuer_and_subject_from_then_on(self, app, client, liar, team):
        come_back(client, liar, **{CLAIM: team.owner.staff_number})
        again = PageClient(app)
        come_back(again, liar, **{CLAIM: team.manager.staff_number})  # the claim no longer matters
        assert "Signed in as Ada Owner" in again.get("/").text
        assert db.session.query(Identity).count() == 1

    def test_never_links_by_address(self, client, liar, team):
        back = come_back(client, liar, email=team.owner.email, email_verified=True)
        assert back.status == 422
        assert "did not tell tithe your staff number" in back.text
        assert (sessions(), db.session.query(Identity).count()) == (0, 0)

    @pytest.mark.parametrize("number", ["nobody", "", "S\u00e9", 7, True, ["S000001"], "S" * 41])
    def test_links_nobody_to_a_number_nobody_has(self, client, liar, team, number):
        assert come_back(client, liar, **{CLAIM: number}).status == 422
        assert (sessions(), db.session.query(Identity).count()) == (0, 0)

    def test_does_not_link_a_second_account_to_one_person(self, app, client, liar, team):
        come_back(client, liar, **{CLAIM: team.owner.staff_number})
        other = come_back(PageClient(app), liar, sub="subject-2", **{CLAIM: team.owner.staff_number})
        assert other.status == 422
        assert "who is not linked yet" in other.text
        assert sessions() == 1

    def test_links_anew_once_the_old_account_is_forgotten(self, app, client, liar, team):
        come_back(client, liar, **{CLAIM: team.owner.staff_number})
        assert oidc.unlink(email=team.owner.email, now=NOW) == 1
        assert client.get("/").status == 303, "its sessions ended"
        assert come_back(PageClient(app), liar, sub="subject-2", **{CLAIM: team.owner.staff_number}).status == 303

    def test_lets_nobody_in_who_is_not_employed(self, app, client, liar, hands):
        soon = PersonFactory(starts_on=NOW.date() + timedelta(days=1))
        assert come_back(client, liar, **{CLAIM: soon.staff_number}).status == 422
        gone = PersonFactory(leaves_on=NOW.date() + timedelta(days=1))
        assert come_back(client, liar, **{CLAIM: gone.staff_number}).status == 303
        hands.now += timedelta(days=2)
        now = int(hands.now.timestamp())
        late = come_back(PageClient(app), liar, iat=now, exp=now + 60)
        assert late.status == 422
        assert "not employed today" in late.text

    def test_leads_on_to_where_they_were_going_and_nowhere_else(self, app, liar, team):
        for wanted, target in (("/projects", "/projects"), ("//evil.example", "/")):
            client = PageClient(app)
            asked = leave(client, next=wanted)
            liar.token = signed(liar.claims(asked["nonce"], **{CLAIM: team.owner.staff_number}))
            back = client.get("/sign-in/oidc/back", query_string={"code": "c", "state": asked["state"]})
            assert back.location == target

    def test_trades_the_code_with_the_verifier_and_the_secret(self, client, liar, team):
        come_back(client, liar, **{CLAIM: team.owner.staff_number})
        sent = liar.tokens[-1]
        assert (sent["code"], sent["grant_type"], len(sent["code_verifier"])) == ("c", "authorization_code", 64)
        assert sent["authorization"].startswith("Basic ")
        assert SECRET not in repr(contents())

    @pytest.mark.parametrize(("key", "alg"), [(OURS, "PS256"), (CURVE, "ES256"), (OURS, "RS512")])
    def test_takes_every_kind_of_signature_by_a_private_key(self, client, liar, team, key, alg):
        claims = {CLAIM: team.owner.staff_number}
        assert come_back(client, liar, lie=lambda _, said: signed(said, key, alg), **claims).status == 303

    def test_reads_new_keys_when_the_provider_changes_them(self, client, liar, team, hands):
        keys, liar.keys = liar.keys, []
        assert come_back(client, liar, **{CLAIM: team.owner.staff_number}).status == 422
        liar.keys, hands.now = keys, NOW + timedelta(minutes=2)
        assert come_back(client, liar, **{CLAIM: team.owner.staff_number}).status == 303

    def test_asks_for_unknown_keys_once_a_minute(self, client, liar, team):
        for _ in range(5):
            come_back(client, liar, lie=BAD["naming a key nobody has"])
        assert liar.asked.count("/jwks") == 1

    def test_passes_over_keys_it_does_not_know(self, client, liar, team):
        odd = [{"kty": "NEW", "kid": "k0"}, 7, {}, {"kty": "RSA", "kid": "k1", "n": "?", "e": 1}, SHARED.as_dict()]
        liar.keys = [*odd, *liar.keys]
        assert come_back(client, liar, **{CLAIM: team.owner.staff_number}).status == 303


class TestBadToken:
    """Each is one change away from a token that lets its owner in."""

    @pytest.mark.parametrize("kind", BAD)
    def test_lets_nobody_in(self, client, liar, team, kind, caplog):
        with caplog.at_level(logging.WARNING, "tithe"):
            page = come_back(client, liar, lie=BAD[kind], **{CLAIM: team.owner.staff_number})

        assert (page.status, DISTRUST in page.text) == (422, True)
        assert "was refused" in caplog.text
        assert (sessions(), db.session.query(Identity).count()) == (0, 0)
        assert client.get("/").status == 303

    def test_lets_its_owner_in_without_that_change(self, client, liar, team):
        assert come_back(client, liar, **{CLAIM: team.owner.staff_number}).status == 303
        assert sessions() == 1


class TestBadAnswer:
    @pytest.mark.parametrize(
        "change",
        [
            {"state": "of-another-request"},
            {"state": ""},
            {"state": "é"},
            {"code": ""},
            {"iss": "https://elsewhere.example"},
            {"iss": ""},
            {"error": "access_denied"},
            {"error": "<script>alert(1)</script>", "error_description": "x"},
        ],
    )
    def test_lets_nobody_in(self, client, liar, team, change):
        asked = leave(client)
        liar.token = signed(liar.claims(asked["nonce"], **{CLAIM: team.owner.staff_number}))
        page = client.get("/sign-in/oidc/back", query_string={"code": "c", "state": asked["state"], **change})

        assert (page.status, sessions()) == (422, 0)
        assert "<script>alert" not in page.text

    def test_must_name_its_issuer_where_the_provider_says_it_does(self, client, liar, team):
        liar.description["authorization_response_iss_parameter_supported"] = True
        assert come_back(client, liar, **{CLAIM: team.owner.staff_number}).status == 422
        asked = leave(client)
        liar.token = signed(liar.claims(asked["nonce"], **{CLAIM: team.owner.staff_number}))
        answer = {"code": "c", "state": asked["state"], "iss": liar.issuer}
        assert client.get("/sign-in/oidc/back", query_string=answer).status == 303

    def test_counts_once(self, client, liar, team):
        asked = leave(client)
        liar.token = signed(liar.claims(asked["nonce"], **{CLAIM: team.owner.staff_number}))
        answer = {"code": "c", "state": asked["state"]}
        assert client.get("/sign-in/oidc/back", query_string=answer).status == 303
        client.post("/sign-out")
        assert client.get("/sign-in/oidc/back", query_string=answer).status == 422
        assert sessions() == 1

    def test_counts_only_in_the_browser_that_began(self, app, client, liar, team):
        asked = leave(client)
        liar.token = signed(liar.claims(asked["nonce"], **{CLAIM: team.owner.staff_number}))
        other = PageClient(app)
        leave(other)
        answer = {"code": "c", "state": asked["state"]}
        assert PageClient(app).get("/sign-in/oidc/back", query_string=answer).status == 422
        assert other.get("/sign-in/oidc/back", query_string=answer).status == 422
        assert sessions() == 0

    def test_counts_for_ten_minutes(self, client, liar, team, hands):
        asked = leave(client)
        hands.now += timedelta(minutes=11)
        answer = {"code": "c", "state": asked["state"]}
        assert client.get("/sign-in/oidc/back", query_string=answer).status == 422
        assert liar.tokens == []

    @pytest.mark.parametrize(
        ("path", "answer", "status"),
        [
            ("/token", Response(status=500), 503),
            ("/token", Response('{"error": "invalid_grant"}', status=400, mimetype="application/json"), 422),
            ("/token", Response("<h1>Hello</h1>", mimetype="text/html"), 422),
            ("/token", Response("[]", mimetype="application/json"), 422),
            ("/token", Response("null", mimetype="application/json"), 422),
            ("/token", Response(status=302, headers={"Location": "http://127.0.0.1:9/"}), 422),
            ("/jwks", Response(status=500), 503),
            ("/jwks", Response("no json"), 503),
            ("/jwks", Response("[]", mimetype="application/json"), 503),
            ("/jwks", Response('{"keys": 7}', mimetype="application/json"), 422),
        ],
    )
    def test_never_becomes_a_fault_of_ours(self, client, liar, team, path, answer, status):
        liar.extra[path] = answer
        page = come_back(client, liar, **{CLAIM: team.owner.staff_number})
        assert (page.status, sessions()) == (status, 0)

    @pytest.mark.parametrize(
        "change", [{"issuer": "https://elsewhere.example"}, {"jwks_uri": None}, {"token_endpoint": ["a"]}]
    )
    def test_of_a_provider_that_describes_itself_wrongly_is_refused(self, client, liar, change):
        liar.description |= change
        assert client.get("/sign-in/oidc").status == 422

    def test_of_a_secure_provider_never_leads_out_of_https(self, liar, app):
        provider = liar.provider()
        provider.discovery_url = "https://id.example/.well-known/openid-configuration"
        assert not provider._safe("http://id.example/token")
        assert provider._safe("https://id.example/token")


class TestSigningOut:
    def test_ends_our_session_and_offers_to_end_theirs(self, client, liar, team):
        come_back(client, liar, **{CLAIM: team.owner.staff_number})
        assert client.post("/sign-out").location == "/signed-out"
        page = client.get("/signed-out")
        assert f"{liar.issuer}/end?client_id=tithe-client" in page.text
        assert client.get("/").status == 303

    def test_is_not_said_to_somebody_signed_in(self, client, liar, team):
        come_back(client, liar, **{CLAIM: team.owner.staff_number})
        assert client.get("/signed-out").location == "/"

    def test_offers_nothing_where_the_provider_does_not_answer(self, app, client, liar, team):
        come_back(client, liar, **{CLAIM: team.owner.staff_number})
        client.post("/sign-out")
        app.extensions["tithe_provider"]._description = None
        liar.extra["/.well-known/openid-configuration"] = Response(status=500)
        page = client.get("/signed-out")
        assert page.status == 200
        assert "/end?" not in page.text


class TestSettings:
    def test_make_a_provider(self, app):
        url = app.config["SQLALCHEMY_DATABASE_URI"]
        settings = replace(test_settings(url), oidc_discovery_url="https://id.example/.well-known/openid-configuration")
        provider = create_app(settings).extensions["tithe_provider"]
        assert provider.base_url == "http://tithe.test"
        assert create_app(test_settings(url)).extensions["tithe_provider"] is None

    def test_name_the_same_choices_as_the_rules(self):
        assert set(LOCAL_ACCOUNTS) == set(LocalAccounts)
