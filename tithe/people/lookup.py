"""Finding people for those who look after records: by what somebody is called exactly, and by where they worked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Select, or_, select

from tithe.kernel.db import db, table_of
from tithe.people.models import Assignment, Person, UnitClosure

PEOPLE, POSTS, TREE = table_of(Person).c, table_of(Assignment).c, table_of(UnitClosure).c
MOST = 2  # enough to tell that a name is not one person's


def called(key: str, within: Select[int] | None = None) -> list[int]:
    """The ids of those with exactly this e-mail address, staff number or name; of several, two."""
    found = select(PEOPLE.id).where(or_(PEOPLE.email == key.lower(), PEOPLE.staff_number == key, PEOPLE.name == key))
    if within is not None:
        found = found.where(PEOPLE.id.in_(within))
    return list(db.session.scalars(found.order_by(PEOPLE.id).limit(MOST)))


def ever_in(unit_ids: Iterable[int]) -> Select[int]:
    """The ids of all who ever held a post in these units or below: a question to put inside another statement."""
    below = select(TREE.descendant_id).where(TREE.ancestor_id.in_(sorted(unit_ids)))
    return select(POSTS.person_id).where(POSTS.unit_id.in_(below))


def leavers_before(day: date) -> dict[int, date]:
    """Everybody whose last day of employment lies before a day, with that day."""
    found = select(PEOPLE.id, PEOPLE.leaves_on).where(PEOPLE.leaves_on < day).order_by(PEOPLE.id)
    return {row[0]: row[1] for row in db.session.execute(found)}
