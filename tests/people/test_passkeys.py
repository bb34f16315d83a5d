"""Passkeys: adding, signing in, and everything that is no proof."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from tests.factories.people import RoleGrantFactory, Team
from tests.people.second_steps import (
    ATTESTED,
    CODE,
    PRESENT,
    VERIFIED,
    Device,
    add_passkey,
    enter,
    options,
    second_step,
    set_up_app,
    show_passkey,
)
from tests.people.signing_in import COST, PASSWORD, sign_in
from tests.support.contents import NOTES, contents
from tests.support.pages import PageClient
from tests.timesheets.weeks import NOW
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.app import create_app
from tithe.kernel.db import db
from tithe.people.models import Passkey, Person, RecoveryCode, SignIn
from tithe.people.operations import identity, passkeys
from tithe.people.operations.passkeys import Shown
from tithe.people.relying_party import RelyingParty
from tithe.people.rules.passkeys import NoProof
from tithe.people.rules.sign_ins import LocalAccounts, Origin


@pytest.fixture
def team(hands) -> Team:
    team = Team()
    for person in (team.owner, team.colleague):
        identity.set_password(actor=SYSTEM, person_id=person.id, password=PASSWORD, cost=COST, now=NOW)
    return team


@pytest.fixture
def device(here) -> Device:
    """The owner's device, with a passkey that tithe knows."""
    device = Device()
    assert add_passkey(here, device).status == 303
    return device


def sessions() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(SignIn)) or 0


class TestAdding:
    def test_shows_it_by_its_name_and_brings_recovery_codes(self, here):
        page = add_passkey(here, Device(), "my phone")
        assert page.location == "/account/security/codes"
        assert len(CODE.findall(here.get(page.location).text)) == 10
        assert "my phone" in here.get("/account/security").text

    def test_brings_codes_with_the_first_factor_only(self, here, device):
        assert add_passkey(here, Device(), "another").location == "/account/security"
        assert db.session.query(RecoveryCode).count() == 10

    def test_asks_for_a_verified_owner_and_a_key_that_is_found_by_itself(self, here, device):
        asked = options(here, "/account/security/passkeys/options")
        chosen = asked["authenticatorSelection"]
        assert (chosen["userVerification"], chosen["residentKey"]) == ("required", "required")
        assert (asked["rp"]["id"], len(asked["excludeCredentials"])) == ("tithe.test", 1)
        assert asked["user"]["id"] == db.session.query(Passkey).one().user_handle

    @pytest.mark.parametrize("name", ["", "   ", "x" * 61])
    def test_needs_a_name(self, here, name):
        assert add_passkey(here, Device(), name).status == 422
        assert db.session.query(Passkey).count() == 0

    @pytest.mark.parametrize(
        "false",
        [
            {"host": "evil.test"},
            {"origin": "http://evil.test"},
            {"origin": "https://tithe.test"},
            {"origin": "http://tithe.test:8000"},
            {"flags": PRESENT},
            {"flags": VERIFIED},
            {"kind": {"make": "webauthn.get", "show": "webauthn.get"}},
        ],
        ids=str,
    )
    def test_refuses_a_false_one(self, here, false):
        page = add_passkey(here, Device(**false))
        assert page.status == 422
        assert "did not prove" in page.text
        assert db.session.query(Passkey).count() == 0

    def test_refuses_one_that_is_known_already(self, app, here, device):
        other = PageClient(app)
        sign_in(other, db.session.query(Person).filter_by(name="Cal Colleague").one().email)
        assert "known already" in add_passkey(other, device).text

    def test_takes_each_challenge_once_and_for_five_minutes(self, here, hands):
        asked = options(here, "/account/security/passkeys/options")
        hands.forward(minutes=5)
        sent = {"name": "late", "credential": Device().make(asked)}
        assert "took too long" in here.post("/account/security/passkeys/new", sent).text
        assert "took too long" in here.post("/account/security/passkeys/new", sent).text

    def test_takes_no_challenge_for_signing_in(self, here):
        asked = options(here)
        sent = {"name": "mixed up", "credential": Device().make({**asked})}
        assert here.post("/account/security/passkeys/new", sent).status == 422

    def test_asks_again_who_it_is_after_ten_minutes(self, here, hands):
        hands.forward(minutes=11)
        assert here.get("/account/security/passkeys/new").location.startswith("/account/prove")
        assert here.post("/account/security/passkeys/options").location.startswith("/account/prove")

    def test_ends_at_twenty(self, here):
        for number in range(20):
            assert add_passkey(here, Device(), str(number)).status == 303
        assert "Remove one first" in add_passkey(here, Device()).text


