"""Signing in and out, tokens, local passwords and roles."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import insert, update

from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import SCOPES, Role
from tithe.audit.operations import record
from tithe.kernel.db import atomic, db
from tithe.kernel.errors import RuleBroken
from tithe.people import passwords, queries
from tithe.people.models import ApiToken, Password, RoleGrant, SignIn
from tithe.people.rules.secrets import TOKEN_PREFIX, hashed, new_secret

WRONG = "The email address or password is not right. Check both and try again"
LONGEST_TOKEN_DAYS = 366


def sign_in(*, email: str, password: str, cost: passwords.Cost, hours: int, now: datetime) -> str:
    """Start a session for a local account and return its secret. Whatever is wrong, the words are the same.

    The hash is checked before the writing transaction opens: it takes tens of milliseconds and others are waiting.
    """
    known = queries.password_of(email)
    if not passwords.matches(password, known[1] if known else None, cost) or known is None:
        raise RuleBroken(WRONG, field="password")
    return _start_session(person_id=known[0], hours=hours, now=now)


@atomic
def _start_session(*, person_id: int, hours: int, now: datetime) -> str:
    secret = new_secret()
    session = SignIn(
        secret_hash=hashed(secret),
        person_id=person_id,
        started_at=now,
        expires_at=now + timedelta(hours=hours),
    )
    db.session.add(session)
    db.session.flush()  # the actor is found by the row
    actor = queries.actor_by_sign_in(session.secret_hash, now)
    if actor is None:  # not employed today
        raise RuleBroken(WRONG, field="password")
    record("session:start", actor=actor, about="sign_in", id=session.id, at=now)
    return secret


@atomic
def sign_out(*, actor: Actor, now: datetime) -> None:
    """End the session the actor came with."""
    db.session.execute(
        update(SignIn).where(SignIn.id == actor.session_id, SignIn.ended_at.is_(None)).values(ended_at=now)
    )
    record("session:end", actor=actor, about="sign_in", id=actor.session_id, at=now)


@atomic
def issue_token(*, email: str, scopes: tuple[str, ...], days: int, now: datetime) -> str:
    """Make a bearer token for somebody and return it; it is never shown again. No scopes named means all."""
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise RuleBroken(f"There is no scope {', '.join(unknown)}. The scopes are: {', '.join(SCOPES)}", field="scope")
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise RuleBroken(f"A token lasts from 1 to {LONGEST_TOKEN_DAYS} days", field="days")
    owner = queries.actor_by_email(email, now)
    secret = TOKEN_PREFIX + new_secret()
    token_id = db.session.scalar(
        insert(ApiToken)
        .values(
            secret_hash=hashed(secret),
            person_id=owner.id,
            scopes=" ".join(sorted(scopes or SCOPES)),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        .returning(ApiToken.id)
    )
    record(
        "token:issue",
        actor=SYSTEM,
        about="api_token",
        id=token_id,
        at=now,
        person_id=owner.id,
        scopes=sorted(scopes or SCOPES),
    )
    return secret


@atomic
def set_password(*, actor: Actor, person_id: int, password: str, cost: passwords.Cost, now: datetime) -> None:
    """Give somebody a local password, replacing any they had."""
    if not passwords.SHORTEST <= len(password) <= passwords.LONGEST:
        raise RuleBroken(f"A password has {passwords.SHORTEST} to {passwords.LONGEST} characters", field="password")
    stored = db.session.get(Password, person_id) or Password(person_id=person_id)
    stored.hash, stored.changed_at = passwords.hashed(password, cost), now
    db.session.add(stored)
    record("password:set", actor=actor, about="person", id=person_id, at=now)


@atomic
def grant_role(*, actor: Actor, person_id: int, role: Role, unit_id: int, starts_on: date, now: datetime) -> None:
    """Let somebody act in a role for a unit and all below it, from a day on."""
    grant = {"person_id": person_id, "role": role, "unit_id": unit_id, "starts_on": starts_on}
    grant_id = db.session.scalar(insert(RoleGrant).values(**grant).returning(RoleGrant.id))
    record(
        "role:grant",
        actor=actor,
        about="role_grant",
        id=grant_id,
        at=now,
        role=role,
        person_id=person_id,
        unit_id=unit_id,
    )
