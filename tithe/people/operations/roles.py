"""Giving and ending roles. Some take a second person, who is neither whoever proposed it nor whom it is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, update

from tithe.access.actor import Actor
from tithe.access.grants import permits
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.calendar import named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, lock_table, table_of
from tithe.kernel.errors import Conflict, Problem, RuleBroken, RulesBroken
from tithe.notices import operations as notices
from tithe.people import delegations, queries, roles
from tithe.people.models import RoleGrant, RoleRequest
from tithe.people.operations.identity import grant_role
from tithe.people.queries import UnitRow
from tithe.people.roles import RequestRow
from tithe.people.rules import roles as rules
from tithe.people.rules.roles import BY_TWO_PEOPLE, TITLES, RoleOutcome, Span, Wanted
from tithe.people.wanted import person_called

PATH = "/roles"
DECIDED = "Somebody else has decided this role. Read what they decided before you go on"


@dataclass(frozen=True)
class Given:
    """What became of a proposal: the id of the grant, or of the request that waits for a second person."""

    id: int
    waits: bool


@atomic
def propose_role(*, actor: Actor, person: str, unit: str, wanted: Wanted, now: datetime) -> Given:
    """Give a role to whoever has an e-mail address or staff number, for a unit by its code and all below it.

    An HR manager, finance or administrator waits for a second person; any other role counts from its first day.
    """
    today, found = local_date(now), queries.find_unit(unit)
    lock_table(RoleGrant)  # two at once could both give the same role
    if found is None or not permits(actor, Permission.ROLE_GRANT, found):
        raise RuleBroken("Choose the code of a unit that you administer", field="unit")
    person_id = person_called(person, "person")
    if person_id == actor.id:
        raise RuleBroken("Nobody gives a role to themselves. Ask another administrator", field="person")
    _refuse(person_id, found, wanted, today)
    if wanted.role in BY_TWO_PEOPLE and actor.id is not None:
        return Given(_ask(actor, person_id, found, wanted, now), waits=True)
    grant_id = _give(actor, person_id, found, wanted, now)
    _tell_holder(actor.name, person_id, found, wanted, now)
    return Given(grant_id, waits=False)


@atomic
def confirm_role(*, actor: Actor, request_id: int, now: datetime) -> int:
    """Give a role that somebody else proposed. Returns the id of the grant.

    It begins today if the day it was to begin has passed.
    """
    today = local_date(now)
    lock_table(RoleGrant)
    request = roles.get_request(request_id, by=actor, to=Permission.ROLE_CONFIRM)
    _claim(request_id, RoleOutcome.CONFIRMED, actor, now)
    if request.ends_on is not None and request.ends_on < today:
        raise RuleBroken(f"It was to end on {named(request.ends_on)}. Refuse it; it can be proposed again")
    wanted = Wanted(request.role, Span(max(request.starts_on, today), request.ends_on), request.reason)
    unit = queries.get_unit_by_id(request.unit_id)
    _refuse(request.owner_id, unit, wanted, today)
    grant_id = _give(actor, request.owner_id, unit, wanted, now)
    facts = {"person_id": request.owner_id, "role": request.role, "asked_by": request.asked_by}
    record("role:confirm", actor=actor, about="role_request", id=request_id, at=now, **facts)
    _tell_holder(f"{request.asker} and {actor.name}", request.owner_id, unit, wanted, now)
    return grant_id


@atomic
def refuse_role(*, actor: Actor, request_id: int, words: str, now: datetime) -> None:
    """Turn down a role that somebody else proposed, and tell them why."""
    request = roles.get_request(request_id, by=actor, to=Permission.ROLE_CONFIRM)
    _claim(request_id, RoleOutcome.REFUSED, actor, now, words.strip())
    if problems := rules.wordy(words, "words"):
        raise RulesBroken(problems)
    facts = {"person_id": request.owner_id, "role": request.role, "asked_by": request.asked_by}
    record("role:refuse", actor=actor, about="role_request", id=request_id, at=now, **facts)
    said: dict[str, Any] = {"decider": actor.name, "person": request.person, "words": words.strip(), **_named(request)}
    path = f"{PATH}/requests/{request_id}"
    notices.queue([notices.compose("role-refused", to=request.asked_by, path=path, at=now, **said)])


@atomic
def end_role(*, actor: Actor, grant_id: int, last_day: date | None, now: datetime) -> None:
    """End somebody's role on a day, the last it counts on; at once if no day is given. One person is enough."""
    today = local_date(now)
    grant = roles.get_grant(grant_id, by=actor, to=Permission.ROLE_GRANT)
    if grant.ends_on is not None and grant.ends_on < today:
        raise Conflict(f"It ended on {named(grant.ends_on)}. There is nothing to end")
    if last_day and (problem := rules.ending_problem(grant.span, last_day, today)):
        raise RuleBroken(problem, field="last_day")
    table = table_of(RoleGrant)
    standing = (table.c.id == grant_id, table.c.ends_on.is_not_distinct_from(grant.ends_on))
    last = last_day or today - timedelta(days=1)
    if last < grant.starts_on:  # no day is left on which it counts
        ended = db.session.execute(delete(table).where(*standing).returning(table.c.id)).first()
    else:
        ended = db.session.execute(update(table).where(*standing).values(ends_on=last).returning(table.c.id)).first()
    if ended is None:
        raise Conflict("Somebody else has changed this role. Read how it stands now")
    facts = {"person_id": grant.owner_id, "role": grant.role, "unit_id": grant.unit_id, "was": grant.ends_on}
    record("role:end", actor=actor, about="role_grant", id=grant_id, at=now, last_day=last_day, **facts)
    days = f"its last day is {named(last_day)}" if last_day else "it has ended"
    said: dict[str, Any] = {"decider": actor.name, "role": TITLES[grant.role], "unit": grant.unit_name, "days": days}
    notices.queue([notices.compose("role-ended", to=grant.owner_id, path="/", at=now, **said)])