class TestSigningIn:
    def test_opens_a_session_with_a_passkey_alone(self, client, device, hands):
        hands.forward(minutes=1)
        page = show_passkey(client, device)
        assert (page.status, page.location) == (303, "/")
        assert "with a passkey" in client.get("/account/sessions").text
        assert "Last used" in client.get("/account/security").text

    def test_leads_on_to_where_they_were_going_here(self, client, device):
        page = show_passkey(client, device, "/sign-in/passkey?next=/projects")
        assert page.location == "/projects"
        assert show_passkey(PageClient(client.app), device, "/sign-in/passkey?next=//evil.test").location == "/"

    def test_is_a_second_step_too(self, client, device, team):
        assert sign_in(client, team.owner.email, next="/projects").location == "/sign-in/second-step"
        token = client.get("/sign-in/second-step").value("csrf_token")
        asked = options(client, token=token)
        assert len(asked["allowCredentials"]) == 1
        sent = {"csrf_token": token, "credential": device.show(asked)}
        assert client.post("/sign-in/passkey", sent).location == "/projects"

    def test_is_a_second_step_for_its_owner_alone(self, app, client, device, team, hands):
        other = PageClient(app)
        sign_in(other, team.colleague.email)
        set_up_app(other, hands.now)
        sign_in(client, team.colleague.email)
        token = client.get("/sign-in/second-step").value("csrf_token")
        before = sessions()
        sent = {"csrf_token": token, "credential": device.show(options(client, token=token))}
        assert "somebody else’s" in client.post("/sign-in/passkey", sent).text
        assert sessions() == before

    def test_goes_on_with_a_recovery_code_without_the_passkey(self, client, here, team):
        page = add_passkey(here, Device())
        codes = CODE.findall(here.get(page.location).text)
        assert enter(client, team.owner.email, "000000").status == 422
        assert second_step(client, codes[0]).status == 303

    @pytest.mark.parametrize("accounts", [LocalAccounts.OFF, LocalAccounts.BREAK_GLASS])
    def test_works_only_where_local_accounts_do(self, app, device, accounts):
        party, before = app.extensions["tithe_passkeys"], sessions()
        asked = party.request_options([])
        shown = Shown(asked["challenge"], device.show(asked), Origin())
        with pytest.raises(NoProof):
            passkeys.sign_in(party=party, shown=shown, awaited=None, local=accounts, hours=1, now=NOW)
        assert sessions() == before

    def test_ends_with_employment(self, client, device, team):
        day = NOW.date() - timedelta(days=1)
        db.session.execute(update(Person).where(Person.id == team.owner.id).values(leaves_on=day))
        db.session.commit()
        assert show_passkey(client, device).status == 422

    def test_is_not_offered_where_the_address_has_no_name(self, app):
        for address in ("", "http://127.0.0.1:8000", "http://[::1]:8000"):
            bare = create_app(replace(app.extensions["tithe"], base_url=address))
            assert bare.extensions["tithe_passkeys"] is None

    def test_is_refused_where_passkeys_do_not_work(self, app, client, team, monkeypatch):
        monkeypatch.setitem(app.extensions, "tithe_passkeys", None)
        assert "passkey" not in client.get("/sign-in").text
        assert client.post("/sign-in/passkey/options").status == 404
        assert client.post("/sign-in/passkey", {"credential": "{}"}).status == 404


def other_key(device: Device) -> None:
    device.key = Device().key


def unknown(device: Device) -> None:
    device.id = Device().id


FORGERIES: dict[str, Callable[[Device], None]] = {
    "another origin": lambda device: setattr(device, "origin", "http://evil.test"),
    "an origin below ours": lambda device: setattr(device, "origin", "http://tithe.test.evil.test"),
    "another scheme": lambda device: setattr(device, "origin", "https://tithe.test"),
    "another relying party": lambda device: setattr(device, "host", "evil.test"),
    "an owner not verified": lambda device: setattr(device, "flags", PRESENT),
    "an owner not there": lambda device: setattr(device, "flags", VERIFIED),
    "a counter that stands still": lambda device: setattr(device, "count", 0),
    "a counter that goes back": lambda device: setattr(device, "count", -1),
    "another key": other_key,
    "an unknown passkey": unknown,
    "an answer of making one": lambda device: device.kind.update(show="webauthn.create"),
    "attested data that is not there": lambda device: setattr(device, "flags", PRESENT | VERIFIED | ATTESTED),
}


