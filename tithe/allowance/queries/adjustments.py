"""Reading corrections, scoped to the people whose unit the viewer's HR role covers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, bindparam, case, literal, or_, select, tuple_

from tithe.access.actor import Actor
from tithe.access.grants import HR_MANAGERS, ensure
from tithe.access.permissions import Permission
from tithe.allowance.models import Adjustment, PersonQuarter
from tithe.allowance.rules.ledger import AdjustmentStatus
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound
from tithe.people import queries as people
from tithe.people.queries import POSTS_HELD, person_names, unit_names, unit_tree

PAGE = 25

Place = tuple[datetime, int]  # in a list: when a correction was proposed or decided, and its id

ADJUSTMENT = table_of(Adjustment)
PERSON, PROPOSER, DECIDER = (person_names.alias(name) for name in ("person", "proposer", "decider"))


@dataclass(frozen=True)
class Subject:
    """Somebody whose minutes may be corrected, in the unit they work in today or the last they worked in."""

    owner_id: int
    name: str
    unit_id: int
    unit_path: frozenset[int]


@dataclass(frozen=True)
class AdjustmentRow:
    """A correction as pages and the API show it, with the ids of the person's unit and all above."""

    id: int
    owner_id: int
    person: str
    unit_id: int
    unit: str
    quarter: Quarter
    minutes: int
    reason: str
    status: AdjustmentStatus
    proposed_by: int
    proposer: str
    proposed_at: datetime
    decider: str | None
    decided_at: datetime | None
    decision_words: str
    unit_path: frozenset[int] = frozenset()


def _last_unit(person_id: ColumnElement[int]) -> Select[int]:
    """The unit somebody works in today, or else the last they worked in."""
    posts = POSTS_HELD.subquery("posts")
    over = case((or_(posts.c.ends_on.is_(None), posts.c.ends_on >= bindparam("today", type_=Date)), 0), else_=1)
    found = select(posts.c.unit_id).where(posts.c.person_id == person_id)
    return found.order_by(over, posts.c.starts_on.desc(), posts.c.id).limit(1)


def _until(today: date) -> dict[str, date]:
    return {"start": date.min, "end": today + timedelta(days=1), "today": today}


ONE_UNIT = _last_unit(bindparam("person_id"))
UNIT = _last_unit(ADJUSTMENT.c.person_id).correlate(ADJUSTMENT).scalar_subquery()
ROWS: Select[*tuple[Any, ...]] = (
    select(
        ADJUSTMENT.c.id, ADJUSTMENT.c.person_id, PERSON.c.name, unit_names.c.id, unit_names.c.name,
        ADJUSTMENT.c.applies_to, ADJUSTMENT.c.minutes, ADJUSTMENT.c.reason, ADJUSTMENT.c.status,
        ADJUSTMENT.c.proposed_by, PROPOSER.c.name, ADJUSTMENT.c.proposed_at, DECIDER.c.name, ADJUSTMENT.c.decided_at,
        ADJUSTMENT.c.decision_words,
    )
    .select_from(ADJUSTMENT)
    .join(PERSON, PERSON.c.id == ADJUSTMENT.c.person_id)
    .join(PROPOSER, PROPOSER.c.id == ADJUSTMENT.c.proposed_by)
    .outerjoin(DECIDER, DECIDER.c.id == ADJUSTMENT.c.decided_by)
    .join(unit_names, unit_names.c.id == UNIT)
)  # fmt: skip


def list_adjustments(
    viewer: Actor, *, decided: bool, today: date, after: Place | None = None
) -> tuple[list[AdjustmentRow], Place | None]:
    """A page of corrections and the place to read on from when more follow: those that wait, the oldest first, or
    those decided, the newest first. Nobody sees those about themselves here: they are told when one is posted."""
    covered = unit_tree.c.ancestor_id.in_(viewer.units_as(*HR_MANAGERS))
    within = select(literal(1)).where(unit_tree.c.descendant_id == unit_names.c.id, covered).exists()
    waits = ADJUSTMENT.c.status == AdjustmentStatus.PROPOSED
    found = ROWS.where(~waits if decided else waits, within, ADJUSTMENT.c.person_id != viewer.id)
    at = ADJUSTMENT.c.decided_at if decided else ADJUSTMENT.c.proposed_at
    place = tuple_(at, ADJUSTMENT.c.id)
    if after:
        found = found.where(place < after if decided else place > after)
    order = (at.desc(), ADJUSTMENT.c.id.desc()) if decided else (at, ADJUSTMENT.c.id)
    rows = [_row(row) for row in db.session.execute(found.order_by(*order).limit(PAGE + 1), _until(today))]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last.decided_at or last.proposed_at, last.id) if last else None


def get_adjustment(adjustment_id: int, *, by: Actor, to: Permission, today: date) -> AdjustmentRow:
    """One correction, if it exists and the actor may do `to` with it."""
    if adjustment_id > LARGEST_ID:
        raise NotFound
    row = db.session.execute(ROWS.where(ADJUSTMENT.c.id == adjustment_id), _until(today)).first()
    if row is None:
        raise NotFound
    adjustment = _row(row)
    adjustment = replace(adjustment, unit_path=_path(adjustment.unit_id))
    ensure(by, to, adjustment)
    return adjustment


def _row(row: Iterable[Any]) -> AdjustmentRow:
    adjustment = AdjustmentRow(*row)
    return replace(adjustment, quarter=Quarter.parse(str(adjustment.quarter)))


def _path(unit_id: int) -> frozenset[int]:
    found = select(unit_tree.c.ancestor_id).where(unit_tree.c.descendant_id == unit_id)
    return frozenset(db.session.scalars(found))


def find_subject(key: str, today: date) -> Subject | None:
    """Somebody by e-mail address or staff number; None if nobody has it or they have not held a post yet."""
    person_id = people.id_of(key, staff=True)
    unit_id = db.session.scalar(ONE_UNIT, {"person_id": person_id, **_until(today)}) if person_id else None
    if person_id is None or unit_id is None:
        return None
    return Subject(person_id, people.names_of([person_id])[person_id], unit_id, _path(unit_id))


def has_books(person_id: int, quarter: Quarter) -> bool:
    """Anything was ever posted to somebody in a quarter."""
    found = select(PersonQuarter.person_id).where(
        PersonQuarter.person_id == person_id, PersonQuarter.quarter == quarter.code
    )
    return db.session.scalar(found.limit(1)) is not None
