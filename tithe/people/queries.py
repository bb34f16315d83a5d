"""Reading people: who is acting, who was above whom on a day, and the tree of units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, case, or_, select
from sqlalchemy.orm import aliased

from tithe.access.actor import Actor, RoleHeld
from tithe.kernel.clock import local_date
from tithe.kernel.db import Instant, db
from tithe.kernel.errors import NotFound
from tithe.people.models import ApiToken, Assignment, Password, Person, RoleGrant, SignIn, Unit, UnitClosure

# What features above may join to, so that a list takes one statement and these tables stay private.
person_names = select(Person.id, Person.name).subquery("person_names")
unit_names = select(Unit.id, Unit.code, Unit.name, Unit.parent_id).subquery("unit_names")
unit_tree = select(UnitClosure.ancestor_id, UnitClosure.descendant_id, UnitClosure.depth).subquery("unit_tree")


@dataclass(frozen=True)
class Post:
    """One assignment over the days it held; `ends_on` is the last of them, or None."""

    person_id: int
    unit_id: int
    line_manager_id: int | None
    weekly_minutes: int
    calendar: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class PathStep:
    """A unit on the way from the top of the tree to another."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class UnitRow:
    """A unit, the ids of all units from the top of its tree down to itself, and those above it in that order."""

    id: int
    code: str
    name: str
    parent_id: int | None
    unit_path: frozenset[int]
    above: tuple[PathStep, ...] = ()


MANAGED, HELD, ABOVE = (aliased(Assignment, name=name) for name in ("managed", "held", "above"))


def in_force(assignment: Any, day: Any) -> ColumnElement[bool]:
    """An assignment, or an alias of the table, is held on a day."""
    return and_(assignment.starts_on <= day, or_(assignment.ends_on.is_(None), assignment.ends_on >= day))


def holds_on(day: Any) -> ColumnElement[bool]:
    """An assignment is in force on a day."""
    return in_force(Assignment, day)


def employed_on(day: Any) -> ColumnElement[bool]:
    """A person has started and not left on a day."""
    return and_(Person.starts_on <= day, or_(Person.leaves_on.is_(None), Person.leaves_on >= day))


def _actor_columns() -> list[Any]:
    today = bindparam("today", type_=Date)
    manages = select(MANAGED.id).where(
        MANAGED.line_manager_id == Person.id, or_(MANAGED.ends_on.is_(None), MANAGED.ends_on >= today)
    )
    unit = (
        select(HELD.unit_id)
        .where(HELD.person_id == Person.id, in_force(HELD, today))
        .order_by(HELD.starts_on.desc(), HELD.id)
        .limit(1)
    )
    return [
        Person.id,
        Person.name,
        Person.email,
        unit.scalar_subquery(),
        manages.exists(),
        RoleGrant.role,
        RoleGrant.unit_id,
    ]


def _with_roles(found: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A row for each role held today, or one row without a role; nothing for somebody not employed today."""
    today = bindparam("today", type_=Date)
    held = and_(
        RoleGrant.person_id == Person.id,
        RoleGrant.starts_on <= today,
        or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
    )
    return found.outerjoin(RoleGrant, held).where(employed_on(today))


# Every request asks one of these, so they are put together once. Parameters: key, now, today.
ACTOR_BY_SIGN_IN = _with_roles(
    select(SignIn.id, *_actor_columns())
    .join(Person, Person.id == SignIn.person_id)
    .where(
        SignIn.secret_hash == bindparam("key"),
        SignIn.ended_at.is_(None),
        SignIn.expires_at > bindparam("now", type_=Instant),
    )
)
ACTOR_BY_TOKEN = _with_roles(
    select(ApiToken.scopes, *_actor_columns())
    .join(Person, Person.id == ApiToken.person_id)
    .where(
        ApiToken.secret_hash == bindparam("key"),
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > bindparam("now", type_=Instant),
    )
)
ACTOR_BY_EMAIL = _with_roles(select(Person.id, *_actor_columns()).where(Person.email == bindparam("key")))

MANAGERS_ABOVE = (
    select(HELD.line_manager_id, ABOVE.line_manager_id)
    .outerjoin(ABOVE, and_(ABOVE.person_id == HELD.line_manager_id, in_force(ABOVE, bindparam("day", type_=Date))))
    .where(HELD.person_id == bindparam("person_id"), in_force(HELD, bindparam("day", type_=Date)))
    .order_by(HELD.starts_on.desc(), HELD.id, ABOVE.starts_on.desc(), ABOVE.id)
    .limit(1)
)


def actor_by_sign_in(secret_hash: str, now: datetime) -> Actor | None:
    """The person behind a live sign-in, with today's rights."""
    return _actor(ACTOR_BY_SIGN_IN, secret_hash, now)


def actor_by_token(secret_hash: str, now: datetime) -> Actor | None:
    """The owner of a live token, with today's rights and no more than the token's scopes."""
    return _actor(ACTOR_BY_TOKEN, secret_hash, now)


def actor_by_email(email: str, now: datetime) -> Actor:
    """The person with an address, for commands and demo data run on the server itself."""
    found = _actor(ACTOR_BY_EMAIL, email.lower(), now)
    if found is None:
        raise NotFound(f"Nobody employed today has the address {email}")
    return found


def _actor(statement: Select[*tuple[Any, ...]], key: str, now: datetime) -> Actor | None:
    rows = db.session.execute(statement, {"key": key, "now": now, "today": local_date(now)}).all()
    if not rows:
        return None
    via, person_id, name, email, unit_id, manages, _, _ = rows[0]
    return Actor(
        id=person_id,
        name=name,
        email=email,
        unit_id=unit_id,
        manages=bool(manages),
        roles=tuple(RoleHeld(row[6], row[7]) for row in rows if row[6] is not None),
        scopes=frozenset(via.split()) if isinstance(via, str) else None,
        session_id=via if isinstance(via, int) else None,
    )


def password_of(email: str) -> tuple[int, str] | None:
    """The id and password hash of a local account, if there is one."""
    found = select(Person.id, Password.hash).join(Password, Password.person_id == Person.id)
    row = db.session.execute(found.where(Person.email == email.strip().lower())).first()
    return (row[0], row[1]) if row else None


def employment_of(person_id: int) -> tuple[date, date | None]:
    """The first and last day of somebody's employment."""
    row = db.session.execute(select(Person.starts_on, Person.leaves_on).where(Person.id == person_id)).one()
    return row[0], row[1]


def posts_of(person_ids: Iterable[int], start: date, end: date) -> list[Post]:
    """The assignments of some people that touch the days from `start` up to but not including `end`."""
    return [
        Post(*row) for row in db.session.execute(_posts(start, end).where(Assignment.person_id.in_(list(person_ids))))
    ]


def all_posts(start: date, end: date) -> Iterable[Post]:
    """Every assignment that touches those days, in order of person, read as a stream."""
    rows = db.session.execute(_posts(start, end).execution_options(yield_per=5000))
    return (Post(*row) for row in rows)


def _posts(start: date, end: date) -> Select[*tuple[Any, ...]]:
    """Posts cut short on the day their holder leaves."""
    leaves_first = and_(
        Person.leaves_on.is_not(None), or_(Assignment.ends_on.is_(None), Assignment.ends_on > Person.leaves_on)
    )
    ends_on = case((leaves_first, Person.leaves_on), else_=Assignment.ends_on)
    return (
        select(
            Assignment.person_id,
            Assignment.unit_id,
            Assignment.line_manager_id,
            Assignment.weekly_minutes,
            Assignment.calendar,
            Assignment.starts_on,
            ends_on,
        )
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.starts_on < end, or_(ends_on.is_(None), ends_on >= start))
        .order_by(Assignment.person_id, Assignment.starts_on, Assignment.id)
    )


