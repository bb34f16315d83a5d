"""Deciding weeks: one or many at once, in a number of statements that does not grow with them.

A decision is a claim on (week, version): one UPDATE takes every week that still waits for the decider in the version
they were shown. Whoever comes second finds nothing left to claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import Permission
from tithe.allowance.operations import posting as allowance
from tithe.allowance.operations.posting import protect
from tithe.allowance.queries.balances import used_by_weeks
from tithe.allowance.rules.ledger import LedgerKind, quarter_of_use
from tithe.audit.operations import record_each
from tithe.kernel.bulk import insert_rows
from tithe.kernel.calendar import Quarter, named
from tithe.kernel.db import atomic
from tithe.kernel.errors import RuleBroken, RulesBroken
from tithe.kernel.minutes import spoken
from tithe.notices import operations as notices
from tithe.people import queries as people
from tithe.timesheets.models import Decision
from tithe.timesheets.operations.claiming import (
    Claimed,
    claim,
    claim_by_rule,
    claim_returned,
    claim_those_free,
    claimed_from,
)
from tithe.timesheets.queries.weeks import WeekRow, get_week
from tithe.timesheets.rules.deciding import (
    BY_RULE,
    GROUNDS,
    PROTECTING,
    DecisionHow,
    Outcome,
    ReturnGround,
    in_place_of,
    problem_with_return,
)
from tithe.timesheets.rules.entries import all_as_shown, digest_of_shown, use_by_quarter
from tithe.timesheets.rules.lifecycle import WeekMove

MOST_AT_ONCE = 500


@atomic
def approve_weeks(*, actor: Actor, versions: Mapping[int, int], now: datetime) -> None:
    """Approve weeks by id, each in the version the decider saw. All of them or, if one has moved on, none."""
    if not 1 <= len(versions) <= MOST_AT_ONCE:
        raise RuleBroken(f"Choose from 1 to {MOST_AT_ONCE} weeks", field="weeks")
    _approve(actor, claim(actor, versions, WeekMove.APPROVE, now), "", now)


@atomic
def approve_those_free(*, actor: Actor, versions: Mapping[int, int], now: datetime) -> set[int]:
    """Approve those of some weeks that still wait for the actor in the version they saw; return their ids."""
    taken = claim_those_free(actor, versions, WeekMove.APPROVE, now)
    if taken:
        _approve(actor, taken, "", now)
    return {week.id for week in taken}


@atomic
def approve_by_rule(*, versions: Mapping[int, int], how: DecisionHow, now: datetime, words: str = "") -> None:
    """Approve weeks because a rule of the scheme says so, inside the caller's unit of work. Nobody has decided them.

    `words` say more about the case and stay with the decisions. All of them or, if one has moved on, none.
    """
    _approve(SYSTEM, claim_by_rule(SYSTEM, versions, how, now), words, now)


@atomic
def approve_on_review(*, actor: Actor, week_id: int, version: int, words: str, now: datetime) -> None:
    """Approve a returned week as it stands because a review overturned the return, inside the caller's unit of work."""
    _approve(actor, claim_returned(actor, week_id, version, now), words, now)


def _approve(actor: Actor, weeks: Sequence[Claimed], words: str, now: datetime) -> None:
    """Keep the decisions, count the minutes and tell the owners."""
    _record_decisions(actor, weeks, Outcome.APPROVED, None, words, now)
    amended = used_by_weeks([week.id for week in weeks if week.amends]) if any(week.amends for week in weeks) else {}
    allowance.post([line for week in weeks for line in _ledger_lines(week, amended.get(week.id, {}), actor, now)])
    if moved := [week for week in weeks if week.split]:
        days = {(week.counts_on or entry.day, week.newest_closed) for week in moved for entry in week.entries}
        quarters = {quarter_of_use(day, newest_closed).code for day, newest_closed in days}
        allowance.mark_split(quarters, [week.owner_id for week in moved])
    deciders = _deciders(actor, weeks)
    notices.queue(
        [
            _to_owner(
                "week-approved-by-rule" if week.how in BY_RULE else "week-approved",
                week,
                now,
                decider=deciders[week.on_behalf_of],
                total=spoken(week.total_minutes),
                why=BY_RULE.get(week.how, ""),
            )
            for week in weeks
        ]
    )


def _deciders(actor: Actor, weeks: Sequence[Claimed]) -> dict[int | None, str]:
    """Who decided, in words, by the manager they stood in for: "Kamal Dhillon, for Ruth Gill"."""
    stood_for = {week.on_behalf_of for week in weeks if week.on_behalf_of is not None}
    names = people.names_of(stood_for) if stood_for else {}
    return {None: actor.name} | {each: in_place_of(actor.name, names[each]) for each in stood_for}


