"""Taking weeks for decision: by somebody they wait for, or by a rule of the scheme."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select, tuple_, update

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.allowance.queries.balances import has_summary_elsewhere
from tithe.allowance.queries.periods import NEWEST_CLOSED
from tithe.kernel.calendar import Quarter, quarters_over
from tithe.kernel.clock import local_date
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import Conflict, RuleBroken
from tithe.projects.queries import is_member
from tithe.timesheets.models import TimeEntry, Week
from tithe.timesheets.queries.inbox import waits_for
from tithe.timesheets.queries.weeks import WeekRow, get_week, shares_a_project
from tithe.timesheets.rules.deciding import DecisionHow, how_decided
from tithe.timesheets.rules.entries import Entry
from tithe.timesheets.rules.lifecycle import WeekMove, WeekStatus, status_after

WEEK, ENTRY = table_of(Week).c, table_of(TimeEntry).c
SHARED = (
    "You are a member of a project in this week, so you cannot decide it. "
    "Ask its owner to take it back and submit it again: it then goes to your own manager"
)
MOVED_ON = "A week was changed or decided since you opened this page. Nothing was decided. Look again, then decide"
# Which weeks it takes is said by whoever sends it.
TAKE = (
    update(table_of(Week))
    .values(status=bindparam("new_status"), decided_at=bindparam("now"), version=WEEK.version + 1)
    .returning(
        WEEK.id, WEEK.person_id, WEEK.starts_on, WEEK.unit_id, (WEEK.version - 1).label("shown"), WEEK.total_minutes,
        WEEK.amends_version, WEEK.approver_id, WEEK.stage, WEEK.counts_on,
    )
)  # fmt: skip
# Weeks, and whether their owners have minutes in another unit: asked once a week, not once an entry.
SPREAD = (
    select(
        WEEK.id,
        has_summary_elsewhere(WEEK.person_id, WEEK.unit_id, bindparam("quarters", expanding=True)).label("elsewhere"),
    )
    .where(WEEK.id.in_(bindparam("week_ids", expanding=True)))
    .cte("spread")
    .prefix_with("MATERIALIZED")
)
HELD = (
    select(
        SPREAD.c.id, SPREAD.c.elsewhere, is_member(ENTRY.project_id, bindparam("decider")), NEWEST_CLOSED,
        ENTRY.day, ENTRY.project_id, ENTRY.minutes, ENTRY.note, ENTRY.kind,
    )
    .select_from(SPREAD.outerjoin(table_of(TimeEntry), ENTRY.week_id == SPREAD.c.id))
)  # fmt: skip


@dataclass(frozen=True)
class Claimed:
    """A week taken for decision: `version` is the one that was shown, `split` says its owner has moved unit.

    `on_behalf_of` is the manager whose delegate decides. `newest_closed` is the code of the last quarter whose books
    are closed, if any is. Entries are in no order.
    """

    id: int
    owner_id: int
    starts_on: date
    unit_id: int
    version: int
    total_minutes: int
    amends: int | None
    how: DecisionHow
    on_behalf_of: int | None
    entries: tuple[Entry, ...]
    counts_on: date | None
    split: bool
    newest_closed: str | None


def claim(actor: Actor, versions: Mapping[int, int], move: WeekMove, now: datetime) -> list[Claimed]:
    """Take the weeks that wait for somebody, in the versions they were shown, or refuse all and say why."""
    taken = _take(versions, move, now, waits_for(actor))
    if len(taken) != len(versions):
        for week_id in sorted(set(versions) - {row.id for row in taken}):
            get_week(week_id, by=actor, to=Permission.WEEK_DECIDE)
        raise Conflict(MOVED_ON)
    return _claimed(taken, actor, None, now)


def claim_those_free(actor: Actor, versions: Mapping[int, int], move: WeekMove, now: datetime) -> list[Claimed]:
    """Take those of some weeks that wait for somebody in the versions they were shown, and leave the others alone."""
    taken = _take(versions, move, now, and_(waits_for(actor), ~shares_a_project(actor)))
    return _claimed(taken, actor, None, now) if taken else []


def claim_by_rule(by: Actor, versions: Mapping[int, int], how: DecisionHow, now: datetime) -> list[Claimed]:
    """Take the submitted weeks a rule approves, or refuse all when one has moved on."""
    taken = _take(versions, WeekMove.APPROVE, now, Week.status == WeekStatus.SUBMITTED)
    if len(taken) != len(versions):
        raise Conflict(MOVED_ON)
    return _claimed(taken, by, how, now)


def claimed_from(week: WeekRow, by: Actor) -> Claimed:
    """A week that was read and is written already, as taken for a decision that posts nothing."""
    how = how_decided(by.person_id, week.approver_id, week.stage)
    return Claimed(
        id=week.id or 0,
        owner_id=week.owner_id,
        starts_on=week.starts_on,
        unit_id=week.unit_id or 0,
        version=week.version,
        total_minutes=week.total_minutes,
        amends=week.amends_version,
        how=how,
        on_behalf_of=week.approver_id if how is DecisionHow.DELEGATE else None,
        entries=week.entries,
        counts_on=week.counts_on,
        split=False,
        newest_closed=None,
    )


def claim_returned(by: Actor, week_id: int, version: int, now: datetime) -> list[Claimed]:
    """Take one returned week that a review approves as it stands, or refuse when its owner has changed it since."""
    stands = Week.status == WeekStatus.RETURNED
    taken = _take({week_id: version}, WeekMove.OVERTURN, now, stands, was=WeekStatus.RETURNED)
    if not taken:
        raise Conflict(MOVED_ON)
    return _claimed(taken, by, DecisionHow.REVIEW, now)


def _take(
    versions: Mapping[int, int],
    move: WeekMove,
    now: datetime,
    which: ColumnElement[bool],
    was: WeekStatus = WeekStatus.SUBMITTED,
) -> Sequence[Any]:
    """Take the weeks in one statement, locked in order of id."""
    shown = [(week_id, version) for week_id, version in versions.items() if week_id <= LARGEST_ID]
    wanted = select(WEEK.id).where(which, tuple_(WEEK.id, WEEK.version).in_(shown)).order_by(WEEK.id).with_for_update()
    decided = {"new_status": status_after(was, move), "now": now}
    return db.session.execute(TAKE.where(WEEK.id.in_(wanted)), decided).all()


def _claimed(taken: Sequence[Any], by: Actor, how: DecisionHow | None, now: datetime) -> list[Claimed]:
    """The weeks with their entries, and as whom they were taken unless by a rule."""
    mondays = [row.starts_on for row in taken]
    first, last = min(mondays) - timedelta(days=1), max(mondays) + timedelta(days=6)  # whatever their weeks start on
    quarters = quarters_over(first, max(last, local_date(now)))
    entries, split, newest_closed = _held([row.id for row in taken], by, quarters)
    weeks = []
    for row in sorted(taken, key=lambda row: int(row.id)):
        right = how or how_decided(by.person_id, row.approver_id, row.stage)
        claimed = Claimed(
            id=row.id,
            owner_id=row.person_id,
            starts_on=row.starts_on,
            unit_id=row.unit_id,
            version=row.shown,
            total_minutes=row.total_minutes,
            amends=row.amends_version,
            how=right,
            on_behalf_of=row.approver_id if right is DecisionHow.DELEGATE else None,
            entries=tuple(entries[row.id]),
            counts_on=row.counts_on,
            split=row.id in split,
            newest_closed=newest_closed,
        )
        weeks.append(claimed)
    return weeks


def _held(
    week_ids: Iterable[int], decider: Actor, quarters: Iterable[Quarter]
) -> tuple[Mapping[int, list[Entry]], set[int], str | None]:
    """The entries of the weeks just claimed, which of these have owners with minutes in another unit too, and the code
    of the newest closed quarter.

    Refuses when the decider has become a member of one of the projects since: nobody decides on work they share.
    """
    asked = {"week_ids": list(week_ids), "quarters": [each.code for each in quarters], "decider": decider.id}
    entries: defaultdict[int, list[Entry]] = defaultdict(list)
    split: set[int] = set()
    rows = db.session.execute(HELD, asked).all()
    for week_id, elsewhere, shared, _, day, project_id, minutes, note, kind in rows:
        if shared:
            raise RuleBroken(SHARED)
        if elsewhere:
            split.add(week_id)
        if day is not None:
            entries[week_id].append(Entry(day, project_id, minutes, note, kind))
    return entries, split, rows[0][3]
