"""The promises of every feature's data, looked for on the real database by command, and nightly by the scheduler."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

import click
from apscheduler.triggers.cron import CronTrigger
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import ForeignKeyConstraint, Table, and_, func, select, text

from tithe.access.actor import SYSTEM
from tithe.allowance.checks import CHECKS as ALLOWANCE_CHECKS
from tithe.audit.checks import CHECKS as AUDIT_CHECKS
from tithe.audit.operations import record
from tithe.kernel import clock
from tithe.kernel.checks import Check, Result, carry_out, stream
from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.db import Base, atomic, db, table_of
from tithe.kernel.jobs import Job, JobRun, insert_once
from tithe.people.checks import CHECKS as PEOPLE_CHECKS
from tithe.projects.checks import CHECKS as PROJECT_CHECKS
from tithe.timesheets.checks import CHECKS as TIMESHEET_CHECKS
from tithe.web.cli import Command

log = logging.getLogger(__name__)

NIGHTLY = "invariants"
GRACE = timedelta(days=1)


def late_jobs(now: datetime) -> Iterator[str]:
    """Periods that were due a day ago and were not done. It counts from the day the scheduler first did anything."""
    a_day_ago = now - GRACE
    first = db.session.scalar(select(func.min(JobRun.finished_at)))
    if first is None or first > a_day_ago:
        return
    done = {(row.job, row.period) for row in db.session.execute(select(JobRun.job, JobRun.period))}
    for job in current_app.extensions["tithe_jobs"].values():
        for period in job.due(a_day_ago) if job.due else ():
            if (job.name, period) not in done:
                yield f"job {job.name}, period {period}"


def references_to_nothing(now: datetime) -> Iterator[str]:
    """Rows that name a row that is not there; on SQLite also tables that take values of any type."""
    for table in Base.metadata.sorted_tables:
        for reference in table.foreign_key_constraints:
            yield from _orphans(table, reference)
    if db.engine.dialect.name == "sqlite":
        loose = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict"
        known = set(Base.metadata.tables)
        yield from (f"table {row.name} is not strict" for row in stream(text(loose)) if row.name in known)


def _orphans(table: Table, reference: ForeignKeyConstraint) -> Iterator[str]:
    parent = reference.referred_table.alias("parent")
    pairs = [(each.parent, parent.c[each.column.name]) for each in reference.elements]
    found = (
        select(*table.primary_key)
        .select_from(table.outerjoin(parent, and_(*(here == there for here, there in pairs))))
        .where(*(here.is_not(None) for here, _ in pairs), pairs[0][1].is_(None))
    )
    names = ", ".join(reference.column_keys)
    for row in stream(found):
        yield f"{table.name} {', '.join(map(str, row))}: {names}"


OWN_CHECKS = [
    Check("U6", "Timed work that was due a day ago is done, each period once", late_jobs),
    Check("U9", "Every reference leads to a row, and tables hold the types they name", references_to_nothing),
]
CHECKS = sorted(
    [*TIMESHEET_CHECKS, *ALLOWANCE_CHECKS, *PROJECT_CHECKS, *PEOPLE_CHECKS, *AUDIT_CHECKS, *OWN_CHECKS],
    key=lambda each: each.code,
)
CODES = [each.code for each in CHECKS]


def results(now: datetime, codes: Iterable[str] = ()) -> Iterator[Result]:
    """Carry out the checks with these codes, or all of them, in their order."""
    chosen = set(codes) or set(CODES)
    return (carry_out(each, now) for each in CHECKS if each.code in chosen)


@click.command("check", cls=Command)
@click.argument("names", nargs=-1, metavar="[NAME]...", type=click.Choice(CODES, case_sensitive=False))
@click.option("--json", "as_json", is_flag=True, help="Print every result as JSON.")
@with_appcontext
def check(names: tuple[str, ...], as_json: bool) -> None:
    """Verify that the data keeps its promises, all of them or those named (B2, H7). Nothing is changed.

    Prints each with “ok”, or with the ids of the first rows that break it; ends with 1 when any is broken. Run it
    after the nightly accrual: until then hires and moves of the day count as not accrued yet.
    """
    length = len(names) or len(CHECKS)
    with click.progressbar(results(clock.now(), names), length=length, label="Checking", file=sys.stderr) as bar:
        found = list(bar)
    if as_json:
        click.echo(json.dumps([{**asdict(each), "ok": each.ok} for each in found], indent=2))
    else:
        for each in found:
            _print(each)
    if broken := [each.code for each in found if not each.ok]:
        raise click.ClickException(f"Broken: {', '.join(broken)}")


def _print(result: Result) -> None:
    click.echo(f"{result.code:3} {result.words}: {'ok' if result.ok else f'BROKEN by {result.broken}'}")
    for row in result.first:
        click.echo(f"      {row}")
    if result.broken > len(result.first):
        click.echo(f"      and {result.broken - len(result.first)} more")


class InvariantBroken(Exception):
    """The data breaks a promise. The log has named the rows."""


def nightly(period: str, now: datetime) -> None:
    """Verify everything once a day, outside any writing transaction, and record the outcome.

    Each breach is a line of the log at its loudest level, and the job fails.
    """
    today = local_date(now).isoformat()
    if db.session.scalar(select(JobRun.id).where(JobRun.job == NIGHTLY, JobRun.period == today)):
        return
    broken = [each for each in results(now) if not each.ok]
    for each in broken:
        log.critical("invariant %s broken by %d: %s: %s", each.code, each.broken, each.words, "; ".join(each.first))
    _record_outcome(day=today, broken=[each.code for each in broken], now=now)
    if broken:
        raise InvariantBroken(", ".join(each.code for each in broken))


@atomic
def _record_outcome(*, day: str, broken: list[str], now: datetime) -> None:
    """One outcome a day, whoever else was checking at the same time."""
    if insert_once(db.session.connection(), table_of(JobRun), job=NIGHTLY, period=day, finished_at=now):
        record("invariants:check", actor=SYSTEM, about=NIGHTLY, id=None, at=now, checks=len(CHECKS), broken=broken)


JOBS = [Job(NIGHTLY, CronTrigger(hour=4, minute=30, timezone=LONDON), nightly)]
