"""Who holds which role, at the command line."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext

from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.kernel import clock
from tithe.kernel.errors import NotFound
from tithe.people import roles as reading
from tithe.people.operations import roles as operations
from tithe.people.presenters.roles import grant_as_json
from tithe.people.rules.roles import Span, Wanted
from tithe.people.wanted import person_called, unit_called


@click.command("roles")
@click.option("--after", type=click.IntRange(min=1), help="Go on from here: the line that ends a page says it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def roles(after: int | None, as_json: bool) -> None:
    """List the roles held today or later, the newest first."""
    found, following = reading.list_grants(SYSTEM, clock.today(), after=after)
    rows = [grant_as_json(each) for each in found]
    if as_json:
        click.echo(json.dumps({"roles": rows, "next": following}, default=str))
        return
    for row in rows:
        until = f" to {row['ends_on']}" if row["ends_on"] else " on"
        click.echo(f"{row['email']}\t{row['role']}\t{row['unit']}\tfrom {row['starts_on']}{until}")
    click.echo(f"More with --after {following}" if following else f"{len(rows)} roles")


@click.command("grant")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.argument("unit_code")
@with_appcontext
def grant(email: str, role: str, unit_code: str) -> None:
    """Give a role to a person for a unit and everything below it, from today.

    Whoever runs the server makes the first HR managers, finance officers and administrators, so this asks no second
    person. On the pages and over the API those roles take two.
    """
    now = clock.now()
    wanted = Wanted(Role(role), Span(clock.local_date(now)), "Given at the command line of the server")
    operations.propose_role(actor=SYSTEM, person=email, unit=unit_code, wanted=wanted, now=now)
    click.echo(f"{email} is now {role} for {unit_code}")


@click.command("end-role")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.argument("unit_code")
@with_appcontext
def end_role(email: str, role: str, unit_code: str) -> None:
    """End a person's role for a unit at once."""
    now = clock.now()
    grant_id = reading.grant_called(person_called(email, "email"), Role(role), unit_called(unit_code), clock.today())
    if grant_id is None:
        raise NotFound(f"{email} does not hold the role {role} for {unit_code}")
    operations.end_role(actor=SYSTEM, grant_id=grant_id, last_day=None, now=now)
    click.echo(f"{email} is no longer {role} for {unit_code}")
