"""Adopting a policy."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from tithe.access.actor import Actor
from tithe.audit.operations import record
from tithe.kernel.db import atomic, db
from tithe.kernel.errors import RulesBroken
from tithe.policy import rules
from tithe.policy.models import TithePolicy


@atomic
def adopt_policy(
    *, actor: Actor, unit_id: int, starts_on: date, settings: dict[str, Any], reason: str, now: datetime
) -> int:
    """Give a unit new settings from a day on, as a new version; what it does not name is inherited."""
    if problems := rules.problems_in(settings):
        raise RulesBroken(problems)
    newest = db.session.scalar(select(func.max(TithePolicy.version)).where(TithePolicy.unit_id == unit_id)) or 0
    policy = TithePolicy(
        unit_id=unit_id,
        version=newest + 1,
        starts_on=starts_on,
        settings=settings,
        reason=reason,
        adopted_by=actor.id,
        adopted_at=now,
    )
    db.session.add(policy)
    db.session.flush()  # the audit names its id
    record(
        "policy:adopt",
        actor=actor,
        about="policy",
        id=policy.id,
        at=now,
        unit_id=unit_id,
        version=policy.version,
        settings=settings,
    )
    return policy.id
