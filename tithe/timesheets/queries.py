"""Reading weeks: one's own, the queue of those that wait for somebody, and the limits a week must keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, bindparam, false, func, or_, select, tuple_

from tithe.access.actor import Actor
from tithe.access.grants import QUEUE_KEEPERS, ensure
from tithe.access.permissions import Permission
from tithe.allowance.queries.balances import Balance, balances_of, used_by_weeks
from tithe.allowance.queries.periods import NEWEST_CLOSED
from tithe.allowance.queries.schedules import schedule_of
from tithe.allowance.rules.ledger import quarter_of_use
from tithe.allowance.rules.schedule import Schedule
from tithe.kernel.calendar import Quarter, week_days
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound
from tithe.people import queries as people
from tithe.people.queries import person_names, unit_tree
from tithe.projects import queries as projects
from tithe.timesheets import rules
from tithe.timesheets.models import Decision, TimeEntry, Week
from tithe.timesheets.rules import Entry, Limits, ReturnGround, WeekStatus

PAGE = 50


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
        return rules.digest(self.version, self.entries)


@dataclass(frozen=True)
class AwaitingRow:
    """A week in a manager's queue."""

    id: int
    owner_id: int
    owner_name: str
    starts_on: date
    version: int
    total_minutes: int
    submitted_at: datetime
    due_on: date
    by_hr_queue: bool


@dataclass(frozen=True)
class WeekSummary:
    """A week in its owner's list."""

    starts_on: date
    status: WeekStatus
    total_minutes: int


@dataclass(frozen=True)
class LastDecision:
    """The newest decision on a week, as its owner reads it."""

    outcome: rules.Outcome
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
    )
    .select_from(table_of(Week).outerjoin(table_of(TimeEntry), ENTRY.week_id == WEEK.id))
    .order_by(ENTRY.day, ENTRY.project_id)
)
WEEK_BY_ID = WEEK_WITH_ENTRIES.where(WEEK.id == bindparam("week_id"))
OWN_WEEK = WEEK_WITH_ENTRIES.where(WEEK.person_id == bindparam("owner_id"), WEEK.starts_on == bindparam("monday"))
OWN_WEEK_LOCKED = OWN_WEEK.with_for_update(of=table_of(Week))
WAITING = (
    select(ENTRY.day, func.sum(ENTRY.minutes), NEWEST_CLOSED)
    .select_from(table_of(Week).join(table_of(TimeEntry), WEEK.id == ENTRY.week_id))
    .where(
        WEEK.person_id == bindparam("owner_id"),
        WEEK.status == WeekStatus.SUBMITTED,
        WEEK.starts_on != bindparam("except_week", type_=Date),
        ENTRY.day < bindparam("end", type_=Date),
    )
    .group_by(ENTRY.day)
)
NO_WEEK = date(1, 1, 1)
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


def waits_for(actor: Actor) -> ColumnElement[bool]:
    """A submitted week is in this person's queue: by name, or in the HR queue of a unit their role covers."""
    named = Week.approver_id == actor.id
    tops = actor.units_as(*QUEUE_KEEPERS)
    below = select(unit_tree.c.descendant_id).where(unit_tree.c.ancestor_id.in_(tops))
    queued = and_(Week.approver_id.is_(None), Week.unit_id.in_(below)) if tops else false()
    return and_(Week.status == WeekStatus.SUBMITTED, Week.person_id != actor.id, or_(named, queued))


def weeks_awaiting(viewer: Actor, *, after: tuple[datetime, int] | None = None) -> tuple[list[AwaitingRow], bool]:
    """A page of the weeks that wait for the viewer, oldest first, and whether more follow."""
    found = (
        select(
            Week.id,
            Week.person_id,
            person_names.c.name,
            Week.starts_on,
            Week.version,
            Week.total_minutes,
            Week.submitted_at,
            Week.due_on,
            Week.approver_id.is_(None),
        )
        .join(person_names, person_names.c.id == Week.person_id)
        .where(waits_for(viewer))
        .order_by(Week.submitted_at, Week.id)
    )
    if after:
        found = found.where(tuple_(Week.submitted_at, Week.id) > after)
    rows = db.session.execute(found.limit(PAGE + 1)).all()
    return [AwaitingRow(*row) for row in rows[:PAGE]], len(rows) > PAGE


