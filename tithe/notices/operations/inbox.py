"""Reading one's messages, choosing when to get them by mail, and trying given-up ones again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.notices import queries
from tithe.notices.models import Notice, NoticeChoice
from tithe.notices.rules import choices as rules
from tithe.notices.rules.outbox import NoticeStatus

NOTICE = table_of(Notice).c


@atomic
def mark_read(*, actor: Actor, ids: Collection[int], now: datetime) -> None:
    """Mark messages of one's own as read. One that is not there is refused, and none is marked."""
    if not ids:
        raise RuleBroken("Choose at least one message to mark as read", field="ids")
    if queries.count_own(actor, ids, now) != len(set(ids)):
        raise NotFound
    _mark_read(actor, now, NOTICE.id.in_(ids))


@atomic
def mark_all_read(*, actor: Actor, now: datetime, up_to: int | None = None) -> None:
    """Mark all of one's messages as read, or those up to the newest that one has seen, by its id."""
    _mark_read(actor, now, *([NOTICE.id <= up_to] if up_to else []))


def _mark_read(actor: Actor, now: datetime, *which: Any) -> None:
    ensure(actor, Permission.NOTICE_MARK, None)
    unread = update(table_of(Notice)).where(queries.in_inbox(actor.person_id, now), NOTICE.read_at.is_(None), *which)
    db.session.execute(unread.values(read_at=now))


@atomic
def choose(*, actor: Actor, answers: Mapping[str, str], now: datetime) -> None:
    """Choose when to get mail of each group, by their names; a group left out has its default again.

    What is held for a digest is looked at anew, so that nobody waits for what they now want at once.
    """
    ensure(actor, Permission.NOTICE_CHOOSE, None)
    chosen = rules.read_choices(answers)
    rows = [
        {"person_id": actor.person_id, "message_group": group, "how": how}
        for group, how in chosen.items()
        if how is not rules.GROUPS[group].default
    ]
    db.session.execute(delete(NoticeChoice).where(NoticeChoice.person_id == actor.person_id))
    if rows:
        db.session.execute(insert(table_of(NoticeChoice)), rows)
    held = (NOTICE.person_id == actor.person_id) & (NOTICE.status == NoticeStatus.HELD)
    released = {"status": NoticeStatus.WAITING, "next_attempt_at": now}
    db.session.execute(update(table_of(Notice)).where(held).values(**released))


@atomic
def retry(*, ids: Collection[int], now: datetime) -> None:
    """Let messages that were given up be sent again, as if for the first time. All of them must have been given up."""
    given_up = (NOTICE.id.in_(ids)) & (NOTICE.status == NoticeStatus.DEAD)
    again = (
        update(table_of(Notice)).where(given_up).values(status=NoticeStatus.WAITING, attempts=0, next_attempt_at=now)
    )
    found = set(db.session.scalars(again.returning(NOTICE.id)))
    if missing := sorted(set(ids) - found):
        raise RuleBroken(f"These were not given up, so nothing was changed: {', '.join(map(str, missing))}")
