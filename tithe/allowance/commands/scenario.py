"""Trying the rule on a scenario at the command line."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import BinaryIO

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from tithe.allowance.queries.scenario import holidays_of
from tithe.allowance.rules import scenario
from tithe.kernel.errors import RuleBroken

LARGEST = 1024 * 1024  # bytes, as for everything that is sent to tithe


@click.command("explain")
@click.argument("file", type=click.File("rb"), metavar="FILE|-")
@with_appcontext
def explain(file: BinaryIO) -> None:
    """Print what a scenario is worth, as JSON, day by day.

    The scenario is read from FILE, or from standard input. What is wrong with it is said on standard error, one line
    for each field, and the status is 2. Absences and overrides outside the period, or on a day on which nobody is
    employed, change nothing: the answer names each of them under not_counted.
    """
    try:
        answer = scenario.explain(scenario.read(_contents(file), _holidays_of))
    except RuleBroken as broken:
        for problem in broken.problems:
            click.echo(f"{problem.field or 'scenario'}: {problem.message}", err=True)
        sys.exit(2)
    click.echo(json.dumps(answer, indent=2))


def _contents(file: BinaryIO) -> object:
    text = file.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise RuleBroken(f"Expected at most {LARGEST:,} bytes")
    return scenario.parse(text)


def _holidays_of(calendar: str, first_year: int, last_year: int) -> frozenset[date]:
    """National calendars need no database, and a policy may be tried before there is one."""
    try:
        return holidays_of(calendar, first_year, last_year)
    except SQLAlchemyError as unreachable:
        raise RuleBroken("Expected a national calendar: the database that keeps others cannot be read") from unreachable
