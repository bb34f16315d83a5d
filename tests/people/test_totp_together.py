"""The same code or answer sent several times at the same moment counts once."""

from __future__ import annotations

from functools import partial

import pytest

from tests.factories.people import Team
from tests.people.second_steps import App, Device
from tests.people.signing_in import COST, PASSWORD
from tests.support.threads import at_once
from tests.timesheets.weeks import NOW
from tithe.access.actor import SYSTEM
from tithe.kernel.db import db
from tithe.kernel.errors import RuleBroken
from tithe.people import queries
from tithe.people.models import SignIn
from tithe.people.operations import identity, passkeys, totp
from tithe.people.operations.passkeys import Shown
from tithe.people.rules.sign_ins import LocalAccounts, Origin

KEY = "a key of this test"


@pytest.fixture
def team(app) -> Team:
    team = Team()
    identity.set_password(actor=SYSTEM, person_id=team.owner.id, password=PASSWORD, cost=COST, now=NOW)
    return team


def refusals(results: list[object]) -> int:
    assert not [each for each in results if isinstance(each, Exception) and not isinstance(each, RuleBroken)], results
    return len([each for each in results if isinstance(each, RuleBroken)])


def test_a_code_counts_once(app, team):
    owner = queries.actor_by_email(team.owner.email, NOW)
    secret = totp.new_secret()
    codes = totp.set_up(actor=owner, secret=secret, code=App(secret).shows(NOW), key=KEY, now=NOW)
    later = NOW.replace(hour=NOW.hour + 1)
    for code in (App(secret).shows(later), codes[0]):
        one = partial(
            totp.pass_second_step, person_id=owner.person_id, code=code, key=KEY, hours=1, now=later, origin=Origin()
        )
        assert refusals(at_once(app, [one] * 4)) == 3
    assert db.session.query(SignIn).count() == 2


def test_an_answer_counts_once(app, team):
    """The device counts nothing, so only the challenge tells the answers apart."""
    owner, party = queries.actor_by_email(team.owner.email, NOW), app.extensions["tithe_passkeys"]
    device = Device(count=0, counts=False)
    asked, handle = passkeys.creation_options(actor=owner, party=party)
    made = Shown(asked["challenge"], device.make(asked), Origin())
    passkeys.add(actor=owner, party=party, shown=made, handle=handle, name="phone", now=NOW)
    asked = party.request_options([])
    shown = Shown(asked["challenge"], device.show(asked), Origin())
    one = partial(passkeys.sign_in, party=party, shown=shown, awaited=None, local=LocalAccounts.ON, hours=1, now=NOW)
    assert refusals(at_once(app, [one] * 4)) == 3
    assert db.session.query(SignIn).count() == 1
