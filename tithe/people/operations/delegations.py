"""Standing in: a manager asks, the delegate accepts or declines, either side ends it. Both are told each time."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import update

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.calendar import named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, lock_table, table_of
from tithe.kernel.errors import Conflict, Problem, RuleBroken, RulesBroken
from tithe.notices import operations as notices
from tithe.people import delegations
from tithe.people.delegations import DelegationRow
from tithe.people.models import Delegation
from tithe.people.rules import delegations as rules
from tithe.people.rules.delegations import LIVE, DelegationStatus, Stint
from tithe.people.wanted import person_called

PATH = "/delegations"
DECIDED = "This has been answered or ended already. Read where it stands, then decide"


@atomic
def ask_delegate(*, actor: Actor, delegate: str, starts_on: date, ends_on: date, words: str = "", now: datetime) -> int:
    """Ask whoever has an e-mail address or staff number to decide in the actor's place. Returns the delegation's id.

    Nothing follows until they accept. Refuses days gone by, more than eight weeks, a lower grade, a second delegate for
    the same days, and chains.
    """
    ensure(actor, Permission.DELEGATION_ASK, None)
    today = local_date(now)
    lock_table(Delegation)  # two that ask at once could both be let through
    if problems := rules.problems_in_days(starts_on, ends_on, today) + _wordy(words):
        raise RulesBroken(problems)
    stint = Stint(actor.person_id, person_called(delegate, "delegate"), starts_on, ends_on)
    _refuse(stint, today, chosen="delegate")
    asked = Delegation(
        manager_id=stint.manager_id, delegate_id=stint.delegate_id, starts_on=starts_on, ends_on=ends_on,
        words=words.strip(), asked_at=now,
    )  # fmt: skip
    db.session.add(asked)
    db.session.flush()  # the audit names its id
    _settled("ask", actor, _found(asked.id, actor, Permission.DELEGATION_READ, today), now)
    return asked.id


@atomic
def accept_delegation(*, actor: Actor, delegation_id: int, now: datetime) -> None:
    """Agree to decide in somebody's place. Refuses what the rules no longer allow."""
    today = local_date(now)
    lock_table(Delegation)
    found = _found(delegation_id, actor, Permission.DELEGATION_ANSWER, today)
    if found.status is not DelegationStatus.WAITING:
        raise Conflict(DECIDED)
    _refuse(found.stint, today, besides=delegation_id)
    _claim(delegation_id, accepted_at=now)
    _settled("accept", actor, found, now)


@atomic
def decline_delegation(*, actor: Actor, delegation_id: int, now: datetime) -> None:
    """Say no to standing in for somebody."""
    found = _found(delegation_id, actor, Permission.DELEGATION_ANSWER, local_date(now))
    if found.status is not DelegationStatus.WAITING:
        raise Conflict(DECIDED)
    _claim(delegation_id, declined_at=now)
    _settled("decline", actor, found, now)


@atomic
def end_delegation(*, actor: Actor, delegation_id: int, now: datetime) -> None:
    """Either side ends it at once, or takes back what was asked and not answered."""
    found = _found(delegation_id, actor, Permission.DELEGATION_END, local_date(now))
    if found.status not in LIVE:
        raise Conflict(DECIDED)
    _claim(delegation_id, answered=found.accepted_at is not None, ended_at=now, ended_by=actor.person_id)
    _settled("end", actor, found, now)


def _found(delegation_id: int, actor: Actor, to: Permission, today: date) -> DelegationRow:
    return delegations.get_delegation(delegation_id, by=actor, to=to, today=today)


def _wordy(words: str) -> list[Problem]:
    length = len(words.strip())
    if length <= rules.LONGEST_WORDS:
        return []
    return [Problem(f"Write at most {rules.LONGEST_WORDS} characters; this has {length}", "words")]


def _refuse(stint: Stint, today: date, *, chosen: str | None = None, besides: int | None = None) -> None:
    """Refuse who may not stand in on these days. `chosen` is the field to blame, `besides` what is being answered."""
    first = max(stint.starts_on, today)
    if stint.manager_id == stint.delegate_id:
        raise RuleBroken("Nobody stands in for themselves. Choose somebody else", field=chosen)
    if not delegations.is_employed(stint.delegate_id, first, stint.ends_on):
        words = f"They are not employed from {named(first)} to {named(stint.ends_on)}. Choose somebody else"
        raise RuleBroken(words, field=chosen)
    grades = [delegations.grade_on(each, first) for each in (stint.delegate_id, stint.manager_id)]
    if not rules.may_stand_in(*grades):
        raise RuleBroken("Whoever stands in is of the manager’s grade or above. Choose somebody else", field=chosen)
    round_them = delegations.stints_round(stint.manager_id, stint.delegate_id, today)
    others = [each.stint for each in round_them if each.id != besides]
    if refusal := rules.clash(stint, others):
        raise RuleBroken(refusal, field=chosen)


def _claim(delegation_id: int, *, answered: bool = False, **values: Any) -> None:
    """Write an answer or an end on what still stands as it was read; of two at once the second meets a conflict."""
    table = table_of(Delegation)
    standing = [table.c.id == delegation_id, table.c.declined_at.is_(None), table.c.ended_at.is_(None)]
    standing.append(table.c.accepted_at.is_not(None) if answered else table.c.accepted_at.is_(None))
    taken = db.session.execute(update(table).where(*standing).values(**values).returning(table.c.id)).first()
    if taken is None:
        raise Conflict(DECIDED)


def _settled(verb: str, actor: Actor, found: DelegationRow, now: datetime) -> None:
    """Record it with both ids, and tell both sides."""
    facts = {"manager_id": found.manager_id, "delegate_id": found.delegate_id}
    days = {"starts_on": found.starts_on, "ends_on": found.ends_on}
    record(f"delegation:{verb}", actor=actor, about="delegation", id=found.id, at=now, **facts, **days)
    words: dict[str, Any] = {
        "manager": found.manager,
        "delegate": found.delegate,
        "decider": actor.name,
        "days": f"from {named(found.starts_on)} to {named(found.ends_on)}",
        "words": found.words,
    }
    event = f"delegation-{verb}"
    sides = (found.manager_id, found.delegate_id)
    notices.queue([notices.compose(event, to=side, path=PATH, at=now, **words) for side in sides])
