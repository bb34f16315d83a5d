"""A command that meets no database, or one that is not prepared, says so in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from click.testing import Result
from flask.testing import FlaskCliRunner
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from tests.conftest import test_settings
from tithe.app import create_app
from tithe.kernel.db import db
from tithe.people.commands import people as people_commands

Run = Callable[..., Result]


@pytest.fixture
def run() -> Iterator[Run]:
    engines = []

    def run(url: str, *words: str) -> Result:
        app = create_app(test_settings(url))
        with app.app_context():
            engines.append(db.engine)
            return FlaskCliRunner(app).invoke(args=list(words))

    yield run
    for engine in engines:
        engine.dispose()


@pytest.mark.parametrize("words", [("people", "list"), ("check",), ("audit", "verify")])
class TestCommand:
    def test_asks_for_the_migrations_where_there_are_no_tables(self, run, tmp_path, words):
        done = run(f"sqlite:///{tmp_path / 'new.sqlite'}", *words)
        assert (done.exit_code, done.stdout) == (1, "")
        assert "not prepared for this version of tithe. Run: flask --app wsgi db upgrade" in done.stderr

    def test_asks_the_same_of_postgresql(self, run, postgres_url, words):
        bare = make_url(postgres_url).set(database="postgres")
        done = run(bare.render_as_string(hide_password=False), *words)
        assert (done.exit_code, "Run: flask --app wsgi db upgrade" in done.stderr) == (1, True)

    @pytest.mark.parametrize("url", ["sqlite:////absent/folder/x.sqlite", "postgresql+psycopg://nobody@127.0.0.1:1/x"])
    def test_names_the_setting_where_nothing_answers(self, run, words, url):
        done = run(url, *words)
        assert done.exit_code == 1
        assert "The database does not answer" in done.stderr
        assert "Check DATABASE_URL" in done.stderr


def test_a_fault_of_a_statement_is_not_put_down_to_the_database(app, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ProgrammingError("SELECT", {}, Exception("syntax error at or near"))

    monkeypatch.setattr(people_commands.directory, "list_staff", broken)
    with pytest.raises(ProgrammingError):
        app.test_cli_runner().invoke(args=["people", "list"], catch_exceptions=False)
