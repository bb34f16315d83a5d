"""What somebody logs often, at the command line."""

from __future__ import annotations

import json
from datetime import datetime

import click

from tithe.kernel import clock
from tithe.kernel.minutes import spoken
from tithe.people import queries as people
from tithe.timesheets.forms.quick import parse_row
from tithe.timesheets.operations import favourites as operations
from tithe.timesheets.presenters.quick import favourite_as_json, in_words, warnings_of
from tithe.timesheets.queries.favourites import own_favourites
from tithe.web.cli import DAY, CommandGroup

favourites = CommandGroup("favourites", help="What somebody logs often.")


@favourites.command("list")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_favourites(email: str, as_json: bool) -> None:
    """Print somebody's favourites by number, the one used last first."""
    rows = own_favourites(people.actor_by_email(email, clock.now()))
    if as_json:
        click.echo(json.dumps([favourite_as_json(each) for each in rows]))
        return
    for each in rows:
        facts = [str(each.id), each.title, spoken(each.minutes), each.note]
        click.echo("\t".join(fact for fact in facts if fact))
    click.echo(f"{len(rows)} favourites")


@favourites.command("add")
@click.argument("email")
@click.argument("line")
@click.option("--row", help="The number of a project or a kind of time, where the words leave it open.")
def add(email: str, line: str, row: str | None) -> None:
    """Keep what a line says, like "1h30 Rainfall maps", as a favourite. Its day does not count."""
    now = clock.now()
    actor = people.actor_by_email(email, now)
    kept = operations.keep_favourite(actor=actor, line=line, row=parse_row(row), now=now)
    click.echo(f"Favourite {kept.id}: {kept.title}, {spoken(kept.minutes)}")


@favourites.command("log")
@click.argument("email")
@click.argument("favourite", type=int)
@click.option("--day", type=DAY, help="Today if left out.")
def log(email: str, favourite: int, day: datetime | None) -> None:
    """Add a favourite, by its number, to a day of somebody's week."""
    now = clock.now()
    on = day.date() if day else clock.local_date(now)
    logged = operations.log_favourite(actor=people.actor_by_email(email, now), favourite_id=favourite, day=on, now=now)
    click.echo(in_words(logged))
    for warning in warnings_of(logged):
        click.echo(warning)


@favourites.command("remove")
@click.argument("email")
@click.argument("favourite", type=int)
def remove(email: str, favourite: int) -> None:
    """Let a favourite go, by its number. What was logged with it stays."""
    now = clock.now()
    operations.delete_favourite(actor=people.actor_by_email(email, now), favourite_id=favourite, now=now)
    click.echo("Removed")
