"""Adding time to a day of one's own week, taking that back, and saying that nothing was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.clock import local_date
from tithe.kernel.db import CHANGED_UNDER_YOU, atomic
from tithe.kernel.errors import Conflict, Problem, RuleBroken, RulesBroken
from tithe.policy import queries as policy
from tithe.projects import queries as projects
from tithe.timesheets.operations.weeks import NOTHING_SENT, save_week, write_week
from tithe.timesheets.queries.job_shares import judged_for
from tithe.timesheets.queries.room import room_in
from tithe.timesheets.queries.weeks import WeekRow, own_week
from tithe.timesheets.rules.entries import KINDS, Entry
from tithe.timesheets.rules.job_shares import minutes_held
from tithe.timesheets.rules.lifecycle import WeekMove, status_after
from tithe.timesheets.rules.limits import over_limits
from tithe.timesheets.rules.quick import read_line, together


@dataclass(frozen=True)
class Logged:
    """What was added to one place of a week: the entry there now, what stood there before, what is over a limit,
    and the cover of a shared post it takes away."""

    week: WeekRow
    title: str
    added: int
    entry: Entry
    former_minutes: int
    former_note: str
    warnings: tuple[str, ...]
    cover: tuple[str, ...] = ()


@atomic
def add_line(*, actor: Actor, line: str, now: datetime, row: str | None = None) -> Logged:
    """Log what one line of words says, like "1h30 Rainfall maps yesterday".

    `row` says which row of the week is meant where the words leave it open. Refuses what it cannot read.
    """
    read = read_line(line, local_date(now), projects.memberships_of(actor.person_id))
    return log_time(actor=actor, entry=read.entry(row), now=now)


@atomic
def log_time(*, actor: Actor, entry: Entry, now: datetime) -> Logged:
    """Add minutes to what a day of one's own open week has for a project or kind, and join the notes.

    Limits do not stop it, as they stop no draft; those the week now breaks are said at once.
    """
    monday = policy.monday_of(entry.day)
    week = own_week(actor, monday, lock=True)
    former = next((each for each in week.entries if each.place == entry.place), replace(entry, minutes=0, note=""))
    others = [each for each in week.entries if each.place != entry.place]
    try:
        joined = replace(entry, minutes=former.minutes + entry.minutes, note=together(former.note, entry.note))
        saved = save_week(actor=actor, monday=monday, entries=[*others, joined], now=now, version=week.version)
    except RuleBroken as broken:
        raise RulesBroken([Problem(each.message, "line") for each in broken.problems]) from broken
    limits = room_in(saved, local_date(now)).limits(monday)
    titles = projects.titles_of([entry.project_id]) if entry.project_id else {}
    return Logged(
        week=saved,
        title=titles.get(entry.project_id or 0) or KINDS[entry.kind],
        added=entry.minutes,
        entry=joined,
        former_minutes=former.minutes,
        former_note=former.note,
        warnings=tuple(each.message for each in over_limits(saved.entries, limits)),
        cover=tuple(each.message for each in judged_for(actor, [joined], minutes_held([joined])).said),
    )


@atomic
def undo_time(
    *, actor: Actor, line: str, day: date, version: int, minutes: int, note_length: int, now: datetime
) -> WeekRow:
    """Put back what a place of one's own week held before time was added, unless the week has moved on since.

    A note that is added stands behind the former one, so the former one is its first `note_length` characters.
    """
    week = own_week(actor, policy.monday_of(day), lock=True)
    held = next((each for each in week.entries if (each.line, each.day) == (line, day)), None)
    if week.version != version or held is None:
        raise Conflict("The week has changed since. Open it and change the time there")
    others = [each for each in week.entries if each != held]
    former = replace(held, minutes=minutes, note=held.note[:note_length])
    entries = [*others, former] if minutes else others
    return save_week(actor=actor, monday=week.starts_on, entries=entries, now=now, version=version)


@atomic
def declare_nothing(*, actor: Actor, monday: date, now: datetime, version: int | None = None) -> WeekRow:
    """Say that nothing was done in a week of one's own, which ends reminders about it. Nobody decides that.

    Only an empty draft can be declared; saying it twice changes nothing. `version`, when given, must be the one that
    was read. Source: §1.6 of the scheme's time rules.
    """
    week = own_week(actor, monday, lock=True)
    ensure(actor, Permission.WEEK_SAVE, week)
    if version is not None and version != week.version:
        raise Conflict(CHANGED_UNDER_YOU)
    if week.nothing_since is not None:
        return week
    starts_on, leaves_on = actor.employed
    days = policy.weeks().days_of(monday)
    if days[0] > local_date(now):
        raise RuleBroken("This week has not come yet. Say it once the week has begun", field="monday")
    if days[-1] < starts_on or (leaves_on and days[0] > leaves_on):
        raise RuleBroken("This week is outside your employment. There is nothing to say about it", field="monday")
    status = status_after(week.status, WeekMove.EDIT)
    if week.entries or week.amends_version is not None:
        raise RuleBroken("There is time in this week. Take it out first, or submit the week", field="monday")
    written = {"status": status, "total_minutes": 0, "nothing_since": now, **NOTHING_SENT}
    return _written(actor, week, written, "week:declare-nothing", now)


@atomic
def take_back_nothing(*, actor: Actor, monday: date, now: datetime) -> WeekRow:
    """Take back that nothing was done in a week of one's own."""
    week = own_week(actor, monday, lock=True)
    ensure(actor, Permission.WEEK_SAVE, week)
    if week.nothing_since is None:
        raise RuleBroken("You have not said that nothing was done in this week. Log your time as usual", field="monday")
    return _written(actor, week, {"nothing_since": None}, "week:take-back-nothing", now)


def _written(actor: Actor, week: WeekRow, changes: dict[str, object], verb: str, now: datetime) -> WeekRow:
    week_id = write_week(week, **changes)
    record(verb, actor=actor, about="week", id=week_id, at=now, version=week.version + 1)
    return own_week(actor, week.starts_on)
