"""Taking in somebody's time from a file at the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click

from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.people import queries as people
from tithe.timesheets.forms.imports import read_time
from tithe.timesheets.operations.imports import ImportRefused, import_time
from tithe.timesheets.presenters import imports as presenters
from tithe.timesheets.queries.imports import lines_for
from tithe.timesheets.rules.imports.cells import DateOrder
from tithe.timesheets.rules.imports.layouts import Format
from tithe.web.cli import CommandGroup

timesheets = CommandGroup("timesheets", help="Time that was logged in other tools.")


@timesheets.command("import")
@click.argument("email")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "wanted",
    type=click.Choice([each.value for each in Format]),
    help="Which tool wrote it; told by its columns.",
)
@click.option(
    "--dates",
    type=click.Choice([each.value for each in DateOrder]),
    help="How 03/08/2026 is read, where no date shows it.",
)
@click.option("--map", "pairs", multiple=True, help="NAME=PROJECT_ID, help, secondment, learning or out. May repeat.")
@click.option("--commit", is_flag=True, help="Save the time; without it, only report.")
@click.option("--skip-bad-rows", is_flag=True, help="Load the good rows even if others are wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def import_file(
    email: str,
    file: Path,
    wanted: str | None,
    dates: str | None,
    pairs: tuple[str, ...],
    commit: bool,
    skip_bad_rows: bool,
    as_json: bool,
) -> None:
    """Load somebody's time from a file of Toggl Track, Clockify, Harvest, Kimai, a calendar or a plain CSV.

    Plain columns: date, project, minutes or duration, note; or week, project, total. Tags are named with # before
    them. The same file twice adds nothing. A wrong row refuses the file: status 1.
    """
    now, refused = clock.now(), False
    actor = people.actor_by_email(email, now)
    source, order = Format(wanted) if wanted else None, DateOrder(dates) if dates else None
    sheet = read_time(file.read_bytes(), clock.local_date(now), source, order)
    try:
        report = import_time(
            actor=actor, sheet=sheet, mapping=_mapping(pairs), now=now, commit=commit, skip_bad_rows=skip_bad_rows
        )
    except ImportRefused as refusal:
        report, refused = refusal.report, True
    if as_json:
        click.echo(json.dumps(presenters.as_json(report), default=str))
    else:
        click.echo(presenters.in_words(report, lines_for(actor), saved=commit and not refused))
    if refused:
        raise SystemExit(1)


def _mapping(pairs: Iterable[str]) -> dict[str, str]:
    """Where names go, as they were typed. A name may hold an equals sign: the last one counts."""
    mapping = {}
    for pair in pairs:
        name, equals, line = pair.rpartition("=")
        if not equals or not name.strip():
            raise RuleBroken(f"“{pair[:60]}” is not a name and where it goes. Write it like Letters=12", field="map")
        mapping[name.strip()] = line.strip()
    return mapping
