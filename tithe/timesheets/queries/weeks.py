"""Reading weeks and the decisions made on them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound
from tithe.kernel.prepared import Prepared
from tithe.people.queries import person_names, unit_tree
from tithe.projects import queries as projects
from tithe.projects.queries import is_member
from tithe.timesheets.models import Decision, TimeEntry, Week
from tithe.timesheets.rules.deciding import BY_RULE, DecisionHow, Outcome, ReturnGround, in_place_of
from tithe.timesheets.rules.entries import KINDS, Entry, changes_between, counting_day, digest_of, from_shown
from tithe.timesheets.rules.escalation import Stage
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
    nothing_since: datetime | None = None
    stage: Stage = Stage.MANAGER
    counts_on: date | None = None
    entries: tuple[Entry, ...] = ()
    unit_path: frozenset[int] = frozenset()

    @property
    def is_open(self) -> bool:
        return self.status in (WeekStatus.DRAFT, WeekStatus.RETURNED)

    @property
    def is_amendment(self) -> bool:
        """It was approved before, and what was approved counts until this is decided."""
        return self.amends_version is not None and self.status is not WeekStatus.APPROVED

    def counting_day(self, week_assign: str) -> date | None:
        """The day in whose quarter all of it counts, if there is one. What was sent or approved keeps what it was sent
        under; a draft goes by the policy."""
        if self.status is WeekStatus.SUBMITTED or self.amends_version is not None:
            return self.counts_on
        return counting_day(week_assign, self.starts_on)

    @property
    def digest(self) -> str:
        return digest_of(self.version, self.entries)


@dataclass(frozen=True)
class WeekSummary:
    """A week in its owner's list."""

    starts_on: date
    status: WeekStatus
    total_minutes: int
    nothing: bool  # declared by its owner
    is_empty: bool


@dataclass(frozen=True)
class LastDecision:
    """The newest decision on a week, as its owner reads it."""

    outcome: Outcome
    ground: ReturnGround | None
    reason: str
    decided_at: datetime
    decided_by: str | None
    on_behalf_of: str | None
    how: DecisionHow

    @property
    def who(self) -> str:
        """Who decided, in words: both names where a delegate did, the rule where nobody did."""
        if self.decided_by is None:
            return f"the system, {BY_RULE[self.how]}" if self.how in BY_RULE else "the system"
        return in_place_of(self.decided_by, self.on_behalf_of) if self.on_behalf_of else self.decided_by


WEEK, ENTRY = table_of(Week).c, table_of(TimeEntry).c
COUNTS_ON = func.coalesce(WEEK.counts_on, ENTRY.day)  # the day in whose quarter an entry of a week that was sent counts
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
        WEEK.nothing_since,
        WEEK.stage,
        WEEK.counts_on,
        ENTRY.day,
        ENTRY.project_id,
        ENTRY.minutes,
        ENTRY.note,
        ENTRY.kind,
        ENTRY.fix_by,
    )
    .select_from(table_of(Week).outerjoin(table_of(TimeEntry), ENTRY.week_id == WEEK.id))
    .order_by(ENTRY.day, func.coalesce(ENTRY.project_id, 0), ENTRY.kind)
)
ONE_WEEK = WEEK_WITH_ENTRIES.where(WEEK.person_id == bindparam("owner_id"), WEEK.starts_on == bindparam("monday"))
WEEK_BY_ID = Prepared(WEEK_WITH_ENTRIES.where(WEEK.id == bindparam("week_id")))
OWN_WEEK, OWN_WEEK_LOCKED = Prepared(ONE_WEEK), Prepared(ONE_WEEK.with_for_update(of=table_of(Week)))
FIRST_OF_ENTRY = 16  # of the columns above


def _week(rows: Sequence[Sequence[Any]], unit_path: frozenset[int] = frozenset()) -> WeekRow:
    entries = tuple(Entry(*row[FIRST_OF_ENTRY:]) for row in rows if row[FIRST_OF_ENTRY] is not None)
    return WeekRow(*(*rows[0][:FIRST_OF_ENTRY], entries, unit_path))


def own_week(owner: Actor, monday: date, *, lock: bool = False) -> WeekRow:
    """The owner's week that starts on a Monday; an empty draft of version 0 when nothing was saved yet."""
    found = OWN_WEEK_LOCKED if lock else OWN_WEEK
    rows = found.all(owner_id=owner.id, monday=monday)
    if rows:
        return _week(rows)
    return WeekRow(None, owner.person_id, monday, WeekStatus.DRAFT, 0, 0, None, None, None, None, None, None, "")


def lock_own_weeks(owner: Actor, mondays: Collection[date]) -> None:
    """Keep some weeks from changing until the transaction ends, taken in order of id as deciders take them."""
    mine = select(WEEK.id).where(WEEK.person_id == owner.id, WEEK.starts_on.in_(mondays))
    db.session.execute(mine.order_by(WEEK.id).with_for_update())


def week_on_record(week_id: int) -> WeekRow:
    """A week that is known to exist, for rules of the scheme that act on no one's behalf."""
    return _week(WEEK_BY_ID.all(week_id=week_id))


def get_week(week_id: int, *, by: Actor, to: Permission) -> WeekRow:
    """One week, if it exists and the actor may do `to` with it."""
    rows = WEEK_BY_ID.all(week_id=week_id) if week_id <= LARGEST_ID else []
    if not rows:
        raise NotFound
    week = _week(rows, _path_above(rows[0][6]) if rows[0][7] is None and rows[0][6] else frozenset())
    ensure(by, to, week)
    if week.approver_id in by.stands_in_for and week.owner_id != by.id and works_with(by, week_id):
        raise NotFound  # nobody stands in where they would decide on work they share
    return week


def works_with(actor: Actor, week_id: int) -> bool:
    """Somebody is a member of a project in a week."""
    return db.session.scalar(select(Week.id).where(Week.id == week_id, shares_a_project(actor))) is not None


def shares_a_project(actor: Actor) -> ColumnElement[bool]:
    """Somebody is a member of a project in a week: a question to put inside another statement."""
    shared = select(TimeEntry.id).where(TimeEntry.week_id == Week.id, is_member(TimeEntry.project_id, actor.id))
    return shared.correlate(Week).exists()


def _path_above(unit_id: int) -> frozenset[int]:
    return frozenset(db.session.scalars(select(unit_tree.c.ancestor_id).where(unit_tree.c.descendant_id == unit_id)))


def list_own(owner: Actor, since: date) -> list[WeekSummary]:
    """The owner's weeks from a day on, the newest first."""
    found = (
        select(
            Week.starts_on,
            Week.status,
            Week.total_minutes,
            Week.nothing_since.is_not(None),
            ~select(TimeEntry.id).where(TimeEntry.week_id == Week.id).exists(),
        )
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
    decider, stood_for = person_names.alias("decider"), person_names.alias("stood_for")
    found = (
        select(
            Decision.outcome, Decision.ground, Decision.reason, Decision.decided_at, decider.c.name, stood_for.c.name,
            Decision.how,
        )
        .outerjoin(decider, decider.c.id == Decision.decided_by)
        .outerjoin(stood_for, stood_for.c.id == Decision.on_behalf_of)
        .where(Decision.week_id == week_id)
        .order_by(Decision.version.desc())
        .limit(1)
    )  # fmt: skip
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
