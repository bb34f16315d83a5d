"""Taking in the absences an HR system sends, some at a time: memory does not grow with the feed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, update

from tithe.access.actor import Actor
from tithe.access.grants import permits
from tithe.access.permissions import Permission, Role
from tithe.allowance.models import Absence
from tithe.allowance.operations.accrual import accrue_for
from tithe.allowance.queries.absences import FROM_THE_FEED
from tithe.allowance.queries.periods import first_open_day
from tithe.allowance.queries.schedules import schedules_of
from tithe.allowance.rules.absences import CSV, FURTHEST, ONE_DAY, due
from tithe.allowance.rules.absences_feed import FeedRefused, FeedRow, Report
from tithe.audit.operations import record
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import local_date
from tithe.kernel.db import allow_long_statements, atomic, db, table_of
from tithe.kernel.errors import NotFound
from tithe.kernel.feeds import FIRST_YEAR, Faults, RowError, batches
from tithe.kernel.scratch import Notes, scratch
from tithe.people.identifiers import people_called

ABSENCES = table_of(Absence)
AT_ONCE = 1000  # rows, or people, to a statement
ERRORS_NAMED = 200
PATIENCE_SECONDS = 300
WHY = "HR sent time away"
NOBODY = "expected somebody your role covers, found nobody called “{}”"
TABLES = (
    """CREATE TABLE seen (
        person_id INTEGER NOT NULL, reference TEXT NOT NULL, day TEXT NOT NULL, PRIMARY KEY (person_id, reference, day)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE concerned (person_id INTEGER PRIMARY KEY) STRICT",
)
INSERT = insert(ABSENCES)
UPDATE = (
    update(ABSENCES)
    .where(ABSENCES.c.id == bindparam("which"))
    .values({name: bindparam(name) for name in ("day", "minutes", "reduces_accrual")})
)


class Stored(NamedTuple):
    """What the feed said before."""

    id: int
    day: date
    minutes: int
    reduces_accrual: bool


@dataclass
class Reading:
    """A feed as far as it has been read. `within` are the units the reader's role covers, None for all.

    Which rows it has seen, and whose absences change, lies in notes on disk.
    """

    notes: Notes
    within: Collection[int] | None
    reader: int | None
    today: date
    opened: date
    counts: Counter[str] = field(default_factory=Counter)
    errors: list[RowError] = field(default_factory=list)
    since: date = date.max

    def refuse(self, *faults: RowError) -> None:
        """Count a row as bad, however many faults it has. The first faults are named."""
        self.counts["bad"] += 1
        self.errors += faults[: ERRORS_NAMED - len(self.errors)]

    def see(self, person_id: int, row: FeedRow) -> bool:
        """Note a row; False if an earlier one has its reference, or is about the same day if it has none."""
        key = (person_id, row.reference, "" if row.reference else row.day.isoformat())
        return self.notes.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", key).rowcount > 0

    def change(self, person_id: int, since: date) -> None:
        """Note that somebody's absences change, from a day on."""
        self.notes.execute("INSERT OR IGNORE INTO concerned VALUES (?)", (person_id,))
        self.since = min(self.since, since)

    def people(self) -> Iterator[list[int]]:
        """Those whose absences change, some at a time."""
        last = 0
        page = "SELECT person_id FROM concerned WHERE person_id > ? ORDER BY person_id LIMIT ?"
        while rows := self.notes.execute(page, (last, AT_ONCE)).fetchall():
            yield [person_id for (person_id,) in rows]
            last = rows[-1][0]

    @property
    def report(self) -> Report:
        names = ("rows", "added", "changed", "unchanged", "not_scheduled", "bad")
        (people,) = self.notes.execute("SELECT count(*) FROM concerned").fetchone()
        return Report(**{name: self.counts[name] for name in names}, people=people, errors=tuple(self.errors))


def import_absences(
    *, actor: Actor, rows: Iterable[FeedRow | Faults], now: datetime, commit: bool, skip_bad_rows: bool = False
) -> Report:
    """Bring the absences HR knows of up to date, all in one transaction. Without `commit`, only report.

    A bad row refuses the whole feed, unless bad rows are to be skipped. What is known already changes nothing. HR
    loads the people its role covers and never its own absences; a command on the server loads everybody's.
    """
    if not permits(actor, Permission.ABSENCE_IMPORT):
        raise NotFound
    within = None if actor.id is None else actor.units_as(Role.HR_MANAGER)
    with scratch(TABLES) as notes:
        reading = Reading(notes, within, actor.id, local_date(now), first_open_day())
        if commit:
            return _save(actor=actor, rows=rows, now=now, reading=reading, skip_bad_rows=skip_bad_rows)
        for batch in batches(rows, AT_ONCE):
            _work_out(batch, reading)
        return _report(reading, skip_bad_rows)


