"""Statements with their constants written into them ask the same on both engines, and bind only what changes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, bindparam, literal, select, union_all

from tests.factories.people import PersonFactory
from tithe.kernel.db import db, table_of
from tithe.kernel.plans import fixed
from tithe.people.models import Person
from tithe.timesheets.models import Week
from tithe.timesheets.rules.lifecycle import WeekStatus

PERSON = table_of(Person).c


def bound(statement) -> set[str]:
    return set(statement.compile(dialect=db.engine.dialect).params)


class TestFixed:
    def test_binds_only_what_changes(self, app):
        found = select(PERSON.id, literal("plain").label("what")).where(
            PERSON.email.like("%@example.org"), PERSON.id.in_((1, 2)), PERSON.name == bindparam("name")
        )

        assert len(bound(found)) == 4
        assert bound(fixed(found)) == {"name"}

    def test_finds_the_same(self, app):
        for name in ("Ann O’Hara", "Ben 50% d'Arc", "Cal"):
            PersonFactory(name=name)
        either = union_all(
            select(literal("it's 100%").label("what"), PERSON.name).where(PERSON.name.in_(("Ben 50% d'Arc", "Nobody"))),
            select(literal("none"), PERSON.name).where(PERSON.name.in_(()), PERSON.name == bindparam("name")),
            select(literal("named"), PERSON.name).where(PERSON.name == bindparam("name"), PERSON.id > literal(0)),
        )
        expected = [("it's 100%", "Ben 50% d'Arc"), ("named", "Cal")]

        assert db.session.execute(either, {"name": "Cal"}).all() == expected
        assert db.session.execute(fixed(either), {"name": "Cal"}).all() == expected

    def test_gives_values_of_the_same_types(self, app):
        PersonFactory(name="Ann")
        found = select(literal(date(2026, 8, 3)).label("day"), literal(7), PERSON.starts_on, literal(True).label("yes"))

        assert db.session.execute(fixed(found)).all() == db.session.execute(found).all()

    def test_leaves_bound_what_the_engines_write_differently(self, app):
        found = select(literal(True), literal(date(2026, 8, 3)), literal({"a": 1}, JSON)).where(PERSON.id.in_(()))

        assert bound(fixed(found)) == bound(found)

    def test_writes_a_state_as_it_is_stored(self, app):
        waiting = fixed(select(Week.id).where(Week.status == WeekStatus.SUBMITTED))

        assert "'submitted'" in str(waiting.compile(dialect=db.engine.dialect))
