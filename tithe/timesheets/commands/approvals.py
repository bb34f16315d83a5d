"""The weeks that wait for somebody, at the command line. Reading only: nothing is decided on the server."""

from __future__ import annotations

import json

import click

from tithe.kernel import clock
from tithe.kernel.minutes import spoken
from tithe.people import queries as people
from tithe.timesheets.presenters.approvals import as_whom, awaiting_as_json
from tithe.timesheets.queries.inbox import inbox_of
from tithe.web.cli import CommandGroup


@click.group("approvals", cls=CommandGroup)
def approvals() -> None:
    """Weeks that wait for a decision."""


@approvals.command("list")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_waiting(email: str, as_json: bool) -> None:
    """List the weeks that wait for somebody, oldest first, with what is unusual about each."""
    viewer = people.actor_by_email(email, clock.now())
    weeks, following = inbox_of(viewer)
    while following:
        page, following = inbox_of(viewer, after=following)
        weeks += page
    if as_json:
        click.echo(json.dumps([awaiting_as_json(each) for each in weeks], default=lambda moment: moment.isoformat()))
        return
    for each in weeks:
        week = each.week
        facts = [week.owner_name, str(week.starts_on), spoken(week.total_minutes), f"due {week.due_on}", as_whom(each)]
        click.echo("\t".join(fact for fact in facts if fact))
        for thing in each.unusual:
            click.echo(f"  {thing.words}")
    click.echo(f"{len(weeks)} waiting")
