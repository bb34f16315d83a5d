"""Units, people and their posts."""

from __future__ import annotations

import datetime

import factory
from sqlalchemy import insert, select

from tests.factories.base import TitheFactory
from tithe.access.permissions import Role
from tithe.kernel.db import db
from tithe.people.models import Assignment, Person, RoleGrant, Unit, UnitClosure
from tithe.people.rules.grades import Grade


class UnitFactory(TitheFactory):
    """A unit at the top of a tree, or below `parent_id`, with its place in the closure."""

    class Meta:
        model = Unit

    code = factory.Sequence(lambda n: f"UNIT-{n}")
    name = factory.Sequence(lambda n: f"Unit {n}")
    parent_id = None

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        unit = super()._create(model_class, *args, **kwargs)
        above = [(unit.id, 0)]
        if unit.parent_id:
            found = select(UnitClosure.ancestor_id, UnitClosure.depth).where(
                UnitClosure.descendant_id == unit.parent_id
            )
            above += [(row[0], row[1] + 1) for row in db.session.execute(found)]
        db.session.execute(
            insert(UnitClosure), [{"ancestor_id": a, "descendant_id": unit.id, "depth": d} for a, d in above]
        )
        db.session.commit()
        return unit


class PersonFactory(TitheFactory):
    """Somebody employed since 2020, with no post yet."""

    class Meta:
        model = Person

    staff_number = factory.Sequence(lambda n: f"S{n:06}")
    email = factory.Sequence(lambda n: f"person.{n}@example.org")
    name = factory.Sequence(lambda n: f"Person Number{n}")
    starts_on = datetime.date(2020, 1, 1)


class AssignmentFactory(TitheFactory):
    """A full-time post in England since 2020."""

    class Meta:
        model = Assignment
        exclude = ["person", "unit"]

    person = factory.SubFactory(PersonFactory)
    unit = factory.SubFactory(UnitFactory)
    person_id = factory.SelfAttribute("person.id")
    unit_id = factory.SelfAttribute("unit.id")
    line_manager_id = None
    grade = Grade.HEO
    weekly_minutes = 2220
    fte_bp = factory.LazyAttribute(lambda post: round(post.weekly_minutes / 2220 * 10_000))
    starts_on = datetime.date(2020, 1, 1)


class RoleGrantFactory(TitheFactory):
    """An HR analyst since 2020."""

    class Meta:
        model = RoleGrant

    role = Role.HR_ANALYST
    starts_on = datetime.date(2020, 1, 1)


class Team:
    """A small department: a director above a manager above two members of staff, and an HR analyst."""

    def __init__(self) -> None:
        self.department = UnitFactory(code="DEPT", name="Department of Tests")
        self.unit = UnitFactory(code="DEPT-TEAM", name="Team", parent_id=self.department.id)
        self.director = self._post("Dora Director", self.department, None, Grade.SCS1)
        self.manager = self._post("Max Manager", self.unit, self.director, Grade.G7)
        self.owner = self._post("Ada Owner", self.unit, self.manager, Grade.HEO)
        self.colleague = self._post("Cal Colleague", self.unit, self.manager, Grade.HEO)
        self.hr = self._post("Hana Analyst", self.department, self.director, Grade.SEO)
        RoleGrantFactory(person_id=self.hr.id, unit_id=self.department.id)

    def _post(self, name: str, unit: Unit, manager: Person | None, grade: Grade) -> Person:
        person = PersonFactory(name=name, email=f"{name.lower().replace(' ', '.')}@example.org")
        AssignmentFactory(
            person_id=person.id,
            unit_id=unit.id,
            person=None,
            unit=None,
            grade=grade,
            line_manager_id=manager.id if manager else None,
        )
        return person
