"""Authenticator apps and recovery codes: setting up, signing in, running out, turning off."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from tests.factories.people import RoleGrantFactory, Team
from tests.people.second_steps import App, enter, key_on, second_step, set_up_app
from tests.people.signing_in import COST, PASSWORD, sign_in
from tests.support.contents import contents
from tests.support.pages import PageClient
from tests.timesheets.weeks import NOW
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.notices.models import Notice
from tithe.people.models import RecoveryCode, SignIn, Totp
from tithe.people.operations import identity
from tithe.people.rules.sign_ins import LocalAccounts

WRONG = "That code is not right, or was used already"


@pytest.fixture
def phone(here, hands) -> tuple[App, list[str]]:
    phone = set_up_app(here, hands.now)
    hands.forward(minutes=5)
    return phone


def sessions_of(team: Team) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(SignIn.person_id == team.owner.id)) or 0


class TestSettingUp:
    def test_takes_a_code_before_it_counts(self, here, team):
        page = here.get("/account/security/app")
        assert here.post("/account/security/app", {"code": "000000"}).status == 422
        assert db.session.get(Totp, team.owner.id) is None
        assert key_on(here.get("/account/security/app")) == key_on(page), "a page loaded again shows the same key"

    def test_shows_ten_recovery_codes_once(self, here, hands):
        _, codes = set_up_app(here, hands.now)
        assert len(set(codes)) == 10
        page = here.get("/account/security/codes")
        assert not [code for code in codes if code in page.text]
        assert "You have 10 recovery codes" in page.text

    def test_keeps_neither_secret_nor_codes_in_the_clear(self, here, hands):
        app, codes = set_up_app(here, hands.now)
        kept = str(contents())
        assert app.totp.secret not in kept
        assert not [code for code in codes if code.replace("-", "") in kept or code in kept]

    def test_tells_its_owner(self, here, phone, team):
        db.session.rollback()
        bodies = db.session.scalars(select(Notice.body).where(Notice.person_id == team.owner.id))
        assert any("An authenticator app was set up" in body for body in bodies)

    def test_happens_once(self, here, phone):
        assert here.get("/account/security/app").location == "/account/security"

    def test_is_not_for_those_who_sign_in_elsewhere(self, app, team):
        browser = PageClient(app).sign_in(team.colleague)
        assert browser.get("/account/security/app").status == 404
        assert "organisation’s account" in browser.get("/account/security").text

    def test_asks_again_who_it_is_after_ten_minutes(self, here, hands):
        hands.forward(minutes=11)
        assert here.get("/account/security/app").location == "/account/prove?next=/account/security/app"


class TestSigningIn:
    def test_takes_the_code_after_the_password(self, client, team, phone, hands):
        page = enter(client, team.owner.email, phone[0].shows(hands.now))
        assert (page.status, page.location) == (303, "/")
        assert client.get("/").status == 200

    def test_leads_on_to_where_they_were_going(self, client, team, phone, hands):
        sign_in(client, team.owner.email, next="/projects")
        assert second_step(client, phone[0].shows(hands.now)).location == "/projects"

    @pytest.mark.parametrize("steps", [-1, 1])
    def test_forgives_a_clock_that_is_off_by_one_step(self, client, team, phone, hands, steps):
        assert enter(client, team.owner.email, phone[0].shows(hands.now + timedelta(seconds=30 * steps))).status == 303

    @pytest.mark.parametrize(
        "code", ["000000", "", "12345", "１２３４５６", "abcd-efgh-ijkm-npqr", "0" * 60, "é", "-1", "\u2028"]
    )
    def test_refuses_any_other(self, client, team, phone, code):
        before = sessions_of(team)
        assert enter(client, team.owner.email, code).status == 422
        assert sessions_of(team) == before
        assert client.get("/").location.startswith("/sign-in")

    @pytest.mark.parametrize("steps", [-2, 2, 100])
    def test_refuses_a_code_of_another_time(self, client, team, phone, hands, steps):
        code = phone[0].shows(hands.now + timedelta(seconds=30 * steps))
        assert WRONG in enter(client, team.owner.email, code).text

    def test_takes_no_code_twice(self, app, team, phone, hands):
        code = phone[0].shows(hands.now)
        assert enter(PageClient(app), team.owner.email, code).status == 303
        hands.forward(seconds=20)
        assert WRONG in enter(PageClient(app), team.owner.email, code).text

    def test_takes_no_earlier_code_after_a_later(self, app, team, phone, hands):
        early, late = phone[0].shows(hands.now), phone[0].shows(hands.now + timedelta(seconds=30))
        assert enter(PageClient(app), team.owner.email, late).status == 303
        assert enter(PageClient(app), team.owner.email, early).status == 422

    def test_takes_each_recovery_code_once(self, app, team, phone):
        _, codes = phone
        assert enter(PageClient(app), team.owner.email, codes[3].upper().replace("-", " ")).status == 303
        assert enter(PageClient(app), team.owner.email, codes[3]).status == 422
        assert enter(PageClient(app), team.owner.email, codes[4]).status == 303
        db.session.rollback()
        assert "8 are left" in " ".join(db.session.scalars(select(Notice.body)))

    def test_takes_nobody_elses_codes(self, app, team, phone, hands):
        identity.set_password(actor=SYSTEM, person_id=team.colleague.id, password=PASSWORD, cost=COST, now=NOW)
        other = PageClient(app)
        sign_in(other, team.colleague.email)
        hands.forward(minutes=1)
        theirs, codes = set_up_app(other, hands.now)
        hands.forward(minutes=1)
        for code in (theirs.shows(hands.now), codes[0]):
            assert enter(PageClient(app), team.owner.email, code).status == 422

    def test_needs_the_password_first(self, client, team, phone, hands):
        assert client.get("/sign-in/second-step").location == "/sign-in"
        assert client.post("/sign-in/second-step", {"code": phone[0].shows(hands.now)}).location == "/sign-in"
        assert client.get("/sign-in/second-step/set-up").location == "/sign-in"

    def test_waits_ten_minutes(self, client, team, phone, hands):
        sign_in(client, team.owner.email)
        token = client.get("/sign-in/second-step").value("csrf_token")
        hands.forward(minutes=10)
        sent = {"csrf_token": token, "code": phone[0].shows(hands.now)}
        assert client.post("/sign-in/second-step", sent).location == "/sign-in"

    def test_is_throttled_as_passwords_are(self, client, team, phone, hands):
        sign_in(client, team.owner.email)
        for _ in range(10):
            assert second_step(client, "000000").status == 422
        page = second_step(client, phone[0].shows(hands.now))
        assert page.status == 429
        assert int(page.response.headers["Retry-After"]) > 0

    def test_is_throttled_whatever_password_was_right_in_between(self, client, team, phone):
        for _ in range(10):
            enter(client, team.owner.email, "000000")
        assert enter(client, team.owner.email, "000000").status == 429

    def test_cannot_be_gone_round_by_setting_up_another(self, client, team, phone, hands):
        sign_in(client, team.owner.email)
        assert client.get("/sign-in/second-step/set-up").location == "/sign-in/second-step"
        assert client.post("/sign-in/second-step/set-up", {"code": "000000"}).location == "/sign-in/second-step"

    def test_goes_on_with_recovery_codes_when_the_key_of_the_installation_changed(
        self, app, team, phone, hands, monkeypatch
    ):
        settings = replace(app.extensions["tithe"], secret_key="quite another key " * 3)
        monkeypatch.setitem(app.extensions, "tithe", settings)
        assert enter(PageClient(app), team.owner.email, phone[0].shows(hands.now)).status == 422
        assert enter(PageClient(app), team.owner.email, phone[1][0]).status == 303

    def test_takes_no_sealed_secret_of_somebody_else(self, app, team, phone, hands):
        """Whoever can write the database cannot give somebody else their own app."""
        identity.set_password(actor=SYSTEM, person_id=team.colleague.id, password=PASSWORD, cost=COST, now=NOW)
        with db.engine.begin() as connection:
            copied = "INSERT INTO totp SELECT :person, sealed, 0, added_at FROM totp"
            connection.execute(text(copied), {"person": team.colleague.id})
        assert enter(PageClient(app), team.colleague.email, phone[0].shows(hands.now)).status == 422


class TestRoles:
    @pytest.fixture
    def required(self, app, team, monkeypatch) -> None:
        settings = replace(app.extensions["tithe"], second_factor_roles=("hr_manager", "finance"))
        monkeypatch.setitem(app.extensions, "tithe", settings)
        RoleGrantFactory(person_id=team.owner.id, unit_id=team.department.id, role=Role.HR_MANAGER)

    def test_lead_to_setting_up_after_the_password(self, client, team, required, hands):
        before = sessions_of(team)
        assert sign_in(client, team.owner.email, next="/projects").location == "/sign-in/second-step"
        assert client.get("/sign-in/second-step").location == "/sign-in/second-step/set-up"
        page = client.get("/sign-in/second-step/set-up")
        assert "Your role in tithe needs a second step" in page.text
        assert client.get("/").location.startswith("/sign-in"), "nothing opens before it is set up"
        sent = {"csrf_token": page.value("csrf_token")}
        refused = client.post("/sign-in/second-step/set-up", {**sent, "code": "000000"})
        assert (refused.status, key_on(refused), sessions_of(team)) == (422, key_on(page), before)
        done = client.post("/sign-in/second-step/set-up", {**sent, "code": App(key_on(page)).shows(hands.now)})
        assert done.location == "/account/security/codes?next=/projects"
        codes = client.get(done.location)
        assert 'href="/projects"' in codes.text
        assert "shown only once" in codes.text

    def test_keep_the_last_factor(self, here, team, required, phone, hands):
        sent = {"password": PASSWORD, "code": phone[0].shows(hands.now)}
        page = here.post("/account/security/app/off", sent)
        assert page.status == 422
        assert "Your role needs a second step" in page.text
        db.session.rollback()
        assert db.session.get(Totp, team.owner.id) is not None

    def test_ask_nobody_else(self, client, team, required):
        identity.set_password(actor=SYSTEM, person_id=team.colleague.id, password=PASSWORD, cost=COST, now=NOW)
        assert sign_in(client, team.colleague.email).location == "/"

    def test_that_have_ended_ask_nothing(self, client, team, required, hands):
        hands.forward(days=1)
        db.session.execute(text("UPDATE role_grant SET ends_on = '2026-08-01'"))
        db.session.commit()
        assert sign_in(client, team.owner.email).location == "/"


class TestTurningOff:
    def test_takes_password_and_code(self, here, client, team, phone, hands):
        code = phone[0].shows(hands.now)
        assert here.post("/account/security/app/off", {"password": "not it at all", "code": code}).status == 422
        assert here.post("/account/security/app/off", {"password": PASSWORD, "code": "000000"}).status == 422
        assert here.post("/account/security/app/off", {"password": PASSWORD, "code": code}).status == 303
        assert sign_in(client, team.owner.email).location == "/"
        assert db.session.query(RecoveryCode).count() == 0

    def test_is_throttled(self, here, phone, hands):
        for _ in range(10):
            here.post("/account/security/app/off", {"password": PASSWORD, "code": "000000"})
        sent = {"password": PASSWORD, "code": phone[0].shows(hands.now)}
        assert here.post("/account/security/app/off", sent).status == 429


class TestRecoveryCodes:
    def test_are_replaced_as_a_set(self, app, here, team, phone):
        assert here.post("/account/security/codes").location == "/account/security/codes"
        assert "shown only once" in here.get("/account/security/codes").text
        assert enter(PageClient(app), team.owner.email, phone[1][0]).status == 422

    def test_come_with_a_factor_only(self, here):
        assert here.post("/account/security/codes").status == 422


class TestReset:
    def run(self, app, email: str):
        return app.test_cli_runner().invoke(args=["people", "second-factor", "reset", email])

    def test_takes_everything_away_and_ends_sessions(self, app, here, client, team, phone):
        result = self.run(app, team.owner.email)
        assert result.exit_code == 0, result.output
        assert here.get("/").status == 303
        assert sign_in(client, team.owner.email).location == "/"
        assert db.session.query(Totp).count() == db.session.query(RecoveryCode).count() == 0

    def test_says_what_there_is_not(self, app, team):
        assert "nothing to reset" in self.run(app, team.owner.email).output
        assert "Nobody has the address" in self.run(app, "nobody@example.org").output


def test_second_factor_is_for_local_accounts_alone(app, team, phone):
    """Whoever comes by the organisation's provider showed theirs there."""
    assert (
        identity.sign_in(
            email=team.owner.email, password=PASSWORD, cost=COST, hours=1, now=clock.now(), local=LocalAccounts.ON
        ).secret
        is None
    )
