"""Absences at the command line."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from tithe.access.actor import SYSTEM
from tithe.allowance.operations.absences_feed import import_absences
from tithe.allowance.presenters.absences import report_in_words
from tithe.allowance.rules.absences_feed import FeedRefused, read_feed
from tithe.kernel import clock
from tithe.web.cli import CommandGroup

absences = CommandGroup("absences", help="Time away: minutes and a yes or no, never a reason.")


@absences.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--commit", is_flag=True, help="Save the changes; without it, only report them.")
@click.option("--skip-bad-rows", is_flag=True, help="Take the good rows even if others are bad.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def import_file(file: Path, commit: bool, skip_bad_rows: bool, as_json: bool) -> None:
    """Take in a CSV file of absences with the columns staff_number or email, date, minutes, reduces_accrual, reference.

    Minutes are a number, or the word day. The same file twice changes nothing. A bad row refuses the file: status 1.
    """
    refused = False
    with file.open("rb") as opened:
        try:
            report = import_absences(
                actor=SYSTEM, rows=read_feed(opened), now=clock.now(), commit=commit, skip_bad_rows=skip_bad_rows
            )
        except FeedRefused as refusal:
            report, refused = refusal.report, True
    click.echo(json.dumps(asdict(report)) if as_json else report_in_words(report, saved=commit and not refused))
    if refused:
        raise SystemExit(1)
