"""Weeks that wait for somebody who has left go to that person's own manager, or else to the HR queue of the unit; those
of somebody who got another manager go there when HR says so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, select, update

from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.calendar import named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.minutes import spoken
from tithe.notices import operations as notices
from tithe.people import queries as people
from tithe.people.leavers import LEFT_BEFORE, last_managers
from tithe.projects import queries as projects
from tithe.projects.queries import is_member
from tithe.timesheets.models import TimeEntry, Week
from tithe.timesheets.rules.deciding import Chain, approver_among
from tithe.timesheets.rules.escalation import QUEUE, Stage
from tithe.timesheets.rules.lifecycle import WeekStatus

WEEKS = table_of(Week)
# The weeks that wait for people who have left, all of them locked in order of id before any is given to somebody.
ORPHANS = (
    select(WEEKS.c.approver_id, WEEKS.c.id, WEEKS.c.person_id)
    .where(WEEKS.c.status == WeekStatus.SUBMITTED, WEEKS.c.approver_id.in_(LEFT_BEFORE))
    .order_by(WEEKS.c.id)
    .with_for_update()
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
    weeks = sorted(db.session.execute(HAND_OVER, which).all(), key=attrgetter("id"))
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


@atomic
def reassign_weeks(*, actor: Actor, person_id: int, now: datetime) -> int:
    """Let the weeks of somebody that still wait for their manager wait for the one they have today; return how many.

    A change of manager moves no week by itself. Decided weeks and those that have moved on stay where they are, and so
    does the day a decision is due. Source: §1.6 of the scheme's time rules.
    """
    today = local_date(now)
    owner = people.get_person(person_id, by=actor, to=Permission.WEEK_REASSIGN, on=today)
    chain = Chain(*people.managers_above(person_id, today))
    waiting = (Week.person_id == person_id, Week.status == WeekStatus.SUBMITTED, Week.stage == Stage.MANAGER)
    moved = []
    for week in db.session.scalars(select(Week).where(*waiting).order_by(Week.id).with_for_update()).all():
        projects_of = select(TimeEntry.project_id).where(
            TimeEntry.week_id == week.id, TimeEntry.project_id.is_not(None)
        )
        fellows = projects.members_of(set(db.session.scalars(projects_of))) - {person_id}
        heir = approver_among(person_id, chain, fellows)
        if heir != week.approver_id and (heir is not None or week.unit_id is not None):
            moved.append((week, week.approver_id))
            week.approver_id, week.version = heir, week.version + 1
            facts = {"version": week.version, "approver_id": heir, "was": moved[-1][1]}
            record("week:reassign", actor=actor, about="week", id=week.id, at=now, **facts)
    _tell_of_reassigned(owner.name, moved, now)
    return len(moved)


def _tell_of_reassigned(owner: str, moved: Sequence[tuple[Week, int | None]], now: datetime) -> None:
    """Whoever gets a week, and whoever it waited for."""
    names = people.names_of({week.approver_id for week, _ in moved if week.approver_id is not None})
    messages = []
    for week, was in moved:
        facts: dict[str, Any] = {"owner": owner, "week": named(week.starts_on), "total": spoken(week.total_minutes)}
        facts |= {"due": named(week.due_on) if week.due_on else "", "heir": names.get(week.approver_id or 0, QUEUE)}
        if week.approver_id is not None:
            path = f"/approvals/{week.id}"
            messages.append(notices.compose("week-submitted", to=week.approver_id, path=path, at=now, **facts))
        if was is not None:
            messages.append(notices.compose("week-moved-on", to=was, path="/approvals", at=now, **facts))
    notices.queue(messages)
