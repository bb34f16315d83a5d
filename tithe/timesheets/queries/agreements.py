"""Reading what people and their managers agree in advance: one's own, one's team's, and what follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.allowance.queries.periods import closed_quarters
from tithe.kernel.calendar import Quarter, days_between
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound
from tithe.people import queries as people
from tithe.people.queries import managed_by, person_names
from tithe.timesheets.models import Decision, PlannedBlock, TitheRequest, Week
from tithe.timesheets.queries.weeks import WeekRow
from tithe.timesheets.rules.agreements import (
    Asked,
    RefusalGround,
    RequestShape,
    RequestStatus,
    last_day_of,
)
from tithe.timesheets.rules.deciding import DecisionHow, Outcome
from tithe.timesheets.rules.entries import TITHED
from tithe.timesheets.rules.lifecycle import WeekStatus
from tithe.timesheets.rules.plans import BlockStatus, weekdays_of

PAGE = 25
LATELY = timedelta(days=28)
MOST_LATELY = 50
Place = tuple[datetime, int]  # in a list: when a request was made, and its id

REQUEST, BLOCK = table_of(TitheRequest).c, table_of(PlannedBlock).c
DECIDER = person_names.alias("decider")
ROWS: Select[*tuple[Any, ...]] = (
    select(
        REQUEST.id, REQUEST.person_id, person_names.c.name, REQUEST.shape, REQUEST.starts_on, REQUEST.last_day,
        REQUEST.weekdays, REQUEST.week_minutes, REQUEST.project_ids, REQUEST.duties, REQUEST.status, REQUEST.asked_at,
        REQUEST.decided_at, DECIDER.c.name, REQUEST.ground, REQUEST.reason, REQUEST.ended_from,
    )
    .select_from(table_of(TitheRequest))
    .join(person_names, person_names.c.id == REQUEST.person_id)
    .outerjoin(DECIDER, DECIDER.c.id == REQUEST.decided_by)
)  # fmt: skip
LIVE = (RequestStatus.ASKED, RequestStatus.AGREED)
COUNTS = or_(REQUEST.status == RequestStatus.AGREED, REQUEST.status == RequestStatus.ENDED)


@dataclass(frozen=True)
class RequestRow:
    """A request with the names of who asked and who decided. `manager_ids` is filled where a single one is read."""

    id: int
    owner_id: int
    owner: str
    shape: RequestShape
    starts_on: date
    last_day: date
    weekdays: frozenset[int]
    week_minutes: int
    project_ids: frozenset[int]
    duties: str
    status: RequestStatus
    asked_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    ground: RefusalGround | None
    reason: str
    ended_from: date | None
    manager_ids: frozenset[int] = frozenset()
    unit_id: int | None = None

    @property
    def asked(self) -> Asked:
        """What was asked for."""
        return Asked(
            self.shape, self.starts_on, self.last_day, self.weekdays, self.week_minutes, self.project_ids, self.duties
        )

    @property
    def counts_until(self) -> date:
        """The last day it counts."""
        return last_day_of(self.last_day, self.ended_from)


def _row(row: Any, manager_ids: frozenset[int] = frozenset(), unit_id: int | None = None) -> RequestRow:
    found = RequestRow(*row)
    weekdays, project_ids = weekdays_of(row.weekdays), frozenset(row.project_ids)
    return replace(found, weekdays=weekdays, project_ids=project_ids, manager_ids=manager_ids, unit_id=unit_id)


def get_request(request_id: int, *, by: Actor, to: Permission, today: date) -> RequestRow:
    """One request, if it exists and the actor may do `to` with it."""
    row = db.session.execute(ROWS.where(REQUEST.id == request_id)).first() if request_id <= LARGEST_ID else None
    owner = people.find_person(row.person_id, today) if row else None
    if row is None or owner is None:
        raise NotFound
    found = _row(row, owner.manager_ids, owner.unit_id)
    ensure(by, to, found)
    return found


def own_requests(owner: Actor, *, after: Place | None = None) -> tuple[list[RequestRow], Place | None]:
    """A page of what somebody asked for, the newest first, and the place to read on from when more follow."""
    place = tuple_(REQUEST.asked_at, REQUEST.id)
    found = ROWS.where(REQUEST.person_id == owner.id).order_by(REQUEST.asked_at.desc(), REQUEST.id.desc())
    rows = [_row(row) for row in db.session.execute((found.where(place < after) if after else found).limit(PAGE + 1))]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last.asked_at, last.id) if last else None


def team_requests(manager: Actor, today: date) -> list[RequestRow]:
    """What the people a manager decides for asked, and what is agreed with them and not over: what waits comes first,
    the oldest of it before the rest."""
    ended = or_(REQUEST.ended_from.is_(None), REQUEST.ended_from > today)
    agreed = and_(COUNTS, REQUEST.last_day >= today, ended)
    waiting = REQUEST.status == RequestStatus.ASKED
    found = ROWS.where(_of_team(manager, REQUEST.person_id, today), or_(waiting, agreed))
    order = (case((waiting, 0), else_=1), REQUEST.asked_at, REQUEST.id)
    return [_row(row) for row in db.session.execute(found.order_by(*order))]


def _of_team(manager: Actor, person: ColumnElement[int], today: date) -> ColumnElement[bool]:
    """Somebody is of those this person decides for: their own staff, and that of whom they stand in for."""
    return and_(person.in_(managed_by([manager.person_id, *manager.stands_in_for], today)), person != manager.id)


@dataclass(frozen=True)
class ForInbox:
    """What the inbox of a manager says about agreements: how many wait, how many weeks one approved lately."""

    asked: int
    approved: int


def for_inbox(manager: Actor, today: date) -> ForInbox:
    """Both counts, in one statement."""
    team = _of_team(manager, REQUEST.person_id, today)
    asked = select(func.count()).where(REQUEST.status == RequestStatus.ASKED, team).scalar_subquery()
    lately = _lately(select(func.count()), manager, today).scalar_subquery()
    row = db.session.execute(select(asked, lately)).one()
    return ForInbox(*row)


@dataclass(frozen=True)
class ApprovedWeek:
    """A week that was approved under an agreement, with its owner's name."""

    id: int
    owner_id: int
    owner: str
    starts_on: date
    total_minutes: int
    decided_at: datetime


