"""One's own inbox and choices, and the outbox as those who run the service see it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Date, Select, and_, column, func, or_, select, table

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import db, table_of
from tithe.notices.models import Notice, NoticeChoice
from tithe.notices.rules.choices import GROUPS, How
from tithe.notices.rules.outbox import DIGEST, NoticeStatus
from tithe.notices.rules.wording import MAIL_ONLY, Group

PAGE = 25

# People is a higher room; only the addresses of people and the last day of those who leave are read here.
addresses = table("person", column("id"), column("email"), column("leaves_on", Date()))
NOTICE = table_of(Notice).c


@dataclass(frozen=True)
class Message:
    """A message in somebody's inbox."""

    id: int
    event: str
    subject: str
    body: str
    path: str
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class Inbox:
    """A page of messages, the newest first, how many are unread on all pages, and where the next page starts."""

    messages: list[Message]
    unread: int
    following: tuple[datetime, int] | None


def in_inbox(person_id: int, now: datetime) -> ColumnElement[bool]:
    """A message is in somebody's inbox: whatever became of its mail, unless it no longer holds or is for mail alone."""
    return and_(
        NOTICE.person_id == person_id,
        NOTICE.event.not_in((DIGEST, *MAIL_ONLY)),
        NOTICE.status != NoticeStatus.DROPPED,
        NOTICE.created_at <= now,
    )


def inbox_of(viewer: Actor, now: datetime, after: tuple[datetime, int] | None = None) -> Inbox:
    """A page of one's own inbox, in two statements."""
    ensure(viewer, Permission.NOTICE_READ, None)
    place = NOTICE.created_at, NOTICE.id
    shown = (NOTICE.id, NOTICE.event, NOTICE.subject, NOTICE.body, NOTICE.path, NOTICE.created_at, NOTICE.read_at)
    found = select(*shown).where(in_inbox(viewer.person_id, now))
    if after is not None:
        found = found.where(
            or_(NOTICE.created_at < after[0], and_(NOTICE.created_at == after[0], NOTICE.id < after[1]))
        )
    rows = db.session.execute(found.order_by(*(each.desc() for each in place)).limit(PAGE + 1)).all()
    messages = [Message(*row) for row in rows[:PAGE]]
    following = (messages[-1].created_at, messages[-1].id) if len(rows) > PAGE else None
    return Inbox(messages, count_unread(viewer, now), following)


def count_unread(viewer: Actor, now: datetime) -> int:
    """How many of one's own messages are unread."""
    unread = select(func.count()).where(in_inbox(viewer.person_id, now), NOTICE.read_at.is_(None))
    return db.session.scalar(unread) or 0


def count_own(viewer: Actor, ids: Collection[int], now: datetime) -> int:
    """How many of these messages are in one's own inbox."""
    return db.session.scalar(select(func.count()).where(in_inbox(viewer.person_id, now), NOTICE.id.in_(ids))) or 0


def choices_of(viewer: Actor) -> dict[Group, How]:
    """What somebody gets when, for every group."""
    made = choices_of_all([viewer.person_id]).get(viewer.person_id, {})
    return {group: made.get(group, rule.default) for group, rule in GROUPS.items()}


def choices_of_all(person_ids: Collection[int] | Select[tuple[int]]) -> dict[int, dict[Group, How]]:
    """What people have chosen other than the defaults, in one statement."""
    found: dict[int, dict[Group, How]] = {}
    made = select(NoticeChoice.person_id, NoticeChoice.group, NoticeChoice.how)
    for person_id, group, how in db.session.execute(made.where(NoticeChoice.person_id.in_(person_ids))):
        found.setdefault(person_id, {})[group] = how
    return found


@dataclass(frozen=True)
class OutboxRow:
    """A message on its way, or given up, without its words."""

    id: int
    status: NoticeStatus
    address: str
    event: str
    created_at: datetime
    next_attempt_at: datetime
    attempts: int
    last_error: str


def outbox(*, dead: bool) -> list[OutboxRow]:
    """What is not sent yet or was given up, or only the latter, the oldest first."""
    wanted = [NoticeStatus.DEAD] if dead else [NoticeStatus.WAITING, NoticeStatus.SENDING, NoticeStatus.DEAD]
    found = (
        select(
            NOTICE.id,
            NOTICE.status,
            addresses.c.email,
            NOTICE.event,
            NOTICE.created_at,
            NOTICE.next_attempt_at,
            NOTICE.attempts,
            NOTICE.last_error,
        )
        .join(addresses, addresses.c.id == NOTICE.person_id)
        .where(NOTICE.status.in_(wanted))
        .order_by(NOTICE.id)
    )
    return [OutboxRow(*row) for row in db.session.execute(found)]
