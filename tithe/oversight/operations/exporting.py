"""Noting that the audit was exported, before the first line leaves."""

from __future__ import annotations

from datetime import datetime

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.audit.events import Choice
from tithe.audit.operations import record
from tithe.kernel.db import atomic


@atomic
def note_export(*, actor: Actor, choice: Choice, shape: str, now: datetime) -> None:
    """Record who exports which part of the audit, and as what."""
    ensure(actor, Permission.AUDIT_READ, None)
    facts = {
        "person_id": choice.person_id,
        "thing": choice.thing,
        "thing_id": choice.thing_id,
        "chosen_verb": choice.verb,
        "since": choice.since,
        "until": choice.until,
    }
    chosen = {name: value for name, value in facts.items() if value not in (None, "")}
    record("audit:export", actor=actor, about="audit", id=None, at=now, shape=shape, **chosen)
