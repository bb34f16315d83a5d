"""What somebody has planned, and what was agreed with them, at the command line."""

from __future__ import annotations

import json

import click

from tithe.kernel import clock
from tithe.kernel.minutes import spoken
from tithe.people import queries as people
from tithe.timesheets.presenters import agreements as agreed
from tithe.timesheets.presenters import plans as presenters
from tithe.timesheets.queries.agreements import own_requests
from tithe.timesheets.queries.job_shares import own_uncovered
from tithe.timesheets.queries.plans import list_blocks
from tithe.web.cli import CommandGroup

plans = CommandGroup("plans", help="Time planned ahead and agreed in advance.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
AFTER = click.option("--after", help="Go on from here: the line that ends a page says it.")


@plans.command("list")
@click.argument("email")
@AFTER
@AS_JSON
def list_plans(email: str, after: str | None, as_json: bool) -> None:
    """Print what somebody still has planned, the earliest first."""
    owner = people.actor_by_email(email, clock.now())
    blocks, following = list_blocks(owner, after=presenters.place_in(after))
    uncovered = own_uncovered(owner, [block.day for block in blocks])
    place = presenters.place_as_text(following)
    if as_json:
        rows = [presenters.as_json(block, cover=presenters.cover_of(block, uncovered)) for block in blocks]
        page = {"blocks": rows, "next": place}
        click.echo(json.dumps(page, indent=2, default=lambda day: day.isoformat()))
        return
    for block in blocks:
        click.echo(f"{block.day} {spoken(block.minutes):>8}  {block.title}")
        if words := presenters.cover_of(block, uncovered):
            click.echo(f"  {words}")
    click.echo(f"More with --after {place}" if place else f"{len(blocks)} blocks")


@plans.command("agreements")
@click.argument("email")
@AS_JSON
def list_agreements(email: str, as_json: bool) -> None:
    """Print what somebody asked their manager to agree to lately, the newest first."""
    owner = people.actor_by_email(email, clock.now())
    rows, _ = own_requests(owner)
    if as_json:
        listed = [agreed.as_json(row) for row in rows]
        click.echo(json.dumps({"agreements": listed}, indent=2, default=lambda day: day.isoformat()))
        return
    for row in rows:
        shown = agreed.shown(row, {}, clock.today())
        click.echo(f"{shown.tag['text']}: {shown.title}, {shown.days}")
    click.echo(f"{len(rows)} agreements asked for")
