"""Reading how people sign in: with what, where they are signed in now, and which mailed links still count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, literal, or_, select

from tithe.access.actor import Actor
from tithe.access.permissions import Role
from tithe.kernel.clock import local_date
from tithe.kernel.db import db
from tithe.people import outside
from tithe.people.models import Identity, Password, PasswordLink, Person, RoleGrant, SignIn
from tithe.people.queries import employed_on, in_force
from tithe.people.rules.passwords import Owner
from tithe.people.rules.secrets import LinkPurpose
from tithe.people.rules.sign_ins import SignInMethod

SEEN_EVERY = timedelta(minutes=15)  # how exactly a session knows when it was last seen
REMEMBERED = timedelta(days=30)  # how long an address somebody signed in from is taken for theirs


@dataclass(frozen=True)
class Login:
    """What somebody may sign in with, and what a password of theirs must not be."""

    person_id: int
    hash: str | None  # of the local password, if there is one
    owner: Owner
    employed: bool
    administrator: bool
    outside: bool  # they have no account but this one
    at_home: bool  # they have lately signed in from the address that asks


@dataclass(frozen=True)
class SessionRow:
    """One browser somebody is signed in with. `seen_at` is true to a quarter of an hour."""

    id: int
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    browser: str
    address: str
    method: SignInMethod
    current: bool


@dataclass(frozen=True)
class LinkRow:
    """A mailed link that may still be used, and whose password it sets."""

    id: int
    person_id: int
    purpose: LinkPurpose
    owner: Owner
    outside: bool = False
    terms_due: bool = False  # there are terms of use to accept first


def find_login(email: str, now: datetime, address: str = "") -> Login | None:
    """How the person with an e-mail address signs in, in one statement; None if nobody has it."""
    return _login(Person.email == email.strip().lower(), now, address)


def login_of(person_id: int, now: datetime) -> Login | None:
    """The same for a person by id."""
    return _login(Person.id == person_id, now, "")


def _login(which: ColumnElement[bool], now: datetime, address: str) -> Login | None:
    today = local_date(now)
    administers = select(RoleGrant.id).where(
        RoleGrant.person_id == Person.id, RoleGrant.role == Role.ADMINISTRATOR, in_force(RoleGrant, today)
    )
    lately = select(SignIn.id).where(
        SignIn.person_id == Person.id, SignIn.started_at > now - REMEMBERED, SignIn.address == address
    )
    at_home = lately.exists() if address else literal(False)
    found = (
        select(Person.id, Password.hash, Person.name, Person.email, Person.staff_number)
        .add_columns(employed_on(today).label("employed"), administers.exists(), Person.outside, at_home)
        .outerjoin(Password, Password.person_id == Person.id)
        .where(which)
    )
    row = db.session.execute(found).first()
    if row is None:
        return None
    person_id, stored, name, email, number, *facts = row
    return Login(person_id, stored, Owner(name, email, number or ""), *map(bool, facts))


def list_sessions(*, by: Actor, now: datetime, idle_minutes: int) -> list[SessionRow]:
    """Where the actor is signed in, the newest first: sessions that neither ended nor were left idle for too long."""
    seen = func.coalesce(SignIn.seen_at, SignIn.started_at)
    alive = now - timedelta(minutes=idle_minutes) - SEEN_EVERY
    found = (
        select(SignIn.id, SignIn.started_at, SignIn.seen_at, SignIn.expires_at)
        .add_columns(SignIn.browser, SignIn.address, SignIn.method)
        .where(SignIn.person_id == by.person_id, SignIn.ended_at.is_(None), SignIn.expires_at > now, seen > alive)
        .order_by(SignIn.started_at.desc(), SignIn.id.desc())
    )
    return [
        SessionRow(
            id=row.id,
            started_at=row.started_at,
            seen_at=row.seen_at or row.started_at,
            expires_at=row.expires_at,
            browser=row.browser,
            address=row.address,
            method=row.method,
            current=row.id == by.session_id,
        )
        for row in db.session.execute(found)
    ]


def person_known_as(issuer: str, subject: str) -> int | None:
    """The id of whoever an outside identity is linked to."""
    return db.session.scalar(select(Identity.person_id).where(Identity.issuer == issuer, Identity.subject == subject))


def person_to_link(staff_number: str, issuer: str, now: datetime) -> int | None:
    """Somebody employed today with a staff number, whom no identity of this issuer is linked to yet."""
    linked = select(Identity.id).where(Identity.person_id == Person.id, Identity.issuer == issuer)
    numbered = select(Person.id).where(Person.staff_number == staff_number, employed_on(local_date(now)))
    return db.session.scalar(numbered.where(~linked.exists()))


def find_link(handle: str, now: datetime) -> LinkRow | None:
    """A mailed link that was not used and is not too old, of somebody who has not left."""
    row = db.session.execute(
        select(PasswordLink.id, Person.id.label("person_id"), PasswordLink.purpose)
        .add_columns(Person.name, Person.email, Person.staff_number, Person.outside)
        .join(Person, Person.id == PasswordLink.person_id)
        .where(PasswordLink.handle == handle, PasswordLink.used_at.is_(None), PasswordLink.expires_at > now)
        .where(or_(Person.leaves_on.is_(None), Person.leaves_on >= local_date(now)))
    ).first()
    if row is None:
        return None
    owner = Owner(row.name, row.email, row.staff_number or "")
    due = row.outside and outside.accepted_terms(row.person_id) < outside.current_terms().version
    return LinkRow(row.id, row.person_id, row.purpose, owner, row.outside, due)