def _refuse(person_id: int, unit: UnitRow, wanted: Wanted, today: date) -> None:
    """Refuse somebody who is not employed then, and what the rules say is wrong with the days and words."""
    problems = rules.problems_in(wanted, roles.spans_of(person_id, wanted.role, unit.id), today)
    span = wanted.span
    if not delegations.is_employed(person_id, span.starts_on, span.starts_on):
        words = f"They are not employed on {named(span.starts_on)}. Choose somebody else or another day"
        problems = [Problem(words, "person"), *problems]
    if problems:
        raise RulesBroken(problems)


def _ask(actor: Actor, person_id: int, unit: UnitRow, wanted: Wanted, now: datetime) -> int:
    """Keep a proposal for a second person, and tell those who may decide it."""
    if roles.is_asked(person_id, wanted.role, unit.id):
        raise RuleBroken("This role waits for a second person already. Wait for their decision", field="role")
    request = RoleRequest(
        person_id=person_id, role=wanted.role, unit_id=unit.id, starts_on=wanted.span.starts_on,
        ends_on=wanted.span.ends_on, reason=wanted.reason.strip(), asked_by=actor.person_id, asked_at=now,
    )  # fmt: skip
    db.session.add(request)
    db.session.flush()  # the audit names its id
    facts = {"person_id": person_id, "role": wanted.role, "unit_id": unit.id}
    record("role:ask", actor=actor, about="role_request", id=request.id, at=now, **facts)
    row = roles.get_request(request.id, by=actor, to=Permission.ROLE_READ)
    said: dict[str, Any] = {"proposer": actor.name, "person": row.person, "words": row.reason, **_named(row)}
    readers = roles.confirmers_for(unit.id, local_date(now), (actor.id, person_id))
    path = f"{PATH}/requests/{request.id}"
    notices.queue([notices.compose("role-asked", to=reader, path=path, at=now, **said) for reader in readers])
    return request.id


def _give(actor: Actor, person_id: int, unit: UnitRow, wanted: Wanted, now: datetime) -> int:
    return grant_role(
        actor=actor, person_id=person_id, role=wanted.role, unit_id=unit.id, starts_on=wanted.span.starts_on,
        ends_on=wanted.span.ends_on, now=now,
    )  # fmt: skip


def _claim(request_id: int, outcome: RoleOutcome, actor: Actor, now: datetime, words: str = "") -> None:
    """Take a proposal that still waits, so that of two who decide at once the second meets a conflict."""
    table = table_of(RoleRequest)
    decision = {"outcome": outcome, "decided_by": actor.person_id, "decided_at": now, "decision_words": words}
    waiting = update(table).where(table.c.id == request_id, table.c.outcome.is_(None))
    if db.session.execute(waiting.values(**decision).returning(table.c.id)).first() is None:
        raise Conflict(DECIDED)


def _named(request: RequestRow) -> dict[str, str]:
    span = Span(request.starts_on, request.ends_on)
    return {"role": TITLES[request.role], "unit": request.unit_name, "days": _days(span)}


def _days(span: Span) -> str:
    return f"from {named(span.starts_on)}" + (f" to {named(span.ends_on)}" if span.ends_on else " on")


def _tell_holder(names: str, person_id: int, unit: UnitRow, wanted: Wanted, now: datetime) -> None:
    said: dict[str, Any] = {"names": names, "role": TITLES[wanted.role], "unit": unit.name, "days": _days(wanted.span)}
    notices.queue([notices.compose("role-given", to=person_id, path="/", at=now, **said)])
