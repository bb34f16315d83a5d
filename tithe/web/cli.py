"""Commands whose refusals are words on a terminal, never a stack trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from tithe.kernel.errors import TitheError

# What SQLite and PostgreSQL say of a table or column that the migrations have not made yet.
NOT_THERE = ("no such table", "no such column", "does not exist")


class _Day(click.DateTime):
    """A date in the one shape that files, the API and commands share."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"“{value}” is no date. Write it like 2026-07-01", param, ctx)


DAY = _Day(["%Y-%m-%d"])


class CommandGroup(AppGroup):
    """A group of commands run in the application's context. A refusal, or a database that is not there or not
    prepared, ends the command with words and status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        with refusals():
            return super().invoke(ctx)


class Command(click.Command):
    """One command that stands in no group, with the same words."""

    def invoke(self, ctx: click.Context) -> Any:
        with refusals():
            return super().invoke(ctx)


@contextmanager
def refusals() -> Iterator[None]:
    """Put into words what kept a command from doing its work."""
    try:
        yield
    except TitheError as refusal:
        raise click.ClickException("\n".join(problem.message for problem in refusal.problems)) from refusal
    except (OperationalError, ProgrammingError) as fault:
        raise click.ClickException(_in_words(fault)) from fault


def _in_words(fault: OperationalError | ProgrammingError) -> str:
    """What is wrong with the database and what to do; a fault of a statement is raised again."""
    said = str(fault.orig).strip().splitlines()[0]
    if any(words in said for words in NOT_THERE) and "database" not in said:
        return "The database is not prepared for this version of tithe. Run: flask --app wsgi db upgrade"
    if isinstance(fault, ProgrammingError):
        raise fault
    return f"The database does not answer ({said}). Check DATABASE_URL and that the server runs, then try again"