class TestForgery:
    """Whatever is false about an answer, no session begins, nothing is kept, and no page breaks."""

    @pytest.mark.parametrize("what", FORGERIES)
    def test_opens_nothing(self, client, device, what):
        device.count = 5
        db.session.execute(update(Passkey).values(sign_count=1))
        db.session.commit()
        before = contents(leave_out=NOTES | {"try"})
        FORGERIES[what](device)
        assert show_passkey(client, device).status == 422
        assert contents(leave_out=NOTES | {"try"}) == before

    def test_by_another_challenge_opens_nothing(self, client, device):
        asked = options(client)
        options(client)  # another challenge takes its place
        assert client.post("/sign-in/passkey", {"credential": device.show(asked)}).status == 422

    def test_by_replay_opens_nothing(self, app, device):
        """Somebody copied the whole cookie before, and the answer as well. The device counts nothing."""
        device.count, device.counts = 0, False
        db.session.execute(update(Passkey).values(sign_count=0))
        db.session.commit()
        first, second = PageClient(app), PageClient(app)
        asked = options(first)
        with first.http.session_transaction() as theirs, second.http.session_transaction() as copy:
            copy.update(theirs)
        answer = device.show(asked)
        assert first.post("/sign-in/passkey", {"credential": answer}).status == 303
        before = sessions()
        assert second.post("/sign-in/passkey", {"credential": answer}).status == 422
        assert sessions() == before

    def test_after_five_minutes_opens_nothing(self, client, device, hands):
        asked = options(client)
        hands.forward(minutes=5)
        page = client.post("/sign-in/passkey", {"credential": device.show(asked)})
        assert "took too long" in page.text

    def test_with_a_changed_signature_opens_nothing(self, client, device):
        answer = json.loads(device.show(options(client)))
        answer["response"]["signature"] = "A" + answer["response"]["signature"][1:][::-1]
        assert client.post("/sign-in/passkey", {"credential": json.dumps(answer)}).status == 422

    def test_is_slowed_down(self, client, device):
        statuses = {show_passkey(client, Device()).status for _ in range(102)}
        assert statuses == {422, 429}


KNOWN = Device()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PARTS = ("id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature", "attestationObject")


@given(st.text(max_size=60) | JSON.map(json.dumps))
def test_nonsense_is_no_proof(text):
    party = RelyingParty("http://tithe.test")
    with pytest.raises(NoProof):
        party.check(text, "Y2hhbGxlbmdl", public_key="AAAA", sign_count=0)
    with pytest.raises(NoProof):
        party.check_new(text, "Y2hhbGxlbmdl")


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PARTS), JSON, st.booleans())
def test_an_answer_with_a_part_made_up_is_no_proof(part, value, making):
    party = RelyingParty("http://tithe.test")
    asked = party.request_options([])
    answer = json.loads(KNOWN.make(asked) if making else KNOWN.show(asked))
    place = answer if part in answer else answer["response"]
    if part not in place or place[part] == value:
        return
    place[part] = value
    check = party.check_new if making else partial(party.check, public_key="AAAA", sign_count=0)
    with pytest.raises(NoProof):
        check(json.dumps(answer), asked["challenge"])


class TestRemoving:
    def path(self) -> str:
        return f"/account/security/passkeys/{db.session.query(Passkey).one().id}/remove"

    def test_ends_what_it_opens(self, client, here, device):
        assert here.post(self.path()).location == "/account/security"
        assert show_passkey(client, device).status == 422
        assert db.session.query(RecoveryCode).count() == 0, "codes of no factor are of no use"

    def test_is_for_ones_own_alone(self, app, device, team):
        other = PageClient(app)
        sign_in(other, team.colleague.email)
        before = contents()
        assert other.post(self.path()).status == 404
        assert other.post(f"/account/security/passkeys/{10**30}/remove").status == 404
        assert contents() == before

    def test_leaves_the_last_factor_of_a_role_that_needs_one(self, app, here, device, team, monkeypatch):
        needing = replace(app.extensions["tithe"], second_factor_roles=("finance",))
        monkeypatch.setitem(app.extensions, "tithe", needing)
        RoleGrantFactory(person_id=team.owner.id, unit_id=team.department.id, role=Role.FINANCE)
        assert "Your role needs a second step" in here.post(self.path()).text
        assert db.session.query(Passkey).count() == 1

    def test_asks_again_who_it_is_after_ten_minutes(self, here, device, hands):
        hands.forward(minutes=11)
        assert here.post(self.path()).location == "/account/prove?next=/account/security"
