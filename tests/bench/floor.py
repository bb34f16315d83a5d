"""The floor: the least a bare Flask application can do to log time or to show a week.

    FLOOR_DATABASE=sqlite:////path/floor.sqlite gunicorn -w2 -k gthread --threads 4 tests.bench.floor:app

`POST /txn/log` looks up user, project, period lock and week, inserts the entry, adds to the week, writes an audit row
and commits: SQLAlchemy Core, one transaction. `GET /html/week` shows one week by one SELECT and a template compiled
once. The engine has tithe's own settings (`tithe.kernel.db`): the same journal, the same synchronous level, the same
queue of writers by a file lock. It does without pinging pooled connections, which a floor need not do.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Date, Engine, Index, String, bindparam, create_engine, insert, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tithe.kernel.db import WRITING, engine_options

LOOK_UP_USER = text("SELECT id, name, unit_id FROM staff WHERE token = :token")
LOOK_UP_PROJECT = text("SELECT id, name FROM project WHERE id = :project AND status = 1")
DAY = bindparam("day", type_=Date())
LOOK_UP_LOCK = text("SELECT 1 FROM period_lock WHERE first_day <= :day AND last_day >= :day").bindparams(DAY)
LOOK_UP_WEEK = text("SELECT status FROM person_week WHERE staff_id = :staff AND week = :week")
INSERT_ENTRY = text(
    "INSERT INTO entry (staff_id, project_id, day, minutes, status) VALUES (:staff, :project, :day, :minutes, 0)"
).bindparams(DAY)
ADD_TO_WEEK = text(
    "INSERT INTO person_week (staff_id, week, logged, status) VALUES (:staff, :week, :minutes, 0) "
    "ON CONFLICT (staff_id, week) DO UPDATE SET logged = person_week.logged + excluded.logged"
)
INSERT_AUDIT = text("INSERT INTO audit (at, actor, what, detail) VALUES (:at, :staff, 'entry.create', :detail)")
PAGE = """<!doctype html><html lang=en><head><meta charset=utf-8><title>My week</title><style>{{ css }}</style></head>
<body><header><a href=/>tithe</a><nav>{% for x in nav %}<a href="/{{ x }}">{{ x }}</a>{% endfor %}</nav></header>
<main><h1>Week of {{ monday }}</h1><table><thead><tr><th>Day<th>Project<th>Minutes<th>Status<th></tr></thead><tbody>
{% for r in rows %}<tr><td>{{ r.day }}<td>{{ r.project_id }}<td>{{ r.minutes }}<td>{{ r.status }}<td>
<form method=post action="/entries/{{ r.id }}/delete"><input type=hidden name=csrf value="{{ csrf }}">
<button>Delete</button></form></tr>
{% endfor %}</tbody></table><form method=post><label>Project <select name=project>
{% for i in range(40) %}<option value={{ i }}>Project number {{ i }} of the list</option>{% endfor %}</select></label>
<label>Minutes <input name=minutes></label><button>Log</button></form></main><footer>{{ "x" * 400 }}</footer></body>
</html>"""
FILLING = {
    "css": "a{color:#1d70b8}" * 300,
    "csrf": "0" * 64,
    "nav": ["week", "approvals", "secondments", "reports", "help"],
}

_files = threading.local()


class Base(DeclarativeBase):
    """The floor's own tables."""


class Staff(Base):
    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    unit_id: Mapped[int]
    token: Mapped[str] = mapped_column(String(64), unique=True)


class Project(Base):
    __tablename__ = "project"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    status: Mapped[int]


