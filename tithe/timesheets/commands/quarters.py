"""Quarters at the command line."""

from __future__ import annotations

import click

from tithe.access.actor import SYSTEM
from tithe.allowance.queries.periods import periods
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.timesheets.operations.closing import close_quarter
from tithe.web.cli import CommandGroup

quarters = CommandGroup("quarters", help="Which quarters are open, and closing their books.")


@quarters.command("list")
def list_quarters() -> None:
    """Show every quarter anything was posted to, and where its books stand."""
    for each in periods(clock.today()):
        click.echo(f"{each.quarter.code}  {each.quarter.label:20}  {each.state}")


@quarters.command("close")
@click.argument("quarter")
def close(quarter: str) -> None:
    """Carry over what nobody used and close a quarter for good. There is no way back."""
    chosen = Quarter.parse(quarter)
    settled = close_quarter(actor=SYSTEM, quarter=chosen, now=clock.now())
    click.echo(f"{chosen.label} is closed: {settled} people had minutes to settle")
