"""The weeks that wait for somebody, with all they need to decide them: a fixed number of statements a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_

from tithe.access.actor import Actor
from tithe.access.grants import QUEUE_KEEPERS
from tithe.allowance.queries.owners import blackouts_over, minutes_left
from tithe.kernel.calendar import Quarter, named
from tithe.kernel.db import db, table_of
from tithe.people.queries import person_names, unit_names, unit_tree
from tithe.people.sharing import is_sharer
from tithe.projects import queries as projects
from tithe.timesheets.models import Decision, Question, TimeEntry, Week
from tithe.timesheets.queries.job_shares import names_shown_to, uncovered_days
from tithe.timesheets.queries.questions import ASKERS, COLUMNS, QuestionRow
from tithe.timesheets.queries.weeks import shares_a_project
from tithe.timesheets.rules.deciding import DecisionHow, Outcome, how_decided
from tithe.timesheets.rules.entries import KINDS, Entry, from_shown
from tithe.timesheets.rules.escalation import Stage
from tithe.timesheets.rules.lifecycle import WeekStatus
from tithe.timesheets.rules.unusual import Facts, Unusual, unusual_in

PAGE = 50

Projects = defaultdict[int, set[int]]  # some of the projects of each week, by its id
Place = tuple[datetime, int]  # in the queue: when a week was submitted, and its id
APPROVERS = person_names.alias("approvers")
EARLIER = TimeEntry.__table__.alias("earlier")


@dataclass(frozen=True)
class AwaitingRow:
    """A week in a manager's queue. `approver` is the name of whom it waits for, `unit` the unit whose queue it is in
    where that is nobody, `shares_post` says that its owner has been in a job share."""

    id: int
    owner_id: int
    owner_name: str
    starts_on: date
    version: int
    total_minutes: int
    submitted_at: datetime
    due_on: date
    unit_id: int | None
    approver_id: int | None
    stage: Stage
    amends_version: int | None
    counts_on: date | None
    approver: str | None
    unit: str | None
    shares_post: bool
    question: QuestionRow | None = None

    @property
    def quarter(self) -> Quarter:
        """The one whose balance is shown beside it."""
        return Quarter.containing(self.counts_on or self.starts_on)


@dataclass(frozen=True)
class Waiting:
    """A week to decide, as whom, what is in it, what is unusual about it, and the minutes its owner has left before
    it is approved: none where they have not been worked out yet."""

    week: AwaitingRow
    how: DecisionHow
    entries: tuple[tuple[Entry, str], ...]
    unusual: tuple[Unusual, ...]
    left: int | None

    @property
    def for_whom(self) -> str | None:
        """The name of the manager the viewer stands in for, if they do."""
        return self.week.approver if self.how is DecisionHow.DELEGATE else None


def waits_for(actor: Actor) -> ColumnElement[bool]:
    """A submitted week is in this person's queue: by name, for a manager they stand in for, or in the HR queue of a
    unit their role covers. Never their own; for another, never one on a project they work on themselves."""
    by_name = Week.approver_id == actor.id
    in_place = and_(Week.approver_id.in_(actor.stands_in_for), ~shares_a_project(actor))
    tops = actor.units_as(*QUEUE_KEEPERS)
    below = select(unit_tree.c.descendant_id).where(unit_tree.c.ancestor_id.in_(tops))
    queued = and_(Week.approver_id.is_(None), Week.unit_id.in_(below))
    ways = [by_name, *([in_place] if actor.stands_in_for else []), *([queued] if tops else [])]
    return and_(Week.status == WeekStatus.SUBMITTED, Week.person_id != actor.id, or_(*ways))


def weeks_awaiting(viewer: Actor, *, after: Place | None = None) -> tuple[list[AwaitingRow], bool]:
    """A page of the weeks that wait for the viewer, oldest first, and whether more follow."""
    found = _awaiting(viewer).order_by(Week.submitted_at, Week.id)
    if after:
        found = found.where(tuple_(Week.submitted_at, Week.id) > after)
    rows = db.session.execute(found.limit(PAGE + 1)).all()
    return [_row(row) for row in rows[:PAGE]], len(rows) > PAGE


def inbox_of(viewer: Actor, *, after: Place | None = None) -> tuple[list[Waiting], Place | None]:
    """The same with all it takes to decide them, and the place to read on from when more follow."""
    weeks, more = weeks_awaiting(viewer, after=after)
    return _described(viewer, weeks), (weeks[-1].submitted_at, weeks[-1].id) if more else None


def waiting_week(viewer: Actor, week_id: int) -> Waiting | None:
    """One week with all it takes to decide it, if it waits for the viewer."""
    row = db.session.execute(_awaiting(viewer).where(Week.id == week_id)).first()
    return _described(viewer, [_row(row)])[0] if row else None


def owners_of(week_ids: Iterable[int]) -> list[str]:
    """Whose and which some weeks are, in words, the oldest first: for messages about what was just decided."""
    found = (
        select(person_names.c.name, Week.starts_on)
        .join(person_names, person_names.c.id == Week.person_id)
        .where(Week.id.in_(list(week_ids)))
        .order_by(Week.submitted_at, Week.id)
    )
    return [f"{name}, week of {named(monday)}" for name, monday in db.session.execute(found)]


def count_awaiting(viewer: Actor) -> int:
    return db.session.scalar(select(func.count()).select_from(Week).where(waits_for(viewer))) or 0


def _awaiting(viewer: Actor) -> Select[*tuple[Any, ...]]:
    asked = and_(Question.week_id == Week.id, Question.version == Week.version)
    return (
        select(
            Week.id, Week.person_id, person_names.c.name, Week.starts_on, Week.version, Week.total_minutes,
            Week.submitted_at, Week.due_on, Week.unit_id, Week.approver_id, Week.stage, Week.amends_version,
            Week.counts_on, APPROVERS.c.name, unit_names.c.name, is_sharer(table_of(Week).c.person_id), *COLUMNS,
        )
        .join(person_names, person_names.c.id == Week.person_id)
        .outerjoin(APPROVERS, APPROVERS.c.id == Week.approver_id)
        .outerjoin(unit_names, unit_names.c.id == Week.unit_id)
        .outerjoin(Question, asked)
        .outerjoin(ASKERS, ASKERS.c.id == Question.asked_by)
        .where(waits_for(viewer))
    )  # fmt: skip


def _row(row: Sequence[Any]) -> AwaitingRow:
    question = row[-len(COLUMNS) :]
    about = QuestionRow(*question) if question[0] is not None else None
    return replace(AwaitingRow(*row[: -len(COLUMNS)]), question=about)


def _described(viewer: Actor, weeks: Sequence[AwaitingRow]) -> list[Waiting]:
    """The weeks with their entries, balances and what is unusual about each: in four statements, and four more where
    somebody shares a post."""
    if not weeks:
        return []
    entries, new, unfit, flagged = _entries([week.id for week in weeks])
    returned, approved = _decided_before(weeks)
    left = minutes_left({(week.owner_id, week.quarter) for week in weeks})
    units = {week.unit_id for week in weeks if week.unit_id is not None}
    days = [entry.day for held in entries.values() for entry, _ in held] or [week.starts_on for week in weeks]
    blackouts = blackouts_over(units, min(days), max(days))
    uncovered = _uncovered(viewer, weeks, entries)
    return [
        Waiting(
            week=week,
            how=how_decided(viewer.person_id, week.approver_id, week.stage),
            entries=tuple(entries[week.id]),
            unusual=tuple(
                unusual_in(
                    Facts(
                        entries=[entry for entry, _ in entries[week.id]],
                        total_minutes=week.total_minutes,
                        titles={entry.line: title for entry, title in entries[week.id]},
                        new_projects=new[week.id],
                        flagged=flagged[week.id],
                        returned=returned.get(week.id),
                        approved=approved.get(week.id),
                        needs_fix=unfit[week.id],
                        uncovered=uncovered[week.id],
                        blackouts=_days_in(blackouts.get(week.unit_id or 0, ()), entries[week.id]),
                    )
                )
            ),
            left=left.get((week.owner_id, week.quarter)),
        )
        for week in weeks
    ]


def _entries(
    week_ids: Iterable[int],
) -> tuple[defaultdict[int, list[tuple[Entry, str]]], Projects, defaultdict[int, set[date]], Projects]:
    """The entries of some weeks with the titles of their rows, the projects new to their owners, the days that are to
    be put right, and the projects that wait for a coordinator, by week."""
    titles = projects.project_titles
    before = select(EARLIER.c.id).where(
        EARLIER.c.person_id == TimeEntry.person_id,
        EARLIER.c.project_id == TimeEntry.project_id,
        EARLIER.c.day < Week.starts_on,
        EARLIER.c.week_id != Week.id,
    )
    found = (
        select(
            TimeEntry.week_id, ~before.exists(), TimeEntry.fix_by,
            projects.takes_no_time(TimeEntry.project_id, TimeEntry.day), titles.c.title,
            TimeEntry.day, TimeEntry.project_id, TimeEntry.minutes, TimeEntry.note, TimeEntry.kind,
        )
        .join(Week, Week.id == TimeEntry.week_id)
        .outerjoin(titles, titles.c.id == TimeEntry.project_id)
        .where(TimeEntry.week_id.in_(list(week_ids)))
        .order_by(TimeEntry.week_id, TimeEntry.day, titles.c.title)
    )  # fmt: skip
    entries: defaultdict[int, list[tuple[Entry, str]]] = defaultdict(list)
    new: Projects = defaultdict(set)
    unfit: defaultdict[int, set[date]] = defaultdict(set)
    flagged: Projects = defaultdict(set)
    for week_id, is_new, fix_by, is_flagged, title, *held in db.session.execute(found):
        entry = Entry(*held)
        entries[week_id].append((entry, title or KINDS[entry.kind]))
        if is_new and entry.project_id is not None:
            new[week_id].add(entry.project_id)
        if fix_by is not None:
            unfit[week_id].add(entry.day)
        if is_flagged and entry.project_id is not None:
            flagged[week_id].add(entry.project_id)
    return entries, new, unfit, flagged


def _decided_before(weeks: Iterable[AwaitingRow]) -> tuple[dict[int, list[Entry]], dict[int, list[Entry]]]:
    """What was last returned of some weeks, unless something was approved since, and what their amendments replace."""
    amends = {week.id: week.amends_version for week in weeks}
    found = (
        select(Decision.week_id, Decision.version, Decision.outcome, Decision.entries)
        .where(Decision.week_id.in_(amends))
        .order_by(Decision.week_id, Decision.version)
    )
    returned: dict[int, list[Entry]] = {}
    approved: dict[int, list[Entry]] = {}
    for week_id, version, outcome, shown in db.session.execute(found):
        entries = [from_shown(row) for row in shown]
        if outcome is Outcome.RETURNED:
            returned[week_id] = entries
        else:
            returned.pop(week_id, None)
        if version == amends[week_id]:
            approved[week_id] = entries
    return returned, approved


def _uncovered(
    viewer: Actor, weeks: Iterable[AwaitingRow], entries: Mapping[int, Sequence[tuple[Entry, str]]]
) -> Mapping[int, Mapping[date, str | None]]:
    """The days of some weeks that leave a shared post without cover, with the other sharer's name where it is shown."""
    sharing = [week for week in weeks if week.shares_post]
    days: defaultdict[int, set[date]] = defaultdict(set)
    for week in sharing:
        days[week.owner_id] |= {entry.day for entry, _ in entries[week.id] if entry.tithed}
    found = uncovered_days(days)
    gaps = [each for theirs in found.values() for each in theirs.values()]
    names = names_shown_to(viewer, {each.sharer_id for each in gaps}, max(each.day for each in gaps)) if gaps else {}
    shown: defaultdict[int, dict[date, str | None]] = defaultdict(dict)
    for week in sharing:
        theirs, held = found.get(week.owner_id, {}), {entry.day for entry, _ in entries[week.id]}
        shown[week.id] = {day: names.get(each.sharer_id) for day, each in theirs.items() if day in held}
    return shown


def _days_in(periods: Iterable[tuple[date, date]], entries: Iterable[tuple[Entry, str]]) -> frozenset[date]:
    """The days with time on them that are in any of these periods."""
    days = {entry.day for entry, _ in entries}
    return frozenset(day for first, last in periods for day in days if first <= day <= last)
