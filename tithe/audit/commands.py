"""The auditor's command line."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app

from tithe.audit import queries
from tithe.audit.anchors import behind_anchor, newest_anchor
from tithe.web.cli import CommandGroup

audit = CommandGroup("audit", help="The record of what happened.")


@audit.command("verify")
@click.option("--anchors", type=click.Path(path_type=Path), help="Another file of anchors than the settings name.")
def verify(anchors: Path | None) -> None:
    """Check every link of the chain, and that it reaches the newest anchor; name the first that does not hold."""
    broken = queries.first_broken_link()
    if broken:
        raise click.ClickException(f"Stream {broken[0]} breaks at event {broken[1]}")
    path = anchors or Path(current_app.extensions["tithe"].audit_anchor_file)
    anchor = newest_anchor(path)
    if anchor is None:
        click.echo("Every chain holds. No anchor has been written yet, so a cut end would not show")
        return
    behind = behind_anchor(path)
    if behind:
        raise click.ClickException(f"Stream {behind[0]} lost or changed event {behind[1]}, anchored at {anchor[0]}")
    click.echo(f"Every chain holds and reaches the anchor of {anchor[0]}")
