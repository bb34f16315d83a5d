"""Finding many people by what other systems call them: a staff number or an address."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select

from tithe.kernel.db import db
from tithe.people.models import Assignment, Person, UnitClosure
from tithe.people.queries import holds_on


@dataclass(frozen=True)
class Found:
    """The ids of people by staff number and by address (in small letters)."""

    by_staff_number: dict[str, int] = field(default_factory=dict)
    by_email: dict[str, int] = field(default_factory=dict)


def people_called(
    staff_numbers: Collection[str], emails: Collection[str], *, within: Collection[int] | None, on: date
) -> Found:
    """The people with these staff numbers or addresses, in one statement.

    With `within`, only those who hold a post on a day in one of these units or below: others look like nobody.
    """
    named = select(Person.id, Person.staff_number, Person.email).where(
        or_(Person.staff_number.in_(list(staff_numbers)), Person.email.in_(list(emails)))
    )
    if within is not None:
        covered = select(UnitClosure.descendant_id).where(UnitClosure.ancestor_id.in_(list(within)))
        named = named.where(
            Person.id.in_(select(Assignment.person_id).where(Assignment.unit_id.in_(covered), holds_on(on)))
        )
    found = Found()
    for person_id, staff_number, email in db.session.execute(named):
        found.by_email[email] = person_id
        if staff_number:
            found.by_staff_number[staff_number] = person_id
    return found
