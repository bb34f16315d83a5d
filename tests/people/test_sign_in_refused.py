"""Refused sign-ins are in the audit: ids and digests only, once an hour for each account and place, within a bound."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories.people import PersonFactory
from tests.people.signing_in import COST, PASSWORD, sign_in
from tests.support.pages import PageClient
from tests.timesheets.weeks import NOW
from tithe.access.actor import SYSTEM
from tithe.audit.models import AuditEvent
from tithe.audit.queries import first_broken_link
from tithe.kernel.db import db
from tithe.kernel.errors import RuleBroken
from tithe.people.operations import identity, refused, totp
from tithe.people.rules.oidc import Distrusted
from tithe.people.rules.sign_ins import LocalAccounts, Origin
from tithe.people.rules.throttle import ACCOUNT


def events() -> list[tuple[int | None, dict[str, str]]]:
    db.session.rollback()
    found = select(AuditEvent.subject_id, AuditEvent.details).where(AuditEvent.verb == "sign-in:refuse")
    return [(row[0], json.loads(row[1])) for row in db.session.execute(found.order_by(AuditEvent.id))]


def reasons() -> list[tuple[int | None, str]]:
    return [(person_id, facts["why"]) for person_id, facts in events()]


class TestRefusedSignIns:
    def test_are_on_the_chain_with_why(self, client, team):
        gone = PersonFactory(leaves_on=NOW.date() - timedelta(days=1))
        identity.set_password(actor=SYSTEM, person_id=gone.id, password=PASSWORD, cost=COST, now=NOW)
        sign_in(client, team.owner.email, "wrong")
        sign_in(client, team.manager.email)
        sign_in(client, gone.email)
        sign_in(client, "nobody@example.org")
        with pytest.raises(RuleBroken):
            identity.sign_in(
                email=team.owner.email, password=PASSWORD, cost=COST, hours=1, now=NOW, local=LocalAccounts.OFF
            )

        assert reasons() == [
            (team.owner.id, "wrong password"),
            (team.manager.id, "no local password"),
            (gone.id, "not employed"),
            (None, "unknown account"),
            (team.owner.id, "local accounts are not for them"),
        ]
        assert first_broken_link() is None

    def test_say_nothing_of_what_was_typed(self, client, team):
        sign_in(client, "Mistyped.Name@example.org", "my real password", at="192.0.2.77")
        sign_in(client, team.owner.email, "my real password", at="192.0.2.77")

        unknown, known = (facts for _, facts in events())
        stored = json.dumps([unknown, known]).lower()
        for planted in ("mistyped", "my real password", "192.0.2.77", team.owner.email):
            assert planted not in stored
        assert {len(unknown["account"]), len(unknown["network"])} == {64}
        assert unknown["network"] == known["network"], "one place is known again"
        assert "account" not in known

    def test_have_digests_that_nobody_can_try_out_without_the_key(self, team):
        for key in ("one key", "another"):
            with pytest.raises(RuleBroken):
                identity.sign_in(
                    email="nobody@example.org", password="x", cost=COST, hours=1, now=NOW, origin=Origin(digest_key=key)
                )
        assert len({facts["account"] for _, facts in events()}) == 2

    def test_come_once_an_hour_for_each_account_and_place(self, client, team, hands):
        for at in ("192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.1"):
            sign_in(client, team.owner.email, "wrong", at=at)
            sign_in(client, "nobody@example.org", at=at)
        assert len(events()) == 4
        hands.forward(hours=1)
        sign_in(client, team.owner.email, "wrong")
        assert len(events()) == 5

    def test_say_when_there_were_too_many(self, client, team):
        for _ in range(ACCOUNT.free + 3):
            sign_in(client, team.owner.email, "wrong")

        assert reasons() == [(team.owner.id, "wrong password"), (team.owner.id, "too many tries")]

    def test_cannot_fill_the_chain(self, team, monkeypatch):
        monkeypatch.setattr(refused, "MOST_AN_HOUR", 6)
        for number in range(20):
            origin = Origin("", f"192.0.2.{number}")
            with pytest.raises(RuleBroken):
                identity.sign_in(email=f"{number}@x", password="x", cost=COST, hours=1, now=NOW, origin=origin)

        assert [facts.get("no_more_than") for _, facts in events()] == [None] * 6 + [6]

    def test_by_a_wrong_second_factor_are_noted(self, team):
        about = {"person_id": team.owner.id, "code": "000000", "key": "k", "hours": 1, "now": NOW, "origin": Origin()}
        with pytest.raises(RuleBroken):
            totp.pass_second_step(**about)

        assert reasons() == [(team.owner.id, "wrong second factor")]

    def test_by_the_provider_are_noted(self, app, client, monkeypatch):
        class Forged:
            def resume(self, kept: object, now: object) -> None:
                raise Distrusted("the state is of another request")

        monkeypatch.setitem(app.extensions, "tithe_provider", Forged())
        assert client.get("/sign-in/oidc/back?code=x").status == 422

        assert reasons() == [(None, "provider's answer refused")]
        assert events()[0][1]["method"] == "oidc"

    def test_leave_nothing_behind_a_right_password(self, client, team):
        assert sign_in(client, team.owner.email).status == 303
        assert events() == []

    def test_are_shown_to_auditors_and_to_whose_account_it_is(self, app, client, team):
        sign_in(client, team.owner.email, "wrong")
        page = PageClient(app).sign_in(team.owner).get("/account/my-data")
        assert page.status == 200
        assert reasons() == [(team.owner.id, "wrong password")]
