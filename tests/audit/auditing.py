"""Auditors for tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory, UnitFactory
from tests.timesheets.weeks import actor
from tithe.access.actor import Actor
from tithe.access.permissions import Role


@dataclass(frozen=True)
class Auditor:
    """A person with the role, and the same as an actor."""

    person: Any
    actor: Actor


def auditor_of(unit: Any) -> Auditor:
    """An auditor of a unit and all below it; of None, of a department of their own that nobody else is in."""
    unit = unit or UnitFactory(name="Elsewhere")
    person = PersonFactory(name="Aud Itor")
    AssignmentFactory(person_id=person.id, person=None, unit_id=UnitFactory(name="Audit").id, unit=None)
    RoleGrantFactory(person_id=person.id, role=Role.AUDITOR, unit_id=unit.id)
    return Auditor(person, actor(person))
