"""Posts, patterns and ledger lines for tests, and what the ledger then says of somebody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select, update

from tests.factories.people import AssignmentFactory, PersonFactory, UnitFactory
from tithe.access.actor import SYSTEM
from tithe.allowance.models import LedgerLine, PersonQuarter, WorkingPattern
from tithe.allowance.operations import accrual, posting
from tithe.allowance.rules.ledger import LedgerKind
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, unit_of_work
from tithe.people.models import Assignment
from tithe.timesheets.queries.standing import standing_of

QUARTER = Quarter(2026, 2)  # Jul to Sep 2026: 66 weekdays, 65 of them worked in England
NOW = datetime(2026, 7, 1, 0, 30, tzinfo=UTC)
FULL_TIME = 5775
SEPTEMBER = date(2026, 9, 1)
DAY = timedelta(days=1)


def post_of(person=None, unit=None, **changes):
    """A post somebody holds; a new person and a new unit unless they are given."""
    person, unit = person or PersonFactory(), unit or UnitFactory()
    AssignmentFactory(person=None, unit=None, person_id=person.id, unit_id=unit.id, **changes)
    return person


def end_post(person, last_day):
    with unit_of_work() as session:
        ended = update(Assignment).where(Assignment.person_id == person.id, Assignment.ends_on.is_(None))
        session.execute(ended.values(ends_on=last_day))


def change_post(person, on, **changes):
    """Close the post somebody holds and open the next on a day."""
    end_post(person, on - DAY)
    return post_of(person, starts_on=on, **changes)


def give_pattern(person, *weeks, starts_on=date(2026, 1, 5)):
    with unit_of_work() as session:
        session.execute(insert(WorkingPattern).values(person_id=person.id, starts_on=starts_on, weeks=list(weeks)))


def accrue(quarter=QUARTER, now=NOW):
    return accrual.accrue_quarter(actor=SYSTEM, quarter=quarter, now=now)


def accrued(person, quarter=QUARTER):
    """The minutes on somebody's accrual lines, in the order they were written."""
    db.session.rollback()
    lines = select(LedgerLine.minutes).where(
        LedgerLine.person_id == person.id,
        LedgerLine.quarter == quarter.code,
        LedgerLine.kind == LedgerKind.ACCRUAL,
    )
    return list(db.session.scalars(lines.order_by(LedgerLine.id)))


def balance(person, quarter=QUARTER):
    db.session.rollback()
    return standing_of(person.id, [quarter]).balances[quarter]


def splits(person):
    db.session.rollback()
    found = select(PersonQuarter.unit_id, PersonQuarter.split).where(PersonQuarter.person_id == person.id)
    return {row.unit_id: row.split for row in db.session.execute(found)}


def a_line(person, unit, kind, minutes, version=1, **changes):
    return {
        "person_id": person.id,
        "quarter": QUARTER.code,
        "applies_to": None,
        "expires": None,
        "kind": kind,
        "minutes": minutes,
        "reason": "A test",
        "source": "test",
        "source_id": 1,
        "source_version": version,
        "unit_id": unit.id,
        "policy_id": None,
        "actor_id": None,
        "at": NOW,
        "facts": {},
    } | changes


def post(*lines):
    with unit_of_work():
        posting.post(lines)
