"""Saying what one can do or would like to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.db import atomic, db
from tithe.people.models import PersonSkill
from tithe.people.rules.skills import skills_in


@atomic
def set_skills(*, actor: Actor, skills: list[str], now: datetime) -> list[str]:
    """Put these in the place of one's skills and interests, and give them as they are kept. The audit has no words."""
    ensure(actor, Permission.PROFILE_EDIT, None)
    wanted = skills_in(skills)
    db.session.execute(delete(PersonSkill).where(PersonSkill.person_id == actor.person_id))
    rows = [{"person_id": actor.person_id, "key": key, "skill": skill} for key, skill in wanted.items()]
    if rows:
        db.session.execute(insert(PersonSkill), rows)
    record("profile:skills", actor=actor, about="person", id=actor.person_id, at=now, skills=len(rows))
    return list(wanted.values())
