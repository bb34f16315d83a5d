"""The page of one's own security, and showing again who one is."""

from __future__ import annotations

from dataclasses import replace

from tests.factories.people import RoleGrantFactory, Team
from tests.people.second_steps import Device, add_passkey, set_up_app, show_passkey
from tests.people.signing_in import COST, PASSWORD, sign_in
from tests.support.contents import contents, statements
from tests.support.pages import PageClient
from tests.timesheets.weeks import NOW
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.people import queries, second_factor, sessions
from tithe.people.operations import identity
from tithe.people.rules.totp import STEP_SECONDS, step_of, steps_that_count, tidied
from tithe.people.sealing import seal, unseal

PROVE = "/account/prove?next=/account/security/passkeys/new"


class TestPage:
    def test_says_what_there_is(self, here, hands):
        page = here.get("/account/security")
        assert "None. With one, a stolen password is not enough" in page.text
        set_up_app(here, hands.now)
        add_passkey(here, Device(), "my phone")
        page = here.get("/account/security")
        assert "Signing in with your password asks for its code" in page.text
        assert "10 left" in page.text
        assert "my phone" in page.text

    def test_takes_the_same_statements_however_many_passkeys_there_are(self, here):
        add_passkey(here, Device())
        with statements() as first:
            here.get("/account/security")
        for number in range(3):
            add_passkey(here, Device(), str(number))
        here.get("/account/security")
        with statements() as second:
            here.get("/account/security")
        assert len(first) == len(second)

    def test_warns_whose_role_needs_more(self, app, here, team, monkeypatch):
        settings = app.extensions["tithe"]
        monkeypatch.setitem(app.extensions, "tithe", replace(settings, second_factor_roles=("finance",)))
        assert "Your role needs a second step" not in here.get("/account/security").text
        RoleGrantFactory(person_id=team.owner.id, unit_id=team.department.id, role=Role.FINANCE)
        assert "Your role needs a second step" in here.get("/account/security").text


class TestProving:
    def test_takes_the_password_and_lasts_ten_minutes(self, here, hands):
        hands.forward(minutes=11)
        assert here.get("/account/security/passkeys/new").location == PROVE
        assert here.post(PROVE, {"password": PASSWORD}).location == "/account/security/passkeys/new"
        hands.forward(minutes=9)
        assert here.get("/account/security/passkeys/new").status == 200
        hands.forward(minutes=2)
        assert here.get("/account/security/passkeys/new").location == PROVE

    def test_takes_a_passkey(self, here, hands):
        device = Device()
        add_passkey(here, device)
        hands.forward(minutes=11)
        assert show_passkey(here, device, PROVE).location == "/account/security/passkeys/new"
        assert here.get("/account/security/passkeys/new").status == 200

    def test_takes_nobody_elses_passkey(self, app, here, team, hands):
        identity.set_password(actor=SYSTEM, person_id=team.colleague.id, password=PASSWORD, cost=COST, now=NOW)
        other, device = PageClient(app), Device()
        sign_in(other, team.colleague.email)
        add_passkey(other, device)
        hands.forward(minutes=11)
        assert "somebody else’s" in show_passkey(here, device, PROVE).text
        assert here.get("/account/security/passkeys/new").location == PROVE

    def test_refuses_a_wrong_password_and_counts_it(self, here, hands):
        hands.forward(minutes=11)
        for _ in range(10):
            assert here.post(PROVE, {"password": "quite another one"}).status == 422
        page = here.post(PROVE, {"password": PASSWORD})
        assert (page.status, "Retry-After" in page.response.headers) == (429, True)
        assert here.get("/account/security/passkeys/new").location == PROVE

    def test_is_of_one_session_alone(self, app, here, team, hands):
        there = PageClient(app)
        sign_in(there, team.owner.email)
        hands.forward(minutes=11)
        here.post(PROVE, {"password": PASSWORD})
        assert there.get("/account/security/passkeys/new").location == PROVE

    def test_leads_nowhere_else(self, here):
        page = here.post("/account/prove?next=//evil.test", {"password": PASSWORD})
        assert page.location == "/account/security"

    def test_changes_nothing_when_it_is_only_asked_for(self, here, hands):
        hands.forward(minutes=11)
        here.get("/account/security")
        before = contents()
        here.get("/account/security/app")
        here.post("/account/security/codes")
        assert contents() == before

    def test_tells_who_signs_in_elsewhere_to_do_so_again(self, app, team):
        browser = PageClient(app).sign_in(team.colleague)
        assert "sign out, sign in again" in browser.get("/account/prove").text
        assert browser.post("/account/prove", {"password": PASSWORD}).status == 404

    def test_holds_for_a_session_that_began_just_now(self, team, hands):
        actor = team_actor(team)
        assert second_factor.recently_proved(actor, hands.now)
        hands.forward(minutes=10)
        assert not second_factor.recently_proved(actor, hands.now)
        assert not second_factor.recently_proved(SYSTEM, hands.now)


def team_actor(team: Team):

    secret = identity.start_session(person_id=team.owner.id, hours=12, now=NOW)
    return queries.actor_by_sign_in(sessions.hashed(secret), NOW)


class TestSealing:
    def test_opens_with_the_same_key_and_purpose_alone(self):
        sealed = seal("words", purpose="one", key="a")
        assert unseal(sealed, purpose="one", key="a") == "words"
        assert unseal(sealed, purpose="two", key="a") is None
        assert unseal(sealed, purpose="one", key="b") is None
        assert unseal("nothing of ours", purpose="one", key="a") is None
        assert unseal("é", purpose="one", key="a") is None

    def test_says_nothing_of_what_it_holds(self):
        assert seal("words", purpose="one", key="a") != seal("words", purpose="one", key="a")


class TestSteps:
    def test_count_now_and_next_door_and_never_again(self):
        here = step_of(NOW)
        assert here == int(NOW.timestamp()) // STEP_SECONDS
        assert steps_that_count(NOW, 0) == [here - 1, here, here + 1]
        assert steps_that_count(NOW, here) == [here + 1]
        assert steps_that_count(NOW, here + 1) == []

    def test_are_typed_as_they_are_read_out(self):
        assert tidied(" 123 456 ") == "123456"
        assert tidied("ABCD-efgh ijkm") == "abcdefghijkm"
