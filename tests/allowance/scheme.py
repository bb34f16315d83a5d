"""Those who keep the scheme, for tests of blackouts and corrections, and what they do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.factories.adjustments import AdjustmentFactory
from tests.factories.blackouts import BlackoutFactory
from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory, Team, UnitFactory
from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import Permission, Role
from tithe.allowance.operations import adjustments, blackouts
from tithe.allowance.queries.adjustments import AdjustmentRow, get_adjustment
from tithe.allowance.rules.adjustments import Proposal
from tithe.allowance.rules.blackouts import Plan
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.people import queries as people
from tithe.policy.operations import adopt_policy

NOW = datetime(2026, 8, 7, 15, tzinfo=UTC)  # a Friday
TODAY = NOW.date()
EARLIEST = date(2026, 9, 7)  # twenty working days on: 31 August is a holiday
QUARTER = Quarter(2026, 2)
REASON = "The annual return is due and needs everybody"
LONG_REASON = "The roof of the building is open and everybody has to help to move the files"
WHY = "Two days of September were counted twice"


class Scheme:
    """The team, two HR managers of its department and one of another, and a deputy director who is none of these."""

    def __init__(self) -> None:
        self.team = Team()
        self.department, self.unit = self.team.department, self.team.unit
        self.elsewhere = UnitFactory(code="OTHER", name="Department of Others")
        self.senior = self.team.director
        self.hr = self.hr_manager(self.department, "Hari Manager")
        self.second = self.hr_manager(self.department, "Sema Second")
        self.stranger = self.hr_manager(self.elsewhere, "Sten Stranger")

    def hr_manager(self, unit: Any, name: str) -> Any:
        person = PersonFactory(name=name)
        AssignmentFactory(person_id=person.id, unit_id=unit.id, person=None, unit=None)
        RoleGrantFactory(person_id=person.id, unit_id=unit.id, role=Role.HR_MANAGER)
        return person

    def black_out(self, unit: Any, starts_on: date, last_day: date, **changes: Any) -> Any:
        """A blackout on record, whatever the rules say about it."""
        about = {"unit_id": unit.id, "starts_on": starts_on, "last_day": last_day, "set_by": self.hr.id}
        return BlackoutFactory(**about, **changes)


def acting(person: Any, now: datetime = NOW) -> Actor:
    """Somebody as a signed-in person."""
    db.session.rollback()
    return people.actor_by_email(person.email, now)


def plan(starts_on: date = EARLIEST, last_day: date | None = None, **changes: Any) -> Plan:
    about = {"ground": "peak", "reason": REASON, **changes}
    return Plan(starts_on, last_day or starts_on, **about)


def set_blackout(person: Any, unit: Any, asked: Plan, now: datetime = NOW) -> int:
    return blackouts.set_blackout(actor=acting(person), unit=unit.code, plan=asked, now=now)


def limit(unit: Any, **settings: int) -> None:
    """Let a unit decide its limits from the beginning of the year."""
    begin = date(2026, 1, 1)
    adopt_policy(actor=SYSTEM, unit_id=unit.id, starts_on=begin, settings=settings, reason="Ours differ", now=NOW)


def propose(by: Any, person: Any, minutes: int = 90, quarter: Quarter = QUARTER, reason: str = WHY) -> int:
    proposal = Proposal(quarter, minutes, reason)
    return adjustments.propose_adjustment(actor=acting(by), person=person.email, proposal=proposal, now=NOW)


def post(by: Any, adjustment_id: int, now: datetime = NOW) -> None:
    adjustments.post_adjustment(actor=acting(by), adjustment_id=adjustment_id, now=now)


def refuse(by: Any, adjustment_id: int, words: str = WHY) -> None:
    adjustments.refuse_adjustment(actor=acting(by), adjustment_id=adjustment_id, words=words, now=NOW)


def found(by: Any, adjustment_id: int) -> AdjustmentRow:
    return get_adjustment(adjustment_id, by=acting(by), to=Permission.ADJUSTMENT_PROPOSE, today=TODAY)


def blackouts_and_corrections(persons: dict[str, Any], units: dict[str, Any], *, over: date) -> dict[str, int]:
    """A blackout for each unit, over since a day, and a correction of each relation to the HR manager; ids by name."""
    by, hr = persons["analyst"].id, persons["hr_manager"].id
    ids = {}
    for name, unit in units.items():
        blackout = BlackoutFactory(unit_id=unit.id, set_by=by, starts_on=over, last_day=over)
        ids[f"{name}_blackout"] = blackout.id
    for name, person_id, proposed_by in (
        ("owners_correction", persons["owner"].id, by),
        ("proposed_by_hr_manager", persons["owner"].id, hr),
        ("about_hr_manager", hr, by),
        ("outsiders_correction", persons["outsider"].id, by),
    ):
        ids[name] = AdjustmentFactory(person_id=person_id, proposed_by=proposed_by).id
    return ids
