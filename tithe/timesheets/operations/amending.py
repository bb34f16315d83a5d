"""Reopening an approved week."""

from __future__ import annotations

from datetime import datetime

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.allowance.queries.periods import closed_quarters
from tithe.audit.operations import record
from tithe.kernel.calendar import named
from tithe.kernel.db import atomic
from tithe.kernel.errors import RuleBroken
from tithe.notices import operations as notices
from tithe.timesheets.operations.weeks import NOTHING_SENT, write_week
from tithe.timesheets.queries.weeks import approved_version, get_week
from tithe.timesheets.rules.deciding import SAY_WHY, problem_with_amending, says_enough
from tithe.timesheets.rules.lifecycle import WeekMove, status_after


@atomic
def amend_week(*, actor: Actor, week_id: int, reason: str, now: datetime) -> None:
    """Reopen an approved week as a draft, one version on. What was approved stays counted until it is decided again.

    Its owner may until the quarter is closed; once it is, whoever decided it may, until it is locked.
    """
    week = get_week(week_id, by=actor, to=Permission.WEEK_AMEND)
    status = status_after(week.status, WeekMove.AMEND)
    days = [entry.day for entry in week.entries] or [week.starts_on]
    problem = problem_with_amending(days, closed_quarters(), by_owner=actor.id == week.owner_id)
    if problem:
        raise RuleBroken(problem, field="reason")
    if not says_enough(reason):
        raise RuleBroken(SAY_WHY, field="reason")
    amends = approved_version(week_id)
    write_week(week, status=status, amends_version=amends, amend_reason=reason.strip(), **NOTHING_SENT)
    record("week:amend", actor=actor, about="week", id=week_id, at=now, version=week.version + 1, amends=amends)
    if actor.id != week.owner_id:
        words = {"decider": actor.name, "week": named(week.starts_on), "words": reason.strip()}
        path = f"/weeks/{week.starts_on}"
        notices.queue([notices.compose("week-reopened", to=week.owner_id, path=path, at=now, **words)])