class Entry(Base):
    __tablename__ = "entry"
    __table_args__ = (Index("entry_staff_day", "staff_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int]
    project_id: Mapped[int]
    day: Mapped[date] = mapped_column(Date)
    minutes: Mapped[int]
    status: Mapped[int]


class PersonWeek(Base):
    __tablename__ = "person_week"

    staff_id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[int] = mapped_column(primary_key=True)
    logged: Mapped[int]
    status: Mapped[int]


class Audit(Base):
    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[str]
    actor: Mapped[int]
    what: Mapped[str]
    detail: Mapped[str]


class PeriodLock(Base):
    __tablename__ = "period_lock"

    first_day: Mapped[date] = mapped_column(primary_key=True)
    last_day: Mapped[date]


def engine_on(url: str) -> Engine:
    """An engine with tithe's settings, less the ping."""
    return create_engine(url, **{**engine_options(url), "pool_pre_ping": False})


def fill(url: str, people: int, monday: date) -> None:
    """Make the tables: as many projects as people, and five entries each in one week to read."""
    engine = engine_on(url)
    Base.metadata.create_all(engine)
    numbers = range(1, people + 1)
    with engine.begin() as connection:
        connection.execute(
            insert(Staff), [{"id": i, "name": f"Staff {i}", "unit_id": i % 97, "token": _token(i)} for i in numbers]
        )
        connection.execute(insert(Project), [{"id": i, "name": f"Project {i}", "status": 1} for i in numbers])
        entries = [
            {"staff_id": i, "project_id": i, "day": monday + timedelta(days=day), "minutes": 45, "status": 0}
            for i in numbers
            for day in range(5)
        ]
        connection.execute(insert(Entry), entries)
    engine.dispose()


def _token(staff: int) -> str:
    return f"tok-{staff:012d}"


@contextlib.contextmanager
def writers_queue(path: str | None) -> Iterator[None]:
    """Wait behind the other writers of a SQLite file, as tithe does."""
    if path is None:
        yield
        return
    if not hasattr(_files, "lock"):
        _files.lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(_files.lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(_files.lock, fcntl.LOCK_UN)


def make_app(url: str) -> Flask:
    """The floor's two views on a database that `fill` made."""
    app = Flask("floor")
    engine = engine_on(url)
    writing = engine.execution_options(**{WRITING: True})
    path = engine.url.database if engine.dialect.name == "sqlite" else None
    page = app.jinja_env.from_string(PAGE)

    @app.post("/txn/log")
    def log() -> ResponseReturnValue:
        sent = request.get_json()
        day = date.fromisoformat(sent["day"])
        with writers_queue(path), writing.begin() as connection:
            refusal = _log(connection, int(sent["staff"]), int(sent["project"]), day, int(sent["minutes"]))
        return (jsonify(error=refusal), 400) if refusal else (jsonify(ok=1), 201)

    @app.get("/html/week")
    def week() -> ResponseReturnValue:
        staff, monday = int(request.args["s"]), date.fromisoformat(request.args["d"])
        found = select(Entry).where(
            Entry.staff_id == staff, Entry.day >= monday, Entry.day < monday + timedelta(days=7)
        )
        with Session(engine) as session:
            rows = session.scalars(found.order_by(Entry.day).limit(14)).all()
        return page.render(rows=rows, monday=monday, **FILLING)

    return app


def _log(connection: Any, staff: int, project: int, day: date, minutes: int) -> str:
    """The seven statements; returns what was refused, if anything was."""
    year, number, _ = day.isocalendar()
    facts = {"staff": staff, "project": project, "day": day, "minutes": minutes, "week": year * 100 + number}
    facts["token"] = _token(staff)
    if connection.execute(LOOK_UP_USER, facts).first() is None:
        return "user"
    if connection.execute(LOOK_UP_PROJECT, facts).first() is None:
        return "project"
    if connection.execute(LOOK_UP_LOCK, facts).first():
        return "locked"
    connection.execute(LOOK_UP_WEEK, facts).first()
    connection.execute(INSERT_ENTRY, facts)
    connection.execute(ADD_TO_WEEK, facts)
    detail = f"{project},{day},{minutes}"
    connection.execute(INSERT_AUDIT, {"at": datetime.now(UTC).isoformat(), "staff": staff, "detail": detail})
    return ""


def __getattr__(name: str) -> Flask:
    """The application for a server, made only when one asks for `app`."""
    if name != "app":
        raise AttributeError(name)
    return make_app(os.environ["FLOOR_DATABASE"])
