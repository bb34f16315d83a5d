"""Reading who stands in for whom: in force on a day, given and taken by one person, and what else a rule asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound
from tithe.people.models import Assignment, Delegation, Person
from tithe.people.queries import DELEGATION, PERSON, employed_on, holds_on, stands_in_on
from tithe.people.rules.delegations import DelegationStatus, Stint, status_of
from tithe.people.rules.grades import Grade, rank

PAGE = 25

Place = tuple[datetime, int]  # in a list: when a delegation was asked for, and its id

MANAGER, DELEGATE = (table_of(Person).alias(name) for name in ("manager", "delegate"))
ROWS: Select[*tuple[Any, ...]] = (
    select(
        DELEGATION.id, DELEGATION.manager_id, MANAGER.c.name, DELEGATION.delegate_id, DELEGATE.c.name,
        DELEGATION.starts_on, DELEGATION.ends_on, DELEGATION.words, DELEGATION.asked_at, DELEGATION.accepted_at,
        DELEGATION.declined_at, DELEGATION.ended_at,
    )
    .select_from(table_of(Delegation))
    .join(MANAGER, MANAGER.c.id == DELEGATION.manager_id)
    .join(DELEGATE, DELEGATE.c.id == DELEGATION.delegate_id)
)  # fmt: skip


@dataclass(frozen=True)
class DelegationRow:
    """A delegation with both names, and where it stands today."""

    id: int
    manager_id: int
    manager: str
    delegate_id: int
    delegate: str
    starts_on: date
    ends_on: date
    words: str
    asked_at: datetime
    accepted_at: datetime | None
    declined_at: datetime | None
    ended_at: datetime | None
    status: DelegationStatus

    @property
    def stint(self) -> Stint:
        """The same as the rules take it."""
        accepted = self.accepted_at is not None
        return Stint(self.manager_id, self.delegate_id, self.starts_on, self.ends_on, accepted)


@dataclass(frozen=True)
class InForce:
    """A delegation in force, for a list of all of them."""

    id: int
    manager: str
    manager_email: str
    delegate: str
    delegate_email: str
    starts_on: date
    ends_on: date


def stand_ins_for(manager_ids: Iterable[int], on: date) -> dict[int, int]:
    """Who decides in the place of each of some managers on a day, today or later: the delegate's id by the manager's.

    A manager without a delegate in force is left out. Whoever has left stands in for nobody, and nobody for them.
    """
    found = select(DELEGATION.manager_id, DELEGATION.delegate_id).join(Person, PERSON.id == DELEGATION.delegate_id)
    found = found.where(DELEGATION.manager_id.in_(list(manager_ids)), stands_in_on(on), employed_on(on))
    return {row[0]: row[1] for row in db.session.execute(found)}


def delegations_of(
    person_id: int, today: date, *, over: bool = False, after: Place | None = None
) -> tuple[list[DelegationRow], Place | None]:
    """A page of what somebody gave or took, the newest first, and the place to read on from when more follow: what
    waits, comes or is in force, or else what is over."""
    theirs = or_(DELEGATION.manager_id == person_id, DELEGATION.delegate_id == person_id)
    live = _live(today)
    found = ROWS.where(theirs, ~live if over else live)
    place = tuple_(DELEGATION.asked_at, DELEGATION.id)
    if after:
        found = found.where(place < after)
    found = found.order_by(DELEGATION.asked_at.desc(), DELEGATION.id.desc()).limit(PAGE + 1)
    rows = [_row(row, today) for row in db.session.execute(found)]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last.asked_at, last.id) if last else None


def get_delegation(delegation_id: int, *, by: Actor, to: Permission, today: date) -> DelegationRow:
    """One delegation, if it exists and the actor may do `to` with it."""
    row = delegation_id <= LARGEST_ID and db.session.execute(ROWS.where(DELEGATION.id == delegation_id)).first()
    if not row:
        raise NotFound
    found = _row(row, today)
    ensure(by, to, found)
    return found


def in_force(today: date) -> list[InForce]:
    """Every delegation in force today, by the names of the managers, for the people who run the server."""
    found = (
        select(
            DELEGATION.id, MANAGER.c.name, MANAGER.c.email, DELEGATE.c.name, DELEGATE.c.email, DELEGATION.starts_on,
            DELEGATION.ends_on,
        )
        .select_from(table_of(Delegation))
        .join(MANAGER, MANAGER.c.id == DELEGATION.manager_id)
        .join(DELEGATE, DELEGATE.c.id == DELEGATION.delegate_id)
        .where(stands_in_on(today), or_(DELEGATE.c.leaves_on.is_(None), DELEGATE.c.leaves_on >= today))
        .order_by(MANAGER.c.name, DELEGATION.id)
    )  # fmt: skip
    return [InForce(*row) for row in db.session.execute(found)]


def stints_round(manager_id: int, delegate_id: int, today: date) -> list[DelegationRow]:
    """What still waits or counts, from today on, of two people on either side."""
    sides = [manager_id, delegate_id]
    found = ROWS.where(_live(today), or_(DELEGATION.manager_id.in_(sides), DELEGATION.delegate_id.in_(sides)))
    return [_row(row, today) for row in db.session.execute(found)]


def grade_on(person_id: int, day: date) -> Grade | None:
    """The grade of the post somebody holds on a day, the highest of several; none if nobody knows it."""
    found = select(Assignment.grade).where(Assignment.person_id == person_id, holds_on(day))
    return max((grade for grade in db.session.scalars(found) if grade is not None), key=rank, default=None)


def is_employed(person_id: int, first: date, last: date) -> bool:
    """Somebody is employed on both days."""
    found = select(func.count(Person.id)).where(Person.id == person_id, employed_on(first), employed_on(last))
    return bool(db.session.scalar(found))


def _live(today: date) -> ColumnElement[bool]:
    """Neither declined nor ended, and its last day has not passed."""
    return and_(DELEGATION.declined_at.is_(None), DELEGATION.ended_at.is_(None), DELEGATION.ends_on >= today)


def _row(row: Any, today: date) -> DelegationRow:
    found = DelegationRow(*(*row, DelegationStatus.WAITING))
    declined, ended = found.declined_at is not None, found.ended_at is not None
    return replace(found, status=status_of(found.stint, declined=declined, ended=ended, today=today))
