"""Test clients: one browses and checks every page it fetches, one calls the API."""

from __future__ import annotations

import re
from collections import Counter
from contextvars import Context
from typing import Any, cast

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.people import sessions
from tithe.people.operations import identity

NAMESPACE = "{http://www.w3.org/1999/xhtml}"


def apart(call: Any, *args: Any, **options: Any) -> Any:
    """Make a request as a server would: with an application context and a database session of its own."""
    db.session.rollback()
    return Context().run(call, *args, **options)


class Page:
    """A fetched page: its status, its text, and what is in it."""

    def __init__(self, response: TestResponse):
        self.response = response
        self.status = response.status_code
        self.text = response.get_data(as_text=True)
        self.location = response.headers.get("Location", "")
        self.tree = None
        if not 300 <= self.status < 400 and response.mimetype == "text/html":
            self.tree = check(self.text)

    def all(self, tag: str) -> list[Any]:
        return [] if self.tree is None else list(self.tree.iter(NAMESPACE + tag))

    def words(self, tag: str) -> list[str]:
        return [" ".join("".join(element.itertext()).split()) for element in self.all(tag)]

    @property
    def heading(self) -> str:
        return self.words("h1")[0]

    @property
    def summary(self) -> list[Any]:
        """The lines of the error summary."""
        boxes = [box for box in self.all("div") if "govuk-error-summary" in box.get("class", "").split()]
        return [line for box in boxes for line in box.iter(NAMESPACE + "li")]

    @property
    def errors(self) -> list[str]:
        """What the lines of the error summary say."""
        return [" ".join("".join(line.itertext()).split()) for line in self.summary]

    @property
    def blamed(self) -> set[str]:
        """The ids of the fields that they lead to."""
        links = [link for line in self.summary for link in line.iter(NAMESPACE + "a")]
        return {link.get("href", "").removeprefix("#") for link in links}

    def value(self, name: str) -> str:
        """The value of the first input with a name."""
        return str(next(each.get("value", "") for each in self.all("input") if each.get("name") == name))


def check(text: str) -> Any:
    """Refuse a page that is not valid HTML, repeats an id, lacks a heading its title names, or hides a control."""
    parser = html5lib.HTMLParser()
    tree = parser.parse(text)
    assert parser.errors == [], parser.errors
    elements = list(tree.iter())
    ids = Counter(each.get("id") for each in elements if each.get("id"))
    assert not [each for each, times in ids.items() if times > 1], f"ids repeated: {ids.most_common(3)}"
    headings = [each for each in elements if each.tag == NAMESPACE + "h1"]
    assert len(headings) == 1, "a page has one h1"
    title = next("".join(each.itertext()) for each in elements if each.tag == NAMESPACE + "title")
    heading = " ".join("".join(headings[0].itertext()).split())
    shown = re.sub(r"^Error: ", "", title).removesuffix(" – tithe").strip()
    assert heading.startswith(shown), f"title “{shown}” and heading “{heading}” differ"
    _check_forms(elements, set(ids))
    return tree


def _check_forms(elements: list[Any], ids: set[str | None]) -> None:
    labelled = {each.get("for") for each in elements if each.tag == NAMESPACE + "label"}
    assert labelled <= ids, f"labels without a control: {labelled - ids}"
    for form in (each for each in elements if each.tag == NAMESPACE + "form"):
        assert form.get("action"), "a form says where it goes"
        names = {each.get("name") for each in form.iter(NAMESPACE + "input")}
        assert form.get("method") != "post" or "csrf_token" in names, "a form that changes something carries a token"
    for control in elements:
        if (
            control.tag in (NAMESPACE + "input", NAMESPACE + "textarea", NAMESPACE + "select")
            and control.get("type") != "hidden"
        ):
            assert control.get("id") in labelled or control.get("aria-label"), f"no label for {control.get('name')}"


class PageClient:
    """Browses as one person; `post` sends the token of the page's session like a form would."""

    def __init__(self, app: Flask):
        self.app = app
        self.http = app.test_client()

    def sign_in(self, person: Any) -> PageClient:
        """Browse as this person from now on, without going through the sign-in page."""
        db.session.rollback()
        secret = identity.start_session(person_id=person.id, hours=12, now=clock.now())
        with self.http.session_transaction() as cookie:
            cookie.clear()
            cookie[sessions.SECRET], cookie[sessions.SEEN] = secret, sessions._minute()
        return self

    def get(self, path: str, **options: Any) -> Page:
        return Page(apart(self.http.get, path, **options))

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Page:
        return Page(apart(self.http.post, path, data={"csrf_token": self.token(), **(data or {})}, **options))

    def token(self) -> str:
        """The CSRF token of this session, read from a page."""
        for path in ("/projects/new", "/", "/sign-in?from=outside"):  # the last two for people from outside
            page = apart(self.http.get, path, follow_redirects=True).get_data(as_text=True)
            if found := re.search(r'name="csrf_token" value="([^"]+)"', page):
                return found[1]
        raise AssertionError("no page with a token")


class ApiClient:
    """Calls the API with somebody's token."""

    def __init__(self, app: Flask, token: str = ""):
        self.app = app
        self.http = app.test_client()
        self.token = token

    def as_(self, person: Any, *scopes: str) -> ApiClient:
        """A client with a fresh token of this person's."""
        db.session.rollback()
        token = identity.issue_token(email=person.email, scopes=scopes, days=1, now=clock.now())
        return ApiClient(self.app, token)

    def call(self, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= options.get("headers", {})
        options |= {"method": method, "headers": headers}
        if "data" not in options:
            options["json"] = json
        return cast(TestResponse, apart(self.http.open, f"/api/v1{path}", **options))

    def get(self, path: str) -> TestResponse:
        return self.call("GET", path)

    def put(self, path: str, json: Any) -> TestResponse:
        return self.call("PUT", path, json)

    def post(self, path: str, json: Any = None) -> TestResponse:
        return self.call("POST", path, json)
