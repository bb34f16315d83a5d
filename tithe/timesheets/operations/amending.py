"""Reopening an approved week, and calling one back that only an agreement approved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.allowance.queries.periods import closed_quarters
from tithe.audit.operations import record
from tithe.kernel.calendar import named
from tithe.kernel.db import CHANGED_UNDER_YOU, atomic
from tithe.kernel.errors import Conflict, RuleBroken, RulesBroken
from tithe.notices import operations as notices
from tithe.timesheets.operations.decisions import record_call_back
from tithe.timesheets.operations.weeks import NOTHING_SENT, write_week
from tithe.timesheets.queries.agreements import days_of, may_be_called_back
from tithe.timesheets.queries.weeks import approved_version, get_week
from tithe.timesheets.rules.deciding import (
    SAY_WHY,
    ReturnGround,
    problem_with_amending,
    problem_with_return,
    says_enough,
)
from tithe.timesheets.rules.lifecycle import WeekMove, status_after

LONGEST_REASON = 500
NOT_BY_AGREEMENT = "Only a week that an agreement approved can be called back, until its quarter is closed"


@atomic
def amend_week(*, actor: Actor, week_id: int, reason: str, now: datetime, version: int | None = None) -> None:
    """Reopen an approved week as a draft, one version on. What was approved stays counted until it is decided again.

    Its owner may until the quarter is closed; once it is, whoever decided it may, until it is locked. `version`, when
    given, must be the one that was read.
    """
    week = get_week(week_id, by=actor, to=Permission.WEEK_AMEND)
    if version is not None and version != week.version:
        raise Conflict(CHANGED_UNDER_YOU)
    status = status_after(week.status, WeekMove.AMEND)
    by_owner = actor.id == week.owner_id
    if problem := problem_with_amending(days_of(week), closed_quarters(), by_owner=by_owner):
        raise RuleBroken(problem, field="reason")
    if not says_enough(reason):
        raise RuleBroken(SAY_WHY, field="reason")
    amends = approved_version(week_id)
    write_week(week, status=status, amends_version=amends, amend_reason=reason.strip(), **NOTHING_SENT)
    record("week:amend", actor=actor, about="week", id=week_id, at=now, version=week.version + 1, amends=amends)
    if not by_owner:
        words: dict[str, Any] = {"decider": actor.name, "week": named(week.starts_on), "words": reason.strip()}
        path = f"/weeks/{week.starts_on}"
        notices.queue([notices.compose("week-reopened", to=week.owner_id, path=path, at=now, **words)])


@atomic
def call_back_week(*, actor: Actor, week_id: int, version: int, ground: str | None, reason: str, now: datetime) -> None:
    """Return a week that only an agreement approved, with a ground and words, as any other week is returned.

    What was approved stays counted until the owner has changed the week and it is approved again; they may ask for a
    review, as of every return.
    """
    week = get_week(week_id, by=actor, to=Permission.WEEK_AMEND)
    if version != week.version:
        raise Conflict(CHANGED_UNDER_YOU)
    status = status_after(week.status, WeekMove.CALL_BACK)
    if not may_be_called_back(week, by=actor):
        raise RuleBroken(NOT_BY_AGREEMENT)
    problems = problem_with_return(ground, reason)
    if problems or ground is None:  # no ground is itself a problem
        raise RulesBroken(problems)
    words = reason.strip()
    amends = {"amends_version": approved_version(week_id), "amend_reason": words[:LONGEST_REASON]}
    write_week(week, status=status, decided_at=now, **amends)
    record_call_back(actor=actor, week=week, ground=ReturnGround(ground), reason=words, now=now)
