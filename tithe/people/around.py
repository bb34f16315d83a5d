"""Who stands above some people, beside them and for them, read for many at once: what timed work asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, Date, and_, bindparam, select

from tithe.access.grants import QUEUE_KEEPERS
from tithe.access.permissions import Role
from tithe.kernel.db import db, table_of
from tithe.people.models import Assignment, Delegation, Person, RoleGrant, UnitClosure
from tithe.people.queries import ABOVE, DELEGATION, HELD, PERSON, ROLE_GRANT, employed_on, in_force, stands_in_on

DAY = bindparam("day", type_=Date)
COUNTERSIGNERS = (
    select(HELD.c.person_id, ABOVE.c.line_manager_id)
    .select_from(HELD.outerjoin(ABOVE, and_(ABOVE.c.person_id == HELD.c.line_manager_id, in_force(ABOVE.c, DAY))))
    .where(HELD.c.person_id.in_(bindparam("people", expanding=True)), in_force(HELD.c, DAY))
    .order_by(HELD.c.starts_on, HELD.c.id.desc(), ABOVE.c.starts_on, ABOVE.c.id.desc())
)


def countersigners_of(person_ids: Iterable[int], on: date) -> dict[int, int | None]:
    """The line manager's own manager of each of some people on a day, as `queries.managers_above` finds them."""
    rows = db.session.execute(COUNTERSIGNERS, {"people": list(person_ids), "day": on})
    return {row[0]: row[1] for row in rows}  # of several posts the newest comes last


def employed_among(person_ids: Iterable[int], today: date) -> set[int]:
    """Which of some people are employed today."""
    return set(db.session.scalars(select(Person.id).where(Person.id.in_(list(person_ids)), employed_on(today))))


def calendars_of(person_ids: Iterable[int], on: date) -> dict[int, str]:
    """The holiday calendar of the place each of some people works at on a day, where they hold a post."""
    found = (
        select(Assignment.person_id, Assignment.calendar)
        .where(Assignment.person_id.in_(list(person_ids)), in_force(Assignment, on))
        .order_by(Assignment.starts_on, Assignment.id.desc())
    )
    return {row[0]: row[1] for row in db.session.execute(found)}


def delegates_of(manager_ids: Iterable[int], today: date) -> dict[int, set[int]]:
    """Who stands in today for each of some managers, if anybody does."""
    return _pairs(DELEGATION.manager_id, DELEGATION.delegate_id, manager_ids, today)


def stood_for_by(delegate_ids: Iterable[int], today: date) -> dict[int, set[int]]:
    """For whom each of some people stands in today, if for anybody."""
    return _pairs(DELEGATION.delegate_id, DELEGATION.manager_id, delegate_ids, today)


def _pairs(one: ColumnElement[int], other: ColumnElement[int], ids: Iterable[int], today: date) -> dict[int, set[int]]:
    found = (
        select(one, other)
        .select_from(table_of(Delegation).join(table_of(Person), PERSON.id == DELEGATION.delegate_id))
        .where(one.in_(list(ids)), stands_in_on(today), employed_on(today))
    )
    pairs: defaultdict[int, set[int]] = defaultdict(set)
    for this, that in db.session.execute(found):
        pairs[this].add(that)
    return dict(pairs)


def keepers_of(unit_ids: Iterable[int], today: date, roles: tuple[Role, ...] = QUEUE_KEEPERS) -> dict[int, list[int]]:
    """Who keeps the queue of each of some units today, or holds other roles that cover them."""
    found = (
        select(UnitClosure.descendant_id, ROLE_GRANT.person_id)
        .select_from(table_of(RoleGrant).join(table_of(UnitClosure), UnitClosure.ancestor_id == ROLE_GRANT.unit_id))
        .join(table_of(Person), PERSON.id == ROLE_GRANT.person_id)
        .where(UnitClosure.descendant_id.in_(list(unit_ids)), ROLE_GRANT.role.in_(roles))
        .where(in_force(ROLE_GRANT, today), employed_on(today))
        .distinct()
        .order_by(UnitClosure.descendant_id, ROLE_GRANT.person_id)
    )
    keepers: defaultdict[int, list[int]] = defaultdict(list)
    for unit_id, person_id in db.session.execute(found):
        keepers[unit_id].append(person_id)
    return dict(keepers)
