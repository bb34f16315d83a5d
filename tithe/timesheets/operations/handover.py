"""Weeks that wait for somebody who has left go to that person's own manager, or else to the HR queue of the unit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from tithe.access.actor import SYSTEM
from tithe.audit.operations import record
from tithe.kernel.calendar import named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.minutes import spoken
from tithe.notices import operations as notices
from tithe.people import queries as people
from tithe.people.leavers import LEFT_BEFORE, last_managers
from tithe.projects.queries import is_member
from tithe.timesheets.models import TimeEntry, Week
from tithe.timesheets.rules.lifecycle import WeekStatus

WEEKS = table_of(Week)
# The weeks that wait for people who have left, by those people.
ORPHANS = (
    select(WEEKS.c.approver_id, WEEKS.c.id, WEEKS.c.person_id)
    .where(WEEKS.c.status == WeekStatus.SUBMITTED, WEEKS.c.approver_id.in_(LEFT_BEFORE))
    .order_by(WEEKS.c.approver_id, WEEKS.c.id)
)
HAND_OVER = (
    update(WEEKS)
    .where(
        WEEKS.c.id.in_(bindparam("weeks", expanding=True)),
        WEEKS.c.status == WeekStatus.SUBMITTED,
        WEEKS.c.approver_id == bindparam("leaver"),
    )
    .values(approver_id=bindparam("heir"), version=WEEKS.c.version + 1)
    .returning(WEEKS.c.id, WEEKS.c.person_id, WEEKS.c.starts_on, WEEKS.c.version, WEEKS.c.total_minutes)
)


@atomic
def hand_over_orphans(*, now: datetime) -> int:
    """Give every week that waits for somebody who has left to their last line manager; return how many there were.

    A week that manager may not decide, their own or one on a project they share, goes to the HR queue of its unit, and
    so do all where no manager is employed. Whoever gets a week is told. Doing it twice changes nothing.
    """
    today = local_date(now)
    waiting: dict[int, dict[int, int]] = {}
    for leaver, week_id, owner_id in db.session.execute(ORPHANS, {"today": today}):
        waiting.setdefault(leaver, {})[week_id] = owner_id
    heirs, names = last_managers(waiting, today), people.names_of(waiting)
    moved = 0
    for leaver, owners in waiting.items():
        heir = heirs.get(leaver)
        fit = _fit(heir, owners) if heir is not None else set()
        for to, week_ids in ((heir, fit), (None, owners.keys() - fit)):
            moved += len(_hand_over(leaver, names[leaver], to, week_ids, now)) if week_ids else 0
    return moved


def _fit(heir: int, owners: dict[int, int]) -> set[int]:
    """The weeks somebody may decide: not their own, and on no project they are a member of. Source: §1.6 of the
    scheme's time rules."""
    shared = select(TimeEntry.week_id).where(TimeEntry.week_id.in_(list(owners)), is_member(TimeEntry.project_id, heir))
    return {week_id for week_id, owner in owners.items() if owner != heir} - set(db.session.scalars(shared))


def _hand_over(
    leaver: int, leaver_name: str, heir: int | None, week_ids: Collection[int], now: datetime
) -> Sequence[Any]:
    """Give some weeks of a leaver to one person, or to the HR queue. A week taken back meanwhile stays as it is."""
    which = {"weeks": sorted(week_ids), "leaver": leaver, "heir": heir}
    weeks = db.session.execute(HAND_OVER, which).all()
    for week in weeks:
        facts = {"version": week.version, "approver_id": heir, "was": leaver}
        record("week:hand-over", actor=SYSTEM, about="week", id=week.id, at=now, **facts)
    if heir is not None:
        owners = people.names_of({week.person_id for week in weeks})
        notices.queue(
            [
                notices.compose(
                    "week-handed-over",
                    to=heir,
                    path=f"/approvals/{week.id}",
                    at=now,
                    owner=owners[week.person_id],
                    decider=leaver_name,
                    week=named(week.starts_on),
                    total=spoken(week.total_minutes),
                )
                for week in weeks
            ]
        )
    return weeks
