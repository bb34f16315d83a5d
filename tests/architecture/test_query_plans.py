"""No page, call or change reads more of the tables that grow than it shows: the plans of SQLite say so.

It keeps no statistics, so its plans are the same however much is stored. A statement that walks through such a table,
or searches it by nothing but a state that many rows share, takes longer with every year.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from tests.architecture.test_matrix import ATTEMPTS, CALLS, PAGES, Attempt, Ministry, browse, call
from tests.support.pages import ApiClient, PageClient
from tests.timesheets.weeks import NOW, Story, approve, send_back
from tithe.kernel import clock
from tithe.kernel.db import Base, db
from tithe.timesheets.operations.amending import amend_week

# Tables that hold a few rows for each unit, quarter or place, and no more.
STAY_SMALL = {
    "audit_head", "blackout_period", "holiday_calendar", "holiday", "outside_terms", "period", "quarter_report",
    "role_grant", "role_request", "tithe_policy", "unit", "unit_closure",
}  # fmt: skip
# What many rows have in common: to search by these alone is to read all of them.
SHARED = {"kind", "outside", "quarter", "source", "split", "stage", "status", "verb"}
KEYED = "one page by key, in the order of the index"
# What may read more, by route and table, and why.
MAY = {
    ("/projects", "project"): KEYED,
    ("/adjustments", "adjustment"): KEYED,
    ("/people", "person"): KEYED,
    ("/audit", "audit_event"): KEYED,
    ("/audit/export", "audit_event"): "what is exported",
    ("/reports/utilisation", "person_quarter"): "the sums of a quarter",
    ("/reports/utilisation.csv", "person_quarter"): "the sums of a quarter",
    **{
        (f"/calendars{rest}", "assignment"): "how many people a calendar is for; HR opens these a few times a year"
        for rest in (
            "",
            "/<calendar>",
            *(f"/<calendar>/{verb}" for verb in ("add", "delete", "import", "remove", "rename")),
        )
    },
}
STEP = re.compile(r"(SCAN|SEARCH) (\w+)(?: USING (.*))?")
NAMED = re.compile(r'"?(\w+)"? AS "?(\w+)"?')
STEPPED = "WITH RECURSIVE steps"  # tithe.kernel.plans


@contextmanager
def sent_to(statements: dict[str, Any]) -> Iterator[None]:
    """Keep each statement that searches for something, and with what it was sent."""

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")) and not statement.startswith(STEPPED):
            statements.setdefault(statement, parameters[0] if many else parameters)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def too_much(statement: str, parameters: Any) -> Iterator[tuple[str, str]]:
    """The tables that a statement reads more of than it must, each with the step of the plan that says so."""
    tables = {alias: table for table, alias in NAMED.findall(statement) if table in Base.metadata.tables}
    with db.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    for step in plan:
        found = STEP.match(step)
        table = tables.get(found[2], found[2]) if found else ""
        if found and table in Base.metadata.tables.keys() - STAY_SMALL:
            searched_by = set(re.findall(r"(\w+)[=<>]", found[3] or ""))
            if found[1] == "SCAN" or (searched_by and searched_by <= SHARED):
                yield table, step


def only_sqlite() -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by statistics, and a test has too little stored for any")


class Visitors:
    """Everybody of the ministry, each with a browser and a program."""

    def __init__(self, app: Any, ministry: Ministry):
        self.app, self.ministry = app, ministry
        self.known: dict[str, tuple[PageClient, str, ApiClient]] = {}

    def make(self, attempt: Attempt, who: str) -> None:
        if who not in self.known:
            browser = PageClient(self.app).sign_in(self.ministry.people[who])
            self.known[who] = browser, browser.token(), ApiClient(self.app).as_(self.ministry.people[who])
        browser, token, program = self.known[who]
        if attempt in PAGES:
            browse(browser, token, self.ministry.path(attempt), attempt)
        else:
            call(program, self.ministry.path(attempt), attempt)


class TestPlans:
    @pytest.fixture
    def visitors(self, app, monkeypatch) -> Visitors:
        only_sqlite()
        monkeypatch.setattr(clock, "now", lambda: NOW)
        return Visitors(app, Ministry())

    def test_of_every_route_grow_with_what_it_shows_alone(self, visitors):
        found, used = defaultdict(set), set()
        known: dict[str, list[tuple[str, str]]] = {}
        for attempt in [each for each in ATTEMPTS if each in PAGES or each in CALLS]:
            for who in sorted(attempt.allowed & visitors.ministry.people.keys())[:3]:
                sent: dict[str, Any] = {}
                with sent_to(sent):
                    visitors.make(attempt, who)
                for statement, parameters in sent.items():
                    if statement not in known:
                        known[statement] = list(too_much(statement, parameters))
                    for table, step in known[statement]:
                        place = attempt.route.removeprefix("/api/v1"), table
                        used.add(place)
                        if place not in MAY:
                            found[f"{attempt.method} {attempt.route}"].add(f"{step}: {statement[:300]}")

        assert dict(found) == {}
        assert MAY.keys() - used == set(), "no more than is needed is excepted"

    def test_of_what_people_do_with_weeks_grow_with_nothing(self, app):
        only_sqlite()
        sent: dict[str, Any] = {}
        with sent_to(sent):
            story = Story()
            send_back(story.manager, story.submitted())
            approve(story.manager, story.submitted(story.entry(75, day=1)))
            reopened = story.week()
            amend_week(actor=story.owner, week_id=reopened.id or 0, reason="It was another day", now=NOW)
            approve(story.manager, story.submitted(story.entry(60, day=2)))

        assert any("FROM ledger_line" in each for each in sent)
        assert {step: each for each, values in sent.items() for _, step in too_much(each, values)} == {}
