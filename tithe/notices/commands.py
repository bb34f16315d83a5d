"""The outbox at the command line, for those who run the service."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from tithe.kernel import clock
from tithe.notices import queries
from tithe.notices.operations import inbox
from tithe.notices.queries import OutboxRow
from tithe.web.cli import CommandGroup
from tithe.web.filters import moment

notices = CommandGroup("notices", help="Mail that waits, or was given up.")


@notices.command("list")
@click.option("--dead", is_flag=True, help="Only what was given up after too many attempts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_outbox(dead: bool, as_json: bool) -> None:
    """Show the messages that are not sent, without their words."""
    found = queries.outbox(dead=dead)
    if as_json:
        rows = [asdict(row) for row in found]
        click.echo(json.dumps({"notices": rows}, indent=2, default=lambda instant: instant.isoformat()))
        return
    for row in found:
        click.echo(_line(row))
    if not found:
        click.echo("No message was given up" if dead else "No message waits")


def _line(row: OutboxRow) -> str:
    tried = f", tried {row.attempts} times, last {row.last_error}" if row.last_error else ""
    return f"{row.id}  {row.status:8} {row.event} to {row.address}, {moment(row.created_at)}{tried}"


@notices.command("retry")
@click.argument("ids", metavar="ID…", nargs=-1, required=True, type=click.IntRange(1, 2**62))
def retry(ids: tuple[int, ...]) -> None:
    """Send again what was given up. Give the numbers that `list --dead` shows."""
    inbox.retry(ids=ids, now=clock.now())
    click.echo(f"{len(set(ids))} to be sent again at the next run of send-notices")
