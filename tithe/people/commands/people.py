"""People at the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import current_app

from tithe.access.actor import SYSTEM
from tithe.access.permissions import SCOPES
from tithe.kernel import clock, minutes
from tithe.kernel.calendar import Quarter, named
from tithe.kernel.feeds import RowError
from tithe.people import directory, queries
from tithe.people.operations import identity, posts
from tithe.people.operations.hr_feed import import_people
from tithe.people.operations.organogram import Outcome, import_organogram
from tithe.people.rules.hr_feed import FeedRefused, Report, read_hr_feed
from tithe.people.rules.organogram import NamedBytes, Plan, read_organogram
from tithe.people.rules.posts_over_time import DEFAULT_CALENDAR, FULL_WEEK, MOST_WEEKLY, Post
from tithe.people.wanted import NOBODY, changes_of, grade_called, person_called, unit_called
from tithe.web.cli import DAY, CommandGroup

people = CommandGroup("people", help="Units, staff, roles and tokens.")


@people.command("token")
@click.argument("email")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help=f"May be given again. One of: {', '.join(SCOPES)}. All if left out.",
)
@click.option("--days", default=30, show_default=True, help="How long the token lasts.")
def token(email: str, scopes: tuple[str, ...], days: int) -> None:
    """Print a new API token for the person with this address. It is shown once."""
    click.echo(identity.issue_token(email=email, scopes=scopes, days=days, now=clock.now()))


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@people.command("import-organogram")
@click.argument("senior", type=FILE)
@click.argument("junior", type=FILE)
@click.option("--commit", is_flag=True, help="Save the changes; without it, only report them.")
@click.option("--from", "since", type=DAY, help="First day of people not known yet.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def import_files(senior: Path, junior: Path, commit: bool, since: datetime | None, as_json: bool) -> None:
    """Read a department's published SENIOR and JUNIOR posts and make its units and people.

    The files do not say since when a post is held: people not known yet start on this quarter's first day.
    """
    now = clock.now()
    today = clock.local_date(now)
    plan = read_organogram(*_named(senior, junior))
    first_day = since.date() if since else Quarter.containing(today).start
    outcome = _import(plan, now, today, first_day, commit)
    report = _report(plan, outcome)
    click.echo(json.dumps(report) if as_json else _in_words(report, commit))


def _named(senior: Path, junior: Path) -> tuple[NamedBytes, NamedBytes]:
    """Read both files, under their own names, or their whole paths if those are the same."""
    names = (str(senior), str(junior)) if senior.name == junior.name else (senior.name, junior.name)
    return NamedBytes(names[0], senior.read_bytes()), NamedBytes(names[1], junior.read_bytes())


def _import(plan: Plan, now: datetime, today: date, since: date, commit: bool) -> Outcome:
    """Import with a bar on a terminal. It is drawn beside the report, never in it."""
    hidden = not (commit and sys.stderr.isatty())
    with click.progressbar(length=len(plan.people), label="Saving", file=sys.stderr, hidden=hidden) as bar:
        return import_organogram(
            actor=SYSTEM, plan=plan, now=now, today=today, since=since, commit=commit, progress=bar.update
        )


def _report(plan: Plan, outcome: Outcome) -> dict[str, Any]:
    return {
        "units": len(plan.units),
        "people": len(plan.people),
        "managers": plan.managers,
        "created": outcome.created,
        "changed": outcome.changed,
        "senior_posts": plan.senior_posts,
        "junior_rows": plan.junior_rows,
        "fte_junior": _hundredths(plan.fte_junior),
        "fte_senior": _hundredths(plan.fte_senior),
        "vacant": plan.vacant,
        "unmapped_grades": list(plan.unmapped_grades),
        "problems": [vars(problem) for problem in plan.problems],
    }


def _hundredths(fte: Decimal) -> float:
    """A figure for JSON, which has no decimals: the nearest number to an exact sum of hundredths."""
    return float(fte.quantize(Decimal("0.01"), ROUND_HALF_UP))


def _in_words(report: dict[str, Any], commit: bool) -> str:
    listed = ("unmapped_grades", "problems")
    figures = [f"{name.replace('_', ' ')}: {report[name]}" for name in report if name not in listed]
    grades = ", ".join(report["unmapped_grades"]) or "none"
    problems = [f"{each['file']}, line {each['line']}: {each['reason']}" for each in report["problems"]]
    ending = "Saved" if commit else "Nothing was saved. Add --commit to save"
    lines = [*figures, f"unmapped grades: {grades}", f"problems: {len(problems)}", *problems, ending]
    return "\n".join(lines)


@people.command("list")
@click.option("--unit", "unit_code", help="Only this unit and what is below it.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_people(unit_code: str | None, as_json: bool) -> None:
    """List the people employed today and the posts they hold."""
    unit_id = queries.get_unit(unit_code).id if unit_code else None
    rows = directory.list_staff(clock.today(), unit_id)
    if as_json:
        click.echo(json.dumps([_as_json(row) for row in rows]))
        return
    for row in rows:
        click.echo("\t".join([row.email, row.name, row.unit, row.grade or row.grade_text, row.post_title]))


def _as_json(row: directory.StaffRow) -> dict[str, Any]:
    fte = float(Decimal(row.fte_bp) / 10_000)
    shown = {name: value for name, value in vars(row).items() if name != "fte_bp"}
    return {**shown, "fte": fte, "starts_on": row.starts_on.isoformat()}


COMMIT = click.option("--commit", is_flag=True, help="Save the change; without it, only say what it would be.")
FROM = click.option("--from", "starts_on", type=DAY, required=True, help="The first day of it.")
UNIT = click.option("--unit", help="The code of the unit.")
GRADE = click.option("--grade", help="Like HEO or Grade 7.")
HOURS = click.option("--hours", help="Contracted hours a week, like 37 or 22:12.")
CALENDAR = click.option("--calendar", help="The code of the public holidays.")


@people.command("change")
@click.argument("email")
@FROM
@UNIT
@click.option("--manager", help="An address or staff number, or nobody.")
@GRADE
@HOURS
@CALENDAR
@click.option("--post", "post_id", type=int, help="Which post, for somebody who holds two that day.")
@COMMIT
def change_somebody(
    email: str,
    starts_on: datetime,
    unit: str | None,
    manager: str | None,
    grade: str | None,
    hours: str | None,
    calendar: str | None,
    post_id: int | None,
    commit: bool,
) -> None:
    """Change somebody's post from a day on; what is left out stays as it is."""
    weekly = None if hours is None else minutes.parse(hours, most=MOST_WEEKLY)
    manager = NOBODY if manager == "nobody" else manager
    changes = changes_of(unit=unit, manager=manager, grade=grade, weekly_minutes=weekly, calendar=calendar)
    change = partial(posts.change_post, starts_on=starts_on.date(), changes=changes, post_id=post_id)
    _attempt(partial(change, person_id=person_called(email, "email"), calendars=_calendars()), commit)


