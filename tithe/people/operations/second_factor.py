"""What apps and passkeys have in common: recovery codes, telling their owner, showing again who one is, and resets."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, update

from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import Role
from tithe.audit.operations import record
from tithe.kernel.db import atomic, db, table_of, unit_of_work
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.notices import operations as notices
from tithe.people import logins, passwords, queries, second_factor
from tithe.people.models import Passkey, RecoveryCode, SignIn, Totp
from tithe.people.operations import identity, throttle
from tithe.people.operations.refused import noted
from tithe.people.rules.secrets import hashed
from tithe.people.rules.sign_ins import Origin, Why
from tithe.people.rules.throttle import Limit
from tithe.people.rules.totp import new_recovery_codes

NEEDED = "Your role needs a second step. Set up another way first, then take this one away"
PATH = "/account/security"


@atomic
def renew_codes(*, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Make a new set of recovery codes, which ends the old one, and return it: it is never shown again."""
    if not second_factor.second_factor_needed(actor.person_id):
        raise RuleBroken("You have no second step yet. Set up an authenticator app or a passkey first")
    codes = make_codes(person_id=actor.person_id, actor=actor, now=now)
    tell(actor.person_id, "You made new recovery codes, and the old ones stopped working", now)
    return codes


def make_codes(*, person_id: int, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Replace somebody's recovery codes inside an operation of which that is a part."""
    codes = new_recovery_codes()
    drop_codes(person_id)
    rows = [{"person_id": person_id, "code_hash": hashed(code), "made_at": now} for code in codes]
    db.session.execute(insert(table_of(RecoveryCode)), rows)
    record("recovery-codes:make", actor=actor, about="person", id=person_id, at=now, codes=len(codes))
    return codes


def drop_codes(person_id: int) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def refuse_if_last(person_id: int, roles: Collection[Role], now: datetime) -> None:
    """After one factor is gone: refuse whoever has none left and needs one; codes of nobody's are of no use."""
    if second_factor.second_factor_needed(person_id):
        return
    if second_factor.holds_one_of(person_id, roles, now):
        raise RuleBroken(NEEDED)
    drop_codes(person_id)


def tell(person_id: int, what: str, now: datetime) -> None:
    """Tell somebody what was changed about how they sign in, in case it was not they who did it."""
    notices.queue([notices.compose("second-factor-changed", to=person_id, path=PATH, at=now, what=what)])


def prove_by_password(*, actor: Actor, password: str, cost: passwords.Cost, now: datetime, origin: Origin) -> None:
    """Note that whoever is signed in has shown their password again. It is counted as a try of theirs."""
    names = confirm_password(actor=actor, password=password, cost=cost, now=now, origin=origin)
    with unit_of_work():
        throttle.forgive(names=names, now=now)
        note_proof(actor=actor, now=now)


def confirm_password(
    *, actor: Actor, password: str, cost: passwords.Cost, now: datetime, origin: Origin
) -> dict[str, Limit]:
    """Refuse unless this is the actor's password; return the names under which the try was counted."""
    login = logins.login_of(actor.person_id, now)
    if login is None or login.hash is None:
        raise NotFound
    names = throttle.names_of(login.owner.email, origin.address, at_home=True)
    with noted(why=Why.WRONG_PASSWORD, origin=origin, now=now, person_id=actor.person_id):
        throttle.begin(limits=names, now=now, field="password")
        if not passwords.matches(password, login.hash, cost):
            raise RuleBroken("That is not your password. Check it and try again", field="password")
    return names


def note_proof(*, actor: Actor, now: datetime) -> None:
    """Note it inside an operation of which that is a part."""
    db.session.execute(update(SignIn).where(SignIn.id == actor.session_id).values(proved_at=now))
    record("session:prove", actor=actor, about="sign_in", id=actor.session_id, at=now)


@atomic
def reset(*, email: str, now: datetime) -> None:
    """Take away somebody's app, codes and passkeys on the server's behalf, as they lost them, and end their sessions.

    Their password alone lets them in then; whoever holds a role that needs a second step is led to set one up.
    """
    person_id = queries.id_of(email)
    if person_id is None:
        raise NotFound(f"Nobody has the address {email[:60]}. Check it, then try again")
    if not second_factor.second_factor_needed(person_id):
        raise NotFound(f"{email[:60]} has no second step. There is nothing to reset")
    for model in (Totp, RecoveryCode, Passkey):
        table = table_of(model)
        db.session.execute(delete(table).where(table.c.person_id == person_id))
    identity.end_sessions(person_id=person_id, now=now)
    record("second-factor:reset", actor=SYSTEM, about="person", id=person_id, at=now)
    tell(person_id, "The people who run tithe took away your authenticator app, recovery codes and passkeys", now)
