"""Reading roles: who holds which in the units a viewer's own roles cover, and which wait for a second person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, or_, select, tuple_

from tithe.access.actor import Actor
from tithe.access.grants import ROLE_CONFIRMERS, ROLE_READERS, ensure
from tithe.access.permissions import Permission, Role
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.people.models import Person, RoleGrant, RoleRequest, Unit, UnitClosure
from tithe.people.queries import PERSON, ROLE_GRANT, employed_on, get_unit_by_id, in_force, unit_tree
from tithe.people.rules.roles import RoleOutcome, Span

PAGE = 50

Place = tuple[datetime, int]  # in the list of proposals: when one was made, and its id

UNIT, REQUEST = table_of(Unit).c, table_of(RoleRequest).c
ASKER, DECIDER = (table_of(Person).alias(name) for name in ("asker", "decider"))
GRANTS: Select[*tuple[Any, ...]] = (
    select(
        ROLE_GRANT.id, ROLE_GRANT.person_id, PERSON.name, PERSON.email, ROLE_GRANT.role, ROLE_GRANT.unit_id, UNIT.code,
        UNIT.name, ROLE_GRANT.starts_on, ROLE_GRANT.ends_on,
    )
    .select_from(table_of(RoleGrant))
    .join(table_of(Person), PERSON.id == ROLE_GRANT.person_id)
    .join(table_of(Unit), UNIT.id == ROLE_GRANT.unit_id)
)  # fmt: skip
REQUESTS: Select[*tuple[Any, ...]] = (
    select(
        REQUEST.id, REQUEST.person_id, PERSON.name, REQUEST.role, REQUEST.unit_id, UNIT.code, UNIT.name,
        REQUEST.starts_on, REQUEST.ends_on, REQUEST.reason, REQUEST.asked_by, ASKER.c.name, REQUEST.asked_at,
        REQUEST.outcome, DECIDER.c.name, REQUEST.decided_at, REQUEST.decision_words,
    )
    .select_from(table_of(RoleRequest))
    .join(table_of(Person), PERSON.id == REQUEST.person_id)
    .join(table_of(Unit), UNIT.id == REQUEST.unit_id)
    .join(ASKER, ASKER.c.id == REQUEST.asked_by)
    .outerjoin(DECIDER, DECIDER.c.id == REQUEST.decided_by)
)  # fmt: skip


@dataclass(frozen=True)
class GrantRow:
    """A role somebody holds or will hold for a unit and all below it; no last day while it goes on."""

    id: int
    owner_id: int
    person: str
    email: str
    role: Role
    unit_id: int
    unit: str
    unit_name: str
    starts_on: date
    ends_on: date | None
    unit_path: frozenset[int] = frozenset()

    @property
    def span(self) -> Span:
        """Its days."""
        return Span(self.starts_on, self.ends_on)


@dataclass(frozen=True)
class RequestRow:
    """A role one person proposed, and what a second said once they have."""

    id: int
    owner_id: int
    person: str
    role: Role
    unit_id: int
    unit: str
    unit_name: str
    starts_on: date
    ends_on: date | None
    reason: str
    asked_by: int
    asker: str
    asked_at: datetime
    outcome: RoleOutcome | None
    decider: str | None
    decided_at: datetime | None
    decision_words: str
    unit_path: frozenset[int] = frozenset()


def list_grants(viewer: Actor, today: date, *, after: int | None = None) -> tuple[list[GrantRow], int | None]:
    """A page of the roles held today or later in the units the viewer's roles cover, the newest grant first, and the id
    to read on from when more follow. The system sees all units."""
    lasts = or_(ROLE_GRANT.ends_on.is_(None), ROLE_GRANT.ends_on >= today)
    found = GRANTS.where(lasts, _covered(viewer, ROLE_READERS, ROLE_GRANT.unit_id))
    if after:
        found = found.where(ROLE_GRANT.id < after)
    rows = [GrantRow(*row) for row in db.session.execute(found.order_by(ROLE_GRANT.id.desc()).limit(PAGE + 1))]
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def list_requests(viewer: Actor, *, decided: bool, after: Place | None = None) -> tuple[list[RequestRow], Place | None]:
    """A page of proposed roles in the units the viewer's roles cover: those that wait or those decided, the newest
    first, and the place to read on from when more follow."""
    outcome = REQUEST.outcome.is_not(None) if decided else REQUEST.outcome.is_(None)
    found = REQUESTS.where(outcome, _covered(viewer, ROLE_READERS, REQUEST.unit_id))
    if after:
        found = found.where(tuple_(REQUEST.asked_at, REQUEST.id) < after)
    found = found.order_by(REQUEST.asked_at.desc(), REQUEST.id.desc()).limit(PAGE + 1)
    rows = [RequestRow(*row) for row in db.session.execute(found)]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last.asked_at, last.id) if last else None


def get_grant(grant_id: int, *, by: Actor, to: Permission) -> GrantRow:
    """One grant, if it exists and the actor may do `to` with it."""
    row = grant_id <= LARGEST_ID and db.session.execute(GRANTS.where(ROLE_GRANT.id == grant_id)).first()
    if not row:
        raise NotFound
    grant = GrantRow(*row)
    grant = replace(grant, unit_path=get_unit_by_id(grant.unit_id).unit_path)
    ensure(by, to, grant)
    return grant


def get_request(request_id: int, *, by: Actor, to: Permission) -> RequestRow:
    """One proposed role, if it exists and the actor may do `to` with it."""
    row = request_id <= LARGEST_ID and db.session.execute(REQUESTS.where(REQUEST.id == request_id)).first()
    if not row:
        raise NotFound
    request = RequestRow(*row)
    request = replace(request, unit_path=get_unit_by_id(request.unit_id).unit_path)
    ensure(by, to, request)
    return request


def grant_called(person_id: int, role: Role, unit_id: int, today: date) -> int | None:
    """The id of the grant by which somebody holds a role for this very unit today."""
    found = select(ROLE_GRANT.id).where(
        ROLE_GRANT.person_id == person_id, ROLE_GRANT.role == role, ROLE_GRANT.unit_id == unit_id
    )
    return db.session.scalar(found.where(in_force(ROLE_GRANT, today)))


def read_place(text: str | None) -> int | None:
    """The place in the list of roles that a link names; None at its start. Refuses what is no id."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise RuleBroken("This link is damaged. Start again from the first page", field="after")
    return int(text)


