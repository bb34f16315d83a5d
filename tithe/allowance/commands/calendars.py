"""Holiday calendars at the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from tithe.access.actor import SYSTEM
from tithe.allowance.operations import calendars as operations
from tithe.allowance.operations.calendars import Copy
from tithe.allowance.presenters import calendars as presenters
from tithe.allowance.queries import calendars as queries
from tithe.allowance.rules.holidays import FIRST_YEAR, LAST_YEAR, NATIONAL
from tithe.allowance.rules.published import read_published, read_text
from tithe.kernel import clock
from tithe.web.cli import CommandGroup
from tithe.web.filters import short_day

calendars = CommandGroup("calendars", help="Calendars of public holidays.")

COMMIT = click.option("--commit", is_flag=True, help="Save the change; without it, only say what it would be.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
YEAR = click.IntRange(FIRST_YEAR, LAST_YEAR)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@calendars.command("list")
@AS_JSON
def list_calendars(as_json: bool) -> None:
    """List all calendars, the last holiday of each, and how many people use it."""
    today, after, found = clock.today(), "", []
    while True:
        page, following = queries.list_calendars(today, after=after)
        found += page
        if following is None:
            break
        after = following
    if as_json:
        _print([presenters.as_json(each, today) for each in found])
        return
    for each in found:
        last = "any year" if each.national else short_day(each.last_day) if each.last_day else "no holidays"
        click.echo("\t".join([each.code, each.name, last, f"{each.people} people"]))


@calendars.command("show")
@click.argument("code")
@click.option("--year", type=YEAR, help="This year if left out.")
@AS_JSON
def show(code: str, year: int | None, as_json: bool) -> None:
    """Print the holidays of a year."""
    today = clock.today()
    chosen = year or today.year
    found = queries.known_calendar(code, today)
    days = queries.days_of(code, chosen, chosen)
    if as_json:
        _print(presenters.year_as_json(found, today, chosen, days))
        return
    for each in days:
        click.echo(f"{each.day}\t{each.day:%a}\t{each.name}\t{presenters.KINDS[each.kind]}")
    if not days:
        click.echo(f"{found.name} has no holidays in {chosen}")


@calendars.command("copy")
@click.argument("copied_from", metavar="FROM")
@click.argument("code", metavar="CODE")
@click.option("--name", required=True, help="What people see.")
@click.option("--from", "first_year", type=YEAR, required=True, help="The first year to copy.")
@click.option("--to", "last_year", type=YEAR, required=True, help="The last year to copy.")
@COMMIT
def copy(copied_from: str, code: str, name: str, first_year: int, last_year: int, commit: bool) -> None:
    """Make CODE, a calendar that may be changed, with the holidays FROM has in some years."""
    copied = Copy(code, name, copied_from, first_year, last_year)
    days = operations.rehearse_copy(actor=SYSTEM, copied=copied)
    if commit:
        operations.copy_calendar(actor=SYSTEM, **vars(copied), now=clock.now())
    _say([f"{code} starts with {len(days)} holidays of {copied_from}, {first_year} to {last_year}"], commit)


@calendars.command("import")
@click.argument("code")
@click.argument("file", type=FILE)
@click.option("--division", type=click.Choice(NATIONAL), required=True, help="Which part of the list to follow.")
@COMMIT
def import_days(code: str, file: Path, division: str, commit: bool) -> None:
    """Follow the list of bank holidays in FILE, as GOV.UK publishes it in JSON."""
    published = read_published(read_text(file.read_bytes()), division)
    if commit:
        changed = operations.import_days(actor=SYSTEM, code=code, published=published.days, now=clock.now())
    else:
        changed = operations.rehearse_import(actor=SYSTEM, code=code, published=published.days)
    left_out = [f"left out, at a weekend: {each.day}, {each.name}" for each in published.at_weekends]
    _say([*(list(presenters.in_words(changed)) or ["nothing to change"]), *left_out], commit)


@calendars.command("check")
def check() -> None:
    """Fail when people use a calendar that ends within 12 months."""
    ending = queries.ending_calendars(clock.today())
    if ending:
        lines = [f"{each.code}: {presenters.ending(each)} and {each.people} people use it" for each in ending]
        raise click.ClickException("\n".join([*lines, "Add the days that follow, or import a newer list"]))
    click.echo("Every calendar in use reaches a year ahead")


def _print(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, default=lambda day: day.isoformat()))


def _say(lines: Iterable[str], commit: bool) -> None:
    ending = "Saved" if commit else "Nothing was saved. Add --commit to save"
    click.echo("\n".join([*lines, ending]))
