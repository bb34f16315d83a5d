"""What stands before a week that is not submitted yet: what is in its way, who would decide it, what last week held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, literal, select

from tithe.access.actor import Actor
from tithe.kernel.db import table_of
from tithe.kernel.errors import Problem
from tithe.kernel.prepared import Prepared
from tithe.people.queries import MANAGERS_ABOVE, person_names
from tithe.projects import queries as projects
from tithe.timesheets.models import TimeEntry
from tithe.timesheets.queries.job_shares import judged_for
from tithe.timesheets.queries.room import Room, room_in
from tithe.timesheets.queries.weeks import WeekRow, own_week
from tithe.timesheets.rules.deciding import Chain, approver_among
from tithe.timesheets.rules.entries import Entry
from tithe.timesheets.rules.job_shares import minutes_held
from tithe.timesheets.rules.limits import in_the_way, misplaced

ENTRY = table_of(TimeEntry).c
ABOVE = MANAGERS_ABOVE.subquery()
MANAGER, COUNTERSIGNER = person_names.alias("manager"), person_names.alias("countersigner")


def _works_on_it(person_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Somebody is a member of a project in the week that is asked about."""
    shared = select(literal(1)).where(
        ENTRY.week_id == bindparam("week_id"), projects.is_member(ENTRY.project_id, person_id)
    )
    return shared.correlate_except(table_of(TimeEntry)).exists()


DECIDERS = Prepared(
    select(
        ABOVE.c[0], MANAGER.c.name, _works_on_it(ABOVE.c[0]), ABOVE.c[1], COUNTERSIGNER.c.name, _works_on_it(ABOVE.c[1])
    )
    .outerjoin(MANAGER, MANAGER.c.id == ABOVE.c[0])
    .outerjoin(COUNTERSIGNER, COUNTERSIGNER.c.id == ABOVE.c[1])
)


class Approver(NamedTuple):
    """Who is to decide a week."""

    id: int
    name: str


@dataclass(frozen=True)
class Checked:
    """What would keep entries from being submitted, and those that leave a shared post without cover."""

    problems: list[Problem]
    cover: list[Problem]


def problems_in(
    entries: Sequence[Entry],
    *,
    actor: Actor,
    monday: date,
    room: Room,
    today: date,
) -> list[Problem]:
    """Everything that would keep these entries from being submitted as one's own week, by what is known already."""
    weeks = room.schedule.weeks
    wrong = misplaced(entries, monday, weeks=weeks, today=today, employed=actor.employed, memberships=room.memberships)
    return in_the_way(entries, room.limits(monday), wrong)


def check_own(actor: Actor, monday: date, entries: Sequence[Entry], today: date) -> Checked:
    """The same, asking for what has to be known, and what leaves a shared post without cover."""
    week = own_week(actor, monday)
    room = room_in(week, today)
    problems = problems_in(entries, actor=actor, monday=monday, room=room, today=today)
    judged = judged_for(actor, entries, minutes_held(week.entries))
    return Checked(judged.refused + problems, judged.said)


def approver_of(week: WeekRow) -> Approver | None:
    """Who would decide a week, as it is stored, if it were submitted now; None is the unit's HR queue."""
    row = DECIDERS.first(person_id=week.owner_id, day=week.starts_on, week_id=week.id or 0)
    if row is None:
        return None
    manager, name, works_on_it, countersigner, other_name, other_works_on_it = row
    fellows = [person_id for person_id, works in ((manager, works_on_it), (countersigner, other_works_on_it)) if works]
    found = approver_among(week.owner_id, Chain(manager, countersigner), fellows)
    return Approver(found, name if found == manager else other_name) if found else None


def last_week(actor: Actor, monday: date) -> list[Entry]:
    """What one logged in the week before, each entry on the same day of the week that starts on a Monday."""
    week = timedelta(days=7)
    return [replace(entry, day=entry.day + week) for entry in own_week(actor, monday - week).entries]
