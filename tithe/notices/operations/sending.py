"""Sending what waits, apart from its cause, and putting what is held into digests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, table_of
from tithe.notices.models import Notice
from tithe.notices.operations import new_message_id
from tithe.notices.queries import addresses, choices_of_all
from tithe.notices.rules import choices as rules
from tithe.notices.rules import outbox
from tithe.notices.rules.choices import How
from tithe.notices.rules.outbox import DIGEST, NoticeStatus
from tithe.notices.rules.wording import Group

BATCH = 50
LEASE = timedelta(minutes=30)  # longer than a batch can take with a mail server that never answers
NOTICE = table_of(Notice).c

PART_OF = (
    update(table_of(Notice))
    .where(NOTICE.id == bindparam("part"))
    .values(status=NoticeStatus.DIGESTED, digest_id=bindparam("digest"))
)

# Asked of (id of the message, what it is about), it answers the ids of the messages that still hold.
Recheck = Callable[[list[tuple[int, int]]], set[int]]
NO_RECHECKS: Mapping[str, Recheck] = {}


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
    recheck: str = ""
    about_id: int | None = None


def send_waiting(
    *, deliver: Callable[[Outgoing], None], now: datetime, rechecks: Mapping[str, Recheck] = NO_RECHECKS
) -> tuple[int, int]:
    """Send what waits; return how many went and how many failed. A failure is tried again later, then given up.

    Messages are claimed in one short transaction and marked in another, so that no connection is held while the mail
    server thinks. A sender that dies in between leaves its claim to run out; the repeat carries the same Message-ID.
    """
    sent = failed = 0
    while batch := claim(now=now):
        holding = _still_holding(batch, rechecks, now)
        failed += len(holding.unanswered)
        for message in holding.going:
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

    On the way what is not to be mailed now is put where it belongs: held for a digest or kept from the mail as its
    reader chose, dropped if they have left, and given up if it has used up its attempts, each time with a sender that
    never came back. What may have gone already is never put elsewhere.
    """
    while found := _due(now):
        choices = choices_of_all({row.person_id for row in found})
        fates = defaultdict(list)
        for row in found:
            fates[_fate(row, choices.get(row.person_id, {}), local_date(now))].append(row)
        for status, rows in fates.items():
            taken = {"attempts": Notice.attempts + 1, "next_attempt_at": now + LEASE}
            more = taken if status is NoticeStatus.SENDING else {}
            ids = [row.id for row in rows]
            db.session.execute(update(Notice).where(Notice.id.in_(ids)).values(status=status, **more))
        if going := fates[NoticeStatus.SENDING]:
            return [_outgoing(row) for row in going]
    return []


def _due(now: datetime) -> Sequence[Row[Any]]:
    """The oldest messages that are due and that nobody else is claiming at this moment."""
    due = (
        select(table_of(Notice), addresses.c.email, addresses.c.leaves_on)
        .join(addresses, addresses.c.id == NOTICE.person_id)
        .where(NOTICE.status.in_([NoticeStatus.WAITING, NoticeStatus.SENDING]), NOTICE.next_attempt_at <= now)
        .order_by(NOTICE.next_attempt_at, NOTICE.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=table_of(Notice))
    )
    return db.session.execute(due).all()


def _fate(row: Row[Any], choices: Mapping[Group, How], today: date) -> NoticeStatus:
    """What becomes of a message that is due."""
    if row.attempts >= outbox.MAX_ATTEMPTS:
        return NoticeStatus.DEAD
    if row.leaves_on is not None and row.leaves_on < today:
        return NoticeStatus.DROPPED
    how = How.NOW if row.attempts else rules.chosen(row.event, choices)
    return {How.NOW: NoticeStatus.SENDING, How.OFF: NoticeStatus.KEPT}.get(how, NoticeStatus.HELD)


def _outgoing(row: Row[Any]) -> Outgoing:
    """A claimed row as the mail server gets it."""
    about = row.recheck, row.about_id
    return Outgoing(row.id, row.email, row.subject, row.body, row.path, row.message_id, row.attempts + 1, *about)


@dataclass(frozen=True)
class Holding:
    """Messages that still hold, and those about which the question failed."""

    going: list[Outgoing]
    unanswered: list[Outgoing]


