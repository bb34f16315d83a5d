"""Signing in and out, tokens, local passwords and roles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select, update

from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import SCOPES, Role
from tithe.audit.operations import record
from tithe.kernel.db import LARGEST_ID, atomic, db, unit_of_work
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.notices import operations as notices
from tithe.people import logins, passwords, queries
from tithe.people.logins import Login
from tithe.people.models import ApiToken, Password, RoleGrant, SignIn
from tithe.people.operations import throttle
from tithe.people.operations.refused import noted
from tithe.people.rules.passwords import problem_with
from tithe.people.rules.secrets import TOKEN_PREFIX, hashed, new_secret
from tithe.people.rules.sign_ins import LocalAccounts, NotLetIn, Origin, SignInMethod, Why, may_use_password
from tithe.people.rules.throttle import Limit
from tithe.people.second_factor import must_enrol, second_factor_needed

WRONG = "The email address or password is not right. Check both and try again"
LONGEST_TOKEN_DAYS = 366
NOWHERE = Origin()  # a command, or a test


@dataclass(frozen=True)
class Passed:
    """Somebody showed who they are. Without a secret, the session waits until they show a second thing as well."""

    person_id: int
    method: SignInMethod
    secret: str | None


def sign_in(
    *,
    email: str,
    password: str,
    cost: passwords.Cost,
    hours: int,
    now: datetime,
    local: LocalAccounts = LocalAccounts.ON,
    origin: Origin = NOWHERE,
    two_steps_for: Collection[Role] = (),
) -> Passed:
    """Let somebody in by their local password. Whatever is wrong, the words are the same.

    Whoever has a second factor waits to show it; whoever holds one of the roles `two_steps_for`, to set one up.

    The hash is checked outside the writing transactions: it takes tens of milliseconds and others are waiting. One is
    checked whoever is asked for, so that the time tells nothing.
    """
    login = logins.find_login(email, now, origin.address)
    names = throttle.names_of(email, origin.address, at_home=login is not None and login.at_home)
    person_id = login.person_id if login else None
    with noted(why=Why.WRONG_PASSWORD, origin=origin, now=now, person_id=person_id, account=email):
        throttle.begin(limits=names, now=now, field="password")
        right = passwords.matches(password, login.hash if login else None, cost)
        known = _believed(login, right, local)
        fresh = passwords.hashed(password, cost) if passwords.outdated(known.hash or "", cost) else None
        try:
            return _enter(
                person_id=known.person_id,
                names=names,
                hours=hours,
                now=now,
                origin=origin,
                fresh=fresh,
                two_steps_for=two_steps_for,
            )
        except NotFound:
            raise NotLetIn(WRONG, Why.NOT_EMPLOYED, field="password") from None


def _believed(login: Login | None, right: bool, local: LocalAccounts) -> Login:
    """The account, if its password counts and was right. The words are the same whatever is wrong."""
    if login is None:
        raise NotLetIn(WRONG, Why.UNKNOWN, field="password")
    if login.hash is None or not right:
        raise NotLetIn(WRONG, Why.WRONG_PASSWORD if login.hash else Why.NO_PASSWORD, field="password")
    if not may_use_password(local, administrator=login.administrator, outside=login.outside):
        raise NotLetIn(WRONG, Why.NOT_ALLOWED, field="password")
    return login


@atomic
def _enter(
    *,
    person_id: int,
    names: Mapping[str, Limit],
    hours: int,
    now: datetime,
    origin: Origin,
    fresh: str | None,
    two_steps_for: Collection[Role],
) -> Passed:
    """The first factor was right: start the session, or let it wait for the second.

    A `fresh` hash of the same password replaces one that was made at another cost.
    """
    throttle.forgive(names=names, now=now)
    if fresh is not None:
        db.session.execute(update(Password).where(Password.person_id == person_id).values(hash=fresh))
    waits = second_factor_needed(person_id) or must_enrol(person_id, two_steps_for, now)
    secret = None if waits else start_session(person_id=person_id, hours=hours, now=now, origin=origin)
    return Passed(person_id, origin.method, secret)


@atomic
def start_session(*, person_id: int, hours: int, now: datetime, origin: Origin = NOWHERE) -> str:
    """Sign somebody in and return the secret of the session; refuses whoever is not employed today."""
    secret = new_secret()
    session = SignIn(
        secret_hash=hashed(secret),
        person_id=person_id,
        started_at=now,
        expires_at=now + timedelta(hours=hours),
        method=origin.method,
        browser=origin.browser[:60],
        address=origin.address[:45],
    )
    db.session.add(session)
    db.session.flush()  # the actor is found by the row
    actor = queries.actor_by_sign_in(session.secret_hash, now)
    if actor is None:
        raise NotFound("They are not employed today")
    record("session:start", actor=actor, about="sign_in", id=session.id, at=now, method=origin.method)
    return secret


@atomic
def note_seen(*, secret: str, now: datetime) -> None:
    """Note when a session was last seen. Called now and then, not with every request."""
    live = (SignIn.secret_hash == hashed(secret)) & SignIn.ended_at.is_(None) & (SignIn.expires_at > now)
    db.session.execute(update(SignIn).where(live).values(seen_at=now))


@atomic
def sign_out(*, actor: Actor, now: datetime) -> SignInMethod:
    """End the session the actor came with; say how it had begun."""
    own = (SignIn.id == actor.session_id) & SignIn.ended_at.is_(None)
    method = db.session.scalar(update(SignIn).where(own).values(ended_at=now).returning(SignIn.method))
    record("session:end", actor=actor, about="sign_in", id=actor.session_id, at=now)
    return method or SignInMethod.PASSWORD


@atomic
def end_session(*, actor: Actor, session_id: int, now: datetime) -> None:
    """End one session of the actor's own, in another browser perhaps. One that ended meanwhile is no fault."""
    own = (SignIn.id == session_id) & (SignIn.person_id == actor.id)
    if session_id > LARGEST_ID or db.session.scalar(select(SignIn.id).where(own)) is None:
        raise NotFound
    db.session.execute(update(SignIn).where(own, SignIn.ended_at.is_(None)).values(ended_at=now))
    record("session:end", actor=actor, about="sign_in", id=session_id, at=now)


