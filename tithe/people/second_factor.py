"""Reading what somebody shows besides a password: an authenticator app, recovery codes and passkeys.

Whoever has an app or a passkey is asked for a second step after their password, and has recovery codes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select

from tithe.access.actor import Actor
from tithe.access.permissions import Role
from tithe.kernel.clock import local_date
from tithe.kernel.db import db
from tithe.people import logins
from tithe.people.logins import Login
from tithe.people.models import Passkey, RecoveryCode, RoleGrant, SignIn, Totp
from tithe.people.queries import in_force
from tithe.people.rules.sign_ins import LocalAccounts, may_use_password

PROOF_LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class PasskeyRow:
    """A passkey as its owner sees it."""

    id: int
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Factors:
    """What somebody has for a second step."""

    app_since: datetime | None
    codes_left: int
    passkeys: tuple[PasskeyRow, ...]

    @property
    def any(self) -> bool:
        return self.app_since is not None or bool(self.passkeys)


@dataclass(frozen=True)
class KnownPasskey:
    """A passkey as it is checked: whose it is, its public key, and how often its device says it was used."""

    id: int
    person_id: int
    public_key: str
    sign_count: int


def second_factor_needed(person_id: int) -> bool:
    """True when a session of this person's waits for a second factor, since they have one."""
    return bool(db.session.scalar(select(_has_factor(person_id))))


def must_enrol(person_id: int, roles: Collection[Role], now: datetime) -> bool:
    """True for somebody without a second factor who holds a role today that needs one."""
    return holds_one_of(person_id, roles, now) and not second_factor_needed(person_id)


def holds_one_of(person_id: int, roles: Collection[Role], now: datetime) -> bool:
    """Somebody holds one of these roles today, for any unit."""
    held = exists().where(
        RoleGrant.person_id == person_id, RoleGrant.role.in_(list(roles)), in_force(RoleGrant, local_date(now))
    )
    return bool(roles) and bool(db.session.scalar(select(held)))


def factors_of(person_id: int) -> Factors:
    """What somebody has, in two statements."""
    since = select(Totp.added_at).where(Totp.person_id == person_id).scalar_subquery()
    unused = RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None)
    left = select(func.count()).select_from(RecoveryCode).where(*unused).scalar_subquery()
    app_since, codes_left = db.session.execute(select(since, left)).one()
    mine = select(Passkey.id, Passkey.name, Passkey.added_at, Passkey.used_at).where(Passkey.person_id == person_id)
    rows = db.session.execute(mine.order_by(Passkey.added_at, Passkey.id))
    return Factors(app_since, codes_left or 0, tuple(PasskeyRow(*row) for row in rows))


def credentials_of(person_id: int) -> list[str]:
    """What the passkeys of somebody are called by their devices."""
    mine = select(Passkey.credential_id).where(Passkey.person_id == person_id).order_by(Passkey.id)
    return list(db.session.scalars(mine))


def handle_of(person_id: int) -> str | None:
    """The random name under which devices know somebody; None before their first passkey."""
    return db.session.scalar(select(Passkey.user_handle).where(Passkey.person_id == person_id).limit(1))


def find_passkey(credential_id: str) -> KnownPasskey | None:
    """The passkey a device names. Within an operation it is locked, so that one use waits for another."""
    about = select(Passkey.id, Passkey.person_id, Passkey.public_key, Passkey.sign_count)
    row = db.session.execute(about.where(Passkey.credential_id == credential_id).with_for_update()).first()
    return KnownPasskey(*row) if row else None


def local_login(person_id: int, local: LocalAccounts, now: datetime) -> Login | None:
    """How somebody signs in here, if they have a local account that counts. Second factors belong to those alone:
    whoever signs in by a provider is asked for theirs there."""
    login = logins.login_of(person_id, now)
    if login is None or login.hash is None:
        return None
    counts = may_use_password(local, administrator=login.administrator, outside=login.outside)
    return login if counts else None


def recently_proved(actor: Actor, now: datetime) -> bool:
    """Whoever acts has signed in, or shown again who they are, in this session and the last ten minutes."""
    since = now - PROOF_LASTS
    fresh = or_(SignIn.started_at > since, SignIn.proved_at > since)
    return bool(db.session.scalar(select(exists().where(SignIn.id == actor.session_id, fresh))))


def _has_factor(person_id: int) -> ColumnElement[bool]:
    return or_(exists().where(Totp.person_id == person_id), exists().where(Passkey.person_id == person_id))
