"""Reading people as accounts: those whom an HR manager's role covers, leavers and joiners to come included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from tithe.access.actor import Actor
from tithe.access.grants import HR_MANAGERS, ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound
from tithe.people.models import Assignment, Person, Unit, UnitClosure

PEOPLE, POSTS, UNITS, TREE = (table_of(each).c for each in (Person, Assignment, Unit, UnitClosure))


@dataclass(frozen=True)
class AccountRow:
    """Somebody, and the code of the unit of the post they hold, held last or will hold.

    They are `active` while employment goes on after the day that was asked for: on its last day no more.
    """

    id: int
    email: str
    staff_number: str | None
    name: str
    starts_on: date
    leaves_on: date | None
    unit_id: int
    unit: str
    active: bool


@dataclass(frozen=True)
class Wanted:
    """What to look for; None is everything."""

    email: str | None = None
    staff_number: str | None = None
    active: bool | None = None


def get_account(person_id: int, *, by: Actor, on: date) -> AccountRow:
    """Somebody whom the actor's HR role covers; never oneself."""
    found = _accounts(by, on).where(PEOPLE.id == person_id)
    row = db.session.execute(found).first() if person_id <= LARGEST_ID else None
    if row is None:
        raise NotFound
    return AccountRow(*row)


def list_accounts(viewer: Actor, wanted: Wanted, *, on: date, start: int, limit: int) -> tuple[int, list[AccountRow]]:
    """How many accounts there are, and some of them in order of id, from a place counted from 1: two statements."""
    which: list[ColumnElement[bool]] = []
    if wanted.email is not None:
        which.append(PEOPLE.email == wanted.email.lower())
    if wanted.staff_number is not None:
        which.append(PEOPLE.staff_number == wanted.staff_number)
    if wanted.active is not None:
        which.append(_goes_on(on) if wanted.active else ~_goes_on(on))
    found = _accounts(viewer, on).where(*which)
    total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = db.session.execute(found.order_by(PEOPLE.id).offset(start - 1).limit(limit)) if limit else ()
    return total, [AccountRow(*row) for row in rows]


def _accounts(viewer: Actor, on: date) -> Select[*tuple[Any, ...]]:
    """Everybody the viewer may provision, by the unit of the newest post that has begun, or else of the last to come.

    The same people as `hr_manager_of` names, and those who hold no post today.
    """
    ensure(viewer, Permission.PERSON_PROVISION, None)
    post = table_of(Assignment).alias("post")
    newest = (
        select(POSTS.id)
        .where(POSTS.person_id == PEOPLE.id)
        .order_by((POSTS.starts_on <= on).desc(), POSTS.starts_on.desc(), POSTS.id)
        .limit(1)
        .correlate(table_of(Person))
    )
    covered = select(TREE.descendant_id).where(TREE.ancestor_id.in_(viewer.units_as(*HR_MANAGERS)))
    about = (PEOPLE.id, PEOPLE.email, PEOPLE.staff_number, PEOPLE.name, PEOPLE.starts_on, PEOPLE.leaves_on)
    joined = (
        table_of(Person)
        .join(post, post.c.id == newest.scalar_subquery())
        .join(table_of(Unit), UNITS.id == post.c.unit_id)
    )
    return (
        select(*about, UNITS.id, UNITS.code, _goes_on(on))
        .select_from(joined)
        .where(post.c.unit_id.in_(covered), PEOPLE.id != viewer.id)
    )


def _goes_on(day: date) -> ColumnElement[bool]:
    return or_(PEOPLE.leaves_on.is_(None), PEOPLE.leaves_on > day)
