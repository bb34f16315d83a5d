"""Blackouts at the command line."""

from __future__ import annotations

import json
from datetime import datetime

import click

from tithe.allowance.operations import blackouts as operations
from tithe.allowance.presenters import blackouts as presenters
from tithe.allowance.queries import blackouts as queries
from tithe.allowance.rules.blackouts import GROUNDS, Plan
from tithe.kernel import clock
from tithe.people import queries as people
from tithe.web.cli import DAY, CommandGroup
from tithe.web.filters import short_day

blackouts = CommandGroup("blackouts", help="Dates on which units can spare no time.")

BY = click.option("--by", "address", required=True, help="The e-mail address of whoever decides this.")


@blackouts.command("list")
@click.argument("unit")
@click.option("--after", help="Go on from here: the line that ends a page says it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_blackouts(unit: str, after: str | None, as_json: bool) -> None:
    """Print the blackouts of a unit, of those above it and of those below it, the latest first day first."""
    today = clock.today()
    rows, following = queries.list_blackouts(people.get_unit(unit).id, after=presenters.place_in(after))
    found, place = [presenters.as_json(row, today) for row in rows], presenters.place_as_text(following)
    if as_json:
        page = {"blackouts": found, "next": place}
        click.echo(json.dumps(page, indent=2, default=lambda moment: moment.isoformat()))
        return
    for each in found:
        emergency = ", an emergency" if each["emergency"] else ""
        days = f"{short_day(each['starts_on'])} to {short_day(each['last_day'])}, {each['working_days']} working days"
        click.echo(f"{each['id']} {each['unit']}: {days}, {each['state']}{emergency}: {each['reason']}")
    click.echo(f"More with --after {place}" if place else f"{len(found)} blackouts")


@blackouts.command("set")
@click.argument("unit")
@click.option("--from", "starts_on", type=DAY, required=True, help="The first day.")
@click.option("--to", "last_day", type=DAY, required=True, help="The last day, included.")
@click.option("--ground", type=click.Choice([ground.value for ground in GROUNDS]), required=True)
@click.option("--reason", required=True, help="What everybody concerned will read.")
@click.option("--emergency", is_flag=True, help="Begin without notice; needs a longer reason.")
@BY
@click.option("--commit", is_flag=True, help="Save the blackout; without it, only say what it would do.")
def set_blackout(
    unit: str,
    starts_on: datetime,
    last_day: datetime,
    ground: str,
    reason: str,
    emergency: bool,
    address: str,
    commit: bool,
) -> None:
    """Set a blackout for a unit and all below it."""
    now = clock.now()
    actor, plan = (
        people.actor_by_email(address, now),
        Plan(starts_on.date(), last_day.date(), ground, reason, emergency),
    )
    effect = operations.rehearse_blackout(actor=actor, unit=unit, plan=plan, today=clock.local_date(now))
    click.echo(f"{effect.working_days} working days in {effect.unit.name}, {effect.notice} working days’ notice")
    click.echo(f"Concerns {effect.reach.units} units and {effect.reach.people} people")
    for year in effect.years:
        click.echo(f"{year.year.name}: {year.after} of {year.limit} working days blacked out, {year.before} before")
    if commit:
        blackout_id = operations.set_blackout(actor=actor, unit=unit, plan=plan, now=now)
    click.echo(f"Saved as {blackout_id}" if commit else "Nothing was saved. Add --commit to save")


@blackouts.command("lift")
@click.argument("blackout_id", type=click.IntRange(min=1))
@BY
def lift(blackout_id: int, address: str) -> None:
    """End a blackout: one that has not begun is taken away, one under way holds until the end of today."""
    now = clock.now()
    operations.lift_blackout(actor=people.actor_by_email(address, now), blackout_id=blackout_id, now=now)
    click.echo("Lifted")
