"""Random histories of three people's weeks, and the promises of the scheme checked after every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event, select

from tests.conftest import db_empty
from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory, Team
from tests.factories.plans import RequestFactory
from tests.factories.projects import MemberFactory, ProjectFactory
from tests.timesheets.promises import Promises
from tests.timesheets.weeks import MONDAY, NOW, REASON, STRADDLING, actor
from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import Role
from tithe.audit import queries as audit
from tithe.kernel.clock import local_date
from tithe.kernel.db import db
from tithe.kernel.errors import TitheError
from tithe.people.operations.delegations import accept_delegation, ask_delegate
from tithe.people.rules.grades import Grade
from tithe.policy.operations import adopt_policy
from tithe.projects.flags import flags_waiting
from tithe.projects.operations import raise_flag, settle_flag
from tithe.timesheets.models import Question, Week
from tithe.timesheets.operations import decisions
from tithe.timesheets.operations.amending import amend_week, call_back_week
from tithe.timesheets.operations.escalation import settle_overdue
from tithe.timesheets.operations.questions import answer_question, ask_question
from tithe.timesheets.operations.quick import declare_nothing, take_back_nothing
from tithe.timesheets.operations.weeks import recall_week, save_week, submit_week
from tithe.timesheets.queries.inbox import weeks_awaiting
from tithe.timesheets.rules.agreements import RequestStatus
from tithe.timesheets.rules.entries import Entry, TimeKind
from tithe.timesheets.rules.lifecycle import WeekStatus

PEOPLE = ("owner", "colleague", "manager")
DECIDERS = ("manager", "director", "peer", "hr")
MONDAYS = (STRADDLING, MONDAY)
KINDS = (TimeKind.HELP, TimeKind.SECONDMENT, TimeKind.LEARNING)
LONGEST = timedelta(days=49)  # a history lasts no longer, so that its quarters stay open

WHO, WHEN = st.sampled_from(PEOPLE), st.sampled_from(MONDAYS)
NUMBER = st.integers(0, len(PEOPLE) * len(MONDAYS) - 1)
ANYBODY = st.sampled_from([None, None, None, None, *PEOPLE, "peer"])  # mostly whoever may
GRID = st.lists(
    st.tuples(st.integers(-1, 7), st.integers(0, 6), st.sampled_from([0, 10, 15, 60, 200, 444, 700, 1500])), max_size=4
)


class Histories(Promises, RuleBasedStateMachine):
    """Owner and colleague answer to the manager, the manager and a peer to the director, who also decides what the
    owner does on the project that the manager shares. The peer may stand in for the manager, but works with the
    colleague. In some histories silence approves, and what the colleague does is agreed in advance."""

    app: Flask

    @initialize(silence=st.booleans(), agreed=st.booleans())
    def team(self, silence: bool, agreed: bool) -> None:
        self.begin()
        self.now = NOW
        team = Team()
        peer = PersonFactory(name="Pia Peer", email="pia.peer@example.org")
        AssignmentFactory(
            person_id=peer.id, unit_id=team.unit.id, person=None, unit=None, grade=Grade.G7,
            line_manager_id=team.director.id,
        )  # fmt: skip
        RoleGrantFactory(person_id=team.hr.id, unit_id=team.department.id, role=Role.COORDINATOR)
        self.people = {name: getattr(team, name) for name in (*PEOPLE, "director", "hr")} | {"peer": peer}
        self.keeper_id, self.silence_counts, self.unit_id = team.hr.id, silence, team.unit.id
        self.projects = self.some_projects()
        if silence:
            self.let_silence_count(team.department.id)
        if agreed:
            answer = {"status": RequestStatus.AGREED, "decided_at": NOW, "decided_by": team.manager.id}
            RequestFactory(person_id=team.colleague.id, week_minutes=200, **answer)
        self.sign_in()
        # The owner's second week is on no project of the manager's, the colleague's within what was agreed.
        for number, project in ((0, None), (1, None), (2, None), (3, 1), (4, None)):
            self.improve(number, None, project)
            self.promises_hold()
            self.submit(number, None)
        self.look()
        self.promises_hold()

    def some_projects(self) -> tuple[int, ...]:
        """One of the owner and the manager, one the colleague has left, one of the colleague and the peer, a draft."""
        ids = {name: person.id for name, person in self.people.items()}
        shared = ProjectFactory(owner_id=ids["owner"], owner=None, unit_id=self.unit_id)
        MemberFactory(project_id=shared.id, person_id=ids["manager"])
        left = ProjectFactory(owner_id=ids["owner"], owner=None)
        MemberFactory(project_id=left.id, person_id=ids["colleague"], left_on=STRADDLING)
        theirs = ProjectFactory(owner_id=ids["colleague"], owner=None, unit_id=self.unit_id)
        MemberFactory(project_id=theirs.id, person_id=ids["peer"])
        return shared.id, left.id, theirs.id, ProjectFactory(draft=True, owner_id=ids["owner"], owner=None).id

    def let_silence_count(self, unit_id: int) -> None:
        about = {"actor": SYSTEM, "unit_id": unit_id, "reason": "Nobody should wait for ever"}
        adopt_policy(starts_on=STRADDLING, settings={"expiry_action": "deemed_if_guarded"}, now=NOW, **about)

    def sign_in(self) -> None:
        """Everybody as they are today: rights depend on the day."""
        self.actors = {name: actor(person, self.now) for name, person in self.people.items()}

    def attempt(self, call: Any, **arguments: Any) -> Any:
        try:
            done = call(now=self.now, **arguments)
        except TitheError:
            db.session.rollback()
            return None
        self.accepted[call.__name__] += 1
        return done

    @rule(who=WHO, monday=WHEN, grid=GRID)
    def save(self, who: str, monday: date, grid: list[tuple[int, int, int]]) -> None:
        entries = [self.entry(monday + timedelta(days=day), number, size) for day, number, size in grid]
        self.attempt(save_week, actor=self.actors[who], monday=monday, entries=entries)

    def entry(self, day: date, number: int, size: int) -> Entry:
        """On one of the projects, or of a kind that has none."""
        if number < len(self.projects):
            return Entry(day, self.projects[number], size)
        return Entry(day, None, size, "With the move", KINDS[number - len(self.projects)])

    @rule(number=NUMBER, somebody=ANYBODY, project=st.sampled_from([None, None, 0, 1, 1, 3, 4, 5]))
    def improve(self, number: int, somebody: str | None, project: int | None = None) -> None:
        who, monday = self.week(number)
        usual = {"owner": 0, "colleague": 2, "manager": 0}[who]
        chosen = usual if project is None else project
        sizes = [(day, 60 + 15 * (number % 4)) for day in range(1, 4)]
        entries = [self.entry(monday + timedelta(days=day), chosen, size) for day, size in sizes]
        self.attempt(save_week, actor=self.actors[somebody or who], monday=monday, entries=entries)

    @rule(number=NUMBER)
    def nothing(self, number: int) -> None:
        """Declare a week empty, or take that back."""
        who, monday = self.week(number)
        self.attempt(save_week, actor=self.actors[who], monday=monday, entries=[])
        self.promises_hold()
        if self.attempt(declare_nothing, actor=self.actors[who], monday=monday) and number % 2:
            self.promises_hold()
            self.attempt(take_back_nothing, actor=self.actors[who], monday=monday)

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

    @rule(number=NUMBER, version=st.sampled_from([None, None, 1]))
    def call_back(self, number: int, version: int | None) -> None:
        """One of the approved weeks, whether or not an agreement approved it."""
        found = [week_id for week_id, owner, _ in self.in_state(WeekStatus.APPROVED) if owner == "colleague"]
        if found:
            week = db.session.get_one(Week, found[number % len(found)])
            which = {"week_id": week.id, "version": version or week.version}
            self.asked[week.id, week.version] = (week.approver_id, week.stage)
            said = {"ground": "cover", "reason": REASON}
            self.attempt(call_back_week, actor=self.actors["manager"], **which, **said)

    @rule(number=st.sampled_from([0, 2]), outcome=st.sampled_from([None, "cleared", "cleared", "stopped"]))
    def flag(self, number: int, outcome: str | None) -> None:
        """Flag a project, then leave it so for a while, or let the coordinator clear or stop it."""
        owner = self.actors["owner" if number == 0 else "colleague"]
        about = {"project_id": self.projects[number], "ground": "conflict", "words": REASON}
        self.attempt(raise_flag, actor=owner, **about)
        waiting, _ = flags_waiting(self.actors["hr"])
        for each in waiting if outcome else ():
            said = {"outcome": outcome, "reason": REASON}
            self.attempt(settle_flag, actor=self.actors["hr"], flag_id=each.id, **said)

    def in_state(self, status: WeekStatus) -> list[tuple[int, str, date]]:
        """The weeks in one state, with the name of their owner and their Monday."""
        names = {each.id: name for name, each in self.actors.items()}
        found = select(Week.id, Week.person_id, Week.starts_on).where(Week.status == status).order_by(Week.id)
        return [(week_id, names[owner_id], monday) for week_id, owner_id, monday in db.session.execute(found)]

    @rule(days=st.sampled_from([1, 8, 16]))
    def wait(self, days: int) -> None:
        """Days go by, and the night deals with what nobody decided."""
        if self.now - NOW + timedelta(days=days) <= LONGEST:
            self.now += timedelta(days=days)
            self.sign_in()
            _, moved = settle_overdue(now=self.now)
            self.accepted["moved"] += moved
            self.promises_hold()

    @rule()
    def wait_for_the_countersigner(self) -> None:
        self.wait(16)
        self.approve_everything_that_waits("director")

    @rule()
    def wait_for_the_queue(self) -> None:
        self.wait(16)
        self.wait(8)
        self.approve_everything_that_waits("hr")

    @rule(who=st.sampled_from(["peer", "peer", "owner"]), days=st.integers(0, 20), decides=st.booleans())
    def stand_in(self, who: str, days: int, decides: bool) -> None:
        """The manager asks somebody, who accepts and may decide at once; some may not be asked."""
        today = local_date(self.now)
        asked = {"delegate": self.people[who].email, "starts_on": today, "ends_on": today + timedelta(days=days)}
        delegation_id = self.attempt(ask_delegate, actor=self.actors["manager"], **asked)
        if delegation_id is not None:
            self.attempt(accept_delegation, actor=self.actors[who], delegation_id=delegation_id)
            self.stood_in.add((self.people[who].id, self.people["manager"].id))
            self.sign_in()
            if decides:
                self.approve_everything_that_waits(who)

    @rule()
    def let_the_peer_decide(self) -> None:
        self.stand_in("peer", 20, decides=True)

    @rule(number=NUMBER, somebody=ANYBODY)
    def question(self, number: int, somebody: str | None) -> None:
        week_id, version, by = self.choose(number, somebody, fresh=True)
        self.attempt(ask_question, actor=by, week_id=week_id, version=version, words="Was this on the Tuesday?")
        if number % 2:
            self.answer(0)

    @rule(number=NUMBER)
    def answer(self, number: int) -> None:
        """One of the questions if there is any; it may be about a version that has moved on."""
        found = select(Week.person_id, Week.starts_on).join(Question, Question.week_id == Week.id).order_by(Question.id)
        rows = db.session.execute(found).all()
        if rows:
            owner_id, monday = rows[-1 - number % len(rows)]
            by = next(each for each in self.actors.values() if each.id == owner_id)
            self.attempt(answer_question, actor=by, monday=monday, answer="It was, in the afternoon")

    @rule()
    def look(self) -> None:
        """A decider opens the queue; what they decide on later may have moved on by then."""
        self.shown = dict(db.session.execute(select(Week.id, Week.version).order_by(Week.id)).all())
        db.session.rollback()

    @rule(number=NUMBER, somebody=ANYBODY, fresh=st.booleans())
    def approve(self, number: int, somebody: str | None, fresh: bool) -> None:
        week_id, version, by = self.choose(number, somebody, fresh)
        self.attempt(decisions.approve_weeks, actor=by, versions={week_id: version})

    @rule(who=st.sampled_from(DECIDERS))
    def approve_everything_that_waits(self, who: str) -> None:
        by = self.actors[who]
        waiting, _ = weeks_awaiting(by)
        self.attempt(decisions.approve_weeks, actor=by, versions={week.id: week.version for week in waiting})

    @rule(number=NUMBER, somebody=ANYBODY, fresh=st.sampled_from([True, True, False]))
    def send_back(self, number: int, somebody: str | None, fresh: bool) -> None:
        week_id, version, by = self.choose(number, somebody, fresh)
        arguments = {"week_id": week_id, "version": version, "ground": "cover", "reason": REASON}
        self.attempt(decisions.return_week, actor=by, **arguments)

    def week(self, number: int) -> tuple[str, date]:
        return PEOPLE[number % len(PEOPLE)], MONDAYS[number // len(PEOPLE) % len(MONDAYS)]

    def choose(self, number: int, somebody: str | None, fresh: bool) -> tuple[int, int, Actor]:
        """A week as it was last shown, or one that waits as it stands now; decided by its approver or whoever stands in
        for them, unless by somebody else."""
        if fresh:
            self.look()
        waiting = [week_id for week_id, *_ in self.in_state(WeekStatus.SUBMITTED)] if fresh else []
        ids = waiting or sorted(self.shown)
        week_id = ids[number % len(ids)]
        approver_id = db.session.scalar(select(Week.approver_id).where(Week.id == week_id))
        approver = next((each for each in self.actors.values() if each.id == approver_id), self.actors["hr"])
        if approver_id in self.actors["peer"].stands_in_for and number % 2:
            approver = self.actors["peer"]
        return week_id, self.shown[week_id], self.actors[somebody] if somebody else approver

    @invariant()
    def promises_hold(self) -> None:
        if hasattr(self, "actors"):
            self.check_all()

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
    """Run so many histories of twelve steps; return how often each operation was accepted."""
    with machine_on(app) as machine:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=histories,
                stateful_step_count=12,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
        return machine.accepted


# What happens in a history: the operations, the ways a decision is made, and steps on to another queue.
HAPPENS = {
    "save_week", "submit_week", "recall_week", "approve_weeks", "return_week", "amend_week", "ask_delegate",
    "accept_delegation", "ask_question", "answer_question", "declare_nothing", "take_back_nothing", "moved",
    "manager", "delegate", "countersigner", "queue", "deemed", "agreement", "call_back_week", "raise_flag",
    "settle_flag",
}  # fmt: skip


# One engine is enough for histories; every other test here runs on both.
@pytest.mark.parametrize("migrated_app", ["sqlite"], indirect=True)
class TestHistories:
    def test_keep_every_promise_after_every_step(self, migrated_app):
        happened = tell(migrated_app, histories=100)

        assert set(happened) == HAPPENS, f"the histories went everywhere: {happened}"

    @pytest.mark.slow
    def test_keep_every_promise_over_two_thousand_histories(self, migrated_app):
        happened = tell(migrated_app, histories=2000)

        assert min(happened.values()) >= 100, f"the histories went everywhere: {happened}"
