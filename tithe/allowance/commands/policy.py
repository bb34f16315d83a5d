"""Changing a policy at the command line, with what that does to allowances."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from flask.cli import with_appcontext

from tithe.access.actor import SYSTEM
from tithe.allowance.operations import policy as operations
from tithe.allowance.presenters import policy as presenters
from tithe.allowance.queries.preview import Preview
from tithe.kernel import clock
from tithe.people import queries as people
from tithe.policy import rules
from tithe.web.cli import DAY
from tithe.web.filters import short_day

COMMIT = click.option("--commit", is_flag=True, help="Save the change; without it, only say what it would be.")


@click.command("adopt")
@click.argument("code")
@click.option("--from", "starts_on", type=DAY, required=True, help="The first day on which it holds.")
@click.option("--preset", type=click.Choice(list(rules.PRESETS)), help="Start from a known scheme.")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="A setting. May be given again.")
@click.option("--reason", required=True, help="Why; everybody can read it.")
@COMMIT
@with_appcontext
def adopt(
    code: str, starts_on: datetime, preset: str | None, pairs: tuple[str, ...], reason: str, commit: bool
) -> None:
    """Give a unit new settings from a day on.

    A version names everything the unit decides for itself: whatever it leaves out is inherited again.
    """
    unit, day = people.get_unit(code), starts_on.date()
    settings = rules.PRESETS.get(preset or "", {}) | dict(_pair(each) for each in pairs)
    facts: dict[str, Any] = {"unit_id": unit.id, "starts_on": day, "settings": settings, "reason": reason}
    found = operations.rehearse_adoption(actor=SYSTEM, **facts, now=clock.now())
    if commit:
        operations.adopt(actor=SYSTEM, **facts, now=clock.now())
    _say(f"In {unit.name} from {short_day(day)}", found, commit)


@click.command("withdraw")
@click.argument("code")
@click.argument("version", type=click.IntRange(min=1))
@COMMIT
@with_appcontext
def withdraw(code: str, version: int, commit: bool) -> None:
    """Take back a version that has not begun."""
    unit = people.get_unit(code)
    found = operations.rehearse_withdrawal(actor=SYSTEM, unit_id=unit.id, version=version, now=clock.now())
    if commit:
        operations.withdraw(actor=SYSTEM, unit_id=unit.id, version=version, now=clock.now())
    _say(f"In {unit.name} without version {version}", found, commit)


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"“{text[:40]}” has no value. Write it like rate_bp=1000", param_hint="--set")
    return name.strip(), rules.read(name.strip(), value)


def _say(heading: str, found: Preview, commit: bool) -> None:
    """What differs on the first day, who gains and loses, and whether it was saved."""
    lines = [f"  {line}" for line in presenters.in_words(found)]
    ending = "Saved" if commit else "Nothing was saved. Add --commit to save"
    click.echo("\n".join([f"{heading}:", *lines, ending]))
