"""Authenticator apps: setting one up, the code after the password, and turning it off."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from datetime import datetime

import pyotp
from sqlalchemy import delete, insert, select, update

from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import Role
from tithe.audit.operations import record
from tithe.kernel.db import atomic, db, unit_of_work
from tithe.kernel.errors import RuleBroken
from tithe.people import passwords, second_factor
from tithe.people.models import RecoveryCode, Totp
from tithe.people.operations import identity, throttle
from tithe.people.operations.refused import noted
from tithe.people.operations.second_factor import confirm_password, drop_codes, make_codes, refuse_if_last, tell
from tithe.people.rules.secrets import hashed
from tithe.people.rules.sign_ins import Origin, Why, network_of
from tithe.people.rules.throttle import ACCOUNT, ADDRESS, Limit, key_of
from tithe.people.rules.totp import is_app_code, steps_that_count, tidied
from tithe.people.sealing import seal, unseal

WRONG_SETUP = (
    "That is not the code your app shows now. Wait for the next one and type that. If it is wrong again, check that "
    "your phone sets its time by itself"
)
WRONG = (
    "That code is not right, or was used already. Type the code your app shows now, or a recovery code that you have "
    "not used"
)
ISSUER = "tithe"


def new_secret() -> str:
    """A secret for a new app, as people copy it: 160 random bits in base 32."""
    return pyotp.random_base32()


def address_for_app(secret: str, email: str) -> str:
    """What the app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


@atomic
def set_up(*, actor: Actor, secret: str, code: str, key: str, now: datetime) -> tuple[str, ...]:
    """Add an app of the actor's own once it shows the right code. Returns recovery codes with the first factor."""
    codes = _add(person_id=actor.person_id, actor=actor, secret=secret, code=code, key=key, now=now)
    tell(actor.person_id, "An authenticator app was set up, and signing in asks for its code", now)
    return codes


@atomic
def set_up_first(
    *, person_id: int, secret: str, code: str, key: str, hours: int, now: datetime, origin: Origin
) -> tuple[str, tuple[str, ...]]:
    """Add an app for somebody whose password was right and who has to have one; start their session.

    Returns its secret and the recovery codes. Whoever has a second factor already must show it instead.
    """
    if second_factor.second_factor_needed(person_id):
        raise RuleBroken("You have a second step already. Go back and use it")
    codes = _add(person_id=person_id, actor=SYSTEM, secret=secret, code=code, key=key, now=now)
    tell(person_id, "An authenticator app was set up, and signing in asks for its code", now)
    return identity.start_session(person_id=person_id, hours=hours, now=now, origin=origin), codes


def pass_second_step(*, person_id: int, code: str, key: str, hours: int, now: datetime, origin: Origin) -> str:
    """Start the session of somebody whose password was right, by a code of their app or a recovery code.

    Tries are counted as those of passwords are, apart from them. Returns the secret of the session.
    """
    names = _names(person_id, origin)
    with noted(why=Why.SECOND_FACTOR, origin=origin, now=now, person_id=person_id):
        throttle.begin(limits=names, now=now, field="code")
        with unit_of_work():
            _take(person_id, code, key, now)
            throttle.forgive(names=names, now=now)
            return identity.start_session(person_id=person_id, hours=hours, now=now, origin=origin)


def turn_off(
    *,
    actor: Actor,
    password: str,
    code: str,
    cost: passwords.Cost,
    key: str,
    roles: Collection[Role],
    now: datetime,
    origin: Origin,
) -> None:
    """Take the actor's app away, if they show both their password and a code. `roles` are those that need a factor."""
    names = confirm_password(actor=actor, password=password, cost=cost, now=now, origin=origin)
    others = _names(actor.person_id, origin)
    throttle.begin(limits=others, now=now, field="code")
    with unit_of_work():
        _take(actor.person_id, code, key, now)
        throttle.forgive(names=names | others, now=now)
        db.session.execute(delete(Totp).where(Totp.person_id == actor.person_id))
        refuse_if_last(actor.person_id, roles, now)
        record("totp:remove", actor=actor, about="person", id=actor.person_id, at=now)
        tell(actor.person_id, "Your authenticator app was turned off", now)


def _names(person_id: int, origin: Origin) -> dict[str, Limit]:
    account = key_of("second factor", str(person_id))
    return {account: ACCOUNT, key_of("address", network_of(origin.address)): ADDRESS}


def _add(*, person_id: int, actor: Actor, secret: str, code: str, key: str, now: datetime) -> tuple[str, ...]:
    if db.session.get(Totp, person_id) is not None:
        raise RuleBroken("You have an authenticator app already. Turn it off first")
    step = _matching(secret, tidied(code), now, last_step=0)
    if step is None:
        raise RuleBroken(WRONG_SETUP, field="code")
    fresh = not second_factor.second_factor_needed(person_id)
    sealed = seal(secret, purpose=_purpose(person_id), key=key)
    db.session.execute(insert(Totp).values(person_id=person_id, sealed=sealed, last_step=step, added_at=now))
    record("totp:add", actor=actor, about="person", id=person_id, at=now)
    if not fresh:
        return ()
    drop_codes(person_id)
    return make_codes(person_id=person_id, actor=actor, now=now)


def _take(person_id: int, code: str, key: str, now: datetime) -> None:
    """Use up a code, or refuse it. Two who send the same one at once are told apart by the row they both change."""
    typed = tidied(code)
    taken = _take_app(person_id, typed, key, now) if is_app_code(typed) else _take_recovery(person_id, typed, now)
    if not taken:
        raise RuleBroken(WRONG, field="code")


def _take_app(person_id: int, code: str, key: str, now: datetime) -> bool:
    row = db.session.execute(select(Totp.sealed, Totp.last_step).where(Totp.person_id == person_id)).first()
    secret = unseal(row.sealed, purpose=_purpose(person_id), key=key) if row else None
    if row is None or secret is None:
        return False
    step = _matching(secret, code, now, row.last_step)
    if step is None:
        return False
    newer = update(Totp).where(Totp.person_id == person_id, Totp.last_step < step).values(last_step=step)
    return db.session.scalar(newer.returning(Totp.person_id)) is not None


def _take_recovery(person_id: int, code: str, now: datetime) -> bool:
    mine = (RecoveryCode.person_id == person_id) & (RecoveryCode.code_hash == hashed(code))
    used = update(RecoveryCode).where(mine, RecoveryCode.used_at.is_(None)).values(used_at=now)
    code_id = db.session.scalar(used.returning(RecoveryCode.id))
    if code_id is None:
        return False
    record("recovery-code:use", actor=SYSTEM, about="recovery_code", id=code_id, at=now, person_id=person_id)
    left = second_factor.factors_of(person_id).codes_left
    tell(person_id, f"A recovery code was used in place of your app or passkey; {left} are left", now)
    return True


def _matching(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The step whose code this is, of those that count now."""
    app = pyotp.TOTP(secret)
    sent = code.encode()
    steps = steps_that_count(now, last_step)
    return next((step for step in steps if hmac.compare_digest(app.generate_otp(step).encode(), sent)), None)


def _purpose(person_id: int) -> str:
    return f"totp of {person_id}"
