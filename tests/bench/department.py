"""A department of a thousand people to load: posts, a project each, signed-in browsers and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, select

from tests.bench.databases import inside
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter, monday_of
from tithe.kernel.db import db
from tithe.people import sessions
from tithe.people.models import ApiToken, Assignment, Person, RoleGrant, SignIn, Unit, UnitClosure
from tithe.people.rules.grades import Grade
from tithe.people.rules.secrets import TOKEN_PREFIX, hashed
from tithe.projects.models import Project, ProjectMember
from tithe.projects.rules import ProjectStatus
from tithe.timesheets.models import TimeEntry, Week
from tithe.timesheets.rules.lifecycle import WeekStatus

PEOPLE, TEAM = 1006, 201  # a head, then five teams: a manager and 200 people each
WEEKS = 12  # the weeks before this one: where time is logged
HIRED = date(2020, 1, 1)
HEAD = 1


@dataclass(frozen=True)
class Member:
    """One person's keys: cookie and form token of a browser, and a token for the API. Their project has their id."""

    id: int
    cookie: str
    csrf: str
    token: str

    @property
    def email(self) -> str:
        return f"person.{self.id}@bench.example"


def log_weeks() -> list[date]:
    """The Mondays whose weeks are empty at first and filled by the load, the newest first."""
    this = monday_of(clock.today())
    return [this - timedelta(weeks=back) for back in range(1, WEEKS + 1)]


def read_week() -> date:
    """The Monday of a week that holds five entries and is only read."""
    return monday_of(clock.today()) - timedelta(weeks=WEEKS + 1)


def manager_of(person: int) -> int | None:
    """The first of somebody's team, whose own manager is the head."""
    if person == HEAD:
        return None
    first = HEAD + 1 + (person - HEAD - 1) // TEAM * TEAM
    return HEAD if person == first else first


def team_of(manager: int) -> range:
    """The people somebody manages."""
    return range(manager + 1, min(manager + TEAM, PEOPLE + 1))


def found(app: Flask) -> list[Member]:
    """Fill an empty database with the department and return everybody's keys."""
    now = clock.now()
    numbers = range(1, PEOPLE + 1)
    with inside(app):
        with db.engine.begin() as connection:
            for table, rows in _rows(now):
                connection.execute(insert(table), rows)
        _write_read_week()
        for day in {Quarter.containing(each).code for each in (*log_weeks(), read_week(), clock.today())}:
            accrue_quarter(actor=SYSTEM, quarter=Quarter.parse(day), now=now)
    return [keys(app, number) for number in numbers]


def _rows(now: datetime) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    numbers = range(1, PEOPLE + 1)
    teams = sorted({_unit(number) for number in numbers} - {1})
    yield Unit, [{"id": 1, "code": "BENCH", "name": "Department of Measurement", "parent_id": None}]
    yield Unit, [{"id": i, "code": f"BENCH-{i}", "name": f"Team {i}", "parent_id": 1} for i in teams]
    pairs = [(1, 1, 0), *((1, i, 1) for i in teams), *((i, i, 0) for i in teams)]
    yield UnitClosure, [{"ancestor_id": above, "descendant_id": i, "depth": depth} for above, i, depth in pairs]
    yield Person, [_person(number) for number in numbers]
    yield Assignment, [_post(number) for number in numbers]
    yield RoleGrant, [{"person_id": HEAD, "role": Role.HR_ANALYST, "unit_id": 1, "starts_on": HIRED}]
    yield Project, [_project(number, now) for number in numbers]
    yield ProjectMember, [{"project_id": i, "person_id": i, "joined_on": HIRED} for i in numbers]
    ends = now + timedelta(hours=12)
    sign_in = {"started_at": now, "expires_at": ends}
    yield SignIn, [{"secret_hash": hashed(f"browser-{i}"), "person_id": i, **sign_in} for i in numbers]
    token = {"scopes": "weeks:read weeks:write", "created_at": now, "expires_at": ends}
    yield ApiToken, [{"secret_hash": hashed(_token(i)), "person_id": i, **token} for i in numbers]


def _unit(person: int) -> int:
    return 1 if person == HEAD else 2 + (person - HEAD - 1) // TEAM


def _person(number: int) -> dict[str, Any]:
    email = f"person.{number}@bench.example"
    return {"id": number, "staff_number": f"B{number}", "email": email, "name": f"Person {number}", "starts_on": HIRED}


def _post(number: int) -> dict[str, Any]:
    return {
        "person_id": number,
        "unit_id": _unit(number),
        "line_manager_id": manager_of(number),
        "grade": Grade.HEO,
        "weekly_minutes": 2220,
        "fte_bp": 10_000,
        "starts_on": HIRED,
    }


def _project(number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "owner_id": number,
        "unit_id": _unit(number),
        "title": f"Project {number}",
        "problem": "Letters go out that nobody can read",
        "beneficiaries": "People who claim",
        "hypothesis": "Plain words bring fewer calls",
        "status": ProjectStatus.REGISTERED,
        "created_at": now,
        "registered_at": now,
        "version": 1,
    }


def _write_read_week() -> None:
    week = {"starts_on": read_week(), "status": WeekStatus.DRAFT, "total_minutes": 225, "version": 1}
    add_weeks([{"person_id": number, **week} for number in range(1, PEOPLE + 1)], minutes=45)


def add_weeks(rows: list[dict[str, Any]], *, minutes: int) -> list[int]:
    """Put weeks of five entries, Monday to Friday on each owner's project, straight into the tables; return the ids."""
    monday = rows[0]["starts_on"]
    owners = [row["person_id"] for row in rows]
    with db.engine.begin() as connection:
        connection.execute(insert(Week), rows)
        stored = select(Week.id, Week.person_id).where(Week.starts_on == monday, Week.person_id.in_(owners))
        ids = connection.execute(stored).all()
        entries = [
            {"week_id": week_id, "person_id": owner, "project_id": owner, "day": day, "minutes": minutes}
            for week_id, owner in ids
            for day in (monday + timedelta(days=offset) for offset in range(5))
        ]
        connection.execute(insert(TimeEntry), entries)
    return [week_id for week_id, _ in ids]


def _token(number: int) -> str:
    return f"{TOKEN_PREFIX}bench-{number}"


def keys(app: Flask, number: int) -> Member:
    """A cookie as the application itself would set it. Needs no context to be open: each has a session of its own."""
    with app.test_request_context():
        sessions.start(f"browser-{number}")
        csrf = generate_csrf()
        # Flask names the base of session interfaces in its types; this is the one that signs.
        signer: Any = cast(SecureCookieSessionInterface, app.session_interface).get_signing_serializer(app)
        return Member(number, signer.dumps(dict(session)), csrf, _token(number))


def fresh(app: Flask, members: list[Member]) -> list[Member]:
    """The same people with cookies of this minute: what a browser holds that was used a moment ago."""
    return [keys(app, member.id) for member in members]
