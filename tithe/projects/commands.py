"""Projects at the command line: what is flagged, and flagging one. Clearing or stopping is for coordinators alone."""

from __future__ import annotations

import json

import click

from tithe.kernel import clock
from tithe.people import queries as people
from tithe.projects import operations
from tithe.projects.flags import all_open
from tithe.projects.presenters import flag_as_json
from tithe.projects.rules import FlagGround
from tithe.web.cli import CommandGroup

projects = CommandGroup("projects", help="Projects that wait for a coordinator.")
GROUNDS = [each.value for each in FlagGround if each is not FlagGround.FIRST_LOOK]


@projects.command("flags")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def flags(as_json: bool) -> None:
    """List the projects that are flagged, those that wait longest first."""
    rows = all_open()
    if as_json:
        click.echo(json.dumps([flag_as_json(each) for each in rows], default=lambda moment: moment.isoformat()))
        return
    for each in rows:
        who = each.raised_by_name or "the policy"
        click.echo(
            f"{clock.local_date(each.raised_at)}\tproject {each.project_id}: {each.title}\t{each.what}, by {who}"
        )
    click.echo(f"{len(rows)} waiting")


@projects.command("flag")
@click.argument("email")
@click.argument("project", type=int)
@click.argument("ground", type=click.Choice(GROUNDS))
@click.argument("words")
def flag(email: str, project: int, ground: str, words: str) -> None:
    """Flag a project, by its number, as its owner or as a coordinator of its unit who told you so."""
    now = clock.now()
    actor = people.actor_by_email(email, now)
    operations.raise_flag(actor=actor, project_id=project, ground=ground, words=words, now=now)
    click.echo("Sent to the coordinators of the unit")
