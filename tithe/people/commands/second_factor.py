"""Second factors at the command line."""

from __future__ import annotations

import click

from tithe.kernel import clock
from tithe.people.operations import second_factor as operations
from tithe.web.cli import CommandGroup

second_factor = CommandGroup("second-factor", help="Authenticator apps and passkeys.")


@second_factor.command("reset")
@click.argument("email")
def reset(email: str) -> None:
    """Take away somebody's app, recovery codes and passkeys, because they lost them; their sessions end.

    Make sure first, by other means, that it is they who ask.
    """
    operations.reset(email=email, now=clock.now())
    click.echo(f"{email} can sign in with their password alone, and was told so")
