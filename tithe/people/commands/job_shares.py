"""Who shares a post with whom, at the command line."""

from __future__ import annotations

import json
from datetime import datetime

import click

from tithe.access.actor import SYSTEM
from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.calendar import named
from tithe.people.job_shares import list_shares
from tithe.people.operations import job_shares as operations
from tithe.people.rules.job_shares import Share
from tithe.people.standing import nearest_day
from tithe.people.wanted import person_called
from tithe.web.cli import DAY, CommandGroup

job_shares = CommandGroup("job-shares", help="Two people who hold one post together.")


@job_shares.command("list")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_of(email: str, as_json: bool) -> None:
    """List the job shares somebody has, had or will have, the newest first."""
    person_id = person_called(email, "email")
    day = nearest_day(person_id, clock.today())
    found = list_shares(person_id, by=SYSTEM, to=Permission.PERSON_MANAGE, on=day)
    if as_json:
        rows = [{name: value for name, value in vars(each).items() if name != "sharer_id"} for each in found]
        click.echo(json.dumps({"shares": rows}, default=str))
        return
    for each in found:
        until = f" to {named(each.ends_on)}" if each.ends_on else " on"
        click.echo(f"{each.id}\t{each.email}\t{each.sharer}\tfrom {named(each.starts_on)}{until}")
    click.echo(f"{len(found)} job shares")


@job_shares.command("begin")
@click.argument("email")
@click.argument("sharer")
@click.option("--from", "starts_on", type=DAY, required=True, help="The first day of it.")
@click.option("--to", "ends_on", type=DAY, help="The last day of it, if it is known.")
def begin(email: str, sharer: str, starts_on: datetime, ends_on: datetime | None) -> None:
    """Say that two people share one post from a day on. Each keeps hours and an allowance of their own."""
    last_day = ends_on.date() if ends_on else None
    wanted = Share(person_called(email, "email"), person_called(sharer, "sharer"), starts_on.date(), last_day)
    share_id = operations.share_post(actor=SYSTEM, wanted=wanted, now=clock.now())
    click.echo(f"{email} and {sharer} share a post from {named(starts_on.date())} on: number {share_id}")


@job_shares.command("end")
@click.argument("number", type=int)
@click.argument("last_day", type=DAY)
def end(number: int, last_day: datetime) -> None:
    """Give a job share a last day, or another one. The list says its number."""
    operations.end_share(actor=SYSTEM, share_id=number, ends_on=last_day.date(), now=clock.now())
    click.echo(f"{named(last_day.date())} is its last day")
