"""Starting, stopping and discarding one's own timer, and telling people of one they forgot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, insert, update

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.db import atomic, db
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.kernel.minutes import spoken
from tithe.notices import operations as notices
from tithe.policy import queries as policy
from tithe.projects import queries as projects
from tithe.timesheets.models import Timer
from tithe.timesheets.operations.quick import Logged, log_time
from tithe.timesheets.queries.room import room_in
from tithe.timesheets.queries.timer import TimerRow, own_timer
from tithe.timesheets.queries.weeks import WeekRow, own_week
from tithe.timesheets.rules.entries import entry_of
from tithe.timesheets.rules.lifecycle import WeekMove, status_after
from tithe.timesheets.rules.limits import Limits, held_up
from tithe.timesheets.rules.quick import read_line, together
from tithe.timesheets.rules.timer import CAPPED, LONGEST_NOTE, room_left, rounded_up, runs_until, worth

TIMER_RUNS = "timer-runs"  # what a message about a timer is asked before it goes


@atomic
def start_timer(
    *, actor: Actor, line: str, now: datetime, row: str | None = None, stop_first: bool = False
) -> TimerRow:
    """Let a clock run from now on the project or kind that a line of words names; `row` where they leave it open.

    Refuses while another runs, unless that is to be stopped first and logged, rounded up where it is too short.
    """
    today = local_date(now)
    memberships = projects.memberships_of(actor.person_id)
    asked = read_line(line, today, memberships, timing=True).entry(row)
    if problems := held_up([asked], memberships):
        raise RuleBroken(problems[0].message, field="line")
    if len(asked.note) > LONGEST_NOTE:
        raise RuleBroken(f"The note of a timer has at most {LONGEST_NOTE} characters", field="line")
    running = own_timer(actor, lock=True)
    if running is not None and not stop_first:
        raise RuleBroken(f"A timer runs on {running.title} already. Stop or discard it first", field="stop_first")
    if running is not None:
        stop_timer(actor=actor, now=now, round_up=True)
    week, limits = _today(actor, now)
    ensure(actor, Permission.WEEK_SAVE, week)
    status_after(week.status, WeekMove.EDIT)
    logged = sum(each.minutes for each in week.entries if each.day == today)
    values = {"person_id": actor.id, "project_id": asked.project_id, "kind": asked.kind, "note": asked.note}
    until = runs_until(now, room_left(limits, logged, today))
    db.session.execute(insert(Timer).values(**values, started_at=now, runs_until=until))
    facts = {"project_id": asked.project_id, "kind": asked.kind.value}
    record("timer:start", actor=actor, about="person", id=actor.id, at=now, **facts)
    return _running(actor)


def _today(actor: Actor, now: datetime) -> tuple[WeekRow, Limits]:
    """This week of somebody's and what bounds it."""
    monday = policy.monday_of(local_date(now))
    week = own_week(actor, monday, lock=True)
    return week, room_in(week, local_date(now)).limits(monday)


def _running(actor: Actor) -> TimerRow:
    """The timer that runs for somebody, or a refusal."""
    running = own_timer(actor, lock=True)
    if running is None:
        raise NotFound("No timer runs. Start one, or add the time by hand")
    return running


@atomic
def stop_timer(*, actor: Actor, now: datetime, round_up: bool = False) -> Logged:
    """Stop one's timer and log what it is worth on the day it was started, with the note "capped" if it ran out.

    Refuses what is below the shortest entry, unless it is to be rounded up to that.
    """
    running = _running(actor)
    day = local_date(running.started_at)
    week = own_week(actor, policy.monday_of(day), lock=True)
    shortest = room_in(week, local_date(now)).limits(week.starts_on).min_entry_min
    entry = entry_of(running.line, day, running.minutes(now), running.note)
    logged = sum(each.minutes for each in week.entries if each.place == entry.place)
    minutes = rounded_up(entry.minutes, logged, shortest, up=round_up)
    note = together(running.note, CAPPED) if now > running.runs_until else running.note
    _end(running, actor, now, "timer:stop", minutes=minutes)
    return log_time(actor=actor, entry=replace(entry, minutes=minutes, note=note), now=now)


@atomic
def discard_timer(*, actor: Actor, now: datetime) -> None:
    """Stop one's timer and log nothing."""
    _end(_running(actor), actor, now, "timer:discard")


def _end(running: TimerRow, actor: Actor, now: datetime, verb: str, **facts: int) -> None:
    ensure(actor, Permission.WEEK_SAVE, running)
    db.session.execute(delete(Timer).where(Timer.person_id == running.owner_id))
    record(verb, actor=actor, about="person", id=running.owner_id, at=now, **facts)


@atomic
def warn_of_capped_timers(*, now: datetime) -> int:
    """Tell everybody whose timer counts no further, once; return how many."""
    told = (
        update(Timer)
        .where(Timer.runs_until <= now, Timer.warned_at.is_(None))
        .values(warned_at=now)
        .returning(Timer.person_id, Timer.started_at, Timer.runs_until)
    )
    rows = db.session.execute(told.execution_options(synchronize_session=False)).all()
    notices.queue(
        [
            notices.compose(
                "timer-capped",
                to=row.person_id,
                path="/timer",
                at=now,
                collapse_key="timer",
                recheck=TIMER_RUNS,
                about_id=row.person_id,
                started=f"{row.started_at.astimezone(LONDON):%-H:%M}",
                total=spoken(worth(row.started_at, row.runs_until)),
            )
            for row in rows
        ]
    )
    return len(rows)