def managers_above(person_id: int, on: date) -> tuple[int | None, int | None]:
    """The line manager and the countersigning manager (one level further up) of somebody on a day."""
    row = db.session.execute(MANAGERS_ABOVE, {"person_id": person_id, "day": on}).first()
    return (row[0], row[1]) if row else (None, None)


def calendar_of(person_id: int, on: date) -> str | None:
    """The holiday calendar of the place somebody works at on a day; None if they hold no post."""
    found = select(Assignment.calendar).where(Assignment.person_id == person_id, holds_on(on))
    return db.session.scalar(found.order_by(Assignment.starts_on.desc(), Assignment.id).limit(1))


def names_of(person_ids: Iterable[int]) -> dict[int, str]:
    """The names of some people by id."""
    found = select(Person.id, Person.name).where(Person.id.in_(list(person_ids)))
    return {row[0]: row[1] for row in db.session.execute(found)}


def find_unit(code: str) -> UnitRow | None:
    """A unit by its code, with the path above it."""
    return _unit(Unit.code == code)


def get_unit(code: str) -> UnitRow:
    """The same for those who may know which units there are; refuses a code nobody has."""
    unit = find_unit(code)
    if unit is None:
        raise NotFound(f"There is no unit with the code {code[:60]}")
    return unit


def get_unit_by_id(unit_id: int) -> UnitRow:
    """A unit that is known to exist."""
    unit = _unit(Unit.id == unit_id)
    if unit is None:
        raise NotFound
    return unit


def _unit(which: ColumnElement[bool]) -> UnitRow | None:
    """One unit and all above it in one statement: the rows come from the top down, the unit itself last."""
    chosen = select(Unit.id).where(which).scalar_subquery()
    found = (
        select(Unit.id, Unit.code, Unit.name, Unit.parent_id)
        .join(UnitClosure, UnitClosure.ancestor_id == Unit.id)
        .where(UnitClosure.descendant_id == chosen)
        .order_by(UnitClosure.depth.desc())
    )
    rows = db.session.execute(found).all()
    if not rows:
        return None
    above = tuple(PathStep(row.id, row.code, row.name) for row in rows[:-1])
    return UnitRow(*rows[-1], unit_path=frozenset(row.id for row in rows), above=above)


def top_units() -> list[int]:
    """The units with none above them."""
    return list(db.session.scalars(select(Unit.id).where(Unit.parent_id.is_(None)).order_by(Unit.id)))


def holders_of(roles: Iterable[str], today: date) -> list[int]:
    """The ids of everybody who holds one of these roles today, anywhere."""
    found = (
        select(RoleGrant.person_id)
        .where(
            RoleGrant.role.in_(list(roles)),
            RoleGrant.starts_on <= today,
            or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
        )
        .distinct()
        .order_by(RoleGrant.person_id)
    )
    return list(db.session.scalars(found))