def _to_owner(event: str, week: Claimed, now: datetime, **facts: Any) -> dict[str, Any]:
    """A message to the owner of a week about its decision."""
    path, named_week = f"/weeks/{week.starts_on}", named(week.starts_on)
    return notices.compose(event, to=week.owner_id, path=path, at=now, week=named_week, **facts)


@atomic
def return_week(*, actor: Actor, week_id: int, version: int, ground: str | None, reason: str, now: datetime) -> None:
    """Send one week back to its owner with a ground from the list and words to act on."""
    get_week(week_id, by=actor, to=Permission.WEEK_DECIDE)
    problems = problem_with_return(ground, reason)
    if problems or ground is None:  # no ground is itself a problem
        raise RulesBroken(problems)
    why = ReturnGround(ground)
    (week,) = claim(actor, {week_id: version}, WeekMove.RETURN, now)
    _returned("week-returned", actor, week, why, reason.strip(), now)


@atomic
def record_call_back(*, actor: Actor, week: WeekRow, ground: ReturnGround, reason: str, now: datetime) -> None:
    """Keep that a week was called back, as the decision it is, inside the caller's unit of work."""
    _returned("week-called-back", actor, claimed_from(week, actor), ground, reason, now)


def _returned(event: str, actor: Actor, week: Claimed, why: ReturnGround, words: str, now: datetime) -> None:
    """Keep the decision, protect the minutes where the time could not be spared, and tell the owner."""
    _record_decisions(actor, [week], Outcome.RETURNED, why, words, now)
    if why in PROTECTING:
        asked_for = use_by_quarter(week.entries, week.counts_on)
        protect(week.owner_id, {quarter.code: asked_for[quarter] for quarter in sorted(asked_for)}, "week", week.id)
    decider = _deciders(actor, [week])[week.on_behalf_of]
    facts = {"decider": decider, "ground": GROUNDS[why], "words": words}
    notices.queue([_to_owner(event, week, now, **facts)])


def _record_decisions(
    actor: Actor,
    weeks: Sequence[Claimed],
    outcome: Outcome,
    ground: ReturnGround | None,
    reason: str,
    now: datetime,
) -> None:
    """Keep what was decided and exactly what was shown, one decision and one audit event a week."""
    decided = {"outcome": outcome, "ground": ground, "reason": reason, "decided_by": actor.id, "decided_at": now}
    rows: list[dict[str, Any]] = [
        {
            "week_id": week.id,
            "version": week.version,
            "digest": digest_of_shown(week.version, shown),
            "total_minutes": week.total_minutes,
            "how": week.how,
            "on_behalf_of": week.on_behalf_of,
            "entries": shown,
            **decided,
        }
        for week in weeks
        for shown in [all_as_shown(week.entries)]
    ]
    insert_rows(Decision, rows)
    verb = "week:approve" if outcome is Outcome.APPROVED else "week:return"
    facts = {
        row["week_id"]: {name: row[name] for name in ("version", "digest", "ground", "how", "on_behalf_of")}
        | {"total": row["total_minutes"]}
        for row in rows
    }
    record_each(verb, actor=actor, about="week", at=now, facts=facts)


def _ledger_lines(week: Claimed, counted: Mapping[Quarter, int], actor: Actor, now: datetime) -> list[allowance.Line]:
    """What a week used, a line for each quarter it is posted to; first what it had used before, given back.

    Days of a closed quarter use the minutes of the open one, and so does what they give back.
    """
    common = {
        "person_id": week.owner_id,
        "expires": None,
        "reason": f"Week of {named(week.starts_on)}",
        "source": "week",
        "source_id": week.id,
        "source_version": week.version,
        "unit_id": week.unit_id,
        "policy_id": None,
        "actor_id": actor.id,
        "at": now,
        "facts": {"total": week.total_minutes, "amends": week.amends},
    }
    back = _by_posting(counted, week.newest_closed)
    used = _by_posting(use_by_quarter(week.entries, week.counts_on), week.newest_closed)
    return [
        common | {"kind": kind, "quarter": quarter.code, "applies_to": late, "minutes": sign * minutes}
        for kind, sign, posting in ((LedgerKind.REVERSAL, 1, back), (LedgerKind.USE, -1, used))
        for quarter, (minutes, late) in sorted(posting.items())
    ]


def _by_posting(minutes: Mapping[Quarter, int], newest_closed: str | None) -> dict[Quarter, tuple[int, str | None]]:
    """Minutes by the quarter they are posted to, with the closed quarter they are about if there is one."""
    posting: dict[Quarter, tuple[int, str | None]] = {}
    for quarter, each in sorted(minutes.items()):
        posted_to = quarter_of_use(quarter.start, newest_closed)
        so_far, late = posting.get(posted_to, (0, None))
        posting[posted_to] = so_far + each, late or (quarter.code if quarter < posted_to else None)
    return posting
