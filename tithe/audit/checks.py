"""The promises of the record of what happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import func, select

from tithe.audit.anchors import behind_anchor
from tithe.audit.models import AuditEvent
from tithe.audit.queries import first_broken_link
from tithe.kernel.checks import Check

# How many accepted changes of each thing are on record: checks of features above join to it.
EVENTS_ABOUT = (
    select(AuditEvent.subject_type, AuditEvent.subject_id, func.count().label("events"))
    .group_by(AuditEvent.subject_type, AuditEvent.subject_id)
    .subquery("events_about")
)


def broken_chains(now: datetime) -> Iterator[str]:
    """Streams are verified in turn; the first that does not hold is named."""
    broken = first_broken_link()
    if broken:
        yield f"stream {broken[0]} at event {broken[1]}"


def chains_behind_their_anchor(now: datetime) -> Iterator[str]:
    """The first stream without the event that was anchored outside the database last."""
    behind = behind_anchor(Path(current_app.extensions["tithe"].audit_anchor_file))
    if behind:
        yield f"stream {behind[0]} at event {behind[1]}"


CHECKS = [
    Check("U2", "Events of a stream have numbers without a gap and the hash of the one before", broken_chains),
    Check("U4", "Every stream holds the event that was anchored last", chains_behind_their_anchor),
]
