"""Working hours at the command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path

import click

from tithe.access.actor import SYSTEM
from tithe.allowance.operations import moves as lending
from tithe.allowance.operations import patterns as operations
from tithe.allowance.operations.patterns import NewPattern
from tithe.allowance.presenters import patterns as presenters
from tithe.allowance.queries import patterns as queries
from tithe.allowance.queries.patterns import Hours
from tithe.allowance.rules import patterns as rules
from tithe.kernel import clock
from tithe.kernel.errors import NotFound, Problem, RuleBroken, RulesBroken
from tithe.people import queries as people
from tithe.web.cli import DAY, CommandGroup
from tithe.web.filters import short_day

patterns = CommandGroup("patterns", help="When people work, and which share of their time is lent elsewhere.")

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
COMMIT = click.option("--commit", is_flag=True, help="Save the change; without it, only say what it would be.")
COLUMNS = ["staff_number", "from", "weeks"]


@patterns.command("show")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(email: str, as_json: bool) -> None:
    """Print what is on record about the hours of the person with this address or staff number."""
    found = queries.hours_of(_person(email), by=SYSTEM, today=clock.today())
    if as_json:
        click.echo(json.dumps(presenters.as_json(found), indent=2, default=date.isoformat))
    else:
        click.echo("\n".join(_in_words(found)))


@patterns.command("set")
@click.argument("email")
@click.option("--from", "starts_on", type=DAY, required=True, help="The first day of these hours.")
@click.option("--week", "weeks", multiple=True, required=True, help='Like "7:24 7:24 7:24 0 0 0 0"; up to four.')
@COMMIT
def set_pattern(email: str, starts_on: datetime, weeks: tuple[str, ...], commit: bool) -> None:
    """Give somebody new hours from a day on."""
    person_id, day, given = _person(email), starts_on.date(), rules.read_weeks("/".join(weeks))
    warning = presenters.mismatch(given, queries.contracted_on(person_id, [day])[day])
    if warning:
        click.echo(f"{warning}.", err=True)
    save = partial(operations.set_pattern, starts_on=day, weeks=given)
    _change(save, person_id, day, commit)


@patterns.command("lend")
@click.argument("email")
@click.option("--from", "starts_on", type=DAY, required=True, help="The first day lent.")
@click.option("--to", "last_day", type=DAY, help="The last day lent; without it there is no end.")
@click.option("--share", required=True, help="Per cent of the time, like 40 or 33.33.")
@COMMIT
def lend(email: str, starts_on: datetime, last_day: datetime | None, share: str, commit: bool) -> None:
    """Record that a share of somebody's time belongs elsewhere."""
    ends = last_day.date() if last_day else None
    save = partial(lending.lend, starts_on=starts_on.date(), last_day=ends, share_bp=rules.read_share(share))
    _change(save, _person(email), starts_on.date(), commit)


@patterns.command("import")
@click.argument("file", type=FILE)
@COMMIT
def import_file(file: Path, commit: bool) -> None:
    """Give many people new hours, all or none, from a CSV file with the columns staff_number, from and weeks.

    Weeks are parted by a stroke: "7:24 7:24 7:24 0 0 0 0 / 7:24 7:24 0 0 0 0 0".
    """
    rows = _read(file)
    changed = operations.import_patterns(actor=SYSTEM, rows=rows, now=clock.now(), keep=commit)
    click.echo(f"{len(rows)} people read, {changed} with new hours\n{_ending(commit)}")


def _person(key: str) -> int:
    person_id = people.id_of(key, staff=True)
    if person_id is None:
        raise NotFound(f"Nobody has the address or staff number {key[:60]}")
    return person_id


def _change(save: Callable[..., object], person_id: int, since: date, commit: bool) -> None:
    """Save, or only try, and say what it does to the quarters it touches."""
    now = clock.now()
    whole = partial(save, actor=SYSTEM, person_id=person_id, now=now)
    today = clock.local_date(now)
    effects = operations.with_effects(whole, person_id=person_id, since=since, today=today, keep=commit)
    click.echo("\n".join([*presenters.effects_in_words(effects), _ending(commit)]))


def _ending(commit: bool) -> str:
    return "Saved" if commit else "Nothing was saved. Add --commit to save"


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a file by the number of their line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines, restkey="more", restval="")
            if sorted(table.fieldnames or []) != sorted(COLUMNS):
                raise RuleBroken(f"The first line must name the columns {', '.join(COLUMNS)}")
            yield from ((table.line_num, row) for row in table)
    except (UnicodeDecodeError, csv.Error):
        raise RuleBroken("This is not a CSV file in UTF-8. Save it as one, then try again") from None


def _read(file: Path) -> list[NewPattern]:
    """The patterns a file gives; every line that is wrong is named."""
    found, problems = [], []
    for line, row in _rows(file):
        try:
            found.append(_pattern(row))
        except (RuleBroken, NotFound) as refusal:
            problems.append(Problem(f"Line {line}: {refusal.message}"))
    if problems:
        raise RulesBroken(problems)
    return found


def _pattern(row: dict[str, str]) -> NewPattern:
    if "more" in row:
        raise RuleBroken("There is more on this line than the columns hold")
    day = rules.read_day(row["from"].strip(), "from")
    return NewPattern(_person(row["staff_number"].strip()), day, rules.read_weeks(row["weeks"]))


def _in_words(found: Hours) -> Iterator[str]:
    yield found.person.name
    if found.default:
        yield f"  Nothing on record; stands in: {presenters.days_of([found.default])}"
    for row in found.patterns:
        when = presenters.span(row.starts_on, row.last_day)
        hours = f"{presenters.in_words(row.weeks)} ({presenters.days_of(row.weeks)})"
        yield f"  {presenters.STATES[row.state]}, {when}: {hours}"
    yield from (f"  {line}" for line in presenters.days_in_words(found.days.days))
    if found.days.after:
        yield f"  More days from {short_day(found.days.after)}"
    yield from (f"  {presenters.lent(move)}" for move in found.moves)
