"""Who was shown whose record: noted before the page or answer leaves, and read back by auditors and the person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, or_, select

from tithe.access.actor import Actor
from tithe.audit.models import RecordRead
from tithe.audit.rules import ReadKind
from tithe.kernel.clock import local_date
from tithe.kernel.db import db, insert_into, table_of, unit_of_work

PAGE = 50
READ = table_of(RecordRead)


@dataclass(frozen=True)
class ReadRow:
    """On a day somebody was shown somebody else's record, first at an instant."""

    id: int
    reader_id: int
    person_id: int
    kind: ReadKind
    day: date
    first_at: datetime


def note_reads(kind: ReadKind, person_ids: Iterable[int], *, actor: Actor, now: datetime) -> None:
    """Note that the actor is shown these people's records: one row each a day, and nothing for their own.

    Later on the same day this is one statement that reads. It is not part of the operation of a page: it commits by
    itself, before anything is shown, so that nothing is shown which is not noted.
    """
    others = sorted({each for each in person_ids if each != actor.id})
    if actor.id is None or not others:
        return
    day = local_date(now)
    noted = select(READ.c.person_id).where(
        READ.c.reader_id == actor.id, READ.c.kind == kind, READ.c.day == day, READ.c.person_id.in_(others)
    )
    missing = sorted(set(others) - set(db.session.scalars(noted)))
    if missing:
        facts = {"reader_id": actor.id, "kind": kind, "day": day, "first_at": now}
        with unit_of_work() as session:
            session.execute(
                insert_into(READ).on_conflict_do_nothing(), [{"person_id": each, **facts} for each in missing]
            )


def list_reads(
    *,
    of: int | None = None,
    by: int | None = None,
    within: Select[int] | None = None,
    before: int | None = None,
    size: int = PAGE,
) -> tuple[list[ReadRow], int | None]:
    """A page of who was shown whose record, the newest first, and the id to read on from when more follow.

    `of` and `by` choose one person shown and one reader, `within` the people of whom either has to be one.
    """
    found = select(READ).order_by(READ.c.id.desc()).limit(size + 1)
    if of is not None:
        found = found.where(READ.c.person_id == of)
    if by is not None:
        found = found.where(READ.c.reader_id == by)
    if within is not None:
        found = found.where(or_(READ.c.person_id.in_(within), READ.c.reader_id.in_(within)))
    if before is not None:
        found = found.where(READ.c.id < before)
    rows = [
        ReadRow(row.id, row.reader_id, row.person_id, row.kind, row.day, row.first_at)
        for row in db.session.execute(found)
    ]
    return rows[:size], rows[size - 1].id if len(rows) > size else None