@people.command("leave")
@click.argument("email")
@click.argument("last_day", type=DAY)
@COMMIT
def leave(email: str, last_day: datetime, commit: bool) -> None:
    """Somebody's last day of employment. From the day after it they cannot sign in."""
    _attempt(partial(posts.leave, person_id=person_called(email, "email"), last_day=last_day.date()), commit)


@people.command("probation")
@click.argument("email")
@click.argument("last_day", type=DAY, required=False)
@COMMIT
def probation(email: str, last_day: datetime | None, commit: bool) -> None:
    """The last day of somebody's probation; none if left out."""
    day = last_day.date() if last_day else None
    _attempt(partial(posts.set_probation, person_id=person_called(email, "email"), last_day=day), commit)


@people.command("join")
@click.argument("staff_number")
@click.argument("name")
@click.argument("email")
@FROM
@click.option("--unit", required=True, help="The code of the unit.")
@click.option("--manager", help="An address or staff number; nobody if left out.")
@GRADE
@HOURS
@CALENDAR
@click.option("--probation-end", "probation_end", type=DAY, help="The last day of probation.")
@COMMIT
def join(
    staff_number: str,
    name: str,
    email: str,
    starts_on: datetime,
    unit: str,
    manager: str | None,
    grade: str | None,
    hours: str | None,
    calendar: str | None,
    probation_end: datetime | None,
    commit: bool,
) -> None:
    """Add somebody new with their first post, full time unless told otherwise."""
    post = Post(
        unit_id=unit_called(unit),
        line_manager_id=person_called(manager, "manager") if manager else None,
        grade=grade_called(grade) if grade else None,
        weekly_minutes=minutes.parse(hours, most=MOST_WEEKLY) if hours else FULL_WEEK,
        calendar=calendar or DEFAULT_CALENDAR,
    )
    ends_on = probation_end.date() if probation_end else None
    who = staff_number, name, email.lower(), starts_on.date()
    newcomer = posts.Newcomer(*who, probation_ends_on=ends_on)
    _attempt(partial(posts.join, newcomer=newcomer, post=post, calendars=_calendars()), commit)


