"""Weeks that nobody decided in time: silence approves what the unit lets it, all else moves on.

A step is a claim like a decision: it raises the version, so whoever still has the week open decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update

from tithe.access.actor import SYSTEM
from tithe.audit.operations import record
from tithe.kernel.calendar import add_working_days, named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.minutes import spoken
from tithe.notices import operations as notices
from tithe.people import around
from tithe.people import queries as people
from tithe.timesheets.models import Escalation, Week
from tithe.timesheets.operations.decisions import approve_by_rule
from tithe.timesheets.queries.escalation import (
    OnClock,
    active_deciders,
    clocks,
    heirs_of,
    overdue,
    silence_over,
)
from tithe.timesheets.rules.deciding import DecisionHow
from tithe.timesheets.rules.escalation import COUNTERSIGN_WD, DEEMED, QUEUE, Stage, next_stage, silence_approves

WEEKS = table_of(Week)
MOVE = (
    update(WEEKS)
    .where(WEEKS.c.id == bindparam("which"))
    .values(
        approver_id=bindparam("new_approver"),
        stage=bindparam("new_stage"),
        due_on=bindparam("new_due"),
        version=WEEKS.c.version + 1,
    )
)
MOVED = "/approvals/moved"


@atomic
def settle_overdue(*, now: datetime) -> tuple[int, int]:
    """Deal with every week whose last day for a decision is over; return how many silence approved and how many moved.

    A week makes one step at a time, however long this was not done. Done twice it finds nothing more to do.
    """
    today = local_date(now)
    deemed = moved = after = 0
    while weeks := overdue(today, after):
        after = weeks[-1].id
        by = clocks(weeks, today)
        silent = _silently_approved([week for week in weeks if by[week.id].settings.expiry_action == DEEMED], now)
        _move_on([week for week in weeks if week.id not in silent], now)
        deemed, moved = deemed + len(silent), moved + len(weeks) - len(silent)
    return deemed, moved


def _silently_approved(weeks: Sequence[OnClock], now: datetime) -> set[int]:
    """Approve those of some weeks that pass every guard, tell their managers, and return their ids."""
    if not weeks:
        return set()
    today = local_date(now)
    active = active_deciders(weeks, today)
    passed = [week for week in weeks if silence_approves(silence_over(week, week.approver_id in active, today))]
    if passed:
        approve_by_rule(versions={week.id: week.version for week in passed}, how=DecisionHow.DEEMED, now=now)
        _tell_of_silence(passed, now)
    return {week.id for week in passed}


def _move_on(weeks: Sequence[OnClock], now: datetime) -> None:
    """Give each week to the next in line, keep where it went, and tell everybody concerned.

    The countersigning manager has days of their own; in the queue a week stays as late as it is.
    """
    if not weeks:
        return
    today = local_date(now)
    heirs = heirs_of([week for week in weeks if week.stage is Stage.MANAGER], today)
    after = clocks([replace(week, approver_id=heirs[week.id]) for week in weeks if week.id in heirs], today)
    steps: list[dict[str, Any]] = [
        {
            "week_id": week.id,
            "version": week.version + 1,
            "from_id": week.approver_id,
            "to_id": heirs.get(week.id),
            "stage": next_stage(week.stage, heirs.get(week.id)),
            "due_was": week.due_on,
            "due_on": add_working_days(today, COUNTERSIGN_WD, after[week.id].holidays)
            if week.id in after
            else week.due_on,
            "at": now,
        }
        for week in weeks
    ]
    placed = [
        {"which": step["week_id"], "new_approver": step["to_id"], "new_stage": step["stage"], "new_due": step["due_on"]}
        for step in steps
    ]
    db.session.connection().execute(MOVE, placed)
    db.session.execute(
        insert(table_of(Escalation)), [{name: step[name] for name in step if name != "due_on"} for step in steps]
    )
    for step in steps:
        facts = {"version": step["version"], "approver_id": step["to_id"], "was": step["from_id"]}
        where = {"stage": step["stage"], "due_on": step["due_on"]}
        record("week:escalate", actor=SYSTEM, about="week", id=step["week_id"], at=now, **facts, **where)
    _tell_of_moves(weeks, {step["week_id"]: step for step in steps}, now)


def _tell_of_moves(weeks: Sequence[OnClock], steps: dict[int, dict[str, Any]], now: datetime) -> None:
    """Whoever gets a week, whoever had it, and its owner: one message each a week; a queue’s keepers one in all."""
    queued = {week.unit_id for week in weeks if week.unit_id and steps[week.id]["to_id"] is None}
    keepers = around.keepers_of(queued, local_date(now)) if queued else {}
    heirs = {step["to_id"] for step in steps.values() if step["to_id"] is not None}
    names = people.names_of(heirs | {each for week in weeks for each in (week.owner_id, week.approver_id)})
    messages = []
    for week in weeks:
        heir = steps[week.id]["to_id"]
        facts: dict[str, Any] = {
            "owner": names[week.owner_id],
            "decider": names[week.approver_id],
            "heir": names[heir] if heir is not None else QUEUE,
            "week": named(week.starts_on),
            "total": spoken(week.total_minutes),
            "due": named(week.due_on),
        }
        path = f"/approvals/{week.id}"
        if heir is not None:
            facts["until"] = named(steps[week.id]["due_on"])
            messages.append(notices.compose("week-escalated", to=heir, path=path, at=now, **facts))
        messages.append(notices.compose("week-moved-on", to=week.approver_id, path=MOVED, at=now, **facts))
        own = f"/weeks/{week.starts_on}"
        messages.append(notices.compose("week-waits-elsewhere", to=week.owner_id, path=own, at=now, **facts))
    messages += [
        notices.compose("weeks-in-queue", to=keeper, path="/approvals", at=now, collapse_key="weeks-in-queue")
        for keeper in sorted({each for found in keepers.values() for each in found})
    ]
    notices.queue(messages)


def _tell_of_silence(weeks: Sequence[OnClock], now: datetime) -> None:
    """The managers who did not decide; the owners are told with the approval itself."""
    names = people.names_of({week.owner_id for week in weeks})
    notices.queue(
        [
            notices.compose(
                "week-deemed",
                to=week.approver_id,
                path="/approvals",
                at=now,
                owner=names[week.owner_id],
                week=named(week.starts_on),
                total=spoken(week.total_minutes),
                due=named(week.due_on),
            )
            for week in weeks
        ]
    )
