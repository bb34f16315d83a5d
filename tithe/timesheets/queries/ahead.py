"""What stands before a week that is not submitted yet: what is in its way, and what last week held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tithe.access.actor import Actor
from tithe.kernel.errors import Problem
from tithe.timesheets.queries.job_shares import judged_for
from tithe.timesheets.queries.room import Room, room_in
from tithe.timesheets.queries.weeks import own_week
from tithe.timesheets.rules.entries import Entry
from tithe.timesheets.rules.job_shares import minutes_held
from tithe.timesheets.rules.limits import in_the_way, misplaced


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


def last_week(actor: Actor, monday: date) -> list[Entry]:
    """What one logged in the week before, each entry on the same day of the week that starts on a Monday."""
    week = timedelta(days=7)
    return [replace(entry, day=entry.day + week) for entry in own_week(actor, monday - week).entries]
