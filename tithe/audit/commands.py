"""The auditor's command line."""

from __future__ import annotations

import click

from tithe.audit import queries
from tithe.web.cli import CommandGroup

audit = CommandGroup("audit", help="The record of what happened.")


@audit.command("verify")
def verify() -> None:
    """Check every link of the chain; name the first that does not hold."""
    broken = queries.first_broken_link()
    if broken:
        raise click.ClickException(f"Stream {broken[0]} breaks at event {broken[1]}")
    click.echo("Every chain holds")
