"""What tests of messages share: queueing them as an operation would, and a look at the outbox."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from tests.notices.mailing import FACTS
from tithe.access.actor import Actor
from tithe.kernel.db import atomic, db
from tithe.notices import operations
from tithe.notices.models import Notice

NOW = datetime(2026, 8, 7, 15, tzinfo=UTC)  # a Friday


@atomic
def queue(*readers, event="week-approved", at=NOW, **facts):
    """Put a message to each reader in the outbox, as an operation would."""
    operations.queue(
        [operations.compose(event, to=each.id, path="/weeks", at=at, **{**FACTS, **facts}) for each in readers]
    )


def notices():
    """The outbox, the oldest first."""
    db.session.rollback()
    return db.session.execute(select(Notice.__table__).order_by(Notice.id)).all()


def statuses():
    return [notice.status for notice in notices()]


def actor(person) -> Actor:
    return Actor(id=person.id, name=person.name)
