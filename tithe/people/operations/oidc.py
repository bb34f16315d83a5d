"""Letting in whom the organisation's own provider vouches for, and linking them the first time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert

from tithe.access.actor import SYSTEM
from tithe.audit.operations import record
from tithe.kernel.db import atomic, db
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.notices import operations as notices
from tithe.people import logins, queries
from tithe.people.models import Identity
from tithe.people.operations import identity
from tithe.people.operations.identity import Passed
from tithe.people.operations.refused import noted
from tithe.people.rules.oidc import OutsideIdentity
from tithe.people.rules.sign_ins import NotLetIn, Origin, SignInMethod, Why

NO_NUMBER = (
    "Your organisation’s sign-in service knows you but did not tell tithe your staff number, so we cannot tell which "
    "record is yours. Ask the people who run tithe to link your account"
)
NOBODY = (
    "Your organisation’s sign-in service gave your staff number as {number}, and tithe has no record of somebody "
    "employed today with that number who is not linked yet. Ask your HR team to check the number on your record, or "
    "the people who run tithe if your account with the sign-in service is new"
)
NOT_EMPLOYED = "Your record says that you are not employed today. If that is wrong, ask your HR team to correct it"


def sign_in(*, who: OutsideIdentity, hours: int, now: datetime, origin: Origin) -> Passed:
    """Start a session for whom the provider named. Somebody new to us is linked by staff number, never by address."""
    known = logins.person_known_as(who.issuer, who.subject)
    account = f"{who.issuer} {who.subject}"
    with noted(why=Why.UNKNOWN, origin=origin, now=now, person_id=known, account=account):
        return _enter(who, known, hours=hours, now=now, origin=origin)


@atomic
def _enter(who: OutsideIdentity, person_id: int | None, *, hours: int, now: datetime, origin: Origin) -> Passed:
    if person_id is None:
        person_id = _link(who, now)
    try:
        secret = identity.start_session(person_id=person_id, hours=hours, now=now, origin=origin)
    except NotFound:
        raise NotLetIn(NOT_EMPLOYED, Why.NOT_EMPLOYED) from None
    return Passed(person_id, SignInMethod.OIDC, secret)


def _link(who: OutsideIdentity, now: datetime) -> int:
    """Tie an identity to the one imported person it can belong to, and tell them."""
    if who.staff_number is None:
        raise RuleBroken(NO_NUMBER)
    person_id = logins.person_to_link(who.staff_number, who.issuer, now)
    if person_id is None:
        raise RuleBroken(NOBODY.format(number=who.staff_number))
    row = {"issuer": who.issuer, "subject": who.subject, "person_id": person_id, "linked_at": now}
    identity_id = int(db.session.execute(insert(Identity).values(**row).returning(Identity.id)).scalar_one())
    record("identity:link", actor=SYSTEM, about="identity", id=identity_id, at=now, person_id=person_id)
    notices.queue([notices.compose("identity-linked", to=person_id, path="/account/sessions", at=now)])
    return person_id


@atomic
def unlink(*, email: str, now: datetime) -> int:
    """Forget the outside identities of somebody, so that their next sign-in links them anew; return how many."""
    person_id = queries.id_of(email)
    if person_id is None:
        raise NotFound(f"Nobody has the address {email[:60]}. Check it, then try again")
    gone = delete(Identity).where(Identity.person_id == person_id).returning(Identity.id)
    count = len(db.session.scalars(gone).all())
    identity.end_sessions(person_id=person_id, now=now, method=SignInMethod.OIDC)
    record("identity:unlink", actor=SYSTEM, about="person", id=person_id, at=now, identities=count)
    return count