def count_awaiting(viewer: Actor) -> int:
    return db.session.scalar(select(func.count()).select_from(Week).where(waits_for(viewer))) or 0


def entries_of(week_ids: Iterable[int]) -> dict[int, list[tuple[Entry, str]]]:
    """The entries of some weeks with the titles of their projects, in one statement."""
    titles = projects.project_titles
    found = (
        select(
            TimeEntry.week_id,
            TimeEntry.day,
            TimeEntry.project_id,
            TimeEntry.minutes,
            TimeEntry.note,
            titles.c.title,
        )
        .join(titles, titles.c.id == TimeEntry.project_id)
        .where(TimeEntry.week_id.in_(list(week_ids)))
        .order_by(TimeEntry.week_id, TimeEntry.day, titles.c.title)
    )
    by_week: dict[int, list[tuple[Entry, str]]] = {}
    for week_id, day, project_id, minutes, note, title in db.session.execute(found):
        by_week.setdefault(week_id, []).append((Entry(day, project_id, minutes, note), title))
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
    found = select(func.max(Decision.version)).where(
        Decision.week_id == week_id, Decision.outcome == rules.Outcome.APPROVED
    )
    return db.session.scalar(found)


def approved_entries(week_id: int, version: int) -> list[Entry]:
    """What was approved in one version of a week, exactly as it was shown to who approved it."""
    found = select(Decision.entries).where(Decision.week_id == week_id, Decision.version == version)
    return [Entry(date.fromisoformat(day), *rest) for day, *rest in db.session.scalar(found) or ()]


def amendment(week: WeekRow) -> list[dict[str, Any]]:
    """What an amended week changes of what was approved, with the titles of the projects."""
    approved = approved_entries(week.id or 0, week.amends_version or 0)
    changes = rules.changes_between(approved, week.entries)
    titles = projects.titles_of({change.project_id for change in changes})
    return [vars(change) | {"title": titles[change.project_id]} for change in changes]


def waiting_minutes(
    owner_id: int, quarters: Iterable[Quarter], *, except_week: date | None = None
) -> dict[Quarter, int]:
    """Minutes submitted and not decided yet in each quarter, one week left out if named.

    What waits in a closed quarter waits for the quarter open after it: there it will be used.
    """
    waiting = dict.fromkeys(quarters, 0)
    which = {"owner_id": owner_id, "except_week": except_week or NO_WEEK, "end": max(each.end for each in waiting)}
    for day, minutes, closed in db.session.execute(WAITING, which):
        used_in = quarter_of_use(day, closed)
        if used_in in waiting:
            waiting[used_in] += int(minutes)
    return waiting


def waiting_between(quarter: Quarter, low: int, high: int) -> dict[int, int]:
    """Minutes of a quarter that wait for a decision, of everybody in a range of ids who has any.

    Of an amendment only what it asks for beyond what is counted already.
    """
    found = (
        select(WEEK.person_id, WEEK.id, WEEK.amends_version, func.sum(ENTRY.minutes))
        .select_from(table_of(Week).join(table_of(TimeEntry), WEEK.id == ENTRY.week_id))
        .where(
            WEEK.status == WeekStatus.SUBMITTED,
            WEEK.person_id.between(low, high),
            ENTRY.day >= quarter.start,
            ENTRY.day < quarter.end,
        )
        .group_by(WEEK.person_id, WEEK.id, WEEK.amends_version)
    )
    rows = db.session.execute(found).all()
    counted = used_by_weeks([row.id for row in rows if row.amends_version is not None])
    waiting: dict[int, int] = {}
    for person_id, week_id, _, minutes in rows:
        asked = max(0, int(minutes) - counted.get(week_id, {}).get(quarter, 0))
        waiting[person_id] = waiting.get(person_id, 0) + asked
    return waiting


