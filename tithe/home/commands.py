"""Somebody's allowance at the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click
from flask.cli import with_appcontext

from tithe.home import queries
from tithe.home.presenters import values, words
from tithe.home.queries import Mine
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.minutes import spoken
from tithe.people import queries as people


@click.command("show")
@click.argument("email")
@click.option("--quarter", "code", help="Like 2026-27Q1; this one if left out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def show(email: str, code: str | None, as_json: bool) -> None:
    """Print somebody's balance in a quarter, every line behind it, and what lapses when."""
    now = clock.now()
    today = clock.local_date(now)
    quarter = Quarter.parse(code) if code else Quarter.containing(today)
    found = queries.mine_of(people.actor_by_email(email, now), quarter, today)
    if as_json:
        click.echo(json.dumps(values.allowance(found), indent=2, default=lambda moment: moment.isoformat()))
    else:
        click.echo("\n".join(_in_words(found)))


def _in_words(mine: Mine) -> Iterator[str]:
    yield f"{mine.quarter.label} ({mine.quarter}, {values.state_of(mine)})"
    yield words.basis(mine)
    for name, text in words.figures(mine):
        yield f"  {name}: {text}"
    yield from words.overdrawn(mine)
    if plans := words.after_plans(mine):
        yield plans
    yield from words.outlook(mine)
    for group in words.groups(mine):
        yield f"{group.title}: {spoken(group.minutes)}"
        for line in group.lines:
            yield f"  {spoken(line.minutes):>10}  {line.when}  {line.reason}"
