"""Policies for tests: days to adopt them on, random ones, and people who may."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from tests.factories.people import RoleGrantFactory, Team, UnitFactory
from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import Role
from tithe.kernel.db import db
from tithe.people import queries as people
from tithe.policy import operations
from tithe.policy.rules import ABOUT, Kind, Settings, Version

NOW = datetime(2026, 7, 20, 9, tzinfo=UTC)
TODAY = NOW.date()
APRIL, JULY, AUGUST, OCTOBER = (date(2026, month, 1) for month in (4, 7, 8, 10))
NAMES = [each.name for each in fields(Settings)]


def a_value_of(name: str) -> st.SearchStrategy[Any]:
    """Any value a setting takes."""
    about = ABOUT[name]
    if about.kind is Kind.CHOICE:
        return st.sampled_from(list(about.choices))
    if about.kind is Kind.MONTH:
        return st.sampled_from(about.months)
    if about.never:
        return st.just(False)
    return st.booleans() if about.kind is Kind.YES_NO else st.integers(about.low, about.high)


VALUES = st.fixed_dictionaries({}, optional={name: a_value_of(name) for name in NAMES})
DAYS = st.dates(min_value=date(2026, 6, 1), max_value=date(2026, 11, 1))
VERSIONS = st.lists(
    st.builds(Version, st.integers(1, 99), st.integers(0, 3), DAYS, VALUES),
    max_size=6,
    unique_by=(lambda version: version.id, lambda version: (version.depth, version.starts_on)),
)


def adopt(unit: Any, starts_on: date = JULY, *, actor: Actor = SYSTEM, reason: str = "A trial", **values: Any) -> int:
    return operations.adopt_policy(
        actor=actor, unit_id=unit.id, starts_on=starts_on, settings=values, reason=reason, now=NOW
    )


def withdraw(unit: Any, version: int, *, actor: Actor = SYSTEM, now: datetime = NOW) -> None:
    operations.withdraw_policy(actor=actor, unit_id=unit.id, version=version, now=now)


class Offices:
    """The team, an HR manager of its department, and another department."""

    def __init__(self) -> None:
        self.people = Team()
        self.department, self.team = self.people.department, self.people.unit
        self.hr_manager = self.people.director
        self.elsewhere = UnitFactory(code="OTHER", name="Department of Others")
        RoleGrantFactory(person_id=self.hr_manager.id, unit_id=self.department.id, role=Role.HR_MANAGER)

    def acting(self, person: Any) -> Actor:
        """Somebody as a signed-in person."""
        db.session.rollback()
        return people.actor_by_email(person.email, NOW)
