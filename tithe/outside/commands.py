"""People from outside at the command line."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app

from tithe.access.actor import SYSTEM
from tithe.kernel import clock
from tithe.kernel.errors import NotFound
from tithe.outside import operations, presenters, queries
from tithe.people import queries as people
from tithe.people.operations import acceptance
from tithe.people.operations import outside as accounts
from tithe.people.operations.outside import Invitee
from tithe.people.outside import Place, find_stay
from tithe.people.rules.secrets import LINK_PATH, as_mailed
from tithe.web.cli import CommandGroup

outside = CommandGroup("outside", help="People from outside: invited by a host, for a time, with few rights.")
DAY = click.DateTime(["%Y-%m-%d"])


@outside.command("list")
@click.option("--over", is_flag=True, help="Those who were here before.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_stays(over: bool, as_json: bool) -> None:
    """List everybody from outside with their last day, their host and when they signed in last."""
    found, after = [], None
    while True:
        page, after = _page(over, after)
        found += page
        if after is None:
            break
    rows = [presenters.as_json(each) for each in found]
    if as_json:
        click.echo(json.dumps(rows, default=str))
        return
    for stay, row in zip(found, rows, strict=True):
        seen = row["last_sign_in"].date() if row["last_sign_in"] else "never"
        told = (row["email"], row["status"], row["last_day"], presenters.host(stay), row["unit"], seen)
        click.echo("\t".join(map(str, told)))
    click.echo(f"{len(rows)} from outside")


def _page(over: bool, after: Place | None) -> tuple[list[queries.Stay], Place | None]:
    return queries.list_stays(SYSTEM, overseen=True, over=over, after=after, today=clock.today())


@outside.command("invite")
@click.argument("host")
@click.argument("name")
@click.argument("email")
@click.argument("organisation")
@click.option("--project", "projects", type=int, multiple=True, required=True, help="The id of one of the host’s.")
@click.option("--until", type=DAY, required=True, help="The last day.")
@click.option("--print", "printed", is_flag=True, help="Print a link as well, which overtakes the mailed one.")
def invite(
    host: str, name: str, email: str, organisation: str, projects: tuple[int, ...], until: datetime, printed: bool
) -> None:
    """Invite somebody from outside in the name of a host, who is told by their e-mail address."""
    now = clock.now()
    actor = people.actor_by_email(host, now)
    invitee = Invitee(name.strip(), email.strip(), organisation.strip())
    asked: dict[str, Any] = {"invitee": invitee, "project_ids": set(projects), "last_day": until.date()}
    person_id = operations.invite(actor=actor, **asked, now=now)
    click.echo(f"Invited {email}: a link is on its way")
    if printed:
        settings = current_app.extensions["tithe"]
        handle = operations.send_again(actor=actor, person_id=person_id, now=now)
        click.echo(settings.base_url + as_mailed(f"{LINK_PATH}{handle}", settings.secret_key))


@outside.command("extend")
@click.argument("email")
@click.argument("last_day", type=DAY)
def extend(email: str, last_day: datetime) -> None:
    """Set another last day, as far from today as the policy of the unit lets."""
    operations.extend(actor=SYSTEM, person_id=_called(email), last_day=last_day.date(), now=clock.now())
    click.echo(f"{email} is here until {last_day.date()}")


@outside.command("end")
@click.argument("email")
def end(email: str) -> None:
    """End a stay at once: nothing of the account works any more."""
    accounts.end_stay(actor=SYSTEM, person_id=_called(email), now=clock.now())
    click.echo(f"The stay of {email} has ended")


@outside.command("publish-terms")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def publish_terms(file: Path) -> None:
    """Publish the words of a text file as new terms of use. Everybody from outside is asked at their next sign-in."""
    version = acceptance.publish_terms(actor=SYSTEM, words=file.read_text(encoding="utf-8"), now=clock.now())
    click.echo(f"Published version {version}")


def _called(email: str) -> int:
    person_id = find_stay(email)
    if person_id is None:
        raise NotFound(f"Nobody from outside has the address {email[:60]}")
    return person_id