@atomic
def _save(
    *, actor: Actor, rows: Iterable[FeedRow | Faults], now: datetime, reading: Reading, skip_bad_rows: bool
) -> Report:
    allow_long_statements(PATIENCE_SECONDS)
    reading.opened = first_open_day()
    for batch in batches(rows, AT_ONCE):
        added, changed = _work_out(batch, reading)
        if added:
            db.session.execute(INSERT, added)
        if changed:
            db.session.execute(UPDATE, changed)
    report = _report(reading, skip_bad_rows)
    for person_ids in reading.people():
        accrue_for(actor=actor, person_ids=person_ids, since=reading.since, why=WHY, now=now)
    if report.people:
        facts = {"added": report.added, "changed": report.changed, "people": report.people, "first": reading.since}
        record("absence:import", actor=actor, about="absences", id=None, at=now, rows=report.rows, **facts)
    return report


def _report(reading: Reading, skip_bad_rows: bool) -> Report:
    report = reading.report
    if report.bad and not skip_bad_rows:
        raise FeedRefused(report)
    return report


def _work_out(batch: list[FeedRow | Faults], reading: Reading) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What some rows add and change, counting them and naming the bad ones."""
    reading.counts["rows"] += len(batch)
    rows = _with_people(batch, reading)
    stored = _stored(rows)
    added, changed = [], []
    for person_id, row, minutes in _with_minutes(rows):
        if not minutes:
            reading.counts["not_scheduled"] += 1
            continue
        before = stored.get((person_id, row.reference or row.day))
        values = {"day": row.day, "minutes": minutes, "reduces_accrual": row.reduces_accrual}
        if before and before[1:] == (row.day, minutes, row.reduces_accrual):
            reading.counts["unchanged"] += 1
            continue
        first = min(row.day, before.day) if before else row.day
        if first < reading.opened:
            words = f"{Quarter.containing(first).label} is closed. Ask for a correction instead"
            reading.refuse(RowError(row.line, "date", words))
            continue
        reading.counts["changed" if before else "added"] += 1
        reading.change(person_id, first)
        if before:
            changed.append({"which": before.id, **values})
        else:
            added.append({"person_id": person_id, "source": CSV, "source_key": row.reference, **values})
    return added, changed


def _with_people(batch: Iterable[FeedRow | Faults], reading: Reading) -> list[tuple[int, FeedRow]]:
    """The rows that can be read, are about somebody, and say what no earlier row says."""
    rows = [each for each in batch if isinstance(each, FeedRow)]
    for each in batch:
        if not isinstance(each, FeedRow):
            reading.refuse(*each)
    found = people_called(
        {row.staff_number for row in rows} - {""},
        {row.email for row in rows} - {""},
        within=reading.within,
        on=reading.today,
    )
    known = []
    for row in rows:
        by_number = found.by_staff_number.get(row.staff_number)
        person_id = by_number if row.staff_number else found.by_email.get(row.email)
        if person_id is None or person_id == reading.reader:
            column = "staff_number" if row.staff_number else "email"
            reading.refuse(RowError(row.line, column, NOBODY.format((row.staff_number or row.email)[:60])))
        elif row.day.year < FIRST_YEAR or row.day > reading.today + FURTHEST:
            reading.refuse(RowError(row.line, "date", f"expected a day from {FIRST_YEAR} to two years ahead"))
        elif not reading.see(person_id, row):
            column = "reference" if row.reference else "date"
            words = "an earlier line has it already; expected a reference of its own, or one line a person and day"
            reading.refuse(RowError(row.line, column, words))
        else:
            known.append((person_id, row))
    return known


def _stored(rows: list[tuple[int, FeedRow]]) -> dict[tuple[int, str | date], Stored]:
    """What the feed said before of these rows, by person and what the row is known by."""
    if not rows:
        return {}
    days = [row.day for _, row in rows]
    asked = {
        "person_ids": sorted({person_id for person_id, _ in rows}),
        "references": sorted({row.reference for _, row in rows} - {""}),
        "first": min(days),
        "last": max(days),
    }
    return {
        (row.person_id, row.source_key or row.day): Stored(row.id, row.day, row.minutes, row.reduces_accrual)
        for row in db.session.execute(FROM_THE_FEED, asked)
    }


def _with_minutes(rows: list[tuple[int, FeedRow]]) -> Iterator[tuple[int, FeedRow, int]]:
    """The minutes of each row: as the feed says, or all that is scheduled that day."""
    whole = [(person_id, row.day) for person_id, row in rows if row.minutes is None]
    days = [day for _, day in whole] or [date.min]
    people = sorted({person_id for person_id, _ in whole})
    schedules = schedules_of(people, min(days), max(days) + ONE_DAY) if people else {}
    for person_id, row in rows:
        yield person_id, row, due(schedules[person_id], row.day) if row.minutes is None else row.minutes
