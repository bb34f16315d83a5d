"""Reading the chain back, to prove that nobody has touched it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import select

from tithe.audit import rules
from tithe.audit.models import AuditEvent, AuditHead
from tithe.kernel.db import db


def first_broken_link() -> tuple[int, int] | None:
    """The stream and number of the first event that was changed, moved or removed; None when every chain holds."""
    heads = db.session.execute(select(AuditHead.stream, AuditHead.seq, AuditHead.hash).order_by(AuditHead.stream))
    for stream, seq, link in heads.all():
        broken = rules.first_break(stream, _links(stream), (seq, link))
        if broken is not None:
            return stream, broken
    return None


def _links(stream: int) -> Iterator[tuple[int, str, rules.Event]]:
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
    for row in db.session.execute(events.execution_options(yield_per=5000)):
        seq, link, *event = cast(Sequence[Any], row)
        yield seq, link, rules.Event(*event)
