"""Queueing messages with their cause, and sending them apart from it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import column, insert, select, table, update

from tithe.kernel.db import atomic, db, table_of
from tithe.notices import rules
from tithe.notices.models import Notice
from tithe.notices.rules import NoticeStatus

BATCH = 50
LEASE = timedelta(minutes=30)  # longer than a batch can take with a mail server that never answers

addresses = table("person", column("id"), column("email"))  # people is a higher room; only its addresses are read here


@dataclass(frozen=True)
class Outgoing:
    """A message claimed for sending; `attempts` counts this one."""

    id: int
    address: str
    subject: str
    body: str
    path: str
    message_id: str
    attempts: int


def compose(event: str, *, to: int, path: str, at: datetime, **facts: str) -> dict[str, Any]:
    """One message as a row of the outbox, to be queued with others in one statement."""
    subject, body = rules.compose(event, **facts)
    return {
        "person_id": to,
        "event": event,
        "subject": subject,
        "body": body,
        "path": path,
        "created_at": at,
        "next_attempt_at": at,
        "message_id": f"{secrets.token_hex(16)}@tithe",
        "status": NoticeStatus.WAITING,
        "attempts": 0,
        "last_error": "",
    }


def queue(rows: Sequence[dict[str, Any]]) -> None:
    """Put messages in the outbox, inside the unit of work of their cause."""
    if rows:
        db.session.execute(insert(table_of(Notice)), list(rows))


def send_waiting(*, deliver: Callable[[Outgoing], None], now: datetime) -> tuple[int, int]:
    """Send what waits; return how many went and how many failed. A failure is tried again later, then given up.

    Messages are claimed in one short transaction and marked in another, so that no connection is held while the mail
    server thinks. A sender that dies in between leaves its claim to run out; the repeat carries the same Message-ID.
    """
    sent = failed = 0
    while batch := claim(now=now):
        for message in batch:
            try:
                deliver(message)
            except Exception as error:  # whatever is wrong with one message, the others still go
                mark_failed(message=message, error=type(error).__name__, now=now)
                failed += 1
            else:
                mark_sent(message=message, now=now)
                sent += 1
    return sent, failed


@atomic
def claim(*, now: datetime) -> list[Outgoing]:
    """Take the oldest messages that are due, and leases that ran out, so that no other sender takes them.

    A message that has used up its attempts, each time with a sender that never came back, is given up instead.
    """
    due = (
        select(
            Notice.id,
            addresses.c.email,
            Notice.subject,
            Notice.body,
            Notice.path,
            Notice.message_id,
            Notice.attempts + 1,
        )
        .join(addresses, addresses.c.id == Notice.person_id)
        .where(Notice.status.in_([NoticeStatus.WAITING, NoticeStatus.SENDING]), Notice.next_attempt_at <= now)
        .order_by(Notice.next_attempt_at, Notice.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=Notice)
    )
    found = [Outgoing(*row) for row in db.session.execute(due)]
    batch = [message for message in found if message.attempts <= rules.MAX_ATTEMPTS]
    spent = [message.id for message in found if message.attempts > rules.MAX_ATTEMPTS]
    if spent:
        db.session.execute(update(Notice).where(Notice.id.in_(spent)).values(status=NoticeStatus.DEAD))
    if batch:
        db.session.execute(
            update(Notice)
            .where(Notice.id.in_([message.id for message in batch]))
            .values(status=NoticeStatus.SENDING, attempts=Notice.attempts + 1, next_attempt_at=now + LEASE)
        )
    return batch


@atomic
def mark_sent(*, message: Outgoing, now: datetime) -> None:
    """Note that the mail server took a message."""
    _mark(message, status=NoticeStatus.SENT, sent_at=now)


@atomic
def mark_failed(*, message: Outgoing, error: str, now: datetime) -> None:
    """Plan the next attempt, or give up and leave the message for somebody to look at."""
    again = rules.next_attempt(message.attempts, now)
    status = NoticeStatus.WAITING if again else NoticeStatus.DEAD
    _mark(message, status=status, next_attempt_at=again or now, last_error=error[:200])


def _mark(message: Outgoing, **values: object) -> None:
    """Write how an attempt ended, unless its lease ran out and another sender has taken the message since."""
    still_ours = (Notice.status == NoticeStatus.SENDING) & (Notice.attempts == message.attempts)
    db.session.execute(update(Notice).where(Notice.id == message.id, still_ours).values(**values))
