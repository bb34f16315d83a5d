"""Somebody whose hours change, who may change them, and what is on record afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select

from tests.allowance.ledgers import QUARTER, accrue
from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory, Team
from tithe.access.actor import Actor
from tithe.access.permissions import Role
from tithe.allowance.models import LedgerLine, OutwardMove, PatternDay, Period, WorkingPattern
from tithe.audit.models import AuditEvent
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, unit_of_work
from tithe.notices.models import Notice
from tithe.people import queries as people

NOW = datetime(2026, 8, 7, 15, tzinfo=UTC)
FULL = [444, 444, 444, 444, 444, 0, 0]
FOUR_DAYS = [444, 444, 444, 444, 0, 0, 0]
OCTOBER = date(2026, 10, 5)
SEPTEMBER = date(2026, 9, 1)


class Office:
    """A team with an HR manager, its accruals for Jul to Sep 2026 posted."""

    def __init__(self) -> None:
        self.team = Team()
        self.hr = PersonFactory(name="Hugo Resources")
        AssignmentFactory(person=None, unit=None, person_id=self.hr.id, unit_id=self.team.department.id)
        RoleGrantFactory(person_id=self.hr.id, unit_id=self.team.department.id, role=Role.HR_MANAGER)
        accrue(now=NOW)

    @property
    def owner_id(self) -> int:
        return int(self.team.owner.id)


def acting(person: Any) -> Actor:
    db.session.rollback()
    return people.actor_by_email(person.email, NOW)


def close(quarter: Quarter) -> None:
    """Mark a quarter's books as closed."""
    with unit_of_work() as session:
        session.add(Period(quarter=quarter.code, closed_at=NOW, closed_by=None))


def patterns_of(person_id: int) -> dict[date, list[list[int]]]:
    db.session.rollback()
    found = select(WorkingPattern.starts_on, WorkingPattern.weeks).where(WorkingPattern.person_id == person_id)
    return {row.starts_on: row.weeks for row in db.session.execute(found.order_by(WorkingPattern.starts_on))}


def days_of(person_id: int) -> dict[date, int]:
    db.session.rollback()
    found = select(PatternDay.day, PatternDay.minutes).where(PatternDay.person_id == person_id)
    return {row.day: row.minutes for row in db.session.execute(found.order_by(PatternDay.day))}


def moves_of(person_id: int) -> list[tuple[date, date | None, int]]:
    db.session.rollback()
    found = select(OutwardMove.starts_on, OutwardMove.last_day, OutwardMove.share_bp).where(
        OutwardMove.person_id == person_id
    )
    return [tuple(row) for row in db.session.execute(found.order_by(OutwardMove.id))]


def reasons(person_id: int) -> list[str]:
    db.session.rollback()
    found = select(LedgerLine.reason).where(LedgerLine.person_id == person_id, LedgerLine.quarter == QUARTER.code)
    return list(db.session.scalars(found.order_by(LedgerLine.id)))


def verbs() -> list[str]:
    """What was recorded, but for the accruals."""
    db.session.rollback()
    found = select(AuditEvent.verb).where(AuditEvent.verb != "allowance:accrue").order_by(AuditEvent.at, AuditEvent.seq)
    return list(db.session.scalars(found))


def messages(person_id: int) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Notice.body).where(Notice.person_id == person_id).order_by(Notice.id)))


def written() -> int:
    """How many rows there are of everything a change writes."""
    db.session.rollback()
    tables = (WorkingPattern, PatternDay, OutwardMove, LedgerLine, AuditEvent, Notice)
    return sum(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
