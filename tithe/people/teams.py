"""Reading teams: those somebody manages, what is known to change, and those whom nobody manages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_

from tithe.access.actor import Actor
from tithe.access.grants import HR_MANAGERS, ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import db, table_of
from tithe.people.directory import Place
from tithe.people.models import Assignment, Person, Unit, UnitClosure
from tithe.people.queries import ASSIGNMENT, PERSON, employed_on, holds_on

PAGE = 50

UNIT, TREE = table_of(Unit).c, table_of(UnitClosure).c
MANAGER = table_of(Person).alias("manager")


@dataclass(frozen=True)
class PostRow:
    """A post from one day to another, the last included; `weekly_minutes` are contracted minutes a week."""

    person_id: int
    starts_on: date
    ends_on: date | None
    unit: str
    unit_name: str
    manager_id: int | None
    manager: str | None
    grade: str | None
    weekly_minutes: int
    calendar: str
    title: str
    source_key: str | None


@dataclass(frozen=True)
class Member:
    """Somebody in a team: the posts they hold under its manager, and every later one, in order of their days."""

    id: int
    name: str
    leaves_on: date | None
    posts: tuple[PostRow, ...] = ()
    later: tuple[PostRow, ...] = ()


@dataclass(frozen=True)
class Orphan:
    """A post whose holder nobody manages today; `left` names a manager who is not employed any more."""

    person_id: int
    name: str
    post_id: int
    title: str
    unit: str
    unit_name: str
    since: date
    left: str | None


def team_of(manager: Actor, today: date, *, after: Place | None = None) -> tuple[list[Member], Place | None]:
    """A page of those somebody manages today, by name, and the place to read on from when more follow."""
    ensure(manager, Permission.TEAM_READ, None)
    theirs = select(ASSIGNMENT.person_id).where(ASSIGNMENT.line_manager_id == manager.id, holds_on(today))
    found = select(PERSON.id, PERSON.name, PERSON.leaves_on).where(PERSON.id.in_(theirs), employed_on(today))
    if after:
        found = found.where(tuple_(PERSON.name, PERSON.id) > after)
    rows = db.session.execute(found.order_by(PERSON.name, PERSON.id).limit(PAGE + 1)).all()
    following = (rows[PAGE - 1].name, rows[PAGE - 1].id) if len(rows) > PAGE else None
    posts = _posts(ASSIGNMENT.person_id.in_([row.id for row in rows[:PAGE]]), today)
    members = []
    for row in rows[:PAGE]:
        held = posts.get(row.id, [])
        now = tuple(each for each in held if each.starts_on <= today and each.manager_id == manager.id)
        members.append(Member(*row, now, tuple(each for each in held if each.starts_on > today)))
    return members, following


def coming_to(manager: Actor, today: date) -> list[Member]:
    """Those who will begin to report to somebody on a later day and do not today, by name; fifty at most."""
    ensure(manager, Permission.TEAM_READ, None)
    theirs = select(ASSIGNMENT.person_id).where(ASSIGNMENT.line_manager_id == manager.id)
    now, later = theirs.where(holds_on(today)), theirs.where(ASSIGNMENT.starts_on > today)
    found = (
        select(PERSON.id, PERSON.name, PERSON.leaves_on)
        .where(PERSON.id.in_(later), PERSON.id.not_in(now))
        .order_by(PERSON.name, PERSON.id)
        .limit(PAGE)
    )
    rows = db.session.execute(found).all()
    under = and_(ASSIGNMENT.person_id.in_([row.id for row in rows]), ASSIGNMENT.line_manager_id == manager.id)
    posts = _posts(under, today)
    return [Member(*row, (), tuple(posts.get(row.id, ()))) for row in rows]


def _posts(which: ColumnElement[bool], today: date) -> dict[int, list[PostRow]]:
    """The posts some people hold today or later, in order of their first day."""
    found: Select[*tuple[Any, ...]] = (
        select(
            ASSIGNMENT.person_id, ASSIGNMENT.starts_on, ASSIGNMENT.ends_on, UNIT.code, UNIT.name, MANAGER.c.id,
            MANAGER.c.name, ASSIGNMENT.grade, ASSIGNMENT.weekly_minutes, ASSIGNMENT.calendar, ASSIGNMENT.post_title,
            ASSIGNMENT.source_key,
        )
        .join(table_of(Unit), UNIT.id == ASSIGNMENT.unit_id)
        .outerjoin(MANAGER, MANAGER.c.id == ASSIGNMENT.line_manager_id)
        .where(which, or_(ASSIGNMENT.ends_on.is_(None), ASSIGNMENT.ends_on >= today))
        .order_by(ASSIGNMENT.starts_on, ASSIGNMENT.id)
    )  # fmt: skip
    posts: dict[int, list[PostRow]] = {}
    for row in db.session.execute(found):
        posts.setdefault(row.person_id, []).append(PostRow(*row))
    return posts


def orphans_of(keeper: Actor, today: date, *, after: Place | None = None) -> tuple[list[Orphan], Place | None]:
    """A page of posts without a manager in the units somebody's HR role covers, by name of their holder, and the place
    to read on from when more follow. Never the keeper's own."""
    ensure(keeper, Permission.PERSON_MANAGE, None)
    below = select(TREE.descendant_id).where(TREE.ancestor_id.in_(sorted(keeper.units_as(*HR_MANAGERS))))
    left = MANAGER.c.leaves_on < today
    found = (
        select(
            PERSON.id, PERSON.name, ASSIGNMENT.id, ASSIGNMENT.post_title, UNIT.code, UNIT.name, ASSIGNMENT.starts_on,
            MANAGER.c.name.label("left"),
        )
        .select_from(table_of(Assignment))
        .join(table_of(Person), PERSON.id == ASSIGNMENT.person_id)
        .join(table_of(Unit), UNIT.id == ASSIGNMENT.unit_id)
        .outerjoin(MANAGER, MANAGER.c.id == ASSIGNMENT.line_manager_id)
        .where(holds_on(today), employed_on(today), or_(ASSIGNMENT.line_manager_id.is_(None), left))
        .where(ASSIGNMENT.unit_id.in_(below), PERSON.id != keeper.id)
    )  # fmt: skip
    if after:
        found = found.where(tuple_(PERSON.name, ASSIGNMENT.id) > after)
    rows = [Orphan(*row) for row in db.session.execute(found.order_by(PERSON.name, ASSIGNMENT.id).limit(PAGE + 1))]
    following = (rows[PAGE - 1].name, rows[PAGE - 1].post_id) if len(rows) > PAGE else None
    return rows[:PAGE], following
