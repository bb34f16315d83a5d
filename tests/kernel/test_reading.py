"""What a request does outside an operation reads and never writes, and its statements stay prepared on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tests.factories.people import PersonFactory, Team
from tests.kernel.marks import mark, marks
from tests.support.pages import ApiClient, apart
from tithe.kernel.db import begin_reading, db, end_reading
from tithe.kernel.jobs import JobRun
from tithe.people.models import Person

ASKED = "an odd question, to be recognised"


@pytest.fixture
def postgres(app) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("prepared statements, and refusing to write by default, are PostgreSQL's")


@contextmanager
def request(app: Flask) -> Iterator[None]:
    """As a request that asks for nothing by itself."""
    with app.test_request_context():
        begin_reading()
        try:
            yield
        finally:
            db.session.remove()
            end_reading()


def prepared() -> int:
    """How many statements of our odd kind the connection has prepared."""
    kept = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE :words")
    return int(db.session.execute(kept, {"words": f"%{ASKED}%"}).scalar_one())


class TestARequest:
    def test_keeps_its_statements_prepared_for_the_next(self, app, postgres):
        for _ in range(120):  # on whichever of a dozen connections
            with request(app):
                db.session.execute(select(Person.id).where(Person.name == text(f"'{ASKED}'"))).all()

        with request(app):
            assert prepared() == 1

    def test_may_not_write_outside_an_operation(self, app, postgres):
        with request(app), pytest.raises(DBAPIError, match="read-only transaction"):
            db.session.execute(insert(JobRun).values(job="stray", period="2026"))

        mark("after")
        assert marks() == ["after"]

    def test_reads_operates_and_reads_again(self, app):
        with request(app):
            assert marks() == []
            mark("one")
            assert marks() == ["one"]
            mark("two")

        assert marks() == ["one", "two"]

    def test_leaves_nothing_behind_that_keeps_others_from_writing(self, app):
        with request(app):
            marks()
            db.session.commit()  # not how a request ends, but a library might

        PersonFactory(name="Ann")
        mark("one")
        assert marks() == ["one"]

    def test_that_fails_in_a_statement_ends_all_the_same(self, app):
        with request(app):
            with pytest.raises(DBAPIError):
                db.session.execute(text("SELECT nothing FROM nowhere"))
            assert marks() == []

    def test_over_http_only_reads_too(self, app, postgres, monkeypatch):
        client = ApiClient(app).as_(Team().owner)
        level = text("SELECT current_setting('transaction_read_only')")
        monkeypatch.setitem(app.view_functions, "home.health", lambda: str(db.session.execute(level).scalar_one()))

        assert apart(client.http.get, "/health").text == "on"
        with app.app_context():
            assert db.session.execute(level).scalar_one() == "off"

    def test_is_answered_again_after_all_connections_were_cut(self, app, postgres):
        client = ApiClient(app).as_(Team().owner)
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        db.session.remove()
        assert client.get("/projects").status_code == 200
        with create_engine(db.engine.url, poolclass=NullPool).connect() as other:
            assert other.execute(text(f"{cut} AND pid <> pg_backend_pid()")).all()

        answers = [client.get("/projects").status_code for _ in range(4)]
        assert (answers[0], answers[-1]) == (503, 200)
