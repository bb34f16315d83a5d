"""Everything held about somebody as a file, and erasing what has been kept long enough."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from tithe.access.actor import SYSTEM
from tithe.kernel import clock
from tithe.kernel.db import rehearsal
from tithe.kernel.errors import NotFound
from tithe.oversight.operations import own_data as operations
from tithe.oversight.operations.erasure import erase_due
from tithe.oversight.presenters.own_data import as_zip
from tithe.oversight.queries.own_data import everything_about
from tithe.people import queries as people


@click.command("export")
@click.argument("who", metavar="EMAIL")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def export(who: str, file: Path) -> None:
    """Write everything held about somebody to a ZIP, for them. EMAIL may be a staff number as well."""
    person_id = people.id_of(who)
    if person_id is None:
        raise NotFound(f"Nobody has the address or staff number {who}")
    operations.begin_export(actor=SYSTEM, person_id=person_id, now=clock.now())
    try:
        with file.open("wb") as out:
            out.writelines(as_zip(everything_about(person_id)))
    finally:
        operations.end_export(person_id=person_id, now=clock.now())
    click.echo(f"Wrote {file}")


@click.command("erase")
@click.option(
    "--due", is_flag=True, required=True, help="Whatever has been kept long enough; there is no other choice."
)
@click.option("--commit", is_flag=True, help="Erase it. Without this, only say what would be erased.")
@with_appcontext
def erase(due: bool, commit: bool) -> None:
    """Erase what has been kept long enough about those who left: names and words go, sums stay. For good."""
    with rehearsal(keep=commit):
        erased = erase_due(now=clock.now())
    for each in erased.people:
        click.echo(f"Person {each.person_id}, who left on {each.last_day}: {', '.join(each.classes)}")
    done = "Erased" if commit else "Would erase"
    click.echo(f"{done} records of {len(erased.people)} people, and {erased.old_rows} old messages, links and sign-ins")
