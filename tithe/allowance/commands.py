"""Allowances at the command line."""

from __future__ import annotations

import click

from tithe.access.actor import SYSTEM
from tithe.allowance import operations, queries
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.web.cli import CommandGroup

allowance = CommandGroup("allowance", help="Entitlement and the ledger.")


@allowance.command("accrue")
@click.argument("quarter", required=False)
def accrue(quarter: str | None) -> None:
    """Post everybody's accrual for a quarter (this one if left out). Only differences are posted."""
    now = clock.now()
    chosen = Quarter.parse(quarter) if quarter else Quarter.containing(clock.local_date(now))
    changed = operations.accrue_quarter(actor=SYSTEM, quarter=chosen, now=now)
    click.echo(f"{chosen}: {changed} people's accrual posted or changed")


@allowance.command("check")
@click.argument("quarter")
def check(quarter: str) -> None:
    """Compare the stored totals of a quarter with the ledger they sum."""
    apart = queries.drift(Quarter.parse(quarter))
    if apart:
        raise click.ClickException(f"{len(apart)} people's totals differ from their ledger, first: {apart[:5]}")
    click.echo("Every total equals its ledger")