@atomic
def end_other_sessions(*, actor: Actor, now: datetime) -> int:
    """End every session of the actor's but the one they came with; return how many."""
    ended = end_sessions(person_id=actor.person_id, now=now, but=actor.session_id)
    record("session:end-others", actor=actor, about="person", id=actor.id, at=now, ended=ended)
    return ended


def end_sessions(*, person_id: int, now: datetime, but: int | None = None, method: SignInMethod | None = None) -> int:
    """End the sessions of a person inside an operation of which that is a part; return how many were open."""
    gone = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
    if but is not None:
        gone = gone.where(SignIn.id != but)
    if method is not None:
        gone = gone.where(SignIn.method == method)
    return len(db.session.scalars(gone.values(ended_at=now).returning(SignIn.id)).all())


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


def change_password(
    *, actor: Actor, current: str, new: str, cost: passwords.Cost, hours: int, now: datetime, origin: Origin = NOWHERE
) -> str:
    """Replace the actor's own password. Every session ends; the secret of a new one for this browser is returned."""
    login = logins.login_of(actor.person_id, now)
    if login is None or login.hash is None:
        raise NotFound
    names = throttle.names_of(login.owner.email, origin.address, at_home=True)
    with noted(why=Why.WRONG_PASSWORD, origin=origin, now=now, person_id=actor.person_id):
        throttle.begin(limits=names, now=now, field="current")
        if not passwords.matches(current, login.hash, cost):
            raise RuleBroken("That is not your password now. Check it and try again", field="current")
    if current == new:
        raise RuleBroken("That is the password you have. Choose another", field="new")
    with unit_of_work():
        throttle.forgive(names=names, now=now)
        set_password(actor=actor, person_id=actor.person_id, password=new, cost=cost, now=now, field="new")
        tell_of_password(person_id=actor.person_id, now=now)
        return start_session(person_id=actor.person_id, hours=hours, now=now, origin=origin)


@atomic
def set_password(
    *, actor: Actor, person_id: int, password: str, cost: passwords.Cost, now: datetime, field: str = "password"
) -> None:
    """Give somebody a local password, replacing any they had, and end their sessions."""
    login = logins.login_of(person_id, now)
    if login is None:
        raise NotFound
    if problem := problem_with(password, login.owner):
        raise RuleBroken(problem, field=field)
    stored = db.session.get(Password, person_id) or Password(person_id=person_id)
    stored.hash, stored.changed_at = passwords.hashed(password, cost), now
    db.session.add(stored)
    end_sessions(person_id=person_id, now=now)
    record("password:set", actor=actor, about="person", id=person_id, at=now)


def tell_of_password(*, person_id: int, now: datetime) -> None:
    """Tell somebody that their password was changed, in case it was not they who did it."""
    notices.queue([notices.compose("password-changed", to=person_id, path="/account/sessions", at=now)])


@atomic
def grant_role(
    *,
    actor: Actor,
    person_id: int,
    role: Role,
    unit_id: int,
    starts_on: date,
    now: datetime,
    ends_on: date | None = None,
) -> int:
    """Let somebody act in a role for a unit and all below it, from a day on. Returns the id of the grant.

    Whether that takes a second person is for `operations.roles`; the server itself needs none.
    """
    grant = {"person_id": person_id, "role": role, "unit_id": unit_id, "starts_on": starts_on, "ends_on": ends_on}
    grant_id = int(db.session.execute(insert(RoleGrant).values(**grant).returning(RoleGrant.id)).scalar_one())
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
    return grant_id