def spans_of(person_id: int, role: Role, unit_id: int) -> list[Span]:
    """The days for which somebody has been given this role for this very unit."""
    found = select(ROLE_GRANT.starts_on, ROLE_GRANT.ends_on).where(
        ROLE_GRANT.person_id == person_id, ROLE_GRANT.role == role, ROLE_GRANT.unit_id == unit_id
    )
    return [Span(*row) for row in db.session.execute(found)]


def is_asked(person_id: int, role: Role, unit_id: int) -> bool:
    """This role waits for a second person already."""
    found = select(REQUEST.id).where(
        REQUEST.person_id == person_id, REQUEST.role == role, REQUEST.unit_id == unit_id, REQUEST.outcome.is_(None)
    )
    return db.session.scalar(found) is not None


def confirmers_for(unit_id: int, today: date, besides: tuple[int | None, ...]) -> list[int]:
    """The ids of everybody whose role lets them confirm one for a unit today, except some."""
    found = (
        select(ROLE_GRANT.person_id)
        .join(UnitClosure, UnitClosure.ancestor_id == ROLE_GRANT.unit_id)
        .join(Person, PERSON.id == ROLE_GRANT.person_id)
        .where(UnitClosure.descendant_id == unit_id, ROLE_GRANT.role.in_(ROLE_CONFIRMERS))
        .where(in_force(ROLE_GRANT, today), employed_on(today))
        .distinct()
        .order_by(ROLE_GRANT.person_id)
    )
    return [person_id for person_id in db.session.scalars(found) if person_id not in besides]


def _covered(viewer: Actor, roles: tuple[Role, ...], unit_id: ColumnElement[int]) -> ColumnElement[bool]:
    """A unit is at or below one that the viewer holds one of some roles for. The system covers all."""
    above = unit_tree.c.ancestor_id.in_(viewer.units_as(*roles))
    within = select(literal(1)).where(unit_tree.c.descendant_id == unit_id, above).exists()
    return or_(literal(viewer.id is None), within)


def holders_of(roles: Iterable[str], today: date) -> list[int]:
    """The ids of everybody who holds one of these roles today, anywhere."""
    found = select(ROLE_GRANT.person_id).where(ROLE_GRANT.role.in_(list(roles)), in_force(ROLE_GRANT, today))
    return list(db.session.scalars(found.distinct().order_by(ROLE_GRANT.person_id)))
