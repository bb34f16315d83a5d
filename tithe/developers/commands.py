"""Demo data, and lists for those who check the house."""

from __future__ import annotations

import click
from flask import current_app

from tithe.access.grants import GRANTS
from tithe.developers import demo as demo_data
from tithe.kernel import clock
from tithe.web.cli import CommandGroup
from tithe.web.guards import declared_permission

dev = CommandGroup("dev", help="For those who run and change tithe.")


@dev.command("demo")
def demo() -> None:
    """Fill an empty database with a published department and a plausible quarter; say who can sign in."""
    if current_app.extensions["tithe"].production:
        raise click.ClickException("Demo people do not belong in production")
    with click.progressbar(length=len(demo_data.STEPS), label="Demo data", show_pos=True) as bar:
        loaded = demo_data.load(
            now=clock.now(),
            cost=current_app.extensions["tithe"].password_cost,
            progress=lambda: bar.update(1),
        )
    click.echo("Demo department loaded." if loaded else "The database already holds people; nothing was added.")
    accounts = demo_data.accounts(clock.now())
    for account in accounts:
        click.echo(f"  {account.what:20} {account.email}")
    if accounts:
        click.echo(f"  Every password is {demo_data.PASSWORD}")


@dev.command("routes")
def routes() -> None:
    """List every route with the permission it declares."""
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule):
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        click.echo(f"{methods:10} {rule.rule:45} {declared_permission(current_app, rule.endpoint) or '-'}")


@dev.command("permissions")
def permissions() -> None:
    """List every permission with who holds it."""
    for permission, predicates in GRANTS.items():
        click.echo(f"{permission:22} {' or '.join(predicate.__name__ for predicate in predicates)}")
