"""Every page and answer that shows somebody else's record notes that it was read: the list comes from the live routes.

A new route that is only read either notes whose record it shows, or stands below with the reason why it need not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import func, select

from tests.architecture.test_matrix import ATTEMPTS, CALLS, PAGES, Attempt, Ministry, browse, call
from tests.architecture.test_routes import ROUTES
from tests.factories.outside import Guest
from tests.factories.plans import RequestFactory
from tests.support.pages import ApiClient, PageClient
from tests.timesheets.weeks import MONDAY, NOW
from tithe.audit import reads
from tithe.audit.models import RecordRead
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.people.models import Assignment
from tithe.timesheets.models import Escalation
from tithe.timesheets.rules.escalation import Stage

# Only what is one's own, a list without people, or an empty form: nobody else is named there.
NOBODY_ELSE = {
    "/", "/absences/import", "/account/password", "/account/prove", "/account/security",
    "/account/security/app", "/account/security/app/off", "/account/security/codes", "/account/security/passkeys/new",
    "/account/sessions", "/adjustments/new", "/agreements/new", "/allowance", "/allowance/away",
    "/allowance/away/calendar", "/allowance/calculator", "/allowance/calculator/scenario", "/api/v1/absences",
    "/api/v1/agreements", "/api/v1/allowance", "/api/v1/allowance/days", "/api/v1/calendars",
    "/api/v1/calendars/<calendar>", "/api/v1/favourites", "/api/v1/inbox/choices", "/api/v1/people/me/pattern",
    "/api/v1/plans", "/api/v1/policies/<code>", "/api/v1/quarters", "/api/v1/reports/utilisation", "/api/v1/timer",
    "/api/v1/units", "/api/v1/units/<code>", "/api/v1/weeks/<monday>", "/api/v1/weeks/<monday>/question",
    "/approvals/reassign", "/blackouts/new", "/calendars", "/calendars/<calendar>", "/calendars/<calendar>/add",
    "/calendars/<calendar>/import", "/calendars/<calendar>/rename", "/calendars/new", "/favourites", "/inbox/choices",
    "/people/import", "/people/new", "/plans", "/plans/<int:block_id>/move", "/plans/new", "/policy", "/policy/<code>",
    "/policy/<code>/<int:version>/withdraw", "/policy/<code>/change", "/projects/<int:project_id>/edit",
    "/projects/new", "/quarters", "/reports/utilisation", "/reports/utilisation.csv", "/roles/new", "/scheme",
    "/scim/v2/<path:elsewhere>", "/scim/v2/ResourceTypes", "/scim/v2/ResourceTypes/User", "/scim/v2/Schemas",
    "/scim/v2/Schemas/<urn>", "/scim/v2/ServiceProviderConfig", "/time", "/timer", "/units", "/weeks",
    "/weeks/<monday>/amend", "/weeks/<monday>/question", "/weeks/<monday>/review", "/weeks/import", "/weeks/this",
    "/api/v1/outside-members/me/terms", "/api/v1/outside-terms", "/outside/new", "/outside/terms", "/terms",
    "/projects/<int:project_id>/flag",
}  # fmt: skip
DIRECTORY = "what the directory shows to all staff: name, post, unit, manager, skills"
REGISTER = "projects that are registered, and who owns them, are open to all staff"
ASKED = "who asked a coordinator to look at a project stands beside it, for coordinators and those who work on it"
# Somebody else is named there, and why that is no record of theirs.
NAMES = {
    "/people": DIRECTORY,
    "/people/<int:person_id>": DIRECTORY,
    "/units/<code>": DIRECTORY,
    "/api/v1/people": DIRECTORY,
    "/api/v1/people/<int:person_id>": DIRECTORY,
    "/projects": REGISTER,
    "/projects/<int:project_id>": REGISTER,
    "/api/v1/projects": REGISTER,
    "/api/v1/projects/<int:project_id>": REGISTER,
    "/flags": ASKED,
    "/flags/<int:flag_id>": ASKED,
    "/api/v1/flags": ASKED,
    "/api/v1/projects/<int:project_id>/flags": ASKED,
    "/api/v1/outside-members/me": "one's own stay, and who hosts it",
    "/blackouts": "who set a blackout stands beside it, for all staff",
    "/api/v1/blackouts": "who set a blackout stands beside it, for all staff",
    "/account": "who manages oneself",
    "/account/my-data": "who has looked at one's own record",
    "/inbox": "messages to oneself",
    "/api/v1/inbox": "messages to oneself",
    "/delegations": "one side of it is oneself",
    "/api/v1/delegations": "one side of it is oneself",
    "/weeks/<monday>": "one's own week, and who decides it",
    "/allowance/pattern": "one's own hours, under one's own name",
    "/scim/v2/Users": "a program that keeps the accounts reads them all: name, address, number, and if it is open",
    "/scim/v2/Users/<int:person_id>": "a program that keeps the accounts reads them all",
}
HEADER = re.compile(r"<header.*?</header>", re.S)  # who is signed in
READ = {
    route for (method, route), permission in ROUTES.items() if method == "GET" and permission not in (None, "public")
}


@dataclass
class Seen:
    """What reading a route showed and noted, all readers together: ids of people other than the reader."""

    shown: set[int] = field(default_factory=set)
    noted: set[int] = field(default_factory=set)


def with_records(ministry: Ministry) -> Ministry:
    """What lists show that the matrix leaves out: a week that moved on, a request that waits, a stay that goes on."""
    people = {name: each.id for name, each in ministry.people.items()}
    moved = {"from_id": people["manager"], "to_id": people["director"], "stage": Stage.COUNTERSIGNER}
    db.session.add(Escalation(week_id=ministry.ids["owners"], version=1, due_was=MONDAY, at=NOW, **moved))
    db.session.commit()
    RequestFactory(person_id=people["owner"])
    unit_id = db.session.scalars(select(Assignment.unit_id).where(Assignment.person_id == people["owner"])).one()
    Guest(host_id=people["owner"], unit_id=unit_id, active=True)
    return ministry


def fetch(clients: tuple[PageClient, ApiClient], path: str, attempt: Attempt) -> str:
    browser, program = clients
    if attempt in PAGES:
        return browse(browser, "", path, attempt).get_data(as_text=True)
    if attempt in CALLS:
        return call(program, path, attempt).get_data(as_text=True)
    headers = {"Authorization": f"Bearer {program.token}"}
    return program.http.get(path, headers=headers).get_data(as_text=True)


@pytest.fixture
def seen(app, monkeypatch) -> dict[str, Seen]:
    """Every route that is read, by everybody who may. Each note falls on a day of its own, so that none is left out."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    ministry, days = with_records(Ministry()), count()
    monkeypatch.setattr(reads, "local_date", lambda now: MONDAY + timedelta(days=next(days)))
    names = {each.id: re.compile(rf"{re.escape(each.name)}(?!\d)") for each in ministry.people.values()}
    found: dict[str, Seen] = defaultdict(Seen)
    for who, person in ministry.people.items():
        clients = PageClient(app).sign_in(person), ApiClient(app).as_(person)
        for attempt in (each for each in ATTEMPTS if each.method == "GET" and who in each.allowed):
            before = newest_note()
            text = HEADER.sub("", fetch(clients, ministry.path(attempt), attempt))
            of = found[attempt.route]
            of.shown |= {id for id, name in names.items() if id != person.id and name.search(text)}
            of.noted |= noted_since(before, person.id)
    return found


def newest_note() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.max(RecordRead.id))) or 0


def noted_since(note: int, reader_id: int) -> set[int]:
    db.session.rollback()
    found = select(RecordRead.person_id).where(RecordRead.id > note, RecordRead.reader_id == reader_id)
    return set(db.session.scalars(found))


class TestRoutesThatAreRead:
    def test_note_whose_record_they_show_unless_a_reason_stands_here(self, seen):
        excepted = NOBODY_ELSE | set(NAMES)

        assert not NOBODY_ELSE & set(NAMES)
        assert {route for route, of in seen.items() if of.noted} == READ - excepted

    def test_name_nobody_else_where_that_is_the_reason(self, seen):
        assert {route: of.shown for route, of in seen.items() if of.shown and route in NOBODY_ELSE} == {}
