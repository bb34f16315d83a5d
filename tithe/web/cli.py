"""Command groups whose refusals are words on a terminal, never a stack trace."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup

from tithe.kernel.errors import TitheError


class CommandGroup(AppGroup):
    """A group of commands run in the application's context. A refusal ends the command with its words and status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except TitheError as refusal:
            raise click.ClickException("\n".join(problem.message for problem in refusal.problems)) from refusal
