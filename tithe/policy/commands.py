"""Policies at the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import click

from tithe.access.actor import SYSTEM
from tithe.kernel import clock
from tithe.people import queries as people
from tithe.policy import operations, presenters, queries, rules
from tithe.policy.operations import Proposal
from tithe.policy.queries import Policy
from tithe.policy.rules import Change
from tithe.web.cli import CommandGroup
from tithe.web.filters import short_day

policy = CommandGroup("policy", help="The settings of the scheme, unit by unit.")

DAY = click.DateTime(["%Y-%m-%d"])
COMMIT = click.option("--commit", is_flag=True, help="Save the change; without it, only say what it would be.")


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


@policy.command("adopt")
@click.argument("code")
@click.option("--from", "starts_on", type=DAY, required=True, help="The first day on which it holds.")
@click.option("--preset", type=click.Choice(list(rules.PRESETS)), help="Start from a known scheme.")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="A setting. May be given again.")
@click.option("--reason", required=True, help="Why; everybody can read it.")
@COMMIT
def adopt(
    code: str, starts_on: datetime, preset: str | None, pairs: tuple[str, ...], reason: str, commit: bool
) -> None:
    """Give a unit new settings from a day on.

    A version names everything the unit decides for itself: whatever it leaves out is inherited again.
    """
    now, unit = clock.now(), people.get_unit(code)
    settings = rules.PRESETS.get(preset or "", {}) | dict(_pair(each) for each in pairs)
    earliest = rules.earliest_start(clock.local_date(now))
    proposal = Proposal(unit.id, starts_on.date(), settings, reason, earliest)
    changes = operations.rehearse_adoption(actor=SYSTEM, proposal=proposal)
    if commit:
        operations.adopt_policy(actor=SYSTEM, **vars(proposal), now=now)
    _say(f"In {unit.name} from {short_day(proposal.starts_on)}", changes, commit)


@policy.command("withdraw")
@click.argument("code")
@click.argument("version", type=click.IntRange(min=1))
@COMMIT
def withdraw(code: str, version: int, commit: bool) -> None:
    """Take back a version that has not begun."""
    now, unit = clock.now(), people.get_unit(code)
    changes = operations.rehearse_withdrawal(
        actor=SYSTEM, unit_id=unit.id, version=version, today=clock.local_date(now)
    )
    if commit:
        operations.withdraw_policy(actor=SYSTEM, unit_id=unit.id, version=version, now=now)
    _say(f"In {unit.name} without version {version}", changes, commit)


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"“{text[:40]}” has no value. Write it like rate_bp=1000", param_hint="--set")
    return name.strip(), rules.read(name.strip(), value)


def _say(heading: str, changes: Iterable[Change], commit: bool) -> None:
    """What differs in the unit on the first day, and whether it was saved."""
    lines = [f"  {presenters.in_words(change)}{_note(change.name)}" for change in changes]
    ending = "Saved" if commit else "Nothing was saved. Add --commit to save"
    click.echo("\n".join([f"{heading}:", *(lines or ["  every value stays what it is"]), ending]))


def _note(name: str) -> str:
    return "" if rules.ABOUT[name].acted_on else f" ({rules.NO_EFFECT_YET.lower()})"


def _in_words(found: Policy) -> Iterator[str]:
    yield f"{found.unit.name} ({found.unit.code}), {short_day(found.on)}"
    for section, lines in presenters.sections(found):
        yield f"\n{section}"
        for line in lines:
            yield f"  {line.name}: {line.text} [{line.origin}]{_note(line.name)}"
    for day, changes in presenters.by_day(found).items():
        yield f"\nFrom {day}"
        yield from (f"  {change}" for change in changes)
    yield "\nVersions"
    for each in found.versions:
        state = presenters.STATES[each.state].lower()
        yield f"  {each.unit_code} {each.version}, from {short_day(each.starts_on)}, {state}: {each.reason}"
    if not found.versions:
        yield "  Nobody here or above has decided anything: every value is the default"
