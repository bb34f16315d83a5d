"""Changes that are recorded on the chain, for tests, and what the chain then holds."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import insert, select

from tests.factories.people import PersonFactory
from tithe.access.actor import SYSTEM, Actor
from tithe.audit.models import AuditEvent
from tithe.audit.operations import record
from tithe.audit.rules import STREAMS
from tithe.kernel.db import atomic, db
from tithe.kernel.errors import RuleBroken
from tithe.kernel.jobs import JobRun

NOW = datetime(2026, 8, 7, 15, tzinfo=UTC)


@atomic
def change(actor=SYSTEM, number=1, events=1, at=NOW, refuse=False):
    """An operation that changes a row and records it, then perhaps thinks better of it."""
    db.session.execute(insert(JobRun).values(job="change", period=f"{actor.id}-{number}", finished_at=NOW))
    for n in range(events):
        record("test:change", actor=actor, about="test", id=number, at=at, number=n, name="é“€”", when=at)
    if refuse:
        raise RuleBroken("no")


def verbs():
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent.verb).order_by(AuditEvent.id)))


def people_of_one_stream(count, stream=5):
    """People whose ids lead to one stream, above any id a sequence hands out."""
    ids = [10_000_000 + STREAMS * n + stream for n in range(count)]
    return [Actor(id=PersonFactory(id=each).id, name=f"Person {each}") for each in ids]
