"""Signing in and out, sessions, tokens, and what every answer carries."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tests.conftest import test_settings
from tests.factories.people import PersonFactory
from tests.people.signing_in import COST, PASSWORD, WRONG, sign_in
from tests.support.contents import contents
from tests.support.pages import ApiClient, PageClient, apart
from tests.timesheets.weeks import NOW
from tithe.access.actor import SYSTEM
from tithe.access.permissions import SCOPES
from tithe.app import create_app
from tithe.kernel.db import db
from tithe.kernel.errors import RuleBroken
from tithe.people.models import ApiToken, Person, SignIn
from tithe.people.operations import identity
from tithe.web.guards import is_local

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "http:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/%0d%0aSet-Cookie:x=1\r\nX: y",
    "/a\\..\\evil",
    "/\x01/evil.example",
    "",
    "?next=//evil.example",
    "#//evil.example",
]


class TestSignIn:
    def test_leads_to_the_start_page(self, client, team):
        answer = sign_in(client, team.owner.email)

        assert (answer.status, answer.location) == (303, "/")
        assert "Signed in as Ada Owner" in client.get("/").text

    @pytest.mark.parametrize("spelling", [str.upper, str.title, lambda email: f"  {email} "])
    def test_does_not_mind_how_the_address_is_written(self, client, team, spelling):
        assert sign_in(client, spelling(team.owner.email)).status == 303

    def test_says_the_same_whatever_is_wrong(self, client, team):
        gone = PersonFactory(leaves_on=NOW.date() - timedelta(days=1))
        soon = PersonFactory(starts_on=NOW.date() + timedelta(days=1))
        for person in (gone, soon):
            identity.set_password(actor=SYSTEM, person_id=person.id, password=PASSWORD, cost=COST, now=NOW)
        tries = [
            (team.owner.email, "wrong"),
            ("nobody@example.org", PASSWORD),
            (team.manager.email, PASSWORD),  # has no local password
            (gone.email, PASSWORD),
            (soon.email, PASSWORD),
            ("' OR 1=1 --", PASSWORD),
        ]
        for email, password in tries:
            page = sign_in(client, email, password)
            assert (page.status, page.errors) == (422, [WRONG]), email
        assert db.session.query(SignIn).count() == 0

    def test_keeps_the_address_and_never_the_password(self, client, team):
        page = sign_in(client, team.owner.email, "wrong but secret")
        assert page.value("email") == team.owner.email
        assert "wrong but secret" not in page.text

    @pytest.mark.parametrize(("email", "password"), [("", PASSWORD), ("a@example.org", ""), ("x" * 255, PASSWORD)])
    def test_names_what_is_missing_or_too_long(self, client, team, email, password):
        assert sign_in(client, email, password).status == 422

    def test_refuses_a_password_beyond_its_cap_without_hashing_it(self, client, team):
        assert sign_in(client, team.owner.email, PASSWORD + "x" * 101).status == 422

    @pytest.mark.parametrize("odd", ["nul\x00byte", "lone \ud83d surrogate", "émoji 🙂"])
    def test_stands_odd_characters(self, client, team, odd):
        try:
            odd.encode()
        except UnicodeEncodeError:
            odd = "\ufffd"
        assert sign_in(client, odd, PASSWORD).status == 422
        assert sign_in(client, team.owner.email, odd).status == 422

    def test_needs_the_token_of_the_page(self, client, team):
        sent = {"csrf_token": "", "email": team.owner.email, "password": PASSWORD}
        assert client.post("/sign-in", sent).status == 400

    def test_gives_a_new_session_and_forgets_what_the_cookie_held(self, client, team):
        client.get("/sign-in")
        with client.http.session_transaction() as cookie:
            cookie["planted"] = "by somebody else"
        sign_in(client, team.owner.email)
        with client.http.session_transaction() as cookie:
            assert "planted" not in cookie
            assert team.owner.email not in str(dict(cookie))

    def test_keeps_no_secret_in_the_database(self, client, team):
        sign_in(client, team.owner.email)
        token = identity.issue_token(email=team.owner.email, scopes=(), days=1, now=NOW)
        with client.http.session_transaction() as cookie:
            secret = cookie["sign_in"]
        stored = repr(contents())
        for planted in (PASSWORD, token, secret):
            assert planted not in stored


class TestNext:
    @pytest.mark.parametrize("wanted", ELSEWHERE)
    def test_never_leaves_the_site(self, client, team, wanted):
        assert not is_local(wanted)
        assert sign_in(client, team.owner.email, next=wanted).location == "/"

    @pytest.mark.parametrize("wanted", ["/weeks/2026-08-03", "/projects?q=plain", "/reports/utilisation?unit=A%20B"])
    def test_leads_on_to_a_path_of_the_site(self, client, team, wanted):
        first = client.get(wanted)
        assert first.status == 303
        assert first.location.startswith("/sign-in?next=")
        page = client.get(first.location)
        sent = {"csrf_token": page.value("csrf_token"), "email": team.owner.email, "password": PASSWORD}

        assert client.post(first.location, sent).location == wanted

    @pytest.mark.parametrize("wanted", ELSEWHERE)
    def test_does_not_forward_somebody_signed_in_either(self, client, team, wanted):
        client.sign_in(team.owner)
        assert client.get("/sign-in", query_string={"next": wanted}).location == "/"


class TestSession:
    @pytest.fixture
    def browser(self, app, team) -> PageClient:
        browser = PageClient(app)
        sign_in(browser, team.owner.email)
        return browser

    def test_ends_on_sign_out_even_for_who_kept_the_cookie(self, app, browser):
        kept = browser.http.get_cookie("tithe").value

        assert browser.post("/sign-out").location == "/sign-in"

        thief = PageClient(app)
        thief.http.set_cookie("tithe", kept)
        assert thief.get("/").status == 303
        assert browser.get("/").status == 303

    def test_does_not_end_by_a_link(self, browser):
        assert browser.get("/sign-out").status == 405
        assert browser.get("/").status == 200

    def test_ends_with_employment(self, browser, team, hands):
        db.session.execute(update(Person).where(Person.id == team.owner.id).values(leaves_on=NOW.date()))
        db.session.commit()
        assert browser.get("/").status == 200
        hands.forward(hours=9)  # past midnight in London, kept awake below
        assert browser.get("/").status == 303

    def test_ends_after_an_idle_hour(self, browser, hands):
        for _ in range(3):
            hands.forward(minutes=59)
            assert browser.get("/").status == 200
        hands.forward(minutes=62)
        assert browser.get("/").status == 303

    def test_ends_after_twelve_hours_however_busy(self, browser, hands):
        for _ in range(14):
            hands.forward(minutes=50)
            assert browser.get("/").status == 200
        hands.forward(minutes=30)
        assert browser.get("/").status == 303

    @pytest.mark.parametrize("value", ["", "x", "eyJzaWduX2luIjoieCJ9.x.y", "a" * 4000])
    def test_does_not_take_a_forged_cookie(self, app, team, value):
        browser = PageClient(app)
        browser.http.set_cookie("tithe", value)
        assert browser.get("/").status == 303

    def test_ignores_bearer_tokens(self, app, team):
        token = identity.issue_token(email=team.owner.email, scopes=(), days=1, now=NOW)
        browser = PageClient(app)
        assert browser.get("/", headers={"Authorization": f"Bearer {token}"}).status == 303

    def test_is_not_for_the_api(self, browser):
        answer = apart(browser.http.get, "/api/v1/projects")
        assert (answer.status_code, answer.json["kind"]) == (401, "NotSignedIn")

    def test_cookie_is_closed_to_scripts_and_other_sites(self, app, team):
        browser = PageClient(app)
        cookie = sign_in(browser, team.owner.email).response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie

    def test_cookie_is_left_alone_while_nothing_changes(self, app, team):
        browser = PageClient(app)
        sign_in(browser, team.owner.email)
        browser.get("/weeks/2026-08-03")
        again = browser.get("/weeks/2026-08-03")
        assert again.status == 200
        assert "Set-Cookie" not in again.response.headers

    def test_cookie_is_bound_to_the_host_over_https(self, app, team):
        settings = replace(test_settings(app.config["SQLALCHEMY_DATABASE_URI"]), base_url="https://tithe.test")
        secure = create_app(settings)
        answer = secure.test_client().get("/sign-in", base_url="https://tithe.test")
        cookie = answer.headers["Set-Cookie"]

        assert cookie.startswith("__Host-tithe=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
        assert "Domain" not in cookie
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")


class TestToken:
    def test_opens_what_its_scopes_say(self, app, team):
        client = ApiClient(app).as_(team.owner, "projects:read")
        assert client.get("/projects").status_code == 200
        assert client.post("/projects", {"title": "T"}).status_code == 403
        assert client.get("/weeks/2026-08-03").status_code == 403

    def test_has_every_scope_when_none_is_named(self, team):
        identity.issue_token(email=team.owner.email, scopes=(), days=1, now=NOW)
        assert set(db.session.query(ApiToken).one().scopes.split()) == set(SCOPES)

    def test_ends_on_its_day(self, app, team, hands):
        client = ApiClient(app).as_(team.owner)
        hands.forward(hours=23, minutes=59)
        assert client.get("/projects").status_code == 200
        hands.forward(minutes=1)
        assert client.get("/projects").status_code == 401

    def test_ends_when_revoked_and_with_employment(self, app, team, hands):
        for change in (update(ApiToken).values(revoked_at=NOW), update(Person).values(leaves_on=NOW.date())):
            client = ApiClient(app).as_(team.colleague)
            assert client.get("/projects").status_code == 200
            db.session.execute(change)
            db.session.commit()
            hands.forward(hours=9)
            assert client.get("/projects").status_code == 401

    @pytest.mark.parametrize(
        "header", ["", "Bearer", "Bearer ", "bearer x", "Basic eDp5", "Bearer x y", "Token x", "Bearer é"]
    )
    def test_is_asked_for_in_one_form(self, app, team, header):
        answer = apart(app.test_client().get, "/api/v1/projects", headers={"Authorization": header})
        assert answer.status_code == 401

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"scopes": ("everything",)}, "There is no scope everything"),
            ({"days": 0}, "from 1 to 366 days"),
            ({"days": 367}, "from 1 to 366 days"),
        ],
    )
    def test_is_not_issued_for_ever_or_for_everything(self, team, changes, words):
        asked: dict[str, Any] = {"email": team.owner.email, "scopes": (), "days": 1, "now": NOW, **changes}
        with pytest.raises(RuleBroken, match=words):
            identity.issue_token(**asked)


class TestHeaders:
    PATHS = ("/", "/sign-in", "/nowhere", "/health", "/api/v1/projects", "/api/v1/nowhere", "/api/v1/openapi.json")

    @pytest.mark.parametrize("path", PATHS)
    def test_are_on_every_answer(self, app, team, path):
        for client in (app.test_client(), PageClient(app).sign_in(team.owner).http):
            answer = apart(client.get, path)
            headers = answer.headers
            policy = headers["Content-Security-Policy"]
            scripts = r"'nonce-[\w-]{20,}'" if "<script" in answer.get_data(as_text=True) else "'none'"
            assert re.search(f"script-src {scripts};", policy)
            for part in ("default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"):
                assert part in policy
            assert "unsafe" not in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Referrer-Policy"] == "same-origin"
            assert headers["Cache-Control"] == "no-store"
            assert "Strict-Transport-Security" not in headers, "plain http in tests"

    def test_name_a_nonce_that_every_script_carries_and_no_other_answer(self, client, team):
        nonces = set()
        for _ in range(3):
            page = client.get("/sign-in")
            nonce = re.search(r"'nonce-([^']+)'", page.response.headers["Content-Security-Policy"])[1]
            assert {each.get("nonce") for each in page.all("script")} == {nonce}
            nonces.add(nonce)
        assert len(nonces) == 3

    @pytest.mark.parametrize("path", ["/static/css/tithe.css", "/static/js/tithe.js"])
    def test_are_on_files_too(self, app, path):
        with app.test_client().get(path) as answer:
            assert answer.status_code == 200
            assert answer.headers.get("X-Content-Type-Options") == "nosniff"

    @pytest.mark.parametrize("host", ["evil.example", "tithe.test@evil.example", "tithe.test.evil.example"])
    def test_never_repeat_a_foreign_host(self, app, team, host):
        answer = apart(app.test_client().get, "/", headers={"Host": host})
        assert "evil" not in answer.headers.get("Location", "")


class TestHealth:
    def test_is_open_and_asks_the_database(self, app):
        answer = app.test_client().get("/health")
        assert (answer.status_code, answer.json) == (200, {"status": "ok"})

    def test_says_503_when_the_database_is_away(self, app, tmp_path):
        away = create_app(test_settings(f"sqlite:///{tmp_path / 'no' / 'such.sqlite'}"))
        answer = away.test_client().get("/health")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "such.sqlite" not in answer.get_data(as_text=True)
