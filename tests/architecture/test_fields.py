"""Every column of the schema sent to every route that writes: what a route does not name it refuses, and says so."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.architecture.test_matrix import ATTEMPTS, Attempt, Ministry
from tests.support.contents import contents
from tests.support.pages import ApiClient, Page, PageClient, apart
from tests.timesheets.weeks import NOW
from tithe.kernel import clock
from tithe.kernel.db import Base

COLUMNS = sorted({column.name for table in Base.metadata.tables.values() for column in table.columns})
REFUSED = re.compile("no field called|This page is damaged|Go back, reload the page")
NAMELESS = re.compile("There is no such field|Unknown field")
# Where what is asked for is not there, which is said first; nothing is taken from what was sent.
OTHERWISE = {"/weeks/<monday>/question", "/policy/<code>/<int:version>/withdraw"}


def writers() -> list[tuple[str, Attempt]]:
    """Each writing route once, with somebody who may use it."""
    found: dict[tuple[str, str], tuple[str, Attempt]] = {}
    for attempt in ATTEMPTS:
        if attempt.method != "GET" and attempt.allowed and not attempt.route.startswith("/scim/"):
            found.setdefault((attempt.method, attempt.route), (min(attempt.allowed), attempt))
    return list(found.values())


CALLS = [(who, each) for who, each in writers() if each.route.startswith("/api/")]
PAGES = [(who, each) for who, each in writers() if not each.route.startswith("/api/")]


@pytest.fixture
def ministry(app, monkeypatch) -> Ministry:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Ministry()


def body_of(app: Flask, attempt: Attempt) -> set[str]:
    """The fields that a call reads, as the API describes it."""
    path = re.sub(r"<(?:int:)?([a-z_]+)>", r"{\1}", attempt.route)
    spec = apart(app.test_client().get, "/api/v1/openapi.json").json
    content = spec["paths"][path][attempt.method.lower()].get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    return set(spec["components"]["schemas"][schema["$ref"].rsplit("/")[-1]]["properties"]) if schema else set()


class TestEveryColumn:
    def test_is_refused_by_calls_that_do_not_describe_it(self, app, ministry):
        programs = {who: ApiClient(app).as_(ministry.people[who]) for who, _ in CALLS}
        before, wrong = contents(), []
        for who, attempt in CALLS:
            path = ministry.path(attempt).removeprefix("/api/v1")
            answer = programs[who].call(attempt.method, path, {**dict.fromkeys(COLUMNS, "1"), **attempt.body})
            refused = {each["field"] for each in answer.json["problems"] if NAMELESS.search(each["message"])}
            silent = set(COLUMNS) - body_of(app, attempt) - refused
            if answer.status_code != 422 or silent:
                wrong.append((attempt.method, attempt.route, answer.status_code, sorted(silent)))

        assert wrong == []
        assert contents() == before

    def test_sent_to_a_page_is_refused_in_words_or_the_page_has_nothing_to_send(self, app, ministry):
        browsers = {who: PageClient(app).sign_in(ministry.people[who]) for who, _ in PAGES}
        tokens = {who: browser.token() for who, browser in browsers.items()}
        before, wrong = contents(), []
        for who, attempt in PAGES:
            body = {**dict.fromkeys(COLUMNS, "1"), **attempt.body, "csrf_token": tokens[who]}
            page = Page(apart(browsers[who].http.open, ministry.path(attempt), method=attempt.method, data=body))
            if attempt.route not in OTHERWISE and not (page.status == 422 and REFUSED.search(page.text)):
                wrong.append((attempt.method, attempt.route, page.status))

        assert wrong == []
        assert contents() == before