def waiting_of(owner_ids: Iterable[int], quarter: Quarter) -> dict[int, int]:
    """Minutes that wait for a decision and will be used in a quarter, of those of some people who have any."""
    found = (
        select(WEEK.person_id, ENTRY.day, func.sum(ENTRY.minutes), NEWEST_CLOSED)
        .select_from(table_of(Week).join(table_of(TimeEntry), WEEK.id == ENTRY.week_id))
        .where(WEEK.status == WeekStatus.SUBMITTED, WEEK.person_id.in_(list(owner_ids)), ENTRY.day < quarter.end)
        .group_by(WEEK.person_id, ENTRY.day)
    )
    waiting: dict[int, int] = {}
    for person_id, day, minutes, closed in db.session.execute(found):
        if quarter_of_use(day, closed) == quarter:
            waiting[person_id] = waiting.get(person_id, 0) + int(minutes)
    return waiting


@dataclass(frozen=True)
class Room:
    """What somebody may still log in a week: the schedule of its days and the minutes left in its quarters.

    `counted` are the minutes a week that is being amended has used already: it may use them again. `not_yet` are those
    of the entitlement that a policy lets nobody use before they are earned.
    """

    schedule: Schedule
    balances: dict[Quarter, Balance]
    waiting: dict[Quarter, int]
    counted: dict[Quarter, int] | None = None
    not_yet: dict[Quarter, int] = field(default_factory=dict)

    def left(self, quarter: Quarter) -> int:
        """Minutes earned and neither approved nor waiting for approval in another week."""
        free = self.balances[quarter].left - self.waiting[quarter] - self.not_yet.get(quarter, 0)
        return free + (self.counted or {}).get(quarter, 0)

    def limits(self, monday: date) -> Limits:
        days = week_days(monday)
        return Limits(
            scheduled={day: self.schedule.scheduled(day) for day in days},
            usual_week=sum(self.schedule.usual(day) for day in days),
            min_entry_min=self.schedule.settings.min_entry_min,
            week_cap_pct=self.schedule.settings.week_cap_pct,
            left={quarter: self.left(quarter) for quarter in self.balances},
            closed_before=self.schedule.closed_before,
            amending=self.counted is not None,
            own_time=self.schedule.settings.own_time_allowed,
            blackouts={day: found.unit for day in days if (found := self.schedule.blackout_on(day))},
            away={day: minutes for day in days if (minutes := self.schedule.away(day))},
            holidays=frozenset(day for day in days if self.schedule.is_holiday(day)),
        )


def room_in(week: WeekRow, today: date) -> Room:
    """How much room its owner has in a week today."""
    schedule = schedule_of(week.owner_id, week.starts_on, week.starts_on + timedelta(days=7))
    open_from = schedule.closed_before
    quarters = sorted({Quarter.containing(max(day, open_from)) for day in week_days(week.starts_on)})
    counted = None
    if week.id is not None and week.is_amendment:
        counted = dict.fromkeys(quarters, 0)
        for quarter, minutes in used_by_weeks([week.id])[week.id].items():
            counted[Quarter.containing(max(quarter.start, open_from))] += minutes
    return Room(
        schedule=schedule,
        balances=balances_of(week.owner_id, quarters),
        waiting=waiting_minutes(week.owner_id, quarters, except_week=week.starts_on),
        counted=counted,
        not_yet=_not_yet(week.owner_id, schedule, quarters, today),
    )


def _not_yet(owner_id: int, schedule: Schedule, quarters: Iterable[Quarter], today: date) -> dict[Quarter, int]:
    if schedule.settings.availability == "forecast":
        return {}
    return {each: schedule_of(owner_id, each.start, each.end).not_earned_by(today) for each in quarters}


def approver_of(owner_id: int, week: WeekRow) -> int | None:
    """Who would decide a week if it were submitted now; None is the unit's HR queue."""
    fellows = projects.members_of({entry.project_id for entry in week.entries}) - {owner_id}
    return rules.approver(owner_id, rules.Chain(*people.managers_above(owner_id, week.starts_on)), fellows)