def _calendars() -> dict[str, str]:
    return dict(current_app.extensions["tithe_calendars"]())


def _attempt(change: Callable[..., posts.Outcome], commit: bool) -> None:
    """Do it, or only say what it would do."""
    by = {"actor": SYSTEM, "now": clock.now()}
    follow = partial(current_app.extensions["tithe_post_changed"], **by)
    outcome = posts.attempt(partial(change, **by), keep=commit, then=follow)
    done = outcome.writes
    lines = [f"until {named(each.ends_on)}: what was on record" for each in done.updated if each.ends_on]
    lines += [f"from {named(each.starts_on)}: the new post" for each in done.added]
    lines += [f"from {named(each.starts_on)}: put right" for each in done.updated if not each.ends_on]
    ending = "Saved, and the allowance follows it" if commit else "Nothing was saved. Add --commit to save"
    click.echo("\n".join([*lines, ending]))


@people.command("import")
@click.argument("file", type=FILE)
@click.option("--commit", is_flag=True, help="Save the changes; without it, only report them.")
@click.option("--skip-bad-rows", is_flag=True, help="Take the good rows even if others are bad.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def import_hr_file(file: Path, commit: bool, skip_bad_rows: bool, as_json: bool) -> None:
    """Take in a CSV file of people from the HR system, with the columns staff_number, name, email, unit, weekly_hours
    and, if known, grade, calendar, manager_staff_number, start, leave, probation_end, effective_date.

    The same file twice changes nothing. A bad row refuses the file: status 1. All faults are named; with --json the
    first thousand.
    """
    refused = False
    take = partial(import_people, actor=SYSTEM, read=lambda: read_hr_feed(file.open("rb")), calendars=_calendars())
    try:
        report = take(now=clock.now(), commit=commit, skip_bad_rows=skip_bad_rows, tell=None if as_json else _say)
    except FeedRefused as refusal:
        report, refused = refusal.report, True
    saved = commit and not refused
    facts = asdict(report) | {"unnamed": report.unnamed}
    click.echo(json.dumps(facts) if as_json else "\n".join(_import_in_words(report, saved)))
    if refused:
        raise SystemExit(1)


def _say(fault: RowError) -> None:
    click.echo(fault.problem.message)


def _import_in_words(report: Report, saved: bool) -> list[str]:
    lines = [f"{name}: {figure}" for name, figure in vars(report).items() if name != "errors"]
    if saved:
        return [*lines, "Saved. Accruals follow during the next night"]
    ending = "Mend the bad rows, or add --skip-bad-rows" if report.bad else "Add --commit to save"
    return [*lines, f"Nothing was saved. {ending}"]