def approved_lately(manager: Actor, today: date) -> list[ApprovedWeek]:
    """The weeks that an agreement approved in the last four weeks, of the people a manager decides for, the newest
    first."""
    found = select(Week.id, Week.person_id, person_names.c.name, Week.starts_on, Week.total_minutes, Week.decided_at)
    found = _lately(found.join(person_names, person_names.c.id == Week.person_id), manager, today)
    rows = db.session.execute(found.order_by(Week.decided_at.desc(), Week.id.desc()).limit(MOST_LATELY))
    return [ApprovedWeek(*row) for row in rows]


def _lately(found: Select[*tuple[Any, ...]], manager: Actor, today: date) -> Select[*tuple[Any, ...]]:
    standing = and_(Decision.week_id == Week.id, Decision.version == Week.version - 1)
    return found.join_from(Week, Decision, standing).where(
        Week.status == WeekStatus.APPROVED,
        Week.starts_on >= today - LATELY,
        Decision.how == DecisionHow.AGREEMENT,
        _of_team(manager, table_of(Week).c.person_id, today),
    )


def was_by_agreement(week_id: int) -> bool:
    """The newest approval of a week was by an agreement."""
    found = (
        select(Decision.how)
        .where(Decision.week_id == week_id, Decision.outcome == Outcome.APPROVED)
        .order_by(Decision.version.desc())
        .limit(1)
    )
    return db.session.scalar(found) is DecisionHow.AGREEMENT


def days_of(week: WeekRow) -> list[date]:
    """The days in whose quarters a week that was sent counts."""
    if week.counts_on:
        return [week.counts_on]
    return [entry.day for entry in week.entries] or [week.starts_on]


def may_be_called_back(week: WeekRow, *, by: Actor) -> bool:
    """Only an agreement approved the week, its quarters are open, and it is not one's own."""
    if week.id is None or by.id == week.owner_id or not was_by_agreement(week.id):
        return False
    return not {Quarter.containing(day).code for day in days_of(week)} & set(closed_quarters())


def live_of(person_id: int) -> list[tuple[RequestShape, date, date]]:
    """What somebody asked for that waits or counts, as shape, first and last day that counts."""
    found = select(REQUEST.shape, REQUEST.starts_on, REQUEST.last_day, REQUEST.ended_from).where(
        REQUEST.person_id == person_id, or_(REQUEST.status.in_(LIVE), REQUEST.status == RequestStatus.ENDED)
    )
    spans = [(shape, first, last_day_of(last, ended)) for shape, first, last, ended in db.session.execute(found)]
    return [(shape, first, last) for shape, first, last in spans if first <= last]


@dataclass(frozen=True)
class Cover:
    """How many people the managers of somebody have, and who of them would be on tithe on which day."""

    team: int
    away: dict[date, frozenset[int]]


def cover_with(request: RequestRow, today: date) -> Cover:
    """Who would be on tithe on each day of a request if it were agreed: by it, by other agreements, or as planned."""
    start, end = max(request.starts_on, today), request.last_day + timedelta(days=1)
    days = [day for day in days_between(start, end) if day.weekday() in request.weekdays]
    team = set(db.session.scalars(managed_by(request.manager_ids, today))) | {request.owner_id}
    away: defaultdict[date, set[int]] = defaultdict(set)
    for day in days:
        away[day].add(request.owner_id)
    for person_id, first, last, weekdays in _agreed_among(team, start, end):
        for day in days:
            if first <= day <= last and day.weekday() in weekdays:
                away[day].add(person_id)
    planned = select(BLOCK.day, BLOCK.person_id).where(
        BLOCK.person_id.in_(team), BLOCK.status == BlockStatus.PLANNED, BLOCK.kind.in_(TITHED), BLOCK.day.in_(days)
    )
    for day, person_id in db.session.execute(planned):
        away[day].add(person_id)
    return Cover(len(team), {day: frozenset(each) for day, each in away.items()})


def _agreed_among(person_ids: Iterable[int], start: date, end: date) -> list[tuple[int, date, date, frozenset[int]]]:
    found = select(REQUEST.person_id, REQUEST.starts_on, REQUEST.last_day, REQUEST.ended_from, REQUEST.weekdays).where(
        REQUEST.person_id.in_(list(person_ids)), COUNTS, REQUEST.starts_on < end, REQUEST.last_day >= start
    )
    return [
        (person_id, first, last_day_of(last, ended), weekdays_of(mask))
        for person_id, first, last, ended, mask in db.session.execute(found)
    ]
