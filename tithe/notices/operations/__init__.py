"""Putting messages together and queueing them with their cause. Sending and reading them are apart from that."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, or_, update

from tithe.kernel.bulk import insert_rows
from tithe.kernel.db import db, table_of
from tithe.notices.models import Notice
from tithe.notices.rules import outbox
from tithe.notices.rules.outbox import NoticeStatus

NOTICE = table_of(Notice).c
UNSENT = or_(NOTICE.status == NoticeStatus.WAITING, NOTICE.status == NoticeStatus.HELD)
# What a newer message takes the place of.
REPLACED = (
    update(table_of(Notice))
    .where(NOTICE.person_id == bindparam("reader"), NOTICE.collapse_key == bindparam("key"), UNSENT)
    .values(status=NoticeStatus.DROPPED)
)


def compose(
    event: str,
    *,
    to: int,
    path: str,
    at: datetime,
    not_before: datetime | None = None,
    collapse_key: str = "",
    recheck: str = "",
    about_id: int | None = None,
    **facts: str,
) -> dict[str, Any]:
    """One message as a row of the outbox, to be queued with others in one statement.

    Neither mail nor inbox has it before `not_before`. It replaces an unsent message of the same `collapse_key` to the
    same person. With a `recheck` it goes only while that still holds for `about_id`, as the function registered under
    that name says.
    """
    subject, body = outbox.compose(event, **facts)
    due = max(at, not_before or at)
    return {
        "person_id": to,
        "event": event,
        "subject": subject,
        "body": body,
        "path": path,
        "created_at": due,
        "next_attempt_at": due,
        "message_id": new_message_id(),
        "collapse_key": collapse_key,
        "recheck": recheck,
        "about_id": about_id,
    }


def new_message_id() -> str:
    """A Message-ID that no other message has."""
    return f"{secrets.token_hex(16)}@tithe"


def queue(rows: Sequence[dict[str, Any]]) -> None:
    """Put messages in the outbox, inside the unit of work of their cause; of several with one key the last counts.

    What they replace is taken in order of reader, so that two who queue at once never wait for each other.
    """
    newest = {(row["person_id"], row["collapse_key"] or row["message_id"]): row for row in rows}
    replacing = [{"reader": row["person_id"], "key": row["collapse_key"]} for row in rows if row["collapse_key"]]
    if replacing:
        db.session.connection().execute(REPLACED, sorted(replacing, key=itemgetter("reader", "key")))
    insert_rows(Notice, list(newest.values()))