def _still_holding(batch: list[Outgoing], rechecks: Mapping[str, Recheck], now: datetime) -> Holding:
    """Ask about a batch once more, a statement for each kind of question, and drop what no longer holds.

    Where the question itself fails, its messages are tried again later and the others still go.
    """
    found = Holding([message for message in batch if message.recheck not in rechecks], [])
    for name in {message.recheck for message in batch} & rechecks.keys():
        messages = [message for message in batch if message.recheck == name]
        try:
            holds = ask(rechecks[name], [(each.id, each.about_id or 0) for each in messages])
        except Exception as error:  # a faulty question must not keep mail from the others
            for each in messages:
                mark_failed(message=each, error=type(error).__name__, now=now)
            found.unanswered.extend(messages)
            continue
        found.going.extend(each for each in messages if each.id in holds)
        for each in messages:
            if each.id not in holds:
                mark_dropped(message=each)
    return found


@atomic
def ask(question: Recheck, about: list[tuple[int, int]]) -> set[int]:
    """The answer, from a transaction that is over before any mail is sent."""
    return question(about)


@atomic
def mark_sent(*, message: Outgoing, now: datetime) -> None:
    """Note that the mail server took a message."""
    _mark(message, status=NoticeStatus.SENT, sent_at=now)


@atomic
def mark_dropped(*, message: Outgoing) -> None:
    """Note that a message no longer holds. Nobody gets it, and it leaves the inbox."""
    _mark(message, status=NoticeStatus.DROPPED)


@atomic
def mark_failed(*, message: Outgoing, error: str, now: datetime) -> None:
    """Plan the next attempt, or give up and leave the message for somebody to look at."""
    again = outbox.next_attempt(message.attempts, now)
    status = NoticeStatus.WAITING if again else NoticeStatus.DEAD
    _mark(message, status=status, next_attempt_at=again or now, last_error=error[:200])


def _mark(message: Outgoing, **values: object) -> None:
    """Write how an attempt ended, unless its lease ran out and another sender has taken the message since."""
    still_ours = (Notice.status == NoticeStatus.SENDING) & (Notice.attempts == message.attempts)
    db.session.execute(update(Notice).where(Notice.id == message.id, still_ours).values(**values))


@atomic
def write_digests(*, day: date, base_url: str, now: datetime, rechecks: Mapping[str, Recheck] = NO_RECHECKS) -> int:
    """Put what is held until the digests of a day into one message a person; return how many there are.

    The digest is a message of the outbox, written in the transaction that marks its parts: it is sent, tried again
    and given up like any other, and no part is ever in two.
    """
    held = _held(rechecks, now)
    choices = choices_of_all(select(NOTICE.person_id).where(NOTICE.status == NoticeStatus.HELD))
    parts: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in held:
        how = rules.chosen(row.event, choices.get(row.person_id, {}))
        if how is How.OFF:
            _put([row.id], NoticeStatus.KEPT)
        elif row.created_at < outbox.digest_until(how, day):
            parts[row.person_id].append(row)
    digests = [_digest_row(person_id, rows, base_url, now) for person_id, rows in parts.items()]
    if digests:
        adding = insert(table_of(Notice)).returning(NOTICE.id, sort_by_parameter_order=True)
        ids = db.session.scalars(adding, digests).all()
        part_of = [
            {"part": row.id, "digest": digest} for digest, rows in zip(ids, parts.values(), strict=True) for row in rows
        ]
        db.session.connection().execute(PART_OF, part_of)
    return len(digests)


def _held(rechecks: Mapping[str, Recheck], now: datetime) -> list[Row[Any]]:
    """What is held, the oldest first, without what no longer holds, which is dropped."""
    found = select(table_of(Notice)).where(NOTICE.status == NoticeStatus.HELD, NOTICE.next_attempt_at <= now)
    rows = db.session.execute(found.order_by(NOTICE.person_id, NOTICE.id).with_for_update()).all()
    untrue: set[int] = set()
    for name in {row.recheck for row in rows} & rechecks.keys():
        about = [(row.id, row.about_id) for row in rows if row.recheck == name]
        untrue |= {notice_id for notice_id, _ in about} - ask(rechecks[name], about)
    _put(untrue, NoticeStatus.DROPPED)
    return [row for row in rows if row.id not in untrue]


def _put(ids: Collection[int], status: NoticeStatus) -> None:
    if ids:
        db.session.execute(update(Notice).where(Notice.id.in_(ids)).values(status=status))


def _digest_row(person_id: int, rows: list[Row[Any]], base_url: str, now: datetime) -> dict[str, Any]:
    """One person's digest as a row of the outbox."""
    links = [(row.subject, row.body, f"Open it here: {base_url}{row.path}") for row in rows]
    subject, body = outbox.compose_digest(links)
    return {
        "person_id": person_id,
        "event": DIGEST,
        "subject": subject,
        "body": body,
        "path": "/inbox",
        "created_at": now,
        "next_attempt_at": now,
        "message_id": new_message_id(),
        "status": NoticeStatus.WAITING,
        "attempts": 0,
        "last_error": "",
    }
