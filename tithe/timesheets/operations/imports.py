"""Taking time into one's own weeks from a file that another tool wrote."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, insert, update

from tithe.access.actor import Actor
from tithe.access.grants import permits
from tithe.access.permissions import Permission
from tithe.allowance.queries.schedules import schedule_of
from tithe.audit.operations import record
from tithe.kernel.calendar import Weeks
from tithe.kernel.clock import local_date
from tithe.kernel.db import allow_long_statements, db, rehearsal, table_of
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.kernel.feeds import RowError, RowsRefused
from tithe.policy import queries as policy
from tithe.projects import queries as projects
from tithe.timesheets.models import ImportedRow, ImportName
from tithe.timesheets.operations.weeks import save_week
from tithe.timesheets.queries import imports as queries
from tithe.timesheets.queries.weeks import lock_own_weeks, own_week
from tithe.timesheets.rules.entries import Entry, entry_of
from tithe.timesheets.rules.imports import plan
from tithe.timesheets.rules.imports.cells import DateOrder
from tithe.timesheets.rules.imports.layouts import Format
from tithe.timesheets.rules.imports.plan import LEAVE_OUT, Accounts, Bounds, Fate, Known, Moving, OwnWeek
from tithe.timesheets.rules.imports.sheet import Sheet, SourceRow

ROWS, NAMES = table_of(ImportedRow), table_of(ImportName)
PATIENCE_SECONDS = 120
INSERT_ROW, INSERT_NAME = insert(ROWS), insert(NAMES)
UPDATE_ROW = (
    update(ROWS)
    .where(ROWS.c.person_id == bindparam("who"), ROWS.c.key == bindparam("which"))
    .values({name: bindparam(name) for name in ("day", "project_id", "kind", "seconds", "loaded_at")})
)
UPDATE_NAME = (
    update(NAMES)
    .where(NAMES.c.person_id == bindparam("who"), NAMES.c.name == bindparam("which"))
    .values({name: bindparam(name) for name in ("project_id", "kind")})
)


@dataclass(frozen=True)
class Cell:
    """A day of a row of the week: its minutes before and after, and how many rows of the file make the change."""

    day: date
    line: str
    before: int
    after: int
    rows: int


@dataclass(frozen=True)
class WeekChange:
    """What an import changes in one week. `version` is the one it was read at."""

    monday: date
    version: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Reason:
    """Why some rows are not loaded, and the lines of the file they stand on."""

    fate: Fate
    why: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Report:
    """What becomes of every row of a file; the same for a rehearsal and for the real thing.

    `missing` counts rows loaded before on the days of this file that are not in it; they stay. `whose` is what the file
    calls its one person, if that is not the actor. `mapping` says where each name goes. `mark` changes when anything
    that would be done does.
    """

    format: Format
    order: DateOrder
    order_shown: bool
    passed_over: tuple[str, ...]
    untagged: int
    rows: int
    loaded: int
    changed: int
    known: int
    left_out: int
    closed: int
    wrong: int
    missing: int
    whole_weeks: int
    whose: str
    mapping: dict[str, str]
    weeks: tuple[WeekChange, ...]
    reasons: tuple[Reason, ...]
    errors: tuple[RowError, ...]

    @property
    def changes(self) -> int:
        """How many rows there are to load."""
        return self.loaded + self.changed

    @property
    def mark(self) -> str:
        facts = [[str(week.monday), week.version, *map(str, week.cells)] for week in self.weeks]
        return sha256(json.dumps([facts, self.changes]).encode()).hexdigest()


class ImportRefused(RowsRefused):
    """Rows of a file are wrong, so nothing of it was loaded."""

    report: Report


def import_time(
    *,
    actor: Actor,
    sheet: Sheet,
    mapping: Mapping[str, str],
    now: datetime,
    commit: bool,
    skip_bad_rows: bool = False,
    seen: str | None = None,
) -> Report:
    """Load the time of a file into one's own open weeks, all of it or none. Without `commit`, only report.

    `mapping` says to which row of the week the projects and tags of the file go; names it lacks go where they went
    before, or to the project of the same name, or nowhere. A wrong row refuses the file unless such rows are to be
    skipped. What was loaded before is not loaded again; what has changed since replaces its own minutes. `seen` is the
    mark of the report that was agreed to.
    """
    if not permits(actor, Permission.WEEK_SAVE):
        raise NotFound
    with rehearsal(keep=commit):
        allow_long_statements(PATIENCE_SECONDS)
        work = _work_out(actor, sheet, mapping, local_date(now))
        if work.report.errors and not skip_bad_rows:
            raise ImportRefused(work.report)
        if seen is not None and seen != work.report.mark:
            raise RuleBroken("What would be loaded has changed since you looked. Check it below, then load it")
        for monday, entries in sorted(work.entries.items()):
            version = work.weeks[monday].version
            save_week(actor=actor, monday=monday, entries=entries, now=now, version=version)
        _remember_rows(actor, sheet.format, work.moved, now)
        _remember_names(actor, work.report.mapping)
        if work.report.changes:
            facts = {fate.value: getattr(work.report, fate.value) for fate in Fate}
            record("time:import", actor=actor, about="time", id=None, at=now, source=sheet.format.value, **facts)
    return work.report


@dataclass(frozen=True)
class Work:
    """What is to be done, and the report of it."""

    report: Report
    weeks: dict[date, OwnWeek]
    entries: dict[date, list[Entry]]
    moved: list[Moving]


def _work_out(actor: Actor, sheet: Sheet, mapping: Mapping[str, str], today: date) -> Work:
    memberships = projects.memberships_of(actor.person_id)
    plan.refuse_unknown(mapping, set(sheet.names), memberships)
    goes = {**queries.mapping_for(actor, sheet.names, memberships), **mapping}
    stored = queries.rows_of(actor)
    known = {key: each for key, (_, each) in stored.items()}
    me = {actor.email.lower(), actor.name.lower()}
    accounts = Accounts()
    for error in sheet.errors:
        accounts.wrong(error)
    bounds = Bounds(policy.weeks(), today, actor.employed, memberships)
    rows = _on_days(actor, sheet.rows, known, bounds)
    moving = plan.sort_out(rows, goes, plan.of_others(rows, me), known, accounts)
    mondays = {monday for each in moving for monday in each.mondays(bounds.weeks)}
    lock_own_weeks(actor, mondays)
    weeks = {monday: _week(actor, monday) for monday in sorted(mondays)}
    fitting = plan.fit(moving, weeks, bounds, accounts)
    entries, moved = plan.lay(fitting, known.values(), weeks, bounds, accounts)
    report = _report(sheet, accounts, goes, _whose(rows, me))
    changes = tuple(_change(weeks[monday], entries[monday], moved) for monday in sorted(entries))
    return Work(replace(report, weeks=changes, missing=_missing(sheet, rows, stored)), weeks, entries, moved)


def _on_days(actor: Actor, rows: Sequence[SourceRow], known: Mapping[str, Known], bounds: Bounds) -> list[SourceRow]:
    """The rows, those of a whole week on the day of it that their minutes are put on, or were before."""
    weeks, mondays = bounds.weeks, {row.day for row in rows if row.whole_week}
    if not mondays:
        return list(rows)
    schedule = schedule_of(actor.person_id, min(mondays) - timedelta(days=1), max(mondays) + timedelta(days=7))
    scheduled = {monday: {day: schedule.on(day).scheduled for day in weeks.days_of(monday)} for monday in mondays}
    days = {monday: plan.day_in_week(monday, bounds.today, found) for monday, found in scheduled.items()}
    return [_on_day(row, days[row.day], known.get(row.key), weeks) if row.whole_week else row for row in rows]


def _on_day(row: SourceRow, day: date, before: Known | None, weeks: Weeks) -> SourceRow:
    return replace(row, day=before.day if before and weeks.monday_of(before.day) == row.day else day)


def _week(actor: Actor, monday: date) -> OwnWeek:
    week = own_week(actor, monday)
    return OwnWeek(monday, week.status, week.version, week.entries)


def _whose(rows: Iterable[SourceRow], me: set[str]) -> str:
    """The one person the file says it is of, if that is not how the actor is called here."""
    people = {row.who for row in rows if row.who}
    return next(iter(people))[0][:60] if len(people) == 1 and not me & set(*people) else ""


def _missing(sheet: Sheet, rows: Iterable[SourceRow], stored: Mapping[str, tuple[Format, Known]]) -> int:
    days, keys = {row.day for row in rows}, {row.key for row in rows}
    return sum(
        source is sheet.format and known.day in days and key not in keys for key, (source, known) in stored.items()
    )


def _change(week: OwnWeek, entries: Iterable[Entry], moved: Iterable[Moving]) -> WeekChange:
    before = {(entry.day, entry.line): entry.minutes for entry in week.entries}
    after = {(entry.day, entry.line): entry.minutes for entry in entries}
    rows = Counter(each.place for each in moved)
    cells = [
        Cell(day, line, before.get((day, line), 0), after.get((day, line), 0), rows[day, line])
        for day, line in sorted({*before, *after})
        if before.get((day, line)) != after.get((day, line))
    ]
    return WeekChange(week.monday, week.version, tuple(cells))


def _report(sheet: Sheet, accounts: Accounts, goes: dict[str, str], whose: str) -> Report:
    """The figures; which weeks change, and what is missing, is filled in by the caller."""
    counts = accounts.counts
    reasons = [
        Reason(fate, why, tuple(sorted(lines)))
        for (fate, why), lines in accounts.lines.items()
        if fate in (Fate.LEFT_OUT, Fate.CLOSED)
    ]
    return Report(
        format=sheet.format,
        order=sheet.order,
        order_shown=sheet.order_shown,
        passed_over=sheet.passed_over,
        untagged=sheet.untagged,
        rows=len(sheet.rows) + len(sheet.errors),
        **{fate.value: counts[fate] for fate in Fate},
        missing=0,
        whole_weeks=sum(row.whole_week for row in sheet.rows),
        whose=whose,
        mapping=goes,
        weeks=(),
        reasons=tuple(sorted(reasons, key=lambda reason: reason.lines)),
        errors=tuple(sorted(accounts.errors, key=lambda error: error.line)),
    )


def _columns(line: str) -> dict[str, Any]:
    """The line of a week as two columns say it."""
    if line == LEAVE_OUT:
        return {"project_id": None, "kind": None}
    entry = entry_of(line, date.min, 1, "")
    return {"project_id": entry.project_id, "kind": entry.kind}


def _remember_rows(actor: Actor, source: Format, moved: Iterable[Moving], now: datetime) -> None:
    added, changed = [], []
    for each in moved:
        values = {"day": each.row.day, "seconds": each.row.seconds, "loaded_at": now, **_columns(each.line)}
        if each.before:
            changed.append({"who": actor.person_id, "which": each.row.key, **values})
        else:
            added.append({"person_id": actor.person_id, "key": each.row.key, "source": source, **values})
    if added:
        db.session.execute(INSERT_ROW, added)
    if changed:
        db.session.execute(UPDATE_ROW, changed)


def _remember_names(actor: Actor, mapping: Mapping[str, str]) -> None:
    before = queries.names_of(actor)
    added = [name for name in mapping if name not in before]
    changed = [name for name, line in mapping.items() if name in before and before[name] != line]
    if added:
        rows = [{"person_id": actor.person_id, "name": name, **_columns(mapping[name])} for name in added]
        db.session.execute(INSERT_NAME, rows)
    if changed:
        rows = [{"who": actor.person_id, "which": name, **_columns(mapping[name])} for name in changed]
        db.session.execute(UPDATE_NAME, rows)
