"""Reading people: who is acting, who was above whom on a day, and the tree of units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
)

from tithe.access.actor import Actor, RoleHeld
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.kernel.clock import local_date
from tithe.kernel.db import LARGEST_ID, Base, Instant, db, table_of
from tithe.kernel.errors import NotFound
from tithe.kernel.prepared import Prepared
from tithe.people.models import (
    ApiToken,
    Assignment,
    Delegation,
    OutsideMember,
    OutsideTerms,
    Person,
    RoleGrant,
    SignIn,
    Unit,
    UnitClosure,
)
from tithe.people.rules.grades import is_senior
from tithe.people.rules.outside import FIRST_TERMS
from tithe.people.sharing import is_sharer

# What features above may join to, so that a list takes one statement and these tables stay private.
person_names = select(Person.id, Person.name).subquery("person_names")
unit_names = select(Unit.id, Unit.code, Unit.name, Unit.parent_id).subquery("unit_names")
unit_tree = select(UnitClosure.ancestor_id, UnitClosure.descendant_id, UnitClosure.depth).subquery("unit_tree")


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


@dataclass(frozen=True)
class UnitBelow:
    """A unit as seen from one above it, `depth` levels further up; 0 is that unit itself."""

    id: int
    code: str
    name: str
    depth: int


PERSON, ROLE_GRANT, ASSIGNMENT = table_of(Person).c, table_of(RoleGrant).c, table_of(Assignment).c
OUTSIDE, TERMS = table_of(OutsideMember).c, table_of(OutsideTerms).c
DELEGATION, STOOD_FOR = table_of(Delegation).c, table_of(Person).alias("stood_for")
MANAGED, HELD, ABOVE, POST = (table_of(Assignment).alias(name) for name in ("managed", "held", "above", "post"))
TODAY, DAY = bindparam("today", type_=Date), bindparam("day", type_=Date)
NOW = bindparam("now", type_=Instant)


def in_force(columns: Any, day: Any) -> ColumnElement[bool]:
    """What has these columns is held on a day: an assignment or a role, of a table or an alias of one."""
    return and_(columns.starts_on <= day, or_(columns.ends_on.is_(None), columns.ends_on >= day))


def holds_on(day: Any) -> ColumnElement[bool]:
    """An assignment is in force on a day."""
    return in_force(ASSIGNMENT, day)


def employed_on(day: Any) -> ColumnElement[bool]:
    """A person has started and not left on a day."""
    return and_(PERSON.starts_on <= day, or_(PERSON.leaves_on.is_(None), PERSON.leaves_on >= day))


def stands_in_on(day: Any) -> ColumnElement[bool]:
    """A delegation counts on a day, today or later: accepted, not ended, and its manager is still employed."""
    there = and_(STOOD_FOR.c.starts_on <= day, or_(STOOD_FOR.c.leaves_on.is_(None), STOOD_FOR.c.leaves_on >= day))
    manager = select(STOOD_FOR.c.id).where(STOOD_FOR.c.id == DELEGATION.manager_id, there)
    agreed = and_(DELEGATION.accepted_at.is_not(None), DELEGATION.ended_at.is_(None))
    return and_(agreed, DELEGATION.starts_on <= day, DELEGATION.ends_on >= day, manager.exists())


def _terms_due(since: ColumnElement[Any]) -> ColumnElement[bool]:
    """Somebody from outside has not accepted the terms that were published by an instant. Nobody else is asked."""
    newest = select(func.max(TERMS.version)).where(TERMS.published_at <= since).scalar_subquery()
    behind = func.coalesce(OUTSIDE.terms_version, 0) < func.coalesce(newest, FIRST_TERMS.version)
    return case((PERSON.outside, behind), else_=false())


def _actor_by(
    source: FromClause, via: ColumnElement[Any], since: ColumnElement[Any], *which: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """A row for each role held today and each manager they stand in for, or one row without; nothing for somebody not
    employed today, nor for somebody from outside whose stay was ended. New terms count from `since`."""
    ongoing = or_(MANAGED.c.ends_on.is_(None), MANAGED.c.ends_on >= TODAY)
    # Counted, which PostgreSQL more often does by the index: it thinks to meet one early, and most manage nobody.
    managed = select(func.count()).where(MANAGED.c.line_manager_id == PERSON.id, ongoing).correlate(table_of(Person))
    newest = (
        select(HELD.c.id)
        .where(HELD.c.person_id == PERSON.id, in_force(HELD.c, TODAY))
        .order_by(HELD.c.starts_on.desc(), HELD.c.id)
        .limit(1)
        .correlate(table_of(Person))
    )
    held = and_(ROLE_GRANT.person_id == PERSON.id, in_force(ROLE_GRANT, TODAY))
    about = (PERSON.id, PERSON.name, PERSON.email, PERSON.starts_on, PERSON.leaves_on)
    stands_in = and_(DELEGATION.delegate_id == PERSON.id, stands_in_on(TODAY))
    rights = (managed.scalar_subquery() > 0, ROLE_GRANT.role, ROLE_GRANT.unit_id, DELEGATION.manager_id)
    limits = (is_sharer(PERSON.id).label("shares_post"), PERSON.outside, _terms_due(since))
    found = select(via, *about, POST.c.unit_id, POST.c.grade, *rights, *limits)
    joined = source.outerjoin(POST, POST.c.id == newest.scalar_subquery()).outerjoin(table_of(RoleGrant), held)
    joined = joined.outerjoin(table_of(Delegation), stands_in)
    joined = joined.outerjoin(table_of(OutsideMember), OUTSIDE.person_id == PERSON.id)
    return found.select_from(joined).where(employed_on(TODAY), OUTSIDE.ended_at.is_(None), *which)


def _through(model: type[Base], ended: str) -> tuple[FromClause, tuple[ColumnElement[bool], ...]]:
    """People by way of their sign-ins or tokens, and what makes one of those live."""
    table = table_of(model)
    live = (table.c.secret_hash == bindparam("key"), table.c[ended].is_(None), table.c.expires_at > bindparam("now"))
    return table.join(table_of(Person), PERSON.id == table.c.person_id), live


# Every request asks one of these, so they are put together once.
SIGN_INS, LIVE_SIGN_IN = _through(SignIn, "ended_at")
TOKENS, LIVE_TOKEN = _through(ApiToken, "revoked_at")
ACTOR_BY_SIGN_IN = Prepared(_actor_by(SIGN_INS, table_of(SignIn).c.id, table_of(SignIn).c.started_at, *LIVE_SIGN_IN))
ACTOR_BY_TOKEN = Prepared(_actor_by(TOKENS, table_of(ApiToken).c.scopes, NOW, *LIVE_TOKEN))
ACTOR_BY_EMAIL = Prepared(_actor_by(table_of(Person), PERSON.id, NOW, PERSON.email == bindparam("key")))

MANAGERS_ABOVE = (
    select(HELD.c.line_manager_id, ABOVE.c.line_manager_id)
    .select_from(HELD.outerjoin(ABOVE, and_(ABOVE.c.person_id == HELD.c.line_manager_id, in_force(ABOVE.c, DAY))))
    .where(HELD.c.person_id == bindparam("person_id"), in_force(HELD.c, DAY))
    .order_by(HELD.c.starts_on.desc(), HELD.c.id, ABOVE.c.starts_on.desc(), ABOVE.c.id)
    .limit(1)
)

# A post is cut short on the day its holder leaves.
LEAVES_FIRST = and_(
    PERSON.leaves_on.is_not(None), or_(ASSIGNMENT.ends_on.is_(None), ASSIGNMENT.ends_on > PERSON.leaves_on)
)
ENDS_ON = case((LEAVES_FIRST, PERSON.leaves_on), else_=ASSIGNMENT.ends_on)
# Every assignment that touches the days from `start` up to but not including `end`. Features above put it into
# statements of their own.
POSTS_HELD = (
    select(
        ASSIGNMENT.id,
        ASSIGNMENT.person_id,
        ASSIGNMENT.unit_id,
        ASSIGNMENT.line_manager_id,
        ASSIGNMENT.weekly_minutes,
        ASSIGNMENT.calendar,
        ASSIGNMENT.starts_on,
        ENDS_ON.label("ends_on"),
        PERSON.starts_on.label("employed_from"),
        PERSON.probation_ends_on,
    )
    .select_from(table_of(Assignment).join(table_of(Person), PERSON.id == ASSIGNMENT.person_id))
    .where(
        ASSIGNMENT.starts_on < bindparam("end", type_=Date),
        or_(ENDS_ON.is_(None), bindparam("start", type_=Date) <= ENDS_ON),
    )
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


def _actor(statement: Prepared, key: str, now: datetime) -> Actor | None:
    rows = statement.all(key=key, now=now, today=local_date(now))
    if not rows:
        return None
    via, person_id, name, email, starts_on, leaves_on, unit_id, grade, manages, *_ = rows[0]
    return Actor(
        id=person_id,
        name=name,
        email=email,
        unit_id=unit_id,
        manages=bool(manages),
        senior=is_senior(grade),
        roles=tuple(dict.fromkeys(RoleHeld(row[9], row[10]) for row in rows if row[9] is not None)),
        employed=(starts_on, leaves_on),
        scopes=frozenset(via.split()) if isinstance(via, str) else None,
        session_id=via if isinstance(via, int) else None,
        stands_in_for=frozenset(row[11] for row in rows if row[11] is not None),
        shares_post=bool(rows[0].shares_post),
        outside=bool(rows[0].outside),
        terms_due=bool(rows[0][-1]),
    )


def units_on(day: date, low: int, high: int) -> dict[int, int]:
    """The unit of everybody in a range of ids who holds a post on a day; of several, that of the newest."""
    posts = POSTS_HELD.subquery("posts")
    found = (
        select(posts.c.person_id, posts.c.unit_id)
        .where(posts.c.person_id.between(low, high))
        .order_by(posts.c.starts_on, posts.c.id.desc())
    )
    rows = db.session.execute(found, {"start": day, "end": day + timedelta(days=1)})
    return {row.person_id: row.unit_id for row in rows}


def largest_person_id() -> int:
    """The highest id of a person, for work that goes through everybody in ranges of ids."""
    return db.session.scalar(select(func.max(Person.id))) or 0


@dataclass(frozen=True)
class PersonRow:
    """Somebody on one day: where they work and who manages them, for questions of who may do what about them."""

    id: int
    name: str
    email: str
    unit_id: int | None
    unit_path: frozenset[int]
    manager_ids: frozenset[int]

    @property
    def owner_id(self) -> int:
        """Their record is their own."""
        return self.id


def managed_by(manager_ids: Iterable[int], day: date) -> Select[int]:
    """The ids of those whom some people manage on a day: a question to put inside another statement."""
    found = select(ASSIGNMENT.person_id).where(ASSIGNMENT.line_manager_id.in_(list(manager_ids)), holds_on(day))
    return found.distinct()


def find_person(person_id: int, on: date) -> PersonRow | None:
    """Somebody as they stand on a day, in two statements; None if nobody has this id."""
    found = (
        select(Person.id, Person.name, Person.email, Assignment.unit_id, Assignment.line_manager_id)
        .outerjoin(Assignment, and_(Assignment.person_id == Person.id, holds_on(on)))
        .where(Person.id == person_id)
        .order_by(Assignment.starts_on.desc(), Assignment.id)
    )
    rows = db.session.execute(found).all() if person_id <= LARGEST_ID else []
    if not rows:
        return None
    units = [row.unit_id for row in rows if row.unit_id is not None]
    path = select(UnitClosure.ancestor_id).where(UnitClosure.descendant_id.in_(units))
    return PersonRow(
        id=rows[0].id,
        name=rows[0].name,
        email=rows[0].email,
        unit_id=units[0] if units else None,
        unit_path=frozenset(db.session.scalars(path)),
        manager_ids=frozenset(row.line_manager_id for row in rows if row.line_manager_id is not None),
    )


def id_of(key: str, *, staff: bool = False) -> int | None:
    """The id of the person with an e-mail address or a staff number, staff or from outside."""
    named = select(Person.id).where(or_(Person.email == key.lower(), Person.staff_number == key))
    return db.session.scalar(named.where(Person.outside.is_(False)) if staff else named)


def get_person(person_id: int, *, by: Actor, to: Permission, on: date) -> PersonRow:
    """Somebody, if the actor may do `to` about them."""
    person = find_person(person_id, on)
    if person is None:
        raise NotFound
    ensure(by, to, person)
    return person


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
    return unit_where(Unit.code == code)


def get_unit(code: str) -> UnitRow:
    """The same for those who may know which units there are; refuses a code nobody has."""
    unit = find_unit(code)
    if unit is None:
        raise NotFound(f"There is no unit with the code {code[:60]}")
    return unit


def get_unit_by_id(unit_id: int) -> UnitRow:
    """A unit that is known to exist."""
    unit = unit_where(Unit.id == unit_id)
    if unit is None:
        raise NotFound
    return unit


def unit_where(which: ColumnElement[bool]) -> UnitRow | None:
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


def units_at_or_below(unit_id: int) -> dict[int, UnitBelow]:
    """A unit and all below it, by id."""
    found = (
        select(Unit.id, Unit.code, Unit.name, UnitClosure.depth)
        .join(UnitClosure, UnitClosure.descendant_id == Unit.id)
        .where(UnitClosure.ancestor_id == unit_id)
    )
    return {row.id: UnitBelow(*row) for row in db.session.execute(found)}


def top_units() -> list[int]:
    """The units with none above them."""
    return list(db.session.scalars(select(Unit.id).where(Unit.parent_id.is_(None)).order_by(Unit.id)))
