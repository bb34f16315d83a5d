"""The audit as a file."""

from __future__ import annotations

from datetime import datetime

import click
from flask.cli import with_appcontext

from tithe.access.actor import SYSTEM
from tithe.kernel import clock
from tithe.oversight.operations.exporting import note_export
from tithe.oversight.presenters import events as presenters
from tithe.oversight.queries import events as queries
from tithe.oversight.queries.events import Asked
from tithe.web.cli import DAY


@click.command("export")
@click.option("--person", default="", help="By or about one person: an address, staff number or name, exactly.")
@click.option("--thing", default="", help="About one kind of thing, like week.")
@click.option("--thing-id", type=click.IntRange(0), help="About the thing with this number.")
@click.option("--verb", default="", help="With one verb, like week:approve.")
@click.option("--first", type=DAY, help="From this day on.")
@click.option("--last", type=DAY, help="Up to this day, it included.")
@click.option("--format", "shape", type=click.Choice(list(presenters.SHAPES)), default="jsonl", show_default=True)
@with_appcontext
def export(
    person: str, thing: str, thing_id: int | None, verb: str, first: datetime | None, last: datetime | None, shape: str
) -> None:
    """Print events, the newest first. That they were exported is itself recorded."""
    days = {"first": first.date() if first else None, "last": last.date() if last else None}
    choice = queries.choice_of(SYSTEM, Asked(person=person, thing=thing, thing_id=thing_id, verb=verb, **days))
    note_export(actor=SYSTEM, choice=choice, shape=shape, now=clock.now())
    write, _ = presenters.SHAPES[shape]
    for line in write(queries.every_event(choice)):
        click.echo(line, nl=False)
