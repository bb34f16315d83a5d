"""One of two departments that live through the same history, each on its own database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory, Team
from tests.factories.plans import RequestFactory
from tests.factories.projects import MemberFactory, ProjectFactory
from tests.support.contents import number_without_gaps
from tests.timesheets.promises import Promises
from tests.timesheets.weeks import MONDAY, NOW, STRADDLING
from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import Role
from tithe.allowance import jobs as allowance_jobs
from tithe.audit.models import AuditHead
from tithe.kernel.db import db
from tithe.kernel.errors import NotFound, TitheError, Unavailable
from tithe.kernel.jobs import run_due
from tithe.people.queries import actor_by_email
from tithe.people.rules.grades import Grade
from tithe.policy.operations import adopt_policy
from tithe.timesheets import jobs as week_jobs
from tithe.timesheets.models import Week
from tithe.timesheets.rules.agreements import RequestStatus
from tithe.timesheets.rules.entries import Entry, TimeKind
from tithe.timesheets.rules.lifecycle import WeekStatus

PEOPLE = ("owner", "colleague", "manager")
MONDAYS = (STRADDLING, MONDAY, MONDAY + timedelta(days=7))  # the last one comes only when days have gone by
PLACES = len(PEOPLE) * len(MONDAYS)
KINDS = (TimeKind.HELP, TimeKind.SECONDMENT, TimeKind.LEARNING)
LONGEST = timedelta(days=49)  # a history lasts no longer, so that the second of its quarters stays open
JOBS = {job.name: job for job in (*week_jobs.JOBS, *allowance_jobs.JOBS)}
# What a night does, in the order in which it is done.
NIGHT = (
    "handovers", "entry-fixes", "escalations", "accruals", "closings", "locks", "decider-reminders", "owner-reminders",
)  # fmt: skip


class Side(Promises):
    """Owner and colleague answer to the manager, the manager and a peer to the director, who also decides what the
    owner does on the project that the manager shares. The peer may stand in for the manager, but works with the
    colleague. Three of HR keep the queue: a coordinator and two managers, one of whom takes part in panels.

    `said` is what came of each call of a step: its result, or the refusal in all its words.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.said: list[Any] = []
        self.unchecked = True
        self.gone = False  # whether anybody has left

    def found(self, *, silence: bool, agreed: bool) -> None:
        """The department with its first weeks. `silence` approves, and weeks count whole there; `agreed` is what the
        colleague does in advance."""
        for factory in (PersonFactory, ProjectFactory):
            factory.reset_sequence(0)
        self.begin()
        self.now, self.silence_counts = NOW, silence
        team = Team()
        others = {name: getattr(team, name) for name in (*PEOPLE, "director", "hr")}
        self.people = others | {
            "peer": self.hired("Pia Peer", team.unit.id, team.director.id, Grade.G7),
            "hari": self.hired("Hari Keeper", team.department.id, team.director.id, Grade.SEO),
            "hugo": self.hired("Hugo Keeper", team.department.id, team.director.id, Grade.SEO),
        }
        for name, role in (("hr", Role.COORDINATOR), ("hari", Role.HR_MANAGER), ("hugo", Role.HR_MANAGER)):
            RoleGrantFactory(person_id=self.people[name].id, unit_id=team.department.id, role=role)
            self.keeper_ids.add(self.people[name].id)
        self.names = {person.id: name for name, person in self.people.items()}
        self.projects = self.some_projects(team.unit.id)
        if silence:
            about = {"actor": SYSTEM, "unit_id": team.department.id, "reason": "Nobody should wait for ever"}
            settings = {"expiry_action": "deemed_if_guarded", "week_assign": "thursday"}
            adopt_policy(starts_on=STRADDLING, settings=settings, now=NOW, **about)
        if agreed:
            answer = {"status": RequestStatus.AGREED, "decided_at": NOW, "decided_by": team.manager.id}
            RequestFactory(person_id=team.colleague.id, week_minutes=200, **answer)

    @staticmethod
    def hired(name: str, unit_id: int, manager_id: int, grade: Grade) -> Any:
        person = PersonFactory(name=name, email=f"{name.lower().replace(' ', '.')}@example.org")
        post = {"person": None, "unit": None, "grade": grade, "line_manager_id": manager_id}
        AssignmentFactory(person_id=person.id, unit_id=unit_id, **post)
        return person

    def some_projects(self, unit_id: int) -> tuple[int, ...]:
        """One of the owner and the manager, one the colleague has left, one of the colleague and the peer, a draft."""
        ids = {name: person.id for name, person in self.people.items()}
        shared = ProjectFactory(owner_id=ids["owner"], owner=None, unit_id=unit_id)
        MemberFactory(project_id=shared.id, person_id=ids["manager"])
        left = ProjectFactory(owner_id=ids["owner"], owner=None)
        MemberFactory(project_id=left.id, person_id=ids["colleague"], left_on=STRADDLING)
        theirs = ProjectFactory(owner_id=ids["colleague"], owner=None, unit_id=unit_id)
        MemberFactory(project_id=theirs.id, person_id=ids["peer"])
        return shared.id, left.id, theirs.id, ProjectFactory(draft=True, owner_id=ids["owner"], owner=None).id

    def sign_in(self) -> None:
        """Everybody as they are at this moment: rights depend on it, and whoever has left is nobody."""
        db.session.rollback()
        self.actors: dict[str, Actor | None] = {}
        for name, person in self.people.items():
            try:
                self.actors[name] = actor_by_email(person.email, self.now)
            except NotFound:
                self.actors[name] = None
        db.session.rollback()

    def attempt(self, call: Any, by: str, **arguments: Any) -> Any:
        """Call an operation as somebody; its result, or None when it refused or they are not there to ask."""
        actor = self.actors[by]
        if actor is None:
            self.said.append("has left")
            return None
        self.check_what_is_new()
        try:
            done = call(actor=actor, now=self.now, **arguments)
        except Unavailable:
            raise AssertionError("nobody else is at work, so nothing is to wait for") from None
        except TitheError as refusal:
            db.session.rollback()
            number_without_gaps()
            self.said.append((call.__name__, refusal.kind, refusal.problems))
            return None
        self.said.append((call.__name__, done if isinstance(done, int) else None))
        self.unchecked = True
        return True if done is None else done

    def told(self) -> tuple[list[Any], list[Any]]:
        """What came of the step, and the heads of the audit: they are the same only if all events before are."""
        heads = select(AuditHead.stream, AuditHead.seq, AuditHead.hash).order_by(AuditHead.stream)
        return self.said, list(map(tuple, db.session.execute(heads)))

    def night(self) -> None:
        """The jobs of a night, and everybody signs in again."""
        for name in NIGHT:
            self.run(name)
        self.sign_in()

    def run(self, name: str) -> None:
        if name == "escalations":
            self.check_what_is_new()  # a week that was handed over may move on in the same night
        db.session.rollback()
        if done := run_due(JOBS[name], self.now):
            self.said.append((name, done))
            self.unchecked = True

    def check_what_is_new(self) -> None:
        """Look at every promise, if anything was accepted since it was done last."""
        if self.unchecked:
            self.unchecked = False
            self.check_all()

    def entry(self, day: date, number: int, size: int) -> Entry:
        """On one of the projects, or of a kind that has none."""
        if number < len(self.projects):
            return Entry(day, self.projects[number], size)
        return Entry(day, None, size, "With the move", KINDS[number - len(self.projects)])

    def in_state(self, status: WeekStatus) -> list[tuple[int, str, date]]:
        """The weeks in one state, with the name of their owner and their Monday."""
        found = select(Week.id, Week.person_id, Week.starts_on).where(Week.status == status).order_by(Week.id)
        return [(week_id, self.names[owner_id], monday) for week_id, owner_id, monday in db.session.execute(found)]

    def approver(self, week_id: int, number: int) -> str:
        """Who is to decide a week, or the name of somebody who stands in for them; of the queue a keeper."""
        approver_id = db.session.scalar(select(Week.approver_id).where(Week.id == week_id))
        peer = self.actors["peer"]
        if peer is not None and approver_id in peer.stands_in_for and number % 2:
            return "peer"
        return self.names.get(approver_id or 0, ("hr", "hari")[number % 2])

    @staticmethod
    def place(number: int) -> tuple[str, date]:
        return PEOPLE[number % len(PEOPLE)], MONDAYS[number // len(PEOPLE) % len(MONDAYS)]
