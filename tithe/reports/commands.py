"""Reports at the command line."""

from __future__ import annotations

import json

import click

from tithe.access.actor import SYSTEM
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.people import queries as people
from tithe.reports import operations, presenters, queries
from tithe.reports.queries import Report
from tithe.web.cli import CommandGroup

reports = CommandGroup("reports", help="Utilisation, live and frozen.")


@reports.command("freeze")
@click.argument("quarter")
def freeze(quarter: str) -> None:
    """Store a quarter's utilisation for good. Run again it changes nothing."""
    chosen = Quarter.parse(quarter)
    stored = operations.freeze_quarter(actor=SYSTEM, quarter=chosen, now=clock.now())
    click.echo(f"{chosen.label} {'is frozen' if stored else 'was frozen before; nothing has changed'}")


@reports.command("utilisation")
@click.argument("quarter")
@click.option("--unit", "code", help="Only this unit and those below it.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of CSV.")
def utilisation(quarter: str, code: str | None, as_json: bool) -> None:
    """Print a quarter's utilisation, frozen if it was frozen, else live."""
    chosen = Quarter.parse(quarter)
    stored = queries.frozen(chosen)
    units = [people.get_unit(code)] if code else [people.get_unit_by_id(unit_id) for unit_id in people.top_units()]
    found = [Report(chosen, unit, stored) for unit in units]
    lines = [line for report in found for line in report.lines(all_below=True)]
    status = "frozen" if stored else "live"
    if as_json:
        click.echo(json.dumps(presenters.as_json(chosen, lines, status), indent=2))
    else:
        for text in presenters.as_csv(presenters.as_rows(chosen, lines, status)):
            click.echo(text, nl=False)
