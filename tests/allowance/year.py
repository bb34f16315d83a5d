"""A year of made-up events, day by day, through the operations people and timed jobs use.

What comes from HR (joiners, leavers, hours, moves between units) is written as its feed would leave it and takes effect
with the accrual of the next night; all else goes through operations. What an operation refuses is counted and
forgotten. Everything follows from a seed, and nothing from ids, so that both engines tell the same story.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select, update

from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory, UnitFactory
from tests.factories.projects import MemberFactory
from tithe import checks, scheduler
from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import Role
from tithe.allowance.models import Adjustment, BlackoutPeriod, LedgerLine, OutwardMove, PersonQuarter
from tithe.allowance.operations import absences, adjustments, blackouts, calendars, moves, patterns
from tithe.allowance.rules.absences import Spell
from tithe.allowance.rules.adjustments import Proposal
from tithe.allowance.rules.blackouts import Plan
from tithe.allowance.rules.holidays import DayKind, Holiday
from tithe.allowance.rules.ledger import AdjustmentStatus
from tithe.kernel.calendar import Quarter, days_between, monday_of
from tithe.kernel.db import db, unit_of_work
from tithe.kernel.errors import TitheError
from tithe.kernel.jobs import run_due
from tithe.people import queries as people
from tithe.people.models import Assignment, Person
from tithe.policy.operations import adopt_policy
from tithe.projects.operations import draft_project
from tithe.timesheets.models import Decision, Week
from tithe.timesheets.operations import decisions
from tithe.timesheets.operations.amending import amend_week
from tithe.timesheets.operations.weeks import recall_week, save_week, submit_week
from tithe.timesheets.queries.inbox import weeks_awaiting
from tithe.timesheets.rules.deciding import ReturnGround
from tithe.timesheets.rules.entries import Entry
from tithe.timesheets.rules.lifecycle import WeekStatus

ONE_DAY = timedelta(days=1)
WORDS = "The minister needs everybody on the bill that week, so please move it"
ANSWERS = {
    "title": "Plain letters",
    "problem": "Nobody can read them",
    "beneficiaries": "All",
    "hypothesis": "Calls fall",
}
HOURS = (2220, 2220, 2220, 1776, 1332, 1110, 0)
SHAPES = (
    ((444, 444, 444, 444, 444, 0, 0),),
    ((555, 555, 555, 555, 0, 0, 0),),
    ((0, 444, 444, 444, 0, 0, 0), (444, 444, 0, 0, 0, 0, 0)),
    ((222, 222, 222, 222, 222, 0, 0),),
)
LOCAL = "local"
CALENDARS = ("england-and-wales", "england-and-wales", "scotland", "northern-ireland", LOCAL)


@dataclass
class Somebody:
    """A person as the story knows them. `id` differs between engines; `number` does not."""

    number: int
    id: int
    email: str
    project: int = 0
    last_day: date | None = None


@dataclass
class Year:
    """The department of a seed. `accepted` and `refused` count what was tried, by name."""

    seed: int
    size: int
    first: date = date(2026, 4, 1)
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.fairs: list[date] = []  # days that were made a holiday
        self.today = self.first
        self.now = self._at(time(9))
        self.staff: list[Somebody] = []
        top = UnitFactory(code="YEAR", name="Department of a Year")
        half = UnitFactory(code="YEAR-A", name="A", parent_id=top.id)
        self.units = [top, half, UnitFactory(code="YEAR-AA", name="AA", parent_id=half.id)]
        self.units.append(UnitFactory(code="YEAR-B", name="B", parent_id=top.id))
        calendars.copy_calendar(
            actor=SYSTEM,
            code=LOCAL,
            name="Local",
            copied_from="scotland",
            first_year=2026,
            last_year=2027,
            now=self.now,
        )
        for _ in range(self.size):
            self.hire()
        for number in (1, 2):
            RoleGrantFactory(person_id=self.staff[number].id, unit_id=top.id, role=Role.HR_MANAGER)

    def _at(self, moment: time) -> datetime:
        return datetime.combine(self.today, moment, UTC)

    def run(self, days: int) -> Iterator[date]:
        """Live so many days; yields the first of every month once the jobs of its night are done."""
        for day in days_between(self.first, self.first + timedelta(days=days)):
            self.today, self.now = day, self._at(time(2, 30))
            for job in scheduler.JOBS.values():
                if job.due:
                    run_due(job, self.now)
            if day.day == 1:
                yield day
            self.now = self._at(time(10))
            self.live()

    def live(self) -> None:
        """What happens on one day: a handful of changes, and on working days people's weeks."""
        for _ in range(1 + self.size // 25):
            self.chance.choice(CHANGES)(self)
        if self.today.weekday() == 4:
            for each in self.here():
                self.fill(each)
        if self.today.weekday() in (1, 3):
            for each in self.here():
                self.decide(each)

    def attempt(self, operation: Callable[..., Any], **arguments: Any) -> Any:
        db.session.rollback()
        with suppress(TitheError):
            done = operation(now=self.now, **arguments)
            self.accepted[operation.__name__] += 1
            return done
        db.session.rollback()
        self.refused[operation.__name__] += 1
        return None

    def broken(self) -> list[str]:
        """What breaks a promise now, in words."""
        return [f"{each.code} {each.first}" for each in checks.results(self.now) if not each.ok]

    # people

    def here(self) -> list[Somebody]:
        return [each for each in self.staff if each.last_day is None or each.last_day >= self.today]

    def anyone(self) -> Somebody:
        return self.chance.choice(self.here())

    def actor(self, somebody: Somebody) -> Actor:
        db.session.rollback()
        return people.actor_by_email(somebody.email, self.now)

    def hr(self) -> Actor:
        return self.actor(self.staff[self.chance.choice((1, 2))])

    def manager_for(self, number: int) -> int | None:
        """Somebody hired before, so that nobody manages their own manager. The first has none."""
        above = [each for each in self.here() if each.number < number]
        return self.chance.choice(above[: max(1, self.size // 8)]).id if above else None

    def hire(self) -> None:
        number = len(self.staff)
        email = f"p{number}@year.example.org"
        person = PersonFactory(email=email, name=f"Person {number}", starts_on=self.today)
        somebody = Somebody(number, person.id, email)
        self.staff.append(somebody)
        self.place(somebody)
        done = self.attempt(draft_project, actor=self.actor(somebody), answers=ANSWERS, register=True)
        somebody.project = done
        if self.chance.random() < 0.1 and number > 2:
            MemberFactory(project_id=done, person_id=self.anyone_but(somebody).id, joined_on=self.today)

    def anyone_but(self, somebody: Somebody) -> Somebody:
        return self.chance.choice([each for each in self.here() if each is not somebody])

    def place(self, somebody: Somebody) -> None:
        """A post from today on, somewhere."""
        hours = self.chance.choice(HOURS)
        AssignmentFactory(
            person=None,
            unit=None,
            person_id=somebody.id,
            unit_id=self.chance.choice(self.units).id,
            line_manager_id=self.manager_for(somebody.number),
            weekly_minutes=hours,
            calendar=self.chance.choice(CALENDARS),
            starts_on=self.today,
        )

    def move(self) -> None:
        """Another post from today on: unit, hours, manager and place of work may all differ."""
        somebody = self.anyone()
        held = update(Assignment).where(
            Assignment.person_id == somebody.id, Assignment.ends_on.is_(None), Assignment.starts_on < self.today
        )
        with unit_of_work() as session:
            ended = session.execute(held.values(ends_on=self.today - ONE_DAY)).rowcount
        if ended:
            self.place(somebody)

    def leave(self) -> None:
        """Nobody whom the story needs goes; the reports of whoever does keep their manager on record."""
        somebody = self.anyone()
        if somebody.number < max(3, self.size // 8) or somebody.last_day:
            return
        somebody.last_day = self.today + timedelta(days=self.chance.randrange(30))
        with unit_of_work() as session:
            session.execute(update(Person).where(Person.id == somebody.id).values(leaves_on=somebody.last_day))

    # what decides a schedule

    def soon(self, least: int = -20, most: int = 60) -> date:
        return self.today + timedelta(days=self.chance.randrange(least, most))

    def book(self) -> None:
        somebody, first = self.anyone(), self.soon()
        spell = Spell(first, first + timedelta(days=self.chance.randrange(8)))
        self.attempt(absences.enter_absence, actor=self.actor(somebody), spell=spell)

    def cancel(self) -> None:
        first = self.soon(-30, 10)
        days = {"source": "own", "first_day": first, "last_day": first + timedelta(days=60)}
        self.attempt(absences.remove_absences, actor=self.actor(self.anyone()), **days)

    def shape(self) -> None:
        chosen = {"starts_on": self.soon(), "weeks": self.chance.choice(SHAPES)}
        self.attempt(patterns.set_pattern, actor=self.hr(), person_id=self.anyone().id, **chosen)

    def swap(self) -> None:
        days = {self.soon(): self.chance.choice((0, 222, 444, 600, None)) for _ in range(3)}
        self.attempt(patterns.set_days, actor=self.hr(), person_id=self.anyone().id, days=days)

    def lend(self) -> None:
        first = self.soon()
        last = self.chance.choice((None, first + timedelta(days=self.chance.randrange(90))))
        share = self.chance.choice((1000, 2500, 5000, 10_000))
        about = {"person_id": self.anyone().id, "starts_on": first, "last_day": last, "share_bp": share}
        self.attempt(moves.lend, actor=self.hr(), **about)

    def bring_back(self) -> None:
        somebody = self.anyone()
        lent = select(OutwardMove.id).where(OutwardMove.person_id == somebody.id).order_by(OutwardMove.id)
        for move_id in list(db.session.scalars(lent))[:1]:
            about = {"person_id": somebody.id, "move_id": move_id, "last_day": self.soon()}
            self.attempt(moves.end_move, actor=self.hr(), **about)

    def holiday(self) -> None:
        day = self.soon()
        if self.chance.random() < 0.7:
            self.attempt(calendars.add_day, actor=SYSTEM, code=LOCAL, holiday=Holiday(day, "Fair", DayKind.LOCAL))
            self.fairs.append(day)
        else:
            self.attempt(calendars.remove_day, actor=SYSTEM, code=LOCAL, day=self.chance.choice([day, *self.fairs]))

    def policy(self) -> None:
        settings = {
            "rate_bp": self.chance.choice((1000, 1500, 2000, 2500)),
            "carry_cap_pct": self.chance.choice((0, 25, 50, 100)),
            "carry_life_periods": self.chance.choice((0, 1, 2)),
            "protect_refused": self.chance.random() < 0.8,
        }
        chosen = {"unit_id": self.chance.choice(self.units).id, "starts_on": self.soon(0, 40), "settings": settings}
        self.attempt(adopt_policy, actor=self.hr(), reason="Tried out for a while", **chosen)

    def blackout(self) -> None:
        first = self.soon(0, 60)
        plan = Plan(first, first + timedelta(days=2), ground="peak", reason=WORDS, emergency=self.chance.random() < 0.3)
        unit = self.chance.choice(self.units).code
        self.attempt(blackouts.set_blackout, actor=self.hr(), unit=unit, plan=plan)

    def lift(self) -> None:
        held = list(db.session.scalars(select(BlackoutPeriod.id).order_by(BlackoutPeriod.id)))
        if held:
            self.attempt(blackouts.lift_blackout, actor=self.hr(), blackout_id=self.chance.choice(held))

    # corrections

    def propose(self) -> None:
        quarter = Quarter.containing(self.soon(-120, 1))
        proposal = Proposal(quarter, self.chance.choice((-120, -45, 30, 200)), WORDS)
        self.attempt(adjustments.propose_adjustment, actor=self.hr(), person=self.anyone().email, proposal=proposal)

    def settle(self) -> None:
        waiting = select(Adjustment.id).where(Adjustment.status == AdjustmentStatus.PROPOSED).order_by(Adjustment.id)
        for adjustment_id in list(db.session.scalars(waiting))[:3]:
            if self.chance.random() < 0.8:
                self.attempt(adjustments.post_adjustment, actor=self.hr(), adjustment_id=adjustment_id)
            else:
                refusal = {"adjustment_id": adjustment_id, "words": WORDS}
                self.attempt(adjustments.refuse_adjustment, actor=self.hr(), **refusal)

    # weeks

    def fill(self, somebody: Somebody) -> None:
        """Log, send and now and then take back a week: this one, or one of the last few."""
        if self.chance.random() < 0.4:
            return
        monday = monday_of(self.today) - timedelta(weeks=self.chance.choice((0, 0, 0, 1, 3)))
        days = sorted(self.chance.sample(range(5), self.chance.randrange(1, 4)))
        sizes = [(day, self.chance.choice((15, 60, 135, 240))) for day in days]
        entries = [Entry(monday + timedelta(days=day), somebody.project, size) for day, size in sizes]
        owner = self.actor(somebody)
        self.attempt(save_week, actor=owner, monday=monday, entries=entries)
        if self.chance.random() < 0.9:
            self.attempt(submit_week, actor=owner, monday=monday)
        if self.chance.random() < 0.05:
            self.attempt(recall_week, actor=owner, monday=monday)

    def decide(self, somebody: Somebody) -> None:
        """Look at one's queue: approve most, return some, leave the rest for another day."""
        actor = self.actor(somebody)
        waiting, _ = weeks_awaiting(actor)
        chosen = [each for each in waiting if self.chance.random() < 0.6]
        back = [each for each in chosen if self.chance.random() < 0.15]
        for each in back:
            why = {"ground": self.chance.choice(list(ReturnGround)), "reason": WORDS}
            self.attempt(decisions.return_week, actor=actor, week_id=each.id, version=each.version, **why)
        if versions := {each.id: each.version for each in chosen if each not in back}:
            self.attempt(decisions.approve_weeks, actor=actor, versions=versions)

    def amend(self) -> None:
        """Reopen an approved week, say something else, even nothing at all, and send it again."""
        somebody = self.anyone()
        approved = select(Week.id, Week.starts_on).where(
            Week.person_id == somebody.id, Week.status == WeekStatus.APPROVED
        )
        found = db.session.execute(approved.order_by(Week.starts_on)).all()
        if not found:
            return
        week = self.chance.choice(found)
        owner = self.actor(somebody)
        self.attempt(amend_week, actor=owner, week_id=week.id, reason=WORDS)
        sizes = self.chance.choice(((), (30,), (90, 90), (400,)))
        entries = [
            Entry(week.starts_on + timedelta(days=n + 1), somebody.project, size) for n, size in enumerate(sizes)
        ]
        self.attempt(save_week, actor=owner, monday=week.starts_on, entries=entries)
        self.attempt(submit_week, actor=owner, monday=week.starts_on)

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that matters in the end, without ids."""
        db.session.rollback()
        line, total = LedgerLine, PersonQuarter
        found = {
            "ledger": select(
                Person.email, line.quarter, line.applies_to, line.expires, line.kind, line.minutes, line.reason
            )
            .join(Person, Person.id == line.person_id)
            .order_by(line.id),
            "totals": select(Person.email, total.quarter, total.accrued, total.used, total.other, total.accruing_days)
            .join(Person, Person.id == total.person_id)
            .order_by(Person.email, total.quarter, total.accrued, total.used, total.other),
            "weeks": select(Person.email, Week.starts_on, Week.status, Week.version, Week.total_minutes)
            .join(Person, Person.id == Week.person_id)
            .order_by(Person.email, Week.starts_on),
            "decisions": select(Decision.outcome, Decision.total_minutes, Decision.decided_at).order_by(Decision.id),
        }
        return {name: [tuple(row) for row in db.session.execute(each)] for name, each in found.items()}


CHANGES: tuple[Callable[[Year], None], ...] = (
    Year.hire, Year.leave, Year.move, Year.book, Year.book, Year.cancel, Year.shape, Year.swap, Year.lend,
    Year.bring_back, Year.holiday, Year.policy, Year.blackout, Year.lift, Year.propose, Year.settle, Year.amend,
    Year.amend,
)  # fmt: skip
