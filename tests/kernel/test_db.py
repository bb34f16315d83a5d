"""Transactions and column types on both engines: all or nothing, and nothing stored that is not meant."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, StatementError

from tests.factories.people import PersonFactory
from tests.factories.projects import ProjectFactory
from tests.kernel.marks import NOW, mark, marks
from tests.support.threads import PATIENCE, at_once
from tithe.audit.models import AuditHead
from tithe.kernel.clock import LONDON
from tithe.kernel.db import Base, Instant, at_close, atomic, db, unit_of_work
from tithe.kernel.errors import Conflict, RuleBroken, Unavailable
from tithe.kernel.jobs import JobRun
from tithe.people.models import Assignment, Person, Unit
from tithe.projects.models import Project

INSTANTS = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 the strategy adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001 the same
    timezones=st.timezones(),
)


class Surprise(Exception):
    """Something nobody planned for."""


class TestAtomic:
    def test_commits_what_the_operation_wrote(self, app):
        mark("one")

        assert marks() == ["one"]

    @pytest.mark.parametrize("refusal", [Surprise("oh"), RuleBroken("no"), SystemExit("stop")])
    def test_rolls_back_the_whole_operation_whatever_stops_it(self, app, refusal):
        @atomic
        def stopped():
            mark("one")
            mark("two")
            raise refusal

        with pytest.raises(type(refusal)):
            stopped()

        assert marks() == []

    def test_joins_the_transaction_that_is_open(self, app):
        @atomic
        def outer():
            mark("inner")
            raise Surprise

        with pytest.raises(Surprise):
            outer()

        assert marks() == []

    def test_commits_joined_operations_once_and_together(self, app):
        seen_by_others = []

        @atomic
        def outer():
            mark("inner")
            with ThreadPoolExecutor(1) as thread:
                seen_by_others.extend(thread.submit(as_somebody_else).result(PATIENCE))
            mark("outer")

        def as_somebody_else():
            with app.app_context():
                return marks()

        outer()

        assert seen_by_others == []
        assert marks() == ["inner", "outer"]

    def test_leaves_the_session_fit_for_the_next_operation(self, app):
        mark("one")
        with pytest.raises(Conflict):
            mark("one")

        mark("two")

        assert marks() == ["one", "two"]

    def test_returns_what_the_operation_returned(self, app):
        assert atomic(lambda: 7)() == 7

    def test_flushes_rows_that_wait_in_the_session(self, app):
        @atomic
        def add():
            db.session.add(JobRun(job="test", period="added", finished_at=NOW))

        add()

        assert marks() == ["added"]

    def test_makes_a_broken_key_a_conflict(self, app):
        mark("one")

        with pytest.raises(Conflict, match="Somebody else changed this"):
            mark("one")

    def test_makes_a_missing_parent_a_conflict(self, app):
        @atomic
        def orphan():
            db.session.execute(insert(Unit).values(code="ORPHAN", name="Orphan", parent_id=987_654))

        with pytest.raises(Conflict):
            orphan()

    def test_makes_a_version_that_moved_on_a_conflict(self, app):
        project = ProjectFactory()

        @atomic
        def overtaken():
            row = db.session.get_one(Project, project.id)
            db.session.execute(
                update(Project)
                .where(Project.id == project.id)
                .values(version=9)
                .execution_options(synchronize_session=False)
            )
            row.title = "Too late"

        with pytest.raises(Conflict):
            overtaken()

    def test_gives_up_in_plain_words_when_another_writer_never_finishes(self, app):
        holding, done = threading.Event(), threading.Event()

        def hold():
            with app.app_context(), db.engine.connect() as connection:
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("ROLLBACK")
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                connection.execute(update(AuditHead).where(AuditHead.stream == 0).values(seq=AuditHead.seq))
                holding.set()
                done.wait(PATIENCE)
                connection.rollback()

        with ThreadPoolExecutor(1) as thread:
            stranger = thread.submit(hold)
            assert holding.wait(PATIENCE)
            try:
                with pytest.raises(Unavailable, match="Nothing was changed"):
                    wait_briefly_for_stream_0()
            finally:
                done.set()
                stranger.result(PATIENCE)
        assert marks() == []


def wait_briefly_for_stream_0() -> None:
    """Write to a row that a stranger holds, waiting a tenth of a second instead of seconds."""
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("PRAGMA busy_timeout = 100"))
        db.session.rollback()  # back to the pool, and the first to come out of it again
    with unit_of_work() as session:
        mark("while waiting")
        if db.engine.dialect.name == "postgresql":
            session.execute(text("SET LOCAL lock_timeout = 100"))
        session.execute(update(AuditHead).where(AuditHead.stream == 0).values(seq=AuditHead.seq))


class TestAtClose:
    def test_runs_last_and_in_order_in_the_same_transaction(self, app):
        order = []

        @atomic
        def operation():
            at_close(lambda session: (order.append("first"), mark("closing")))
            at_close(lambda session: order.append("second"))
            order.append("body")

        operation()

        assert order == ["body", "first", "second"]
        assert marks() == ["closing"]

    def test_rolls_everything_back_when_it_fails(self, app):
        def fail(session):
            raise Surprise

        @atomic
        def operation():
            mark("one")
            at_close(fail)

        with pytest.raises(Surprise):
            operation()

        assert marks() == []

    def test_is_forgotten_with_the_operation_that_asked_for_it(self, app):
        ran = []

        @atomic
        def refused():
            at_close(lambda session: ran.append("refused"))
            raise RuleBroken("no")

        with pytest.raises(RuleBroken):
            refused()
        mark("next")

        assert ran == []

    def test_waits_for_the_outermost_operation(self, app):
        order = []

        @atomic
        def inner():
            at_close(lambda session: order.append("closed"))

        @atomic
        def outer():
            inner()
            order.append("outer goes on")

        outer()

        assert order == ["outer goes on", "closed"]


class TestInstant:
    def test_without_a_zone_is_refused(self, app):
        @atomic
        def naive():
            values = {"job": "test", "period": "naive", "finished_at": datetime(2026, 8, 24, 9)}  # noqa: DTZ001 naive on purpose
            db.session.execute(insert(JobRun).values(**values))

        with pytest.raises(StatementError, match="an instant needs a time zone"):
            naive()

        assert marks() == []

    @pytest.mark.parametrize(
        "instant",
        [
            NOW,
            NOW.replace(microsecond=123456),
            datetime(2026, 7, 1, 0, 30, tzinfo=LONDON),
            datetime(2026, 10, 25, 1, 30, tzinfo=LONDON),
            datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=1),
            datetime(2028, 2, 29, 23, 59, 59, 999999, tzinfo=UTC),
        ],
        ids=str,
    )
    def test_comes_back_as_the_same_moment_in_utc(self, app, instant):
        with unit_of_work() as session:
            session.execute(insert(JobRun).values(job="test", period="x", finished_at=instant))

        stored = db.session.scalar(select(JobRun.finished_at).where(JobRun.job == "test"))

        assert stored == instant.astimezone(UTC)
        assert stored.utcoffset() == timedelta(0)

    def test_sorts_and_compares_in_the_database_as_in_time(self, app):
        early, late = datetime(2026, 7, 1, 0, 30, tzinfo=LONDON), datetime(2026, 6, 30, 23, 45, tzinfo=UTC)
        with unit_of_work() as session:
            for name, instant in (("late", late), ("early", early)):
                session.execute(insert(JobRun).values(job="test", period=name, finished_at=instant))

        found = select(JobRun.period).where(JobRun.finished_at < late)

        assert list(db.session.scalars(found)) == ["early"]


def loosely_typed_tables() -> set[str]:
    """Tables that store whatever they are given: none on PostgreSQL, those that are not STRICT on SQLite."""
    if db.engine.dialect.name == "postgresql":
        return set()
    found = text("SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict")
    return set(db.session.scalars(found))


class TestSchema:
    def test_refuses_a_value_of_the_wrong_type(self, app):
        with pytest.raises(DBAPIError), db.engine.connect() as connection:
            connection.execute(text("UPDATE audit_head SET seq = 'abc'"))

    def test_has_no_table_that_stores_any_type(self, app):
        assert set(Base.metadata.tables) & loosely_typed_tables() == set()

    def test_holds_foreign_keys(self, app):
        unit = Unit(code="U", name="U")
        with unit_of_work() as session:
            session.add(unit)

        with pytest.raises(Conflict), unit_of_work() as session:
            session.add(
                Assignment(person_id=987_654, unit_id=unit.id, weekly_minutes=0, fte_bp=0, starts_on=date(2026, 1, 1))
            )

    def test_holds_foreign_keys_against_removal_on_every_connection(self, app):
        project = ProjectFactory()

        def remove_owner():
            with unit_of_work() as session:
                session.execute(Person.__table__.delete().where(Person.id == project.owner_id))

        assert [type(each) for each in at_once(app, [remove_owner] * 3)] == [Conflict] * 3

    def test_stores_enums_by_value_and_refuses_others(self, app):
        PersonFactory()
        insertion = (
            "INSERT INTO role_grant (person_id, role, unit_id, starts_on) "
            "SELECT person.id, 'king', unit.id, '2026-01-01' FROM person, unit"
        )
        with unit_of_work() as session:
            session.add(Unit(code="U", name="U"))

        with pytest.raises(Conflict), unit_of_work() as session:
            session.execute(text(insertion))

    def test_names_every_constraint(self, app):
        unnamed = [
            (name, type(constraint).__name__)
            for name, table in Base.metadata.tables.items()
            for constraint in table.constraints
            if constraint.name is None
        ]

        assert unnamed == []


@given(INSTANTS, st.sampled_from([sqlite.dialect(), postgresql.dialect()]))
@settings(max_examples=200, deadline=None)
def test_an_instant_survives_either_engine(instant, dialect):
    kind = Instant()
    stored = kind.process_bind_param(instant, dialect)

    returned = kind.process_result_value(stored, dialect)

    assert returned == instant.astimezone(UTC)
    assert returned.utcoffset() == timedelta(0)
