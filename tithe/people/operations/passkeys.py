"""Passkeys: adding and removing one's own, signing in with one, and showing again who one is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import Role
from tithe.audit.operations import record
from tithe.kernel.db import LARGEST_ID, atomic, db, table_of, unit_of_work
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.kernel.jobs import insert_once
from tithe.people import second_factor
from tithe.people.models import Passkey, SpentChallenge
from tithe.people.operations import identity, throttle
from tithe.people.operations.refused import noted
from tithe.people.operations.second_factor import make_codes, note_proof, refuse_if_last, tell
from tithe.people.rules.passkeys import CHALLENGE_LASTS, MOST, SOMEBODY_ELSES, TOO_OLD, UNKNOWN, NoProof
from tithe.people.rules.secrets import hashed, new_secret
from tithe.people.rules.sign_ins import LocalAccounts, Origin, Why, network_of
from tithe.people.rules.throttle import ADDRESS, key_of

if TYPE_CHECKING:  # it is only loaded where passkeys can work
    from tithe.people.relying_party import RelyingParty


@dataclass(frozen=True)
class Shown:
    """What a browser answered to a challenge, and where it came from. No challenge means that it was too old."""

    challenge: str | None
    credential: str
    origin: Origin


def creation_options(*, actor: Actor, party: RelyingParty) -> tuple[dict[str, Any], str]:
    """What a browser needs to make a passkey for the actor, and the random name their devices know them by."""
    known = second_factor.credentials_of(actor.person_id)
    handle = second_factor.handle_of(actor.person_id) or new_secret()
    return party.creation_options(name=actor.name, email=actor.email, handle=handle, known=known), handle


@atomic
def add(*, actor: Actor, party: RelyingParty, shown: Shown, handle: str, name: str, now: datetime) -> tuple[str, ...]:
    """Keep the public half of a passkey that the actor's browser made. Returns recovery codes with the first factor."""
    if shown.challenge is None:
        raise RuleBroken(TOO_OLD)
    if not name.strip():
        raise RuleBroken("Enter a name, so that you know it from others", field="name")
    count = select(func.count()).select_from(Passkey).where(Passkey.person_id == actor.person_id)
    if (db.session.scalar(count) or 0) >= MOST:
        raise RuleBroken(f"You have {MOST} passkeys. Remove one first")
    made = party.check_new(shown.credential, shown.challenge)
    if second_factor.find_passkey(made.credential_id) is not None:
        raise RuleBroken("This passkey is known already. Use another device or password manager")
    first = not second_factor.second_factor_needed(actor.person_id)
    row = {**vars(made), "person_id": actor.person_id, "user_handle": handle, "name": name.strip(), "added_at": now}
    passkey_id = int(db.session.execute(insert(Passkey).values(**row).returning(Passkey.id)).scalar_one())
    record("passkey:add", actor=actor, about="passkey", id=passkey_id, at=now)
    tell(actor.person_id, f"The passkey “{name.strip()}” was added, and lets whoever holds it sign in", now)
    return make_codes(person_id=actor.person_id, actor=actor, now=now) if first else ()


@atomic
def remove(*, actor: Actor, passkey_id: int, roles: Collection[Role], now: datetime) -> str:
    """Forget a passkey of the actor's own; return its name. `roles` are those that need a second factor."""
    mine = (Passkey.id == min(passkey_id, LARGEST_ID)) & (Passkey.person_id == actor.person_id)
    name = db.session.scalar(delete(Passkey).where(mine).returning(Passkey.name))
    if name is None:
        raise NotFound
    refuse_if_last(actor.person_id, roles, now)
    record("passkey:remove", actor=actor, about="passkey", id=passkey_id, at=now)
    tell(actor.person_id, f"The passkey “{name}” was removed", now)
    return str(name)


def sign_in(
    *,
    party: RelyingParty,
    shown: Shown,
    awaited: int | None,
    local: LocalAccounts,
    hours: int,
    now: datetime,
) -> str:
    """Start a session for whoever holds a passkey of a local account; return its secret.

    With somebody `awaited`, whose password was right, it must be theirs.
    """
    with noted(why=Why.PASSKEY, origin=shown.origin, now=now, person_id=awaited):
        throttle.begin(limits={key_of("address", network_of(shown.origin.address)): ADDRESS}, now=now)
        return _enter(party=party, shown=shown, awaited=awaited, local=local, hours=hours, now=now)


@atomic
def _enter(
    *, party: RelyingParty, shown: Shown, awaited: int | None, local: LocalAccounts, hours: int, now: datetime
) -> str:
    person_id = _owner(party, shown, now)
    if awaited not in (None, person_id):
        raise RuleBroken(SOMEBODY_ELSES)
    if second_factor.local_login(person_id, local, now) is None:
        raise NoProof("its owner has no local account that counts")
    try:
        return identity.start_session(person_id=person_id, hours=hours, now=now, origin=shown.origin)
    except NotFound:  # not employed today
        raise NoProof("its owner is not employed today") from None


def prove(*, actor: Actor, party: RelyingParty, shown: Shown, now: datetime) -> None:
    """Note that whoever is signed in has shown one of their own passkeys."""
    throttle.begin(limits={key_of("address", network_of(shown.origin.address)): ADDRESS}, now=now)
    with unit_of_work():
        if _owner(party, shown, now) != actor.person_id:
            raise RuleBroken(SOMEBODY_ELSES)
        note_proof(actor=actor, now=now)


def _owner(party: RelyingParty, shown: Shown, now: datetime) -> int:
    """Whose passkey answered a challenge that nobody has answered before; notes how often it was used."""
    if shown.challenge is None:
        raise RuleBroken(TOO_OLD)
    table = table_of(SpentChallenge)
    db.session.execute(delete(table).where(table.c.spent_at < now - 2 * CHALLENGE_LASTS))
    spent = {"key": hashed(shown.challenge), "spent_at": now}
    if not insert_once(db.session.connection(), table, **spent):
        raise NoProof("its challenge was answered before")
    known = second_factor.find_passkey(party.named(shown.credential))
    if known is None:
        raise RuleBroken(UNKNOWN)
    count = party.check(shown.credential, shown.challenge, public_key=known.public_key, sign_count=known.sign_count)
    db.session.execute(update(Passkey).where(Passkey.id == known.id).values(sign_count=count, used_at=now))
    record("passkey:use", actor=SYSTEM, about="passkey", id=known.id, at=now, person_id=known.person_id)
    return known.person_id
