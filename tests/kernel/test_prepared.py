"""Prepared statements ask, read and fail as the session's own do, on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    Enum,
    Integer,
    bindparam,
    cast,
    insert,
    literal,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from tests.factories.people import PersonFactory
from tests.kernel.marks import mark
from tests.support.contents import statements
from tithe.kernel.db import Instant, atomic, db, table_of
from tithe.kernel.jobs import JobRun
from tithe.kernel.prepared import Prepared
from tithe.notices.models import Notice
from tithe.people.models import Person
from tithe.timesheets.rules.lifecycle import WeekStatus

PERSON = table_of(Person).c
NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)
BY_NAME = select(PERSON.id, PERSON.name, PERSON.starts_on).where(PERSON.name == bindparam("name")).order_by(PERSON.id)
EVERY_KIND = select(
    bindparam("day", type_=Date).label("day"),
    cast(bindparam("at", type_=Instant), Instant).label("at"),
    literal(WeekStatus.SUBMITTED, Enum(WeekStatus, values_callable=lambda kinds: [each.value for each in kinds])),
    literal({"a": [1, None]}, JSON).label("data"),
    literal(True, Boolean).label("yes"),
    cast(null(), Date).label("never"),
    literal("100% :name %(name)s it's", type_=None).label("words"),
    literal(7, Integer).label("number"),
)


class TestAPreparedStatement:
    def test_finds_what_the_session_finds_with_other_values_each_time(self, app):
        for name in ("Ann", "Ben", "Ann"):
            PersonFactory(name=name)
        prepared = Prepared(BY_NAME)

        for name, how_many in (("Ann", 2), ("Ben", 1), ("Cal", 0)):
            rows = prepared.all(name=name)
            assert rows == db.session.execute(BY_NAME, {"name": name}).all()
            assert len(rows) == how_many

    def test_gives_rows_with_names(self, app):
        PersonFactory(name="Ann", starts_on=date(2020, 1, 6))

        row = Prepared(BY_NAME).first(name="Ann")

        assert (row.name, row[1], row.starts_on) == ("Ann", "Ann", date(2020, 1, 6))

    def test_has_nothing_for_the_first_of_no_rows(self, app):
        assert Prepared(BY_NAME).first(name="Nobody") is None

    def test_gives_values_of_the_same_types(self, app):
        values = {"day": date(2026, 8, 3), "at": NOON}

        found = Prepared(EVERY_KIND).first(**values)

        assert found == db.session.execute(EVERY_KIND, values).one()
        assert list(map(type, found)) == [date, datetime, WeekStatus, dict, bool, type(None), str, int]
        assert found.at.tzinfo is not None

    def test_is_seen_by_whoever_listens(self, app):
        prepared = Prepared(BY_NAME)
        PersonFactory(name="Ann")
        unseen = prepared.all(name="Ann")

        with statements() as sent:
            assert prepared.all(name="Ann") == unseen

        assert len(sent) == 1

    def test_reads_what_its_own_operation_wrote(self, app):
        asked = Prepared(select(table_of(JobRun).c.period).where(table_of(JobRun).c.job == bindparam("job")))

        @atomic
        def write() -> None:
            mark("within")
            assert asked.all(job="test") == [("within",)]

        write()

    def test_may_be_a_change_that_returns_what_it_changed(self, app):
        rename = update(table_of(Person)).where(PERSON.name == bindparam("old")).values(name=bindparam("name"))
        prepared = Prepared(rename.returning(PERSON.id, PERSON.name))
        people = [PersonFactory(name="Ann"), PersonFactory(name="Ben")]

        @atomic
        def change() -> None:
            assert prepared.all(old="Ann", name="Cal") == [(people[0].id, "Cal")]
            assert prepared.all(old="Ann", name="Cal") == []

        change()
        assert [db.session.scalar(select(PERSON.name).where(PERSON.id == each.id)) for each in people] == ["Cal", "Ben"]

    def test_leaves_no_column_to_be_filled_in_behind_its_back(self, app):
        told = insert(table_of(Notice)).values(message_id=bindparam("message_id")).returning(table_of(Notice).c.id)

        with pytest.raises(TypeError, match="status"):
            Prepared(told).all(message_id="one")

    def test_fails_with_an_error_of_sqlalchemy(self, app):
        with pytest.raises(DBAPIError):
            Prepared(select(literal_column("no_such_column"))).all()

    def test_needs_every_value(self, app):
        with pytest.raises(KeyError, match="name"):
            Prepared(BY_NAME).all()

    def test_that_failed_leaves_the_session_to_be_used_again(self, app):
        with pytest.raises(DBAPIError):
            Prepared(select(literal_column("no_such_column"))).all()
        db.session.rollback()

        assert Prepared(BY_NAME).all(name="Nobody") == []
