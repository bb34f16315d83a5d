"""Somebody's time at the command line: adding it, the timer, and weeks without any."""

from __future__ import annotations

from datetime import datetime

import click

from tithe.access.actor import Actor
from tithe.kernel import clock
from tithe.kernel.calendar import named
from tithe.kernel.minutes import spoken
from tithe.people import queries as people
from tithe.timesheets.forms.quick import parse_row
from tithe.timesheets.forms.weeks import parse_monday
from tithe.timesheets.operations import quick
from tithe.timesheets.operations import timer as timers
from tithe.timesheets.operations.quick import Logged
from tithe.timesheets.presenters.quick import in_words, undo_of, warnings_of
from tithe.web.cli import CommandGroup

time = CommandGroup("time", help="Add somebody's time in one line, and run their timer.")
row_option = click.option("--row", help="The number of a project or a kind of time, where the words leave it open.")


def _who(email: str) -> tuple[Actor, datetime]:
    now = clock.now()
    return people.actor_by_email(email, now), now


def _say(logged: Logged) -> None:
    click.echo(in_words(logged))
    undo = undo_of(logged)
    facts = [undo[name] for name in ("row", "date", "version", "minutes", "note_length")]
    click.echo(f"To undo it: time undo ADDRESS {' '.join(map(str, facts))}")
    for warning in warnings_of(logged):
        click.echo(warning)


@time.command("add")
@click.argument("email")
@click.argument("line")
@row_option
def add(email: str, line: str, row: str | None) -> None:
    """Add what a line says, like "1h30 Rainfall maps yesterday"."""
    actor, now = _who(email)
    _say(quick.add_line(actor=actor, line=line, row=parse_row(row), now=now))


@time.command("undo")
@click.argument("email")
@click.argument("row")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("version", type=int)
@click.argument("minutes", type=int)
@click.argument("note_length", type=int)
def undo(email: str, row: str, day: datetime, version: int, minutes: int, note_length: int) -> None:
    """Take back what was added, while the week has not moved on. Adding time says what to give here."""
    actor, now = _who(email)
    week = quick.undo_time(
        actor=actor,
        line=parse_row(row) or "",
        day=day.date(),
        version=version,
        minutes=minutes,
        note_length=note_length,
        now=now,
    )
    click.echo(f"Taken back. The week of {named(week.starts_on)} has {spoken(week.total_minutes)}")


@time.command("start")
@click.argument("email")
@click.argument("line")
@row_option
@click.option("--stop-first", is_flag=True, help="Log the timer that runs already, rounded up if too short.")
def start(email: str, line: str, row: str | None, stop_first: bool) -> None:
    """Start a timer on what a line names, like "Rainfall maps"."""
    actor, now = _who(email)
    running = timers.start_timer(actor=actor, line=line, row=parse_row(row), now=now, stop_first=stop_first)
    click.echo(f"The timer runs on {running.title}")


@time.command("stop")
@click.argument("email")
@click.option("--round-up", is_flag=True, help="Round up to the shortest entry.")
def stop(email: str, round_up: bool) -> None:
    """Stop somebody's timer and log what it counted."""
    actor, now = _who(email)
    _say(timers.stop_timer(actor=actor, now=now, round_up=round_up))


@time.command("discard")
@click.argument("email")
def discard(email: str) -> None:
    """Stop somebody's timer and log nothing."""
    actor, now = _who(email)
    timers.discard_timer(actor=actor, now=now)
    click.echo("Discarded; nothing was logged")


@time.command("nothing")
@click.argument("email")
@click.argument("monday")
@click.option("--take-back", is_flag=True, help="Take it back instead.")
def nothing(email: str, monday: str, take_back: bool) -> None:
    """Say that nothing was done in the week of a Monday (2026-08-03)."""
    actor, now = _who(email)
    say = quick.take_back_nothing if take_back else quick.declare_nothing
    week = say(actor=actor, monday=parse_monday(monday), now=now)
    said = "Taken back for" if take_back else "Nothing was done in"
    click.echo(f"{said} the week of {named(week.starts_on)}. It has {spoken(week.total_minutes)}")
