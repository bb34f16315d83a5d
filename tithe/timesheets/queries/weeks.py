"""Reading weeks and the decisions made on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound
from tithe.people.queries import person_names, unit_tree
from tithe.projects import queries as projects
from tithe.timesheets.models import Decision, TimeEntry, Week
from tithe.timesheets.rules.deciding import Outcome, ReturnGround
from tithe.timesheets.rules.entries import KINDS, Entry, changes_between, digest_of, from_shown
from tithe.timesheets.rules.lifecycle import WeekStatus


@dataclass(frozen=True)
class WeekRow:
    """A week with its entries. `unit_path` is filled only for a week that waits in an HR queue."""

    id: int | None
    owner_id: int
    starts_on: date
    status: WeekStatus
    version: int
    total_minutes: int
    unit_id: int | None
    approver_id: int | None
    submitted_at: datetime | None
    due_on: date | None
    decided_at: datetime | None
    amends_version: int | None
    amend_reason: str
    entries: tuple[Entry, ...] = ()
    unit_path: frozenset[int] = frozenset()

    @property
    def is_open(self) -> bool:
        return self.status in (WeekStatus.DRAFT, WeekStatus.RETURNED)

    @property
    def is_amendment(self) -> bool:
        """It was approved before, and what was approved counts until this is decided."""
        return self.amends_version is not None and self.status is not WeekStatus.APPROVED

    @property
    def digest(self) -> str:
        return digest_of(self.version, self.entries)


@dataclass(frozen=True)
class WeekSummary:
    """A week in its owner's list."""

    starts_on: date
    status: WeekStatus
    total_minutes: int


@dataclass(frozen=True)
class LastDecision:
    """The newest decision on a week, as its owner reads it."""

    outcome: Outcome
    ground: ReturnGround | None
    reason: str
    decided_at: datetime
    decided_by: str | None


WEEK, ENTRY = table_of(Week).c, table_of(TimeEntry).c
WEEK_WITH_ENTRIES = (
    select(
        WEEK.id,
        WEEK.person_id,
        WEEK.starts_on,
        WEEK.status,
        WEEK.version,
        WEEK.total_minutes,
        WEEK.unit_id,
        WEEK.approver_id,
        WEEK.submitted_at,
        WEEK.due_on,
        WEEK.decided_at,
        WEEK.amends_version,
        WEEK.amend_reason,
        ENTRY.day,
        ENTRY.project_id,
        ENTRY.minutes,
        ENTRY.note,
        ENTRY.kind,
    )
    .select_from(table_of(Week).outerjoin(table_of(TimeEntry), ENTRY.week_id == WEEK.id))
    .order_by(ENTRY.day, func.coalesce(ENTRY.project_id, 0), ENTRY.kind)
)
WEEK_BY_ID = WEEK_WITH_ENTRIES.where(WEEK.id == bindparam("week_id"))
OWN_WEEK = WEEK_WITH_ENTRIES.where(WEEK.person_id == bindparam("owner_id"), WEEK.starts_on == bindparam("monday"))
OWN_WEEK_LOCKED = OWN_WEEK.with_for_update(of=table_of(Week))
FIRST_OF_ENTRY = 13  # of the columns above


def _week(rows: Sequence[Sequence[Any]], unit_path: frozenset[int] = frozenset()) -> WeekRow:
    entries = tuple(Entry(*row[FIRST_OF_ENTRY:]) for row in rows if row[FIRST_OF_ENTRY] is not None)
    return replace(WeekRow(*rows[0][:FIRST_OF_ENTRY]), entries=entries, unit_path=unit_path)


def own_week(owner: Actor, monday: date, *, lock: bool = False) -> WeekRow:
    """The owner's week that starts on a Monday; an empty draft of version 0 when nothing was saved yet."""
    found = OWN_WEEK_LOCKED if lock else OWN_WEEK
    rows = db.session.execute(found, {"owner_id": owner.id, "monday": monday}).all()
    if rows:
        return _week(rows)
    return WeekRow(None, owner.person_id, monday, WeekStatus.DRAFT, 0, 0, None, None, None, None, None, None, "")


def get_week(week_id: int, *, by: Actor, to: Permission) -> WeekRow:
    """One week, if it exists and the actor may do `to` with it."""
    rows = db.session.execute(WEEK_BY_ID, {"week_id": week_id}).all() if week_id <= LARGEST_ID else []
    if not rows:
        raise NotFound
    week = _week(rows, _path_above(rows[0][6]) if rows[0][7] is None and rows[0][6] else frozenset())
    ensure(by, to, week)
    return week


def _path_above(unit_id: int) -> frozenset[int]:
    return frozenset(db.session.scalars(select(unit_tree.c.ancestor_id).where(unit_tree.c.descendant_id == unit_id)))


def list_own(owner: Actor, since: date) -> list[WeekSummary]:
    """The owner's weeks from a day on, the newest first."""
    found = (
        select(Week.starts_on, Week.status, Week.total_minutes)
        .where(Week.person_id == owner.id, Week.starts_on >= since)
        .order_by(Week.starts_on.desc())
    )
    return [WeekSummary(*row) for row in db.session.execute(found)]


def entries_of(week_ids: Iterable[int]) -> dict[int, list[tuple[Entry, str]]]:
    """The entries of some weeks with the titles of their rows, in one statement."""
    titles = projects.project_titles
    found = (
        select(
            TimeEntry.week_id,
            TimeEntry.day,
            TimeEntry.project_id,
            TimeEntry.minutes,
            TimeEntry.note,
            TimeEntry.kind,
            titles.c.title,
        )
        .outerjoin(titles, titles.c.id == TimeEntry.project_id)
        .where(TimeEntry.week_id.in_(list(week_ids)))
        .order_by(TimeEntry.week_id, TimeEntry.day, titles.c.title)
    )
    by_week: dict[int, list[tuple[Entry, str]]] = {}
    for week_id, *held, title in db.session.execute(found):
        entry = Entry(*held)
        by_week.setdefault(week_id, []).append((entry, title or KINDS[entry.kind]))
    return by_week


def last_decision(week_id: int) -> LastDecision | None:
    """The newest decision on a week."""
    found = (
        select(Decision.outcome, Decision.ground, Decision.reason, Decision.decided_at, person_names.c.name)
        .outerjoin(person_names, person_names.c.id == Decision.decided_by)
        .where(Decision.week_id == week_id)
        .order_by(Decision.version.desc())
        .limit(1)
    )
    row = db.session.execute(found).first()
    return LastDecision(*row) if row else None


def approved_version(week_id: int) -> int | None:
    """The version of a week that was approved last."""
    found = select(func.max(Decision.version)).where(Decision.week_id == week_id, Decision.outcome == Outcome.APPROVED)
    return db.session.scalar(found)


def approved_entries(week_id: int, version: int) -> list[Entry]:
    """What was approved in one version of a week, exactly as it was shown to who approved it."""
    found = select(Decision.entries).where(Decision.week_id == week_id, Decision.version == version)
    return [from_shown(row) for row in db.session.scalar(found) or ()]


def amendment(week: WeekRow) -> list[dict[str, Any]]:
    """What an amended week changes of what was approved, with the titles of the projects."""
    approved = approved_entries(week.id or 0, week.amends_version or 0)
    changes = changes_between(approved, week.entries)
    titles = projects.titles_of({change.project_id for change in changes if change.project_id})
    return [vars(change) | {"title": titles.get(change.project_id or 0) or KINDS[change.kind]} for change in changes]
