"""Taking in a file of people from an HR system: judged whole by reading, then written, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from tithe.access.actor import Actor
from tithe.access.grants import permits
from tithe.access.permissions import Permission, Role
from tithe.audit.operations import record
from tithe.kernel.clock import local_date
from tithe.kernel.db import allow_long_statements, atomic, db, lock_table
from tithe.kernel.errors import NotFound
from tithe.kernel.feeds import Faults
from tithe.people import history
from tithe.people.models import Assignment, Person
from tithe.people.operations.hr_judging import Judging, batches, facts_of, people_numbered, units_by_name
from tithe.people.operations.posts import save_stretches
from tithe.people.rules.hr_feed import FeedRefused, HrRow, Report
from tithe.people.rules.hr_roll import NEW, PERSON, POST

PATIENCE_SECONDS = 600
Read = Callable[[], Iterable[HrRow | Faults]]


def import_people(
    *, actor: Actor, read: Read, calendars: Collection[str], now: datetime, commit: bool, skip_bad_rows: bool = False
) -> Report:
    """Bring people and their posts in line with a file, which `read` begins anew each time. Without `commit`, report.

    A bad row refuses the whole file, unless bad rows are to be skipped. What is so already changes nothing, and people
    the file does not name stay as they are. HR managers change the people and units their role covers and never
    themselves; a command on the server changes everybody.
    """
    if not permits(actor, Permission.PERSON_MANAGE):
        raise NotFound
    if commit:
        return _save(actor=actor, read=read, calendars=calendars, now=now, skip_bad_rows=skip_bad_rows)
    return _report(_judge(actor, read, calendars, now), skip_bad_rows)


@atomic
def _save(*, actor: Actor, read: Read, calendars: Collection[str], now: datetime, skip_bad_rows: bool) -> Report:
    allow_long_statements(PATIENCE_SECONDS)
    lock_table(Assignment)  # a change made meanwhile could close a loop that neither sees
    judging = _judge(actor, read, calendars, now)
    report = _report(judging, skip_bad_rows)
    if report.added:
        for batch in batches(read()):
            _add_people(judging, batch)
    if report.changes:
        for batch in batches(read()):
            _write_posts(judging, batch)
        counts = {"added": report.added, "changed": report.changed, "left": report.left}
        record("people:import", actor=actor, about="people", id=None, at=now, rows=report.rows, **counts)
    return report


def _judge(actor: Actor, read: Read, calendars: Collection[str], now: datetime) -> Judging:
    tops = None if actor.id is None else actor.units_as(Role.HR_MANAGER)
    units, covered = units_by_name(tops)
    judging = Judging(calendars, local_date(now), actor.id, units, covered)
    for batch in batches(read()):
        judging.judge_people(batch)
    judging.find_managers()
    for batch in batches(read()):
        judging.judge_posts(batch)
    judging.judge_lines()
    return judging


def _report(judging: Judging, skip_bad_rows: bool) -> Report:
    report = judging.roll.report
    if report.bad and not skip_bad_rows:
        raise FeedRefused(report)
    return report


def _add_people(judging: Judging, batch: Sequence[HrRow | Faults]) -> None:
    """Add who is new, and note their ids on the roll."""
    roll = judging.roll
    new = [row for row, place in judging.taken(batch) if roll.marks[place] & NEW]
    rows = [{"staff_number": row.staff_number, **facts_of(row, None, judging.today)._asdict()} for row in new]
    if rows:
        for number, person_id in db.session.execute(insert(Person).returning(Person.staff_number, Person.id), rows):
            roll.person[roll.place(str(number))] = person_id


def _write_posts(judging: Judging, batch: Sequence[HrRow | Faults]) -> None:
    """Bring the posts of some rows up to date, and what is stored of who was known before."""
    marks = judging.roll.marks
    taken = [(row, place) for row, place in judging.taken(batch) if marks[place] & (NEW | PERSON | POST)]
    known = people_numbered(row.staff_number for row, _ in taken)
    held = history.stretches_of([each.id for each in known.values()])
    people: list[dict[str, Any]] = []
    posts = []
    for row, place in taken:
        person = known[row.staff_number]
        stored = None if marks[place] & NEW else person
        before = held[person.id]
        posts.append((person.id, before, judging.planned(row, place, stored, before)))
        if marks[place] & PERSON:
            people.append({"id": person.id, **facts_of(row, person, judging.today)._asdict()})
    if people:
        db.session.execute(update(Person), people)
    save_stretches(posts)
