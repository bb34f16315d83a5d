"""Every test that touches the database runs on SQLite and on a real PostgreSQL, each migrated once a session."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser
from sqlalchemy import text

from config import Settings
from tests.people.signing_in import Hands
from tests.support.browser import open_browser
from tests.support.pages import ApiClient, PageClient
from tests.support.postgres import PostgresServer, throwaway_postgres
from tithe.app import create_app
from tithe.kernel import clock
from tithe.kernel.db import Base, db

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with throwaway_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> str:
    return postgres_server.create_database("tithe_test")


@pytest.fixture(scope="session", params=ENGINES)
def migrated_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'tithe.sqlite'}"
    else:
        url = request.getfixturevalue("postgres_url")
    with migrated(url) as app:
        yield app


@contextmanager
def migrated(url: str) -> Iterator[Flask]:
    """The application on a database that the migrations have just made, inside its context."""
    app = create_app(test_settings(url))
    with app.app_context():
        upgrade()
        keep = _keep_sqlite if url.startswith("sqlite") else _keep_nothing
        app.extensions["tithe_kept"] = keep(url)
        yield app
        db.session.remove()
        db.engine.dispose()


def test_settings(url: str) -> Settings:
    return Settings(
        env="testing",
        database_url=url,
        secret_key="a key for tests only " * 3,
        base_url="http://tithe.test",
        mail_host="",
        audit_anchor_file=os.devnull,
        password_cost=(1, 8, 1),
    )


vars(test_settings)["__test__"] = False  # a builder, not a test


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The application on a database that holds nothing but what the migrations put there."""
    with migrated_app.app_context():
        yield migrated_app
        changed = db.session.new or db.session.dirty or db.session.deleted
        db.session.remove()
    db_empty(migrated_app)
    assert not changed, "the test left unsaved changes behind: something wrote outside an operation"


@pytest.fixture
def hands(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Hands:
    """A clock to move: what doors read is what its hands say."""
    hands = Hands()
    monkeypatch.setattr(clock, "now", lambda: hands.now)
    return hands


@pytest.fixture
def client(app: Flask) -> PageClient:
    """A browser that checks every page it fetches."""
    return PageClient(app)


@pytest.fixture
def api(app: Flask) -> ApiClient:
    """A program that calls the API."""
    return ApiClient(app)


def db_empty(app: Flask) -> None:
    """Put the database back to how the migrations left it."""
    with app.app_context():
        kept = app.extensions["tithe_kept"]
        if kept is not None:
            path, bare = kept
            db.engine.dispose()
            with sqlite3.connect(bare) as source, sqlite3.connect(path) as target:
                source.backup(target)
            source.close()
            target.close()
            return
        with db.engine.begin() as connection:
            connection.execute(text("SET session_replication_role = replica"))  # lets the audit be emptied
            emptied = [str(table.delete()) for name, table in Base.metadata.tables.items() if name != "audit_head"]
            connection.execute(text("; ".join([*emptied, "UPDATE audit_head SET seq = 0, hash = repeat('0', 64)"])))
            connection.execute(text("SET session_replication_role = DEFAULT"))


def _keep_sqlite(url: str) -> tuple[str, str]:
    path = url.removeprefix("sqlite:///")
    bare = str(Path(path).with_name("bare.sqlite"))
    with sqlite3.connect(path) as source, sqlite3.connect(bare) as target:
        source.backup(target)
    source.close()
    target.close()
    return path, bare


def _keep_nothing(url: str) -> None:
    return None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all that need one: two cannot be driven from one process."""
    with open_browser() as browser:
        yield browser
