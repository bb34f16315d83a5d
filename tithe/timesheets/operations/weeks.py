"""Saving, submitting and recalling one's own week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, update

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.allowance.queries.calendars import holidays_over
from tithe.audit.operations import record
from tithe.kernel.bulk import insert_rows
from tithe.kernel.calendar import SUNDAY, Weeks, add_working_days, named, week_days
from tithe.kernel.clock import local_date
from tithe.kernel.db import CHANGED_UNDER_YOU, atomic, db, table_of
from tithe.kernel.errors import Conflict, RuleBroken, RulesBroken
from tithe.kernel.minutes import DAY, spoken
from tithe.kernel.prepared import Prepared
from tithe.notices import operations as notices
from tithe.people import queries as people
from tithe.policy import queries as policy
from tithe.projects import queries as projects
from tithe.timesheets.models import TimeEntry, Week
from tithe.timesheets.operations.agreements import in_advance
from tithe.timesheets.operations.decisions import approve_by_rule
from tithe.timesheets.queries.job_shares import judged_for
from tithe.timesheets.queries.room import Room, room_in
from tithe.timesheets.queries.weeks import WeekRow, own_week
from tithe.timesheets.rules.deciding import DecisionHow
from tithe.timesheets.rules.entries import Entry, tithed_minutes
from tithe.timesheets.rules.escalation import OWNERS_CALENDAR, Stage
from tithe.timesheets.rules.job_shares import minutes_held
from tithe.timesheets.rules.lifecycle import WeekMove, status_after
from tithe.timesheets.rules.limits import held_up, misplaced, over_limits

WEEKS, ENTRIES = table_of(Week), table_of(TimeEntry)
MOST = 7 * DAY  # of tithed time in a week; one may have eight days
# Every save uses these, so they are put together once.
WRITTEN = (
    "status", "total_minutes", "unit_id", "approver_id", "submitted_at", "due_on", "decided_at", "amends_version",
    "amend_reason", "nothing_since", "stage", "counts_on",
)  # fmt: skip
NOTHING_SENT: dict[str, Any] = {
    "submitted_at": None, "due_on": None, "decided_at": None, "approver_id": None, "stage": Stage.MANAGER,
}  # fmt: skip
INSERT_WEEK = Prepared(
    insert(WEEKS)
    .values({name: bindparam(name) for name in ("person_id", "starts_on", "version", *WRITTEN)})
    .returning(WEEKS.c.id)
)
UPDATE_WEEK = Prepared(
    update(WEEKS)
    .where(WEEKS.c.id == bindparam("which"), WEEKS.c.version == bindparam("seen"))
    .values({name: bindparam(name) for name in (*WRITTEN, "version")})
    .returning(WEEKS.c.id)
)
THIS_ENTRY = and_(
    ENTRIES.c.week_id == bindparam("w"),
    ENTRIES.c.day == bindparam("d"),
    func.coalesce(ENTRIES.c.project_id, 0) == bindparam("p"),
    ENTRIES.c.kind == bindparam("k"),
)
DELETE_ENTRY = delete(ENTRIES).where(THIS_ENTRY)
UPDATE_ENTRY = update(ENTRIES).where(THIS_ENTRY).values(minutes=bindparam("m"), note=bindparam("n"))


@atomic
def save_week(
    *, actor: Actor, monday: date, entries: Sequence[Entry], now: datetime, version: int | None = None
) -> WeekRow:
    """Replace the entries of one's own open week; return it as it now is.

    Refuses what can never be recorded, all of it at once, and more time on a day that leaves a shared post without
    cover where the policy refuses it. Limits are for `submit_week`: a draft may break them.
    `version`, when given, must be the one the person was shown.
    """
    if monday.weekday() != 0:
        raise RuleBroken(f"A week is named by its Monday, and {monday} is not one", field="monday")
    week = own_week(actor, monday, lock=True)
    ensure(actor, Permission.WEEK_SAVE, week)
    if version is not None and version != week.version:
        raise Conflict("This week was changed in another window. What you typed is below; compare it, then save again")
    status = status_after(week.status, WeekMove.EDIT)
    if not entries and monday > policy.monday_of(local_date(now)):
        raise RuleBroken(f"The week of {named(monday)} has not begun. Time ahead belongs in a plan", field="monday")
    _refuse_misplaced(actor, week, entries, now)
    if refused := judged_for(actor, entries, minutes_held(week.entries), lock=True).refused:
        raise RulesBroken(refused)
    total = tithed_minutes(entries)
    if total > MOST:
        raise RuleBroken(f"A week takes at most {MOST // 60} hours. Take some of its time away", field="entries")
    nothing_since = None if entries else week.nothing_since
    written = {"status": status, "total_minutes": total, "nothing_since": nothing_since, **NOTHING_SENT}
    week_id = write_week(week, **written)
    _replace_entries(week_id, week, entries)
    facts = {"version": week.version + 1, "total": total, "was": week.total_minutes}
    record("week:save", actor=actor, about="week", id=week_id, at=now, **facts)
    in_order = tuple(sorted(entries, key=lambda entry: entry.place))
    return replace(week, id=week_id, version=week.version + 1, entries=in_order, **written)


def _refuse_misplaced(actor: Actor, week: WeekRow, entries: Sequence[Entry], now: datetime) -> None:
    """Refuse what can never be recorded, asking who employs the owner when and which projects are open to them.

    Monday to Saturday are in their week wherever it starts; only entries on other days have that asked.
    """
    plain = week_days(week.starts_on)[:SUNDAY]
    problems = misplaced(
        entries,
        week.starts_on,
        weeks=Weeks() if all(entry.day in plain for entry in entries) else policy.weeks(),
        today=local_date(now),
        employed=actor.employed,
        memberships=projects.memberships_of(actor.person_id),
        held=week.entries,
    )
    if problems:
        raise RulesBroken(problems)


def write_week(week: WeekRow, **values: object) -> int:
    """Insert or update the row, one version on. Whoever comes second finds the version moved on."""
    row = {name: values.get(name, getattr(week, name)) for name in WRITTEN}
    if week.id is None:
        new = {"person_id": week.owner_id, "starts_on": week.starts_on, "version": 1, **row}
        return int(INSERT_WEEK.first(**new).id)
    which = {"which": week.id, "seen": week.version, "version": week.version + 1}
    if not UPDATE_WEEK.all(**which, **row):
        raise Conflict(CHANGED_UNDER_YOU)
    return week.id


def _replace_entries(week_id: int, week: WeekRow, entries: Sequence[Entry]) -> None:
    """Write only what differs, a statement each for what is gone, changed and new: most saves touch one cell."""
    before = {entry.place: entry for entry in week.entries}
    after = {entry.place: entry for entry in entries}
    place = {"week_id": week_id, "person_id": week.owner_id}
    if gone := [_place(week_id, each) for each in before.keys() - after.keys()]:
        db.session.execute(DELETE_ENTRY, gone)
    changed = [entry for at, entry in after.items() if at in before and before[at] != entry]
    if changed:
        cells = [_place(week_id, each.place) | {"m": each.minutes, "n": each.note} for each in changed]
        db.session.execute(UPDATE_ENTRY, cells)
    insert_rows(TimeEntry, [place | vars(entry) for at, entry in sorted(after.items()) if at not in before])


def _place(week_id: int, place: tuple[date, int, str]) -> dict[str, Any]:
    day, project_id, kind = place
    return {"w": week_id, "d": day, "p": project_id, "k": kind}


@atomic
def submit_week(*, actor: Actor, monday: date, now: datetime, version: int | None = None) -> None:
    """Send one's own week for approval, or say everything that is in the way.

    The approver is the line manager on the week's Monday and stays on the week whatever changes later; the clock
    starts on the next working day. A week inside an agreement is approved at once.
    """
    week = own_week(actor, monday, lock=True)
    ensure(actor, Permission.WEEK_SUBMIT, week)
    if version is not None and version != week.version:
        raise Conflict(CHANGED_UNDER_YOU)
    status = status_after(week.status, WeekMove.SUBMIT)
    if not week.entries and week.amends_version is None:
        raise RuleBroken("There is nothing in this week yet. Log some time, then submit it", field="entries")
    room = room_in(week, local_date(now))
    if problems := held_up(week.entries, room.memberships) + over_limits(week.entries, room.limits(monday)):
        raise RulesBroken(problems)
    approver = room.approver.id if room.approver else None
    due_on = _due(now, room, approver)
    sent = {"approver_id": approver, "unit_id": room.schedule.unit_id, "submitted_at": now, "due_on": due_on}
    week_id = write_week(week, status=status, decided_at=None, counts_on=room.counts_on, **sent)
    facts = {"version": week.version + 1, "total": week.total_minutes, "approver_id": approver}
    record("week:submit", actor=actor, about="week", id=week_id, at=now, **facts)
    if in_advance(week, room, approver, now):
        approve_by_rule(versions={week_id: week.version + 1}, how=DecisionHow.AGREEMENT, now=now)
    elif approver is not None:
        words: dict[str, Any] = {
            "owner": actor.name,
            "week": named(monday),
            "total": spoken(week.total_minutes),
            "due": named(due_on),
        }
        notices.queue([notices.compose("week-submitted", to=approver, path=f"/approvals/{week_id}", at=now, **words)])


def _due(now: datetime, room: Room, approver: int | None) -> date:
    """The last day for a decision: so many working days, holidays as where the approver works, or the owner if
    there is none or the unit says so."""
    today = local_date(now)
    by_owner = room.schedule.settings.sla_calendar == OWNERS_CALENDAR
    calendar = None if approver is None or by_owner else people.calendar_of(approver, today)
    holidays = holidays_over(calendar or room.schedule.calendar, today.year, today.year + 1)
    return add_working_days(today, room.schedule.settings.decide_wd, holidays)


@atomic
def recall_week(*, actor: Actor, monday: date, now: datetime, version: int | None = None) -> None:
    """Take back one's own week while nobody has decided it."""
    week = own_week(actor, monday, lock=True)
    ensure(actor, Permission.WEEK_RECALL, week)
    if version is not None and version != week.version:
        raise Conflict(CHANGED_UNDER_YOU)
    status = status_after(week.status, WeekMove.RECALL)
    week_id = write_week(week, status=status, **NOTHING_SENT)
    record("week:recall", actor=actor, about="week", id=week_id, at=now, version=week.version + 1)
    if week.approver_id is not None:
        notices.queue(
            [
                notices.compose(
                    "week-recalled",
                    to=week.approver_id,
                    path="/approvals",
                    at=now,
                    owner=actor.name,
                    week=named(monday),
                )
            ]
        )
