"""Reading posts over time: what somebody held, holds and will hold, and the lines of management round them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.kernel.db import db, table_of
from tithe.people.models import Assignment, Person, Unit
from tithe.people.queries import get_person
from tithe.people.rules.grades import Grade
from tithe.people.rules.posts_over_time import NO_DAY, Line, Post, Stretch

POSTS = table_of(Assignment).c
HELD = select(
    POSTS.person_id, POSTS.id, POSTS.starts_on, POSTS.ends_on, POSTS.unit_id, POSTS.line_manager_id, POSTS.grade,
    POSTS.weekly_minutes, POSTS.calendar, POSTS.grade_text, POSTS.post_title, POSTS.source_key,
)  # fmt: skip


@dataclass(frozen=True)
class HistoryRow:
    """A post from one day to another, the last included, with the names of its unit and manager."""

    id: int
    starts_on: date
    ends_on: date | None
    unit: str
    unit_name: str
    manager: str | None
    manager_name: str | None
    grade: Grade | None
    weekly_minutes: int
    calendar: str
    post_title: str


def history_of(person_id: int, *, by: Actor, on: date) -> list[HistoryRow]:
    """Every post somebody held, holds or will hold, the newest first, in three statements."""
    get_person(person_id, by=by, to=Permission.PERSON_HISTORY, on=on)
    manager = aliased(Person)
    found = (
        select(
            Assignment.id, Assignment.starts_on, Assignment.ends_on, Unit.code, Unit.name, manager.email, manager.name,
            Assignment.grade, Assignment.weekly_minutes, Assignment.calendar, Assignment.post_title,
        )
        .join(Unit, Unit.id == Assignment.unit_id)
        .outerjoin(manager, manager.id == Assignment.line_manager_id)
        .where(Assignment.person_id == person_id)
        .order_by(Assignment.starts_on.desc(), Assignment.id)
    )  # fmt: skip
    return [HistoryRow(*row) for row in db.session.execute(found)]


def stretches_of(person_ids: Collection[int]) -> dict[int, list[Stretch]]:
    """The stored posts of some people in order of their first day, in one statement."""
    held: dict[int, list[Stretch]] = {person_id: [] for person_id in person_ids}
    found = HELD.where(POSTS.person_id.in_(list(person_ids))).order_by(POSTS.starts_on, POSTS.id)
    for person_id, post_id, starts_on, ends_on, *post, grade_text, title, key in db.session.execute(found):
        held[person_id].append(Stretch(post_id, starts_on, ends_on, Post(*post), grade_text, title, key))
    return held


def lines_round(person_id: int, manager_id: int | None, since: date) -> dict[int, list[Line]]:
    """The lines of management below somebody and above whom they will report to, from a day on, in two statements."""
    lasting = or_(POSTS.ends_on.is_(None), POSTS.ends_on >= since)
    below = select(func.coalesce(person_id, 0).label("id")).cte("below", recursive=True)
    below = below.union(select(POSTS.person_id).join(below, POSTS.line_manager_id == below.c.id).where(lasting))
    above = select(func.coalesce(manager_id, 0).label("id")).cte("above", recursive=True)
    above = above.union(
        select(POSTS.line_manager_id)
        .join(above, POSTS.person_id == above.c.id)
        .where(lasting, POSTS.line_manager_id.is_not(None))
    )
    return _lines(or_(POSTS.person_id.in_(select(below.c.id)), POSTS.person_id.in_(select(above.c.id))), lasting)


def lines_of_managers(since: date, size: int) -> Iterator[dict[int, list[Line]]]:
    """The lines of management of everybody who manages somebody from a day on, so many managers at a time."""
    lasting = or_(POSTS.ends_on.is_(None), POSTS.ends_on >= since)
    last = 0
    managers = select(POSTS.line_manager_id).where(lasting).order_by(POSTS.line_manager_id).distinct().limit(size)
    while found := db.session.scalars(managers.where(POSTS.line_manager_id > last)).all():
        last = found[-1]
        yield {person_id: [] for person_id in found} | _lines(POSTS.person_id.in_(found), lasting)


def _lines(*which: ColumnElement[bool]) -> dict[int, list[Line]]:
    found: Select[Any] = select(POSTS.person_id, POSTS.line_manager_id, POSTS.starts_on, POSTS.ends_on)
    lines: dict[int, list[Line]] = {}
    for person_id, manager_id, first, last in db.session.execute(found.where(*which)):
        held = lines.setdefault(person_id, [])
        if manager_id is not None:
            held.append((manager_id, first.toordinal(), last.toordinal() if last else NO_DAY))
    return lines


def newest_units(person_ids: Iterable[int]) -> dict[int, int]:
    """The unit of the newest post of each of some people who ever held one."""
    found = select(POSTS.person_id, POSTS.unit_id).where(POSTS.person_id.in_(list(person_ids)))
    rows = db.session.execute(found.order_by(POSTS.starts_on, POSTS.id.desc()))
    return {row.person_id: row.unit_id for row in rows}
