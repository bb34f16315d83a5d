"""Random histories of three people's weeks, and the promises of the scheme checked after every step.

The names H1 to B2 are those of the scheme's reliability rules, section b.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event, select

from tests.conftest import db_empty
from tests.factories.people import Team
from tests.factories.projects import MemberFactory, ProjectFactory
from tests.timesheets.weeks import MONDAY, NOW, REASON, STRADDLING, actor
from tithe.access.actor import Actor
from tithe.allowance.models import LedgerLine, PersonQuarter
from tithe.allowance.queries import balances as allowance
from tithe.allowance.rules.ledger import LedgerKind
from tithe.audit import queries as audit
from tithe.audit.models import AuditEvent
from tithe.kernel.calendar import Quarter, monday_of, week_days
from tithe.kernel.clock import local_date
from tithe.kernel.db import db
from tithe.kernel.errors import TitheError
from tithe.people.models import Person
from tithe.projects.models import Project, ProjectMember
from tithe.projects.rules import ProjectStatus
from tithe.timesheets.models import Decision, TimeEntry, Week
from tithe.timesheets.operations import decisions
from tithe.timesheets.operations.amending import amend_week
from tithe.timesheets.operations.weeks import recall_week, save_week, submit_week
from tithe.timesheets.queries.inbox import weeks_awaiting
from tithe.timesheets.rules.deciding import Outcome
from tithe.timesheets.rules.entries import Entry, digest_of
from tithe.timesheets.rules.lifecycle import MOVES, WeekStatus

PEOPLE = ("owner", "colleague", "manager")
MONDAYS = (STRADDLING, MONDAY)
MOVES = {(status, end) for (status, _), end in MOVES.items()} | {(None, WeekStatus.DRAFT)}
BY_VERSION = attrgetter("version")
FROZEN = (WeekStatus.SUBMITTED, WeekStatus.APPROVED)

WHO, WHEN = st.sampled_from(PEOPLE), st.sampled_from(MONDAYS)
NUMBER = st.integers(0, len(PEOPLE) * len(MONDAYS) - 1)
ANYBODY = st.sampled_from([None, None, None, *PEOPLE])  # mostly whoever may
GRID = st.lists(
    st.tuples(st.integers(-1, 7), st.integers(0, 3), st.sampled_from([0, 10, 15, 60, 200, 444, 700, 1500])), max_size=4
)


class Histories(RuleBasedStateMachine):
    """Owner and colleague answer to the manager, the manager to the director, who also decides what the owner does
    on the project that the manager shares."""

    app: Flask
    accepted: Counter[str]

    @initialize()
    def team(self) -> None:
        team = Team()
        self.people = {name: getattr(team, name) for name in (*PEOPLE, "director")}
        self.actors = {name: actor(person) for name, person in self.people.items()}
        shared = ProjectFactory(owner_id=team.owner.id, owner=None)
        MemberFactory(project_id=shared.id, person_id=team.manager.id)
        left = ProjectFactory(owner_id=team.owner.id, owner=None)
        MemberFactory(project_id=left.id, person_id=team.colleague.id, left_on=STRADDLING)
        alone = ProjectFactory(owner_id=team.colleague.id, owner=None)
        draft = ProjectFactory(draft=True, owner_id=team.owner.id, owner=None)
        self.projects = (shared.id, left.id, alone.id, draft.id)
        self.seen: dict[int, tuple[WeekStatus, int, Any]] = {}
        self.asked: dict[tuple[int, int], int | None] = {}
        for number in range(len(PEOPLE)):
            self.improve(number, None)
            self.look()
            self.promises_hold()
            self.submit(number, None)
        self.look()
        self.promises_hold()

    def attempt(self, call: Any, **arguments: Any) -> None:
        try:
            call(now=NOW, **arguments)
            self.accepted[call.__name__] += 1
        except TitheError:
            db.session.rollback()

    @rule(who=WHO, monday=WHEN, grid=GRID)
    def save(self, who: str, monday: date, grid: list[tuple[int, int, int]]) -> None:
        entries = [Entry(monday + timedelta(days=day), self.projects[number], size) for day, number, size in grid]
        self.attempt(save_week, actor=self.actors[who], monday=monday, entries=entries)

    @rule(number=NUMBER, somebody=ANYBODY, project=st.sampled_from([None, None, 0, 1, 1, 3]))
    def improve(self, number: int, somebody: str | None, project: int | None = None) -> None:
        who, monday = self.week(number)
        usual = {"owner": 0, "colleague": 2, "manager": 0}[who]
        chosen = self.projects[usual if project is None else project]
        sizes = [(day, 60 + 15 * (number % 4)) for day in range(1, 4)]
        entries = [Entry(monday + timedelta(days=day), chosen, size) for day, size in sizes]
        self.attempt(save_week, actor=self.actors[somebody or who], monday=monday, entries=entries)

    @rule(number=NUMBER, somebody=ANYBODY)
    def submit(self, number: int, somebody: str | None) -> None:
        who, monday = self.week(number)
        self.attempt(submit_week, actor=self.actors[somebody or who], monday=monday)

    @rule(number=NUMBER, somebody=ANYBODY)
    def recall(self, number: int, somebody: str | None) -> None:
        """One of the weeks that wait if there is any, else one that may not be recalled."""
        found = self.in_state(WeekStatus.SUBMITTED)
        who, monday = found[number % len(found)][1:] if found else self.week(number)
        self.attempt(recall_week, actor=self.actors[somebody or who], monday=monday)

    @rule(number=NUMBER, somebody=ANYBODY)
    def amend(self, number: int, somebody: str | None) -> None:
        """One of the approved weeks if there is any, else one that may not be amended."""
        found = self.in_state(WeekStatus.APPROVED)
        week_id, owner, _ = found[number % len(found)] if found else (sorted(self.shown)[0], "owner", None)
        self.attempt(amend_week, actor=self.actors[somebody or owner], week_id=week_id, reason="It was another day")

    def in_state(self, status: WeekStatus) -> list[tuple[int, str, date]]:
        """The weeks in one state, with the name of their owner and their Monday."""
        names = {each.id: name for name, each in self.actors.items()}
        found = select(Week.id, Week.person_id, Week.starts_on).where(Week.status == status).order_by(Week.id)
        return [(week_id, names[owner_id], monday) for week_id, owner_id, monday in db.session.execute(found)]

    @rule()
    def look(self) -> None:
        """A decider opens the queue; what they decide on later may have moved on by then."""
        self.shown = dict(db.session.execute(select(Week.id, Week.version).order_by(Week.id)).all())
        db.session.rollback()

    @rule(number=NUMBER, somebody=ANYBODY, fresh=st.booleans())
    def approve(self, number: int, somebody: str | None, fresh: bool) -> None:
        week_id, version, by = self.choose(number, somebody, fresh)
        self.attempt(decisions.approve_weeks, actor=by, versions={week_id: version})

    @rule(who=st.sampled_from(["manager", "director"]))
    def approve_everything_that_waits(self, who: str) -> None:
        by = self.actors[who]
        waiting, _ = weeks_awaiting(by)
        self.attempt(decisions.approve_weeks, actor=by, versions={week.id: week.version for week in waiting})

    @rule(number=NUMBER, somebody=ANYBODY, fresh=st.booleans())
    def send_back(self, number: int, somebody: str | None, fresh: bool) -> None:
        week_id, version, by = self.choose(number, somebody, fresh)
        arguments = {"week_id": week_id, "version": version, "ground": "cover", "reason": REASON}
        self.attempt(decisions.return_week, actor=by, **arguments)

    def week(self, number: int) -> tuple[str, date]:
        return PEOPLE[number % len(PEOPLE)], MONDAYS[number // len(PEOPLE) % len(MONDAYS)]

    def choose(self, number: int, somebody: str | None, fresh: bool) -> tuple[int, int, Actor]:
        """A week as it was last shown, or as it stands now; decided by its approver unless by somebody else."""
        if fresh:
            self.look()
        week_id, version = sorted(self.shown.items())[number % len(self.shown)]
        approver_id = db.session.scalar(select(Week.approver_id).where(Week.id == week_id))
        approver = next((each for each in self.actors.values() if each.id == approver_id), self.actors["manager"])
        return week_id, version, self.actors[somebody] if somebody else approver

    @invariant()
    def promises_hold(self) -> None:
        if not hasattr(self, "people"):
            return
        weeks = list(db.session.scalars(select(Week)))
        entries = list(db.session.scalars(select(TimeEntry)))
        made = list(db.session.scalars(select(Decision)))
        self.hours(weeks, entries)
        self.states(weeks, entries)
        self.decisions(weeks, made)
        self.ledger(weeks, made)
        self.trail(weeks)
        db.session.rollback()

    def hours(self, weeks: list[Week], entries: list[TimeEntry]) -> None:
        by_id = {week.id: week for week in weeks}
        people = {person.id: person for person in db.session.scalars(select(Person))}
        members = {(each.project_id, each.person_id): each for each in db.session.scalars(select(ProjectMember))}
        registered = set(db.session.scalars(select(Project.id).where(Project.status == ProjectStatus.REGISTERED)))
        by_day: defaultdict[tuple[int, date], int] = defaultdict(int)
        totals: defaultdict[int, int] = defaultdict(int)
        for entry in entries:
            week, person = by_id[entry.week_id], people[entry.person_id]
            assert 1 <= entry.minutes <= 1440, "H1"
            assert entry.person_id == week.person_id, "H1"
            assert person.starts_on <= entry.day <= local_date(NOW), "H3"
            assert entry.day in week_days(week.starts_on), "H4"
            joined = members[entry.project_id, entry.person_id]
            assert entry.project_id in registered, "H5"
            assert joined.joined_on <= entry.day <= (joined.left_on or entry.day), "H5"
            by_day[entry.person_id, entry.day] += entry.minutes
            totals[week.id] += entry.minutes
        assert all(minutes <= 1440 for minutes in by_day.values()), "H2"
        assert all(week.starts_on == monday_of(week.starts_on) for week in weeks), "H4"
        assert len({(week.person_id, week.starts_on) for week in weeks}) == len(weeks), "H4"
        assert all(week.total_minutes == totals[week.id] for week in weeks), "H7"

    def states(self, weeks: list[Week], entries: list[TimeEntry]) -> None:
        held: defaultdict[int, set[Any]] = defaultdict(set)
        for entry in entries:
            held[entry.week_id].add((entry.day, entry.project_id, entry.minutes, entry.note))
        for week in weeks:
            status, version, before = self.seen.get(week.id, (None, 0, set()))
            if version != week.version:
                assert (status, week.status) in MOVES, "A1"
                assert week.version == version + 1, "A8"
            else:
                assert status is week.status, "A8: nothing changes without a new version"
            if status in FROZEN:
                assert held[week.id] == before, "H6"
            self.seen[week.id] = (week.status, week.version, held[week.id])
            if week.status is WeekStatus.SUBMITTED:
                self.asked[week.id, week.version] = week.approver_id

    def decisions(self, weeks: list[Week], made: list[Decision]) -> None:
        by_id = {week.id: week for week in weeks}
        members = {(each.project_id, each.person_id) for each in db.session.scalars(select(ProjectMember))}
        assert len({(each.week_id, each.version) for each in made}) == len(made), "A3"
        for each in made:
            week = by_id[each.week_id]
            shown = [Entry(date.fromisoformat(day), *rest) for day, *rest in each.entries]
            assert each.decided_by != week.person_id, "A2"
            assert each.decided_by == self.asked[week.id, each.version], "A2: whoever it waited for"
            fellow = [entry for entry in shown if (entry.project_id, each.decided_by) in members]
            assert not fellow, "A2: nobody who works on it too"
            assert each.digest == digest_of(each.version, shown), "A3"
            assert each.total_minutes == sum(entry.minutes for entry in shown), "A4"
        last = {each.week_id: each for each in sorted(made, key=BY_VERSION)}
        for week in weeks:
            if week.status is WeekStatus.APPROVED:
                assert last[week.id].outcome is Outcome.APPROVED, "A3"
                assert (last[week.id].version, last[week.id].total_minutes) == (week.version - 1, week.total_minutes)
            if week.status is WeekStatus.RETURNED:
                assert last[week.id].ground, "a return has a ground"
                assert len(last[week.id].reason) >= 40, "and words"
            assert week.approver_id != week.person_id, "A2"

    def ledger(self, weeks: list[Week], made: list[Decision]) -> None:
        lines = list(db.session.scalars(select(LedgerLine)))
        used: defaultdict[tuple[int, str], int] = defaultdict(int)
        for line in lines:
            assert line.kind in (LedgerKind.USE, LedgerKind.REVERSAL), "B2"
            used[line.person_id, line.quarter] -= line.minutes
        approved: defaultdict[tuple[int, str], int] = defaultdict(int)
        owners = {week.id: week.person_id for week in weeks}
        counted = {each.week_id: each for each in sorted(made, key=BY_VERSION) if each.outcome is Outcome.APPROVED}
        for each in counted.values():
            for day, _, minutes, _ in each.entries:
                approved[owners[each.week_id], Quarter.containing(date.fromisoformat(day)).code] += minutes
        assert +Counter(used) == +Counter(approved), "B2: what was approved last is counted once, in its own quarter"
        stored = {(row.person_id, row.quarter): row.used for row in db.session.scalars(select(PersonQuarter))}
        assert stored == used, "B2"
        for quarter in {line.quarter for line in lines}:
            assert allowance.drift(Quarter.parse(quarter)) == [], "B2"

    def trail(self, weeks: list[Week]) -> None:
        recorded = db.session.query(AuditEvent).filter_by(subject_type="week").count()
        assert recorded == sum(week.version for week in weeks), "one event for every accepted change"

    def teardown(self) -> None:
        db.session.rollback()
        broken = audit.first_broken_link()
        db.session.remove()
        db_empty(self.app)
        assert broken is None


@contextmanager
def machine_on(app: Flask) -> Iterator[type[Histories]]:
    with app.app_context():
        event.listen(db.engine, "connect", _without_waiting_for_the_disk)
        yield type("Histories", (Histories,), {"app": app, "accepted": Counter()})
        event.remove(db.engine, "connect", _without_waiting_for_the_disk)
        db.session.remove()
        db.engine.dispose()


def _without_waiting_for_the_disk(connection: Any, record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF").close()


def tell(app: Flask, *, histories: int) -> Counter[str]:
    """Run so many histories of fifteen steps; return how often each operation was accepted."""
    with machine_on(app) as machine:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=histories,
                stateful_step_count=15,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
        return machine.accepted


# One engine is enough for histories; every other test here runs on both.
@pytest.mark.parametrize("migrated_app", ["sqlite"], indirect=True)
class TestHistories:
    def test_keep_every_promise_after_every_step(self, migrated_app):
        happened = tell(migrated_app, histories=100)

        assert {"save_week", "submit_week", "recall_week", "approve_weeks", "return_week", "amend_week"} == set(
            happened
        ), happened
        assert min(happened.values()) >= 10, f"the histories went everywhere: {happened}"

    @pytest.mark.slow
    def test_keep_every_promise_over_two_thousand_histories(self, migrated_app):
        happened = tell(migrated_app, histories=2000)

        assert min(happened.values()) >= 200, f"the histories went everywhere: {happened}"
