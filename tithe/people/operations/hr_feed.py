"""Taking in a file of people from an HR system: judged whole by reading, then written, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import update

from tithe.access.actor import Actor
from tithe.access.grants import permits
from tithe.access.permissions import Permission, Role
from tithe.audit.operations import record
from tithe.kernel.bulk import insert_rows
from tithe.kernel.clock import local_date
from tithe.kernel.db import allow_long_statements, atomic, db, lock_table
from tithe.kernel.errors import NotFound
from tithe.kernel.feeds import RowError
from tithe.kernel.scratch import Notes, scratch
from tithe.people import history
from tithe.people.models import Assignment, Person
from tithe.people.operations import hr_lines, hr_roll
from tithe.people.operations.hr_judging import Judging, Read
from tithe.people.operations.hr_records import facts_of, people_numbered, units_by_name
from tithe.people.operations.hr_roll import NEW, PERSON, POST, Entry
from tithe.people.operations.posts import save_stretches
from tithe.people.rules.hr_feed import FeedRefused, HrRow, Report

PATIENCE_SECONDS = 600
Tell = Callable[[RowError], None]


def import_people(
    *,
    actor: Actor,
    read: Read,
    calendars: Collection[str],
    now: datetime,
    commit: bool,
    skip_bad_rows: bool = False,
    tell: Tell | None = None,
) -> Report:
    """Bring people and their posts in line with a file, which `read` begins anew each time. Without `commit`, report.

    A bad row refuses the whole file, unless bad rows are to be skipped. What is so already changes nothing, and people
    the file does not name stay as they are. HR managers change the people and units their role covers and never
    themselves; a command on the server changes everybody. `tell` is told every fault of the file in order of line,
    however many there are, before anything is saved; the report holds the first of them.
    """
    if not permits(actor, Permission.PERSON_MANAGE):
        raise NotFound
    with scratch((*hr_roll.TABLES, *hr_lines.TABLES)) as notes:
        judge = partial(_judge, actor, read, calendars, now, notes)
        if commit:
            return _save(actor, judge, now, skip_bad_rows, tell)
        return _report(judge(), skip_bad_rows, tell)


@atomic
def _save(actor: Actor, judge: Callable[[], Judging], now: datetime, skip_bad_rows: bool, tell: Tell | None) -> Report:
    lock_table(Assignment)  # a change made meanwhile could close a loop that neither sees
    judging = judge()
    report = _report(judging, skip_bad_rows, tell)
    if report.added:
        for batch in judging.good():
            _add_people(judging, batch)
    if report.changes:
        for batch in judging.good():
            _write_posts(judging, batch)
        counts = {"added": report.added, "changed": report.changed, "left": report.left}
        record("people:import", actor=actor, about="people", id=None, at=now, rows=report.rows, **counts)
    return report


def _judge(actor: Actor, read: Read, calendars: Collection[str], now: datetime, notes: Notes) -> Judging:
    allow_long_statements(PATIENCE_SECONDS)
    tops = None if actor.id is None else actor.units_as(Role.HR_MANAGER)
    judging = Judging(read, calendars, local_date(now), actor.id, *units_by_name(tops), notes)
    judging.judge()
    return judging


def _report(judging: Judging, skip_bad_rows: bool, tell: Tell | None) -> Report:
    if tell:
        for fault in judging.roll.faults():
            tell(fault)
    report = judging.roll.report
    if report.bad and not skip_bad_rows:
        raise FeedRefused(report)
    return report


def _add_people(judging: Judging, batch: Sequence[tuple[HrRow, Entry]]) -> None:
    """Add who is new, and note their ids on the roll."""
    new = [row for row, entry in batch if entry.marks & NEW]
    rows = [{"staff_number": row.staff_number, **facts_of(row, None, judging.today)._asdict()} for row in new]
    if rows:
        insert_rows(Person, rows)  # RETURNING their ids would take twice as long
        added = people_numbered(row.staff_number for row in new)
        judging.roll.identify((each.id, number) for number, each in added.items())


def _write_posts(judging: Judging, batch: Sequence[tuple[HrRow, Entry]]) -> None:
    """Bring the posts of some rows up to date, and what is stored of who was known before."""
    changing = [(row, entry) for row, entry in batch if entry.marks & (NEW | PERSON | POST)]
    known = people_numbered(row.staff_number for row, _ in changing)
    held = history.stretches_of([each.id for each in known.values()])
    people: list[dict[str, Any]] = []
    posts = []
    for row, entry in changing:
        person = known[row.staff_number]
        stored = None if entry.marks & NEW else person
        before = held[person.id]
        posts.append((person.id, before, judging.planned(row, entry.boss, stored, before)))
        if entry.marks & PERSON:
            people.append({"id": person.id, **facts_of(row, person, judging.today)._asdict()})
    if people:
        db.session.execute(update(Person), people)
    save_stretches(posts)
