"""Finding people at the command line."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext

from tithe.access.actor import SYSTEM
from tithe.kernel import clock
from tithe.people.directory import Find, PersonCard, find_people
from tithe.people.presenters.directory import card_as_json


@click.command("find")
@click.argument("name", default="")
@click.option("--unit", default="", help="A unit's code, or how words of its name begin; units below count too.")
@click.option("--skill", default="", help="How a skill or interest begins.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@with_appcontext
def find(name: str, unit: str, skill: str, as_json: bool) -> None:
    """Find people employed today by how words of their NAME begin: the first 25, by name."""
    found, following = find_people(Find(name, unit, skill), clock.today(), by=SYSTEM)
    if as_json:
        click.echo(json.dumps([card_as_json(each) for each in found]))
        return
    for each in found:
        click.echo("\t".join([each.name, each.email, *_first_post(each), ", ".join(each.skills)]))
    click.echo("and more: say more of the name" if following else f"{len(found)} found")


def _first_post(card: PersonCard) -> list[str]:
    post = card.posts[0] if card.posts else None
    return [post.title, post.unit, post.manager or ""] if post else ["", "", ""]
