"""Setting a password by a mailed link: one that was forgotten, or the first one of somebody invited."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy import insert, update

from tithe.access.actor import SYSTEM
from tithe.audit.operations import record
from tithe.kernel.db import atomic, db
from tithe.kernel.errors import NotFound
from tithe.notices import operations as notices
from tithe.people import logins, passwords
from tithe.people.models import PasswordLink
from tithe.people.operations import acceptance, identity, throttle
from tithe.people.rules.secrets import LINK_LASTS, LINK_PATH, LinkPurpose, new_secret
from tithe.people.rules.sign_ins import LocalAccounts, Origin, may_use_password, network_of
from tithe.people.rules.throttle import ACCOUNT, ADDRESS, MAIL, TooManyTries, key_of

STALE = "This link was used already or is too old. Go to the sign-in page and ask for a new one"


def request_reset(*, email: str, local: LocalAccounts, origin: Origin, now: datetime) -> None:
    """Mail a link to whoever has a local account with this address. Nothing tells the asker whether anybody has.

    Somebody may be sent three links, then one every twenty minutes: no mailbox is filled by strangers.
    """
    throttle.begin(limits={key_of("address", network_of(origin.address)): ADDRESS}, now=now, field="email")
    with suppress(TooManyTries):
        throttle.begin(limits={key_of("mail", email.strip().lower()): MAIL}, now=now)
        login = logins.find_login(email, now)
        if login is None or login.hash is None or not login.employed:
            return
        if may_use_password(local, administrator=login.administrator, outside=login.outside):
            make_link(person_id=login.person_id, purpose=LinkPurpose.RESET, now=now, mail=True)


def invite(*, email: str, purpose: LinkPurpose, now: datetime, mail: bool) -> str:
    """Make a link for somebody on the server's behalf, and mail it if asked to; return its handle."""
    login = logins.find_login(email, now)
    if login is None:
        raise NotFound(f"Nobody has the address {email[:60]}. Check it, or import them first")
    return make_link(person_id=login.person_id, purpose=purpose, now=now, mail=mail)


@atomic
def make_link(*, person_id: int, purpose: LinkPurpose, now: datetime, mail: bool) -> str:
    """Store a new link, which overtakes older ones, and queue the mail with it. What makes it work is not stored."""
    handle = new_secret()
    open_links = (PasswordLink.person_id == person_id) & PasswordLink.used_at.is_(None)
    db.session.execute(update(PasswordLink).where(open_links).values(used_at=now))
    link = {"handle": handle, "person_id": person_id, "purpose": purpose}
    made = insert(PasswordLink).values(**link, created_at=now, expires_at=now + LINK_LASTS[purpose])
    link_id = int(db.session.execute(made.returning(PasswordLink.id)).scalar_one())
    if mail:
        path = f"{LINK_PATH}{handle}"
        notices.queue([notices.compose(f"password-{purpose}", to=person_id, path=path, at=now)])
    record("password-link:make", actor=SYSTEM, about="password_link", id=link_id, at=now, purpose=purpose, mailed=mail)
    return handle


@atomic
def use_link(*, handle: str, password: str, cost: passwords.Cost, now: datetime, terms: int | None = None) -> None:
    """Set the password a link is for. It works once; every session of the person ends.

    Somebody from outside who has not accepted the `terms` as they are now accepts them with it, or gets none.
    """
    link = logins.find_link(handle, now)
    if link is None:
        raise NotFound(STALE)
    if link.terms_due:
        acceptance.note_acceptance(actor=SYSTEM, person_id=link.person_id, version=terms or 0, now=now)
    identity.set_password(actor=SYSTEM, person_id=link.person_id, password=password, cost=cost, now=now)
    taken = update(PasswordLink).where(PasswordLink.id == link.id, PasswordLink.used_at.is_(None)).values(used_at=now)
    if db.session.scalar(taken.returning(PasswordLink.id)) is None:
        raise NotFound(STALE)  # somebody was faster: nothing of this is kept
    throttle.forgive(names={key_of("account", link.owner.email): ACCOUNT}, now=now)
    record("password-link:use", actor=SYSTEM, about="password_link", id=link.id, at=now)
    identity.tell_of_password(person_id=link.person_id, now=now)
