"""What must hold after every step of a history of weeks.

The names H1 to B2 are those of the scheme's reliability rules, section b.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from copy import copy
from datetime import date, datetime
from itertools import pairwise
from operator import attrgetter
from typing import Any, Self

from sqlalchemy import select

from tithe.allowance.models import LedgerLine, Period, PersonQuarter
from tithe.allowance.queries.balances import SPENDING
from tithe.audit.models import AuditEvent
from tithe.kernel.calendar import Quarter, monday_of, week_days
from tithe.kernel.clock import local_date
from tithe.kernel.db import db
from tithe.people.models import Person
from tithe.projects.models import Project, ProjectMember
from tithe.projects.rules import ProjectStatus
from tithe.timesheets.models import Decision, ReviewRequest, TimeEntry, Week
from tithe.timesheets.rules.deciding import DecisionHow, Outcome
from tithe.timesheets.rules.entries import TITHED, TimeKind, counting_day, digest_of, from_shown, tithed_minutes
from tithe.timesheets.rules.escalation import DEEMED_MOST, Stage
from tithe.timesheets.rules.lifecycle import MOVES, WeekStatus
from tithe.timesheets.rules.reviews import ReviewOutcome

MOVED = {(status, end) for (status, _), end in MOVES.items()} | {(None, WeekStatus.DRAFT)}
BY_VERSION = attrgetter("version")
FROZEN = (WeekStatus.SUBMITTED, WeekStatus.APPROVED)


class Promises:
    """The promises, and what of the past they need: where each week was last seen, and for whom each version waited."""

    now: datetime

    def begin(self) -> None:
        self.seen: dict[int, tuple[WeekStatus, int, Any, Any]] = {}
        self.asked: dict[tuple[int, int], tuple[int | None, Stage]] = {}
        self.stood_in: set[tuple[int, int]] = set()
        self.keeper_ids: set[int] = set()
        self.silence_counts = False

    def copied(self) -> Self:
        """The same past, to go on from without changing this one."""
        other = copy(self)
        other.seen, other.asked, other.stood_in = dict(self.seen), dict(self.asked), set(self.stood_in)
        return other

    def check_all(self) -> None:
        weeks = list(db.session.scalars(select(Week)))
        entries = list(db.session.scalars(select(TimeEntry)))
        made = list(db.session.scalars(select(Decision)))
        self.hours(weeks, entries)
        self.states(weeks, entries, {(each.week_id, each.version): each for each in made})
        self.decisions(weeks, made)
        self.ledger(weeks, made)
        self.trail(weeks)
        db.session.rollback()

    def hours(self, weeks: list[Week], entries: list[TimeEntry]) -> None:
        by_id = {week.id: week for week in weeks}
        people = {person.id: person for person in db.session.scalars(select(Person))}
        members = {(each.project_id, each.person_id): each for each in db.session.scalars(select(ProjectMember))}
        registered = set(db.session.scalars(select(Project.id).where(Project.status != ProjectStatus.DRAFT)))
        by_day: defaultdict[tuple[int, date], int] = defaultdict(int)
        totals: defaultdict[int, int] = defaultdict(int)
        for entry in entries:
            week, person = by_id[entry.week_id], people[entry.person_id]
            assert 1 <= entry.minutes <= 1440, "H1"
            assert entry.person_id == week.person_id, "H1"
            assert person.starts_on <= entry.day <= local_date(self.now), "H3"
            assert person.leaves_on is None or entry.day <= person.leaves_on, "H3"
            assert entry.day in week_days(week.starts_on), "H4"
            by_day[entry.person_id, entry.day] += entry.minutes
            totals[week.id] += entry.minutes if entry.kind in TITHED else 0
            if entry.kind is not TimeKind.TITHE:
                continue
            joined = members[entry.project_id, entry.person_id]
            assert entry.project_id in registered, "H5"
            assert joined.joined_on <= entry.day <= (joined.left_on or entry.day), "H5"
        assert all(minutes <= 1440 for minutes in by_day.values()), "H2"
        assert all(week.starts_on == monday_of(week.starts_on) for week in weeks), "H4"
        assert len({(week.person_id, week.starts_on) for week in weeks}) == len(weeks), "H4"
        assert all(week.total_minutes == totals[week.id] for week in weeks), "H7"

    def states(self, weeks: list[Week], entries: list[TimeEntry], made: dict[tuple[int, int], Decision]) -> None:
        held: defaultdict[int, set[Any]] = defaultdict(set)
        for entry in entries:
            held[entry.week_id].add((entry.day, entry.project_id, entry.kind, entry.minutes, entry.note))
        for week in weeks:
            status, version, before, queue = self.seen.get(week.id, (None, 0, set(), None))
            now_in = (week.approver_id, week.stage)
            if version == week.version:
                assert (status, queue) == (week.status, now_in), "A8: nothing changes without a new version"
            elif (status, week.status) == (WeekStatus.SUBMITTED, WeekStatus.SUBMITTED):
                assert week.version == version + 1, "A8"
                assert now_in != queue, "A8: it went to another queue"
            else:
                steps = self.steps_of(week, made)
                assert all(step in MOVED for step in pairwise((status, *steps, week.status))), "A1"
                assert week.version == version + len(steps) + 1, "A8"
            if status in FROZEN:
                assert held[week.id] == before, "H6"
            if week.nothing_since:
                assert (week.status, held[week.id]) == (WeekStatus.DRAFT, set()), "nothing is an empty draft"
            if week.status is WeekStatus.SUBMITTED:
                assert week.due_on, "A9"
                assert week.approver_id or week.unit_id, "A7"
                self.asked[week.id, week.version] = now_in
            self.seen[week.id] = (week.status, week.version, held[week.id], now_in)

    @staticmethod
    def steps_of(week: Week, made: dict[tuple[int, int], Decision]) -> tuple[WeekStatus, ...]:
        """What a week passed through unseen: one inside an agreement is approved as soon as it is submitted."""
        last = made.get((week.id, week.version - 1))
        at_once = last and last.how is DecisionHow.AGREEMENT and week.status is WeekStatus.APPROVED
        return (WeekStatus.SUBMITTED,) if at_once else ()

    def decisions(self, weeks: list[Week], made: list[Decision]) -> None:
        by_id = {week.id: week for week in weeks}
        members = {(each.project_id, each.person_id) for each in db.session.scalars(select(ProjectMember))}
        newest = select(ReviewRequest).order_by(ReviewRequest.id)
        self.reviews = {(each.week_id, each.version): each for each in db.session.scalars(newest)}
        assert len({(each.week_id, each.version) for each in made}) == len(made), "A3"
        for each in made:
            week = by_id[each.week_id]
            shown = [from_shown(row) for row in each.entries]
            assert each.decided_by != week.person_id, "A2"
            self.right_to_decide(each)
            fellow = [entry for entry in shown if (entry.project_id, each.decided_by) in members]
            assert not fellow, "A2: nobody who works on it too"
            assert each.digest == digest_of(each.version, shown), "A3"
            assert each.total_minutes == tithed_minutes(shown), "A4"
        last = {each.week_id: each for each in sorted(made, key=BY_VERSION)}
        for week in weeks:
            if week.status is WeekStatus.APPROVED:
                assert last[week.id].outcome is Outcome.APPROVED, "A3"
                assert (last[week.id].version, last[week.id].total_minutes) == (week.version - 1, week.total_minutes)
            if week.status is WeekStatus.RETURNED:
                assert last[week.id].ground, "a return has a ground"
                assert len(last[week.id].reason) >= 40, "and words"
            assert week.approver_id != week.person_id, "A2"

    def right_to_decide(self, made: Decision) -> None:
        """A2: whoever it waited for, whoever stood in for them, a keeper of its queue, or a rule."""
        if made.how is DecisionHow.AGREEMENT:
            assert made.decided_by is None, "A2"
            return
        if made.how is DecisionHow.REVIEW:
            overturned = self.reviews[made.week_id, made.version - 1]
            assert (overturned.outcome, made.outcome) == (ReviewOutcome.OVERTURN, Outcome.APPROVED), "A2"
            assert made.decided_by == overturned.reviewer_id or made.decided_by in self.keeper_ids, "A2"
            return
        approver, stage = self.asked[made.week_id, made.version]
        if made.how is DecisionHow.DEEMED:
            assert made.decided_by is None, "A2"
            assert self.silence_counts, "A10"
            assert (stage, made.outcome) == (Stage.MANAGER, Outcome.APPROVED), "A10"
            assert made.total_minutes <= DEEMED_MOST, "A10"
        elif made.how is DecisionHow.QUEUE:
            assert approver is None, "A2"
            assert made.decided_by in self.keeper_ids, "A2"
        elif made.how is DecisionHow.DELEGATE:
            assert made.on_behalf_of == approver, "A2"
            assert (made.decided_by, approver) in self.stood_in, "A2"
        else:
            assert made.decided_by == approver, "A2"
            assert (made.how is DecisionHow.COUNTERSIGNER) == (stage is Stage.COUNTERSIGNER), "A2"

    def ledger(self, weeks: list[Week], made: list[Decision]) -> None:
        lines = list(db.session.scalars(select(LedgerLine)))
        used: Counter[tuple[int, str]] = Counter()
        by_week: Counter[int] = Counter()
        for line in lines:
            if line.kind in SPENDING:
                used[line.person_id, line.quarter] -= line.minutes
                by_week[line.source_id] -= line.minutes
        counted = {each.week_id: each for each in sorted(made, key=BY_VERSION) if each.outcome is Outcome.APPROVED}
        approved = Counter({week_id: each.total_minutes for week_id, each in counted.items()})
        assert +by_week == +approved, "B2: what was approved last is counted once"
        if not db.session.query(Period).count():
            assert +used == self.approved_by_quarter(weeks, counted), "B2: in its own quarter"
        stored: Counter[tuple[int, str]] = Counter()
        for row in db.session.scalars(select(PersonQuarter)):
            stored[row.person_id, row.quarter] += row.used
        assert +stored == +used, "B2"

    def approved_by_quarter(self, weeks: list[Week], counted: dict[int, Decision]) -> Counter[tuple[int, str]]:
        assign = "thursday" if self.silence_counts else "by_day"
        by_id = {week.id: week for week in weeks}
        approved: Counter[tuple[int, str]] = Counter()
        for each in counted.values():
            week = by_id[each.week_id]
            for entry in map(from_shown, each.entries):
                if entry.tithed:
                    quarter = Quarter.containing(counting_day(assign, week.starts_on) or entry.day)
                    approved[week.person_id, quarter.code] += entry.minutes
        return approved

    def trail(self, weeks: list[Week]) -> None:
        recorded = db.session.query(AuditEvent).filter_by(subject_type="week").count()
        assert recorded == sum(week.version for week in weeks), "one event for every accepted change"
