"""Reading the staff directory: everybody employed on a day, the post they hold and who manages them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from tithe.kernel.db import db
from tithe.people.models import Assignment, Person, Unit, UnitClosure
from tithe.people.queries import employed_on, holds_on
from tithe.people.rules.grades import Grade


@dataclass(frozen=True)
class StaffRow:
    """One person in one post. `fte_bp` counts ten-thousandths of full time."""

    staff_number: str | None
    name: str
    email: str
    unit: str
    grade: Grade | None
    grade_text: str
    post_title: str
    weekly_minutes: int
    fte_bp: int
    manager: str | None
    starts_on: date


def list_staff(today: date, unit_id: int | None = None) -> Iterator[StaffRow]:
    """Everybody with a post today, in one unit and all below it when it is given. Managers are addresses."""
    manager = aliased(Person)
    found = (
        select(
            Person.staff_number, Person.name, Person.email, Unit.code, Assignment.grade,
            Assignment.grade_text, Assignment.post_title, Assignment.weekly_minutes, Assignment.fte_bp,
            manager.email, Assignment.starts_on,
        )
        .join(Assignment, and_(Assignment.person_id == Person.id, holds_on(today)))
        .join(Unit, Unit.id == Assignment.unit_id)
        .outerjoin(manager, manager.id == Assignment.line_manager_id)
        .where(employed_on(today))
        .order_by(Unit.code, Person.id, Assignment.id)
    )  # fmt: skip
    if unit_id is not None:
        below = select(UnitClosure.descendant_id).where(UnitClosure.ancestor_id == unit_id)
        found = found.where(Assignment.unit_id.in_(below))
    return (StaffRow(*row) for row in db.session.execute(found))
