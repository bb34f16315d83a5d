"""Accounts at the command line: links that set a password, and outside identities."""

from __future__ import annotations

import click
from flask import current_app

from tithe.kernel import clock
from tithe.people.operations import oidc, resets
from tithe.people.rules.secrets import LINK_PATH, LinkPurpose, as_mailed

PRINT = click.option("--print", "printed", is_flag=True, help="Print the link instead of mailing it.")


@click.command("invite")
@click.argument("email")
@PRINT
def invite(email: str, printed: bool) -> None:
    """Mail somebody a link with which they choose their first password. It works once, for 7 days."""
    _send(email, LinkPurpose.INVITATION, printed)


@click.command("reset")
@click.argument("email")
@PRINT
def reset(email: str, printed: bool) -> None:
    """Mail somebody a link with which they set a new password. It works once, for 30 minutes."""
    _send(email, LinkPurpose.RESET, printed)


@click.command("unlink")
@click.argument("email")
def unlink(email: str) -> None:
    """Forget somebody's account with the sign-in provider; their next sign-in links it anew, by staff number."""
    count = oidc.unlink(email=email, now=clock.now())
    click.echo(f"Forgot {count} outside {'identity' if count == 1 else 'identities'} of {email}")


def _send(email: str, purpose: LinkPurpose, printed: bool) -> None:
    """Mail a link, or print it where no mail is sent."""
    settings = current_app.extensions["tithe"]
    mail = bool(settings.mail_host) and not printed
    handle = resets.invite(email=email, purpose=purpose, now=clock.now(), mail=mail)
    if mail:
        click.echo(f"A link is on its way to {email}")
        return
    path = as_mailed(f"{LINK_PATH}{handle}", settings.secret_key)
    if settings.base_url:
        click.echo(f"No mail was sent. Give {email} this address:\n{settings.base_url}{path}")
    else:
        click.echo(f"No mail was sent. Give {email} this address, after that of your site:\n{path}")
