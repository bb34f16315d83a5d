"""Exporting one's own data: one at a time for each person, and recorded."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from tithe.access.actor import Actor
from tithe.audit.operations import record
from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.errors import RuleBroken
from tithe.kernel.jobs import insert_once
from tithe.oversight.models import OwnExport

LOST_AFTER = timedelta(minutes=10)  # an export with no end by then was cut off
BUSY = "Your data is being put together already. Wait until that file has arrived, or ten minutes, and try again"
EXPORT = table_of(OwnExport)


@atomic
def begin_export(*, actor: Actor, person_id: int, now: datetime) -> None:
    """Record that everything held about a person is put together, unless that is going on already."""
    if not insert_once(db.session.connection(), EXPORT, person_id=person_id, begun_at=now):
        free = EXPORT.c.ended_at.is_not(None) | (EXPORT.c.begun_at < now - LOST_AFTER)
        again = update(EXPORT).where(EXPORT.c.person_id == person_id, free).values(begun_at=now, ended_at=None)
        if db.session.execute(again.returning(EXPORT.c.person_id)).first() is None:
            raise RuleBroken(BUSY)
    record("own-data:export", actor=actor, about="person", id=person_id, at=now)


@atomic
def end_export(*, person_id: int, now: datetime) -> None:
    """The file has left, or its reader has."""
    db.session.execute(update(EXPORT).where(EXPORT.c.person_id == person_id).values(ended_at=now))
