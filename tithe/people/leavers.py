"""Who has left, and to whom what waited for them goes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Date, bindparam, select

from tithe.kernel.db import db, table_of
from tithe.people.models import Assignment, Person
from tithe.people.queries import employed_on

PEOPLE, POSTS = table_of(Person).c, table_of(Assignment).c
# Everybody who has left before a day. Features above put it into statements of their own.
LEFT_BEFORE = select(PEOPLE.id).where(PEOPLE.leaves_on < bindparam("today", type_=Date))


def last_managers(person_ids: Iterable[int], today: date) -> dict[int, int]:
    """The last line manager of each of some people, where there was one who is employed today."""
    found = (
        select(POSTS.person_id, POSTS.line_manager_id, PEOPLE.id)
        .select_from(
            table_of(Assignment).outerjoin(
                table_of(Person), (PEOPLE.id == POSTS.line_manager_id) & employed_on(today)
            )
        )
        .where(POSTS.person_id.in_(list(person_ids)), POSTS.starts_on <= today)
        .order_by(POSTS.starts_on, POSTS.id.desc())
    )  # fmt: skip
    newest = {row.person_id: row.id for row in db.session.execute(found)}
    return {person_id: manager_id for person_id, manager_id in newest.items() if manager_id is not None}
