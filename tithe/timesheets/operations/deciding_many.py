"""Deciding many weeks in one call, each for itself: what is refused of one changes nothing about the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.kernel.db import atomic, db
from tithe.kernel.errors import Conflict, Problem, RuleBroken, RulesBroken, TitheError
from tithe.timesheets.operations.claiming import SHARED
from tithe.timesheets.operations.decisions import approve_those_free, return_week
from tithe.timesheets.queries.weeks import get_week, works_with

MOST_IN_A_CALL = 100
MOVED_ON = "This week was changed or decided since you read it. Read it again, then decide"


@dataclass(frozen=True)
class Wanted:
    """A decision on one version of a week; returning needs a ground and words."""

    week_id: int
    version: int
    approve: bool
    ground: str | None = None
    reason: str = ""


@atomic
def decide_weeks(*, actor: Actor, wanted: Sequence[Wanted], now: datetime) -> list[TitheError | None]:
    """Approve and return weeks. For each, in order, nothing where it was done, else why it was not.

    All that are to be approved are taken together, in a number of statements that does not grow with them.
    """
    _refuse_shape(wanted)
    versions = {each.week_id: each.version for each in wanted if each.approve}
    approved = approve_those_free(actor=actor, versions=versions, now=now) if versions else set()
    return [
        (None if each.week_id in approved else _why_not(actor, each)) if each.approve else _return(actor, each, now)
        for each in wanted
    ]


def _refuse_shape(wanted: Sequence[Wanted]) -> None:
    """Refuse a call with too many decisions, none, or two on one week."""
    if not 1 <= len(wanted) <= MOST_IN_A_CALL:
        raise RuleBroken(f"Send from 1 to {MOST_IN_A_CALL} decisions in a call", field="decisions")
    ids = [each.week_id for each in wanted]
    twice = [number for number, week_id in enumerate(ids) if week_id in ids[:number]]
    if twice:
        raise RulesBroken(
            [Problem(f"Week {ids[number]} has a decision already", f"decisions.{number}.week_id") for number in twice]
        )


def _why_not(actor: Actor, each: Wanted) -> TitheError:
    """Why a week could not be taken."""
    try:
        get_week(each.week_id, by=actor, to=Permission.WEEK_DECIDE)
    except TitheError as refusal:
        return refusal
    return RuleBroken(SHARED) if works_with(actor, each.week_id) else Conflict(MOVED_ON)


def _return(actor: Actor, each: Wanted, now: datetime) -> TitheError | None:
    """Return a week, or undo what was begun and say why not."""
    try:
        with db.session.begin_nested():
            return_week(
                actor=actor,
                week_id=each.week_id,
                version=each.version,
                ground=each.ground,
                reason=each.reason,
                now=now,
            )
    except Conflict:
        return Conflict(MOVED_ON)
    except TitheError as refusal:
        return refusal
    return None
