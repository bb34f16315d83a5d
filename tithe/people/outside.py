"""Reading who is here from outside, who hosts them, and which terms of use they accept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from tithe.access.actor import Actor
from tithe.access.grants import HR_MANAGERS, ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound
from tithe.people.models import OutsideMember, OutsideTerms, Person, SignIn, Unit, UnitClosure
from tithe.people.rules.outside import FIRST_TERMS, StayStatus, Terms, status_on

PAGE = 25
GUEST, STAY, TREE = table_of(Person).c, table_of(OutsideMember).c, table_of(UnitClosure).c
HOST, UNIT = table_of(Person).alias("host"), table_of(Unit)
ROWS = table_of(OutsideMember).join(table_of(Person), GUEST.id == STAY.person_id)

Place = tuple[datetime, int]  # in a list of stays: their last day, and whose


@dataclass(frozen=True)
class StayRow:
    """Somebody from outside, their host if a person hosts them and not HR, and where their stay stands today."""

    id: int
    name: str
    email: str
    starts_on: date
    last_day: date
    organisation: str
    sponsor_id: int | None
    sponsor: str | None
    unit_id: int
    unit: str
    invited_at: datetime
    accepted_at: datetime | None
    terms_version: int | None
    ended_at: datetime | None
    last_sign_in: datetime | None
    status: StayStatus = StayStatus.OVER
    unit_path: frozenset[int] = frozenset()

    @property
    def owner_id(self) -> int:
        """The record is about them."""
        return self.id


@dataclass(frozen=True)
class Hosted:
    """A stay that goes on, as those see it who look after all of them."""

    id: int
    name: str
    organisation: str
    last_day: date
    sponsor_id: int | None
    unit_id: int
    handed_on: bool


def goes_on(today: date) -> ColumnElement[bool]:
    """A stay has neither ended nor is over."""
    return and_(STAY.ended_at.is_(None), GUEST.leaves_on >= today)


def live_guests(today: date) -> Select[*tuple[Any, ...]]:
    """Those whose stay goes on: features above join to it."""
    return select(GUEST.id, GUEST.name, STAY.organisation, GUEST.leaves_on).select_from(ROWS).where(goes_on(today))


def get_stay(person_id: int, *, by: Actor, to: Permission, today: date) -> StayRow:
    """The stay of somebody from outside, if the actor may do `to` about it."""
    row = db.session.execute(_rows().where(STAY.person_id == person_id)).first() if person_id <= LARGEST_ID else None
    if row is None:
        raise NotFound
    path = select(TREE.ancestor_id).where(TREE.descendant_id == row.unit_id)
    stay = replace(_stay(row, today), unit_path=frozenset(db.session.scalars(path)))
    ensure(by, to, stay)
    return stay


def find_stay(email: str) -> int | None:
    """The id of somebody from outside with an address."""
    return db.session.scalar(select(GUEST.id).where(GUEST.email == email.strip().lower(), GUEST.outside))


def list_hosted(viewer: Actor, *, over: bool, after: Place | None, today: date) -> tuple[list[StayRow], Place | None]:
    """A page of those whom the viewer hosts: who is here by their last day, or who was, the latest first."""
    return _page(STAY.sponsor_id == viewer.id, over=over, after=after, today=today)


def list_overseen(viewer: Actor, *, over: bool, after: Place | None, today: date) -> tuple[list[StayRow], Place | None]:
    """The same for all in the units that the viewer's HR role covers; for the system, for everybody."""
    ensure(viewer, Permission.OUTSIDE_OVERSEE, None)
    covered = select(TREE.descendant_id).where(TREE.ancestor_id.in_(viewer.units_as(*HR_MANAGERS)))
    which = STAY.unit_id.in_(covered) if viewer.id is not None else STAY.person_id.is_not(None)
    return _page(which, over=over, after=after, today=today)


def live_stays() -> Select[*tuple[Any, ...]]:
    """What timed work reads of stays, to be narrowed further."""
    about = (GUEST.id, GUEST.name, STAY.organisation, GUEST.leaves_on, STAY.sponsor_id, STAY.unit_id)
    return select(*about, STAY.handed_on_at.is_not(None)).select_from(ROWS).order_by(GUEST.id)


def list_live(today: date) -> list[Hosted]:
    """Every stay that goes on."""
    return [Hosted(*row) for row in db.session.execute(live_stays().where(goes_on(today)))]


def ending_between(first: date, last: date, today: date) -> list[Hosted]:
    """The stays that go on and whose last day is one of some days, both included."""
    found = live_stays().where(goes_on(today), GUEST.leaves_on.between(first, last))
    return [Hosted(*row) for row in db.session.execute(found)]


def still_ending(person_ids: Iterable[int], first: date, last: date) -> set[int]:
    """Of some people those whose stay goes on and ends on one of some days."""
    found = live_stays().where(goes_on(first), GUEST.leaves_on <= last, GUEST.id.in_(list(person_ids)))
    return {row.id for row in db.session.execute(found)}


def current_terms() -> Terms:
    """The terms of use as they are now."""
    found = select(OutsideTerms.version, OutsideTerms.words, OutsideTerms.published_at)
    row = db.session.execute(found.order_by(OutsideTerms.version.desc()).limit(1)).first()
    return Terms(*row) if row else FIRST_TERMS


def accepted_terms(person_id: int) -> int:
    """The version of the terms that somebody from outside accepted; 0 for none."""
    return db.session.scalar(select(STAY.terms_version).where(STAY.person_id == person_id)) or 0


def _rows() -> Select[*tuple[Any, ...]]:
    last = select(func.max(SignIn.started_at)).where(SignIn.person_id == STAY.person_id).scalar_subquery()
    return (
        select(GUEST.id, GUEST.name, GUEST.email, GUEST.starts_on, GUEST.leaves_on)
        .add_columns(STAY.organisation, STAY.sponsor_id, HOST.c.name, STAY.unit_id, UNIT.c.code)
        .add_columns(STAY.invited_at, STAY.accepted_at, STAY.terms_version, STAY.ended_at, last)
        .select_from(ROWS.outerjoin(HOST, HOST.c.id == STAY.sponsor_id).join(UNIT, UNIT.c.id == STAY.unit_id))
    )


def _stay(row: Any, today: date) -> StayRow:
    stay = StayRow(*row)
    accepted, ended = stay.accepted_at is not None, stay.ended_at is not None
    return replace(stay, status=status_on(today, last_day=stay.last_day, accepted=accepted, ended=ended))


def _page(
    which: ColumnElement[bool], *, over: bool, after: Place | None, today: date
) -> tuple[list[StayRow], Place | None]:
    day, key = GUEST.leaves_on, GUEST.id
    found = _rows().where(which, ~goes_on(today) if over else goes_on(today))
    if after is not None:
        last, last_id = after[0].date(), after[1]
        beyond = (
            or_(day < last, and_(day == last, key < last_id))
            if over
            else or_(day > last, and_(day == last, key > last_id))
        )
        found = found.where(beyond)
    ordered = found.order_by(day.desc(), key.desc()) if over else found.order_by(day, key)
    rows = [_stay(row, today) for row in db.session.execute(ordered.limit(PAGE + 1))]
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (datetime.combine(more.last_day, time(), UTC), more.id) if more else None
