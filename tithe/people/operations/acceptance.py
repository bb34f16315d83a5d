"""The terms of use for people from outside: published in versions, accepted one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.calendar import named
from tithe.kernel.db import atomic, db, lock_table
from tithe.kernel.errors import RuleBroken
from tithe.notices import operations as notices
from tithe.people import outside
from tithe.people.models import OutsideMember, OutsideTerms, Person
from tithe.people.rules import outside as rules


@atomic
def accept_terms(*, actor: Actor, version: int, now: datetime) -> None:
    """Accept the terms as they were shown; refuses a version that is no longer the newest."""
    ensure(actor, Permission.OUTSIDE_ACCEPT, None)
    note_acceptance(actor=actor, person_id=actor.person_id, version=version, now=now)


def note_acceptance(*, actor: Actor, person_id: int, version: int, now: datetime) -> None:
    """Store which terms somebody accepted and when, inside an operation; tell the host of the first time."""
    if version != outside.current_terms().version:
        raise RuleBroken("There is a newer version of the terms. Read it, then accept it", field="accepts")
    stored = db.session.get_one(OutsideMember, person_id, with_for_update=True)
    first = stored.accepted_at is None
    stored.terms_version, stored.accepted_at = version, now
    record("outside:accept-terms", actor=actor, about="person", id=person_id, at=now, version=version)
    if first and stored.sponsor_id is not None:
        guest = db.session.get_one(Person, person_id)
        facts: dict[str, Any] = {"guest": guest.name, "day": named(guest.leaves_on or guest.starts_on)}
        path = f"/outside/{person_id}"
        notices.queue([notices.compose("outside-accepted", to=stored.sponsor_id, path=path, at=now, **facts)])


@atomic
def publish_terms(*, actor: Actor, words: str, now: datetime) -> int:
    """Publish a new version of the terms; return its number. Everybody from outside is asked at their next sign-in."""
    ensure(actor, Permission.OUTSIDE_TERMS, None)
    words = "\n".join(words.strip().splitlines())
    if not 200 <= len(words) <= rules.LONGEST_TERMS:
        most = f"{rules.LONGEST_TERMS:,}"
        raise RuleBroken(f"Write from 200 to {most} characters; this has {len(words)}", field="words")
    lock_table(OutsideTerms)
    newest = outside.current_terms()
    if words == newest.words:
        raise RuleBroken("These are the terms as they are already. Change them, then publish them", field="words")
    version = newest.version + 1
    made = {"version": version, "words": words, "published_by": actor.id, "published_at": now}
    db.session.execute(insert(OutsideTerms).values(made))
    record("outside:publish-terms", actor=actor, about="outside_terms", id=version, at=now)
    return version
