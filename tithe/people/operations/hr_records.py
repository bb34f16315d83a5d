"""What is on record of the people and units a file of people names, and what its rows say as it would be stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from tithe.kernel.db import db, table_of
from tithe.people.models import Person, Unit, UnitClosure
from tithe.people.rules.hr_feed import HrRow, unit_path

PEOPLE = table_of(Person).c
KNOWN = select(
    PEOPLE.id, PEOPLE.staff_number, PEOPLE.name, PEOPLE.email, PEOPLE.starts_on, PEOPLE.leaves_on,
    PEOPLE.probation_ends_on,
)  # fmt: skip


class Known(NamedTuple):
    """Somebody as they are stored."""

    id: int
    staff_number: str | None
    name: str
    email: str
    starts_on: date
    leaves_on: date | None
    probation_ends_on: date | None


class Facts(NamedTuple):
    """What a row says of somebody, as it is stored."""

    name: str
    email: str
    starts_on: date
    leaves_on: date | None
    probation_ends_on: date | None


def facts_of(row: HrRow, known: Known | None, today: date) -> Facts:
    """What a row says of somebody; what its file does not say stays as it is stored.

    Of who has begun, an earlier first day is taken and a later one left alone: it is the day they came back.
    """
    first = row.start or row.effective or today
    if known is not None and (row.start is None or known.starts_on <= today):
        first = min(row.start or known.starts_on, known.starts_on)
    last = known.leaves_on if known is not None and "leave" not in row.given else row.leave
    probation = known.probation_ends_on if known and "probation_end" not in row.given else row.probation_end
    return Facts(row.name, row.email, first, last, probation)


def returns(row: HrRow, known: Known | None) -> bool:
    """A row is about somebody who left and comes back: it says they start after their last day."""
    return bool(known and known.leaves_on and row.start and row.start > known.leaves_on)


def counts_from(row: HrRow, facts: Facts, today: date) -> date:
    """The day from which a row counts: as it says, or today, or the first day of who starts later."""
    return row.effective or max(today, row.start or facts.starts_on)


def people_numbered(numbers: Iterable[str]) -> dict[str, Known]:
    """The stored people with these staff numbers, by them."""
    rows = db.session.execute(KNOWN.where(PEOPLE.staff_number.in_(list(numbers))))
    return {row.staff_number: Known(*row) for row in rows}


def people_at(emails: Iterable[str]) -> dict[str, Known]:
    """The stored people with these addresses, by them."""
    rows = db.session.execute(KNOWN.where(PEOPLE.email.in_(list(emails))))
    return {row.email: Known(*row) for row in rows}


def units_by_name(tops: Collection[int] | None) -> tuple[dict[str, int], set[int] | None]:
    """Every unit by code and by path of names, and those at or below `tops`, None for all."""
    units = {row.id: row for row in db.session.execute(select(Unit.id, Unit.code, Unit.name, Unit.parent_id))}
    paths: dict[int, list[str]] = {}
    steps = select(UnitClosure.descendant_id, UnitClosure.ancestor_id).order_by(UnitClosure.depth.desc())
    for unit_id, ancestor_id in db.session.execute(steps):
        paths.setdefault(unit_id, []).append(units[ancestor_id].name)
    named = {unit_path(" / ".join(path)): unit_id for unit_id, path in paths.items()}
    named |= {row.code: row.id for row in units.values()}
    if tops is None:
        return named, None
    below = select(UnitClosure.descendant_id).where(UnitClosure.ancestor_id.in_(list(tops)))
    return named, set(db.session.scalars(below))
