"""Corrections at the command line. Whoever runs a command says in whose name."""

from __future__ import annotations

import json

import click

from tithe.allowance.operations import adjustments as operations
from tithe.allowance.presenters import adjustments as presenters
from tithe.allowance.queries import adjustments as queries
from tithe.allowance.rules import adjustments as rules
from tithe.allowance.rules.adjustments import Proposal, signed
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.people import queries as people
from tithe.web.cli import CommandGroup
from tithe.web.paging import Cursor

adjustments = CommandGroup("adjustments", help="Corrections of people's minutes: one proposes, a second decides.")

BY = click.option("--by", "address", required=True, help="The e-mail address of whoever decides this.")
WHICH = click.argument("adjustment_id", type=click.IntRange(min=1))


@adjustments.command("list")
@BY
@click.option("--decided", is_flag=True, help="Those decided, and not those that wait.")
@click.option("--after", help="Go on from here: the line that ends a page says it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_adjustments(address: str, decided: bool, after: str | None, as_json: bool) -> None:
    """Print the corrections of the people somebody's HR role covers."""
    now = clock.now()
    viewer = people.actor_by_email(address, now)
    found, following = queries.list_adjustments(
        viewer, decided=decided, today=clock.local_date(now), after=Cursor.read(after)
    )
    place = Cursor.write(*following) if following else None
    if as_json:
        page = {"adjustments": [presenters.as_json(each) for each in found], "next": place}
        click.echo(json.dumps(page, indent=2, default=lambda moment: moment.isoformat()))
        return
    for each in found:
        names = each.proposer + (f", {each.status} by {each.decider}" if each.decider else "")
        click.echo(f"{each.id} {each.person}, {each.quarter}: {signed(each.minutes)}, proposed by {names}")
    click.echo(f"More with --after {place}" if place else f"{len(found)} corrections")


@adjustments.command("propose")
@click.argument("person")
@click.argument("quarter")
@click.option("--minutes", required=True, help="With a sign, like --minutes=+1:30 or --minutes=-45m.")
@click.option("--reason", required=True, help="Why; the person will read it.")
@BY
def propose(person: str, quarter: str, minutes: str, reason: str, address: str) -> None:
    """Propose a correction for PERSON, an e-mail address or staff number, about QUARTER."""
    now, proposal = clock.now(), Proposal(Quarter.parse(quarter), rules.parse(minutes), reason)
    actor = people.actor_by_email(address, now)
    adjustment_id = operations.propose_adjustment(actor=actor, person=person, proposal=proposal, now=now)
    click.echo(f"Correction {adjustment_id} of {signed(proposal.minutes)} waits for a second person")


@adjustments.command("post")
@WHICH
@BY
def post(adjustment_id: int, address: str) -> None:
    """Post a correction somebody else proposed."""
    now = clock.now()
    operations.post_adjustment(actor=people.actor_by_email(address, now), adjustment_id=adjustment_id, now=now)
    click.echo("Posted")


@adjustments.command("refuse")
@WHICH
@click.option("--words", required=True, help="Why; whoever proposed it will read them.")
@BY
def refuse(adjustment_id: int, words: str, address: str) -> None:
    """Refuse a correction somebody else proposed."""
    now = clock.now()
    actor = people.actor_by_email(address, now)
    operations.refuse_adjustment(actor=actor, adjustment_id=adjustment_id, words=words, now=now)
    click.echo("Refused")
