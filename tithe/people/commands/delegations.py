"""Who stands in for whom, at the command line."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext

from tithe.kernel import clock
from tithe.people.delegations import in_force
from tithe.people.presenters.delegations import in_force_as_json


@click.command("delegations")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@with_appcontext
def delegations(as_json: bool) -> None:
    """List who decides in a manager's place today, and until when."""
    rows = [in_force_as_json(each) for each in in_force(clock.today())]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo("\t".join([row["manager"], row["delegate"], row["starts_on"], row["ends_on"]]))
    click.echo(f"{len(rows)} in force")
