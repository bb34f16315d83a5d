"""Reading the chain back, to prove that nobody has touched it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any, cast

from sqlalchemy import select

from tithe.audit import rules
from tithe.audit.models import AuditEvent, AuditHead
from tithe.kernel.db import db


def first_broken_link() -> tuple[int, int] | None:
    """The stream and number of the first event that was changed, moved or removed; None when every chain holds."""
    heads = {
        row[0]: (row[1], row[2]) for row in db.session.execute(select(AuditHead.stream, AuditHead.seq, AuditHead.hash))
    }
    written = set(db.session.scalars(select(AuditEvent.stream).distinct()))
    for stream in sorted({*range(rules.STREAMS), *heads, *written}):
        with closing(_links(stream)) as links:
            broken = rules.first_break(stream, links, heads.get(stream))
        if broken is not None:
            return stream, broken
    return None


def _links(stream: int) -> Generator[tuple[int, str, rules.Event], None, None]:
    events = (
        select(
            AuditEvent.seq,
            AuditEvent.hash,
            AuditEvent.verb,
            AuditEvent.at,
            AuditEvent.actor_id,
            AuditEvent.subject_type,
            AuditEvent.subject_id,
            AuditEvent.details,
        )
        .where(AuditEvent.stream == stream)
        .order_by(AuditEvent.seq)
    )
    with db.session.execute(events.execution_options(yield_per=5000)) as rows:
        for row in rows:
            seq, link, *event = cast(Sequence[Any], row)
            yield seq, link, rules.Event(*event)
