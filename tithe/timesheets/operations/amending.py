"""Reopening an approved week."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.allowance.queries.periods import closed_quarters
from tithe.audit.operations import record
from tithe.kernel.calendar import named
from tithe.kernel.db import CHANGED_UNDER_YOU, atomic
from tithe.kernel.errors import Conflict, RuleBroken
from tithe.notices import operations as notices
from tithe.timesheets.operations.weeks import NOTHING_SENT, write_week
from tithe.timesheets.queries.agreements import was_by_agreement
from tithe.timesheets.queries.weeks import approved_version, get_week
from tithe.timesheets.rules.deciding import SAY_WHY, problem_with_amending, says_enough
from tithe.timesheets.rules.lifecycle import WeekMove, status_after


@atomic
def amend_week(*, actor: Actor, week_id: int, reason: str, now: datetime, version: int | None = None) -> None:
    """Reopen an approved week as a draft, one version on. What was approved stays counted until it is decided again.

    Its owner may until the quarter is closed; once it is, whoever decided it may, until it is locked. What an agreement
    approved, whoever would have decided it may reopen from the first. `version`, when given, must be the one that was
    read.
    """
    week = get_week(week_id, by=actor, to=Permission.WEEK_AMEND)
    if version is not None and version != week.version:
        raise Conflict(CHANGED_UNDER_YOU)
    status = status_after(week.status, WeekMove.AMEND)
    days = [entry.day for entry in week.entries] or [week.starts_on]
    by_owner = actor.id == week.owner_id
    by_agreement = not by_owner and was_by_agreement(week_id)
    problem = problem_with_amending(days, closed_quarters(), by_owner=by_owner, by_agreement=by_agreement)
    if problem:
        raise RuleBroken(problem, field="reason")
    if not says_enough(reason):
        raise RuleBroken(SAY_WHY, field="reason")
    amends = approved_version(week_id)
    write_week(week, status=status, amends_version=amends, amend_reason=reason.strip(), **NOTHING_SENT)
    record("week:amend", actor=actor, about="week", id=week_id, at=now, version=week.version + 1, amends=amends)
    if actor.id != week.owner_id:
        words: dict[str, Any] = {"decider": actor.name, "week": named(week.starts_on), "words": reason.strip()}
        path = f"/weeks/{week.starts_on}"
        notices.queue([notices.compose("week-reopened", to=week.owner_id, path=path, at=now, **words)])
