"""On which day to ask about somebody who may have left, or not begun: for those who keep their records."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from tithe.kernel.db import LARGEST_ID, db
from tithe.people.models import Person


def nearest_day(person_id: int, today: date) -> date:
    """Today, or the first or last day of somebody's employment if today lies outside it."""
    found = select(Person.starts_on, Person.leaves_on).where(Person.id == person_id)
    row = db.session.execute(found).first() if person_id <= LARGEST_ID else None
    if row is None:
        return today
    first, last = row
    return last if last is not None and last < today else max(today, first)
