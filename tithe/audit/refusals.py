"""Refusals on the chain: once for each actor and thing, or account and place, and never more than a bound.

Whoever is refused chooses how often. So a refusal is put on the chain the first time in its window, and a bound on the
window keeps strangers from filling it: the event that reaches the bound says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from tithe.access.actor import Actor
from tithe.audit.models import Refusal
from tithe.audit.operations import record
from tithe.audit.rules import digest
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.jobs import insert_once

MOST_A_DAY = 100  # of one person's refusals
KEPT = timedelta(days=2)
REFUSAL = table_of(Refusal)


@dataclass(frozen=True)
class Window:
    """Where refusals are counted together, like an hour or somebody's day, and how many of them the chain takes."""

    bucket: str
    most: int


@atomic
def note_refusal(
    verb: str, *, once: object, window: Window, actor: Actor, about: str, id: int | None, at: datetime, **facts: object
) -> None:
    """Put a refusal on the chain unless one of the same thing (`once`) is there for this window.

    What it sends to the database does not depend on who was refused or why, only on whether it is the first.
    """
    full = select(func.count()).where(REFUSAL.c.bucket == window.bucket)
    count = db.session.scalar(full) or 0
    if count > window.most:
        return
    last = count == window.most
    key = digest(window.bucket, "the last" if last else repr((verb, once)))
    if insert_once(db.session.connection(), REFUSAL, key=key, bucket=window.bucket, noted_at=at):
        db.session.execute(delete(REFUSAL).where(REFUSAL.c.noted_at < at - KEPT))
        bound = {"no_more_than": window.most} if last else {}
        record(verb, actor=actor, about=about, id=id, at=at, **facts, **bound)


def note_access(*, actor: Actor, permission: str, method: str, thing: str, id: int | None, now: datetime) -> None:
    """Note that somebody signed in asked for what is absent or not theirs; the two are noted alike, as they are
    answered. Once a day for each person, right and thing."""
    window = Window(f"{actor.id} on {local_date(now)}", MOST_A_DAY)
    once = (permission, thing, id)
    facts = {"permission": permission, "method": method}
    note_refusal("access:refuse", once=once, window=window, actor=actor, about=thing, id=id, at=now, **facts)
