"""Policies at the command line: what is in force. Changing one changes allowances too, so that is theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

import click

from tithe.kernel import clock
from tithe.people import queries as people
from tithe.policy import presenters, queries
from tithe.policy.queries import Policy
from tithe.web.cli import DAY, CommandGroup
from tithe.web.filters import short_day

policy = CommandGroup("policy", help="The settings of the scheme, unit by unit.")


@policy.command("show")
@click.argument("code")
@click.option("--on", type=DAY, help="The day; today if left out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(code: str, on: datetime | None, as_json: bool) -> None:
    """Print what is in force in a unit, where each value comes from, and what will change."""
    day = on.date() if on else clock.today()
    found = queries.policy_of(people.get_unit(code), day)
    if as_json:
        click.echo(json.dumps(presenters.as_json(found), indent=2, default=lambda moment: moment.isoformat()))
    else:
        click.echo("\n".join(_in_words(found)))


def _in_words(found: Policy) -> Iterator[str]:
    yield f"{found.unit.name} ({found.unit.code}), {short_day(found.on)}"
    for section, lines in presenters.sections(found):
        yield f"\n{section}"
        for line in lines:
            yield f"  {line.name}: {line.text} [{line.origin}]{presenters.aside(line.effect)}"
    for day, changes in presenters.by_day(found).items():
        yield f"\nFrom {day}"
        yield from (f"  {change}" for change in changes)
    yield "\nVersions"
    for each in found.versions:
        state = presenters.STATES[each.state].lower()
        yield f"  {each.unit_code} {each.version}, from {short_day(each.starts_on)}, {state}: {each.reason}"
    if not found.versions:
        yield "  Nobody here or above has decided anything: every value is the default"
