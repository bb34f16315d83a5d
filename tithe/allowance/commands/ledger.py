"""Allowances at the command line."""

from __future__ import annotations

import click

from tithe.access.actor import SYSTEM
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.allowance.queries.balances import drift
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
    changed = accrue_quarter(actor=SYSTEM, quarter=chosen, now=now)
    click.echo(f"{chosen}: {changed} accrual lines posted")


@allowance.command("check")
@click.argument("quarter")
def check(quarter: str) -> None:
    """Compare the stored totals of a quarter with the ledger they sum."""
    apart = drift(Quarter.parse(quarter))
    if apart:
        raise click.ClickException(f"{len(apart)} people's totals differ from their ledger, first: {apart[:5]}")
    click.echo("Every total equals its ledger")
