"""Every form on a page is on trial: sent with nothing filled in, it says all that is wrong and leads to each field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from tests.architecture.test_matrix import PAGES, Ministry
from tests.architecture.test_routes import found
from tests.support.contents import contents
from tests.support.pages import NAMESPACE, Page, PageClient, apart
from tests.timesheets.weeks import NOW
from tithe.kernel import clock
from tithe.web import guards

WHO = ("owner", "manager", "hr_manager", "administrator", "director", "auditor", "coordinator")
# Forms in which nothing is an answer: no choice, no time, no last day, today.
MAY_BE_EMPTY = {
    "/account",
    "/inbox/choices",
    "/roles/<int:grant_id>/end",
    "/weeks/<monday>",
    "/favourites/<int:favourite_id>/log",
}
# Forms whose week cannot be amended as it stands, which is to blame before anything in them.
NOT_NOW = {"/approvals/<int:week_id>/reopen", "/weeks/<monday>/amend"}
# What is right in fields where many words are not, by their name.
RIGHT = {
    **dict.fromkeys(("starts_on", "first_day", "day", "day_of"), "2026-08-10"),
    **dict.fromkeys(("last_day", "ends_on"), "2026-08-31"),
    **dict.fromkeys(("minutes", "hours", "week_minutes", "w1d1"), "4:00"),
    **dict.fromkeys(("first_year", "last_year"), "2026"),
    "code": "leeds-office",
    "email": "gita@leeds.example.org",
    "share": "40",
    "staff_number": "N12345",
    "unit": "DEPT-TEAM",
}
TYPED = {"text", "password", "date", "number", "email", "file", "radio", "checkbox", "search", "tel", None}


@pytest.fixture
def ministry(app, monkeypatch) -> Ministry:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Ministry()


# What is said of some of them: everything at once, in words of its own for each field.
DAY = ", like 24 12 2026"
SAID = {
    "/adjustments/new": [
        "Enter the e-mail address or staff number of whose minutes are wrong",
        "Begin with + to give minutes or − to take them away, like +1:30 or −45m",
        "Say why the minutes are wrong",
    ],
    "/approvals/reassign": ["Enter an address or staff number"],
    "/blackouts/new": [
        "Enter the code of the unit",
        f"Enter the first day{DAY}",
        f"Enter the last day{DAY}",
        "Choose why the unit can spare no time",
        "Say why, for everybody concerned to read",
    ],
    "/calendars/new": [
        "Enter a name",
        "Write the code with small letters, figures and hyphens, at most 30, like leeds-office",
        "Enter the first year, from 2000 to 2100",
        "Enter the last year, from 2000 to 2100",
    ],
    "/people/<int:person_id>/leave": ["Enter the last day"],
}


def elements(form: Any, tag: str) -> list[Any]:
    return list(form.iter(NAMESPACE + tag))


def is_filled_in(form: Any) -> bool:
    """Whether there is anything to fill in, rather than a button alone."""
    typed = [each for each in elements(form, "input") if each.get("type") in TYPED]
    return form.get("method") == "post" and bool(typed + elements(form, "textarea"))


def emptied(form: Any) -> dict[str, str]:
    """What a browser sends of a form in which everything was cleared: what is hidden, what is chosen in lists, and the
    button."""
    sent = {each.get("name"): each.get("value", "") for each in elements(form, "input") if each.get("type") == "hidden"}
    for field in elements(form, "select"):
        options = elements(field, "option")
        chosen = [each for each in options if each.get("selected") is not None] or options
        sent[field.get("name")] = chosen[0].get("value", "")
    for field in elements(form, "input") + elements(form, "textarea"):
        if field.get("type") not in ("hidden", "radio", "checkbox", "file"):
            sent[field.get("name")] = ""
    for button in elements(form, "button")[-1:]:
        if button.get("name"):
            sent[button.get("name")] = button.get("value", "")
    return sent


def choices(form: Any) -> list[dict[str, str]]:
    """What each of the buttons that have a name of their own adds to what is sent."""
    named = [each for each in elements(form, "button") if each.get("name")]
    return [{each.get("name"): each.get("value", "")} for each in named] or [{}]


def by_id(form: Any) -> dict[str, Any]:
    return {each.get("id"): each for tag in ("input", "textarea", "select") for each in elements(form, tag)}


def filled_in(form: Any, ids: set[str], **typed: str) -> dict[str, str]:
    """What is right, or nearly so, in some fields: what is typed by the field's name, else the choice or many words."""
    fields = [each for id, each in by_id(form).items() if id in ids and each.get("type") != "file"]
    return {
        each.get("name"): each.get("value", "")
        if each.get("type") in ("radio", "checkbox")
        else {**RIGHT, **typed}.get(each.get("name"), "Words enough for everybody who reads them")
        for each in fields
    }


def faults(page: Page) -> list[str]:
    """What is wrong with the answer to an empty form."""
    ids = {each.get("id") for each in page.tree.iter()} if page.tree else set()
    wrong = [] if page.status == 422 else [f"answered {page.status} {page.location}"]
    wrong += (
        [] if page.words("title")[:1] and page.words("title")[0].startswith("Error:") else ["no Error: in the title"]
    )
    wrong += [] if page.summary else ["nothing is said"]
    for line in page.summary:
        to = [each.get("href", "") for each in line.iter(NAMESPACE + "a")]
        if not to or to[0].removeprefix("#") not in ids:
            wrong.append(f"leads to no field {to}: {''.join(line.itertext()).strip()}")
    return wrong


def rule_of(app: Flask, path: str) -> str:
    try:
        return str(app.url_map.bind("localhost").match(path.partition("?")[0], "POST", return_rule=True)[0])
    except HTTPException:
        return path


@pytest.fixture
def visits(app, ministry) -> list[tuple[str, PageClient]]:
    """Every page that is read, with a browser of each of those who may read it; open pages with a visitor's."""
    browsers = {who: PageClient(app).sign_in(ministry.people[who]) for who in WHO}
    pages = [each for each in PAGES if each.method == "GET"]
    read = [(ministry.path(each), browsers[who]) for each in pages for who in WHO if who in each.allowed]
    routes = [rule for (method, rule), declared in found(app).items() if (method, declared) == ("GET", guards.PUBLIC)]
    return read + [(rule, PageClient(app)) for rule in routes if "<" not in rule]


def forms(app: Flask, visits: list[tuple[str, PageClient]]) -> Iterator[tuple[str, PageClient, Any]]:
    """Every form with something to fill in: where it leads, a browser that shows it, and itself."""
    for path, browser in visits:
        for form in filter(is_filled_in, browser.get(path).all("form")):
            yield rule_of(app, form.get("action")), browser, form


class TestForms:
    def test_say_what_is_wrong_when_nothing_is_filled_in(self, app, visits):
        tried: set[str] = set()
        wrong: dict[str, list[str]] = {}
        for rule, browser, form in forms(app, visits):
            if rule not in tried | MAY_BE_EMPTY | NOT_NOW:
                tried.add(rule)
                wrong[rule] = faults(browser.post(form.get("action"), emptied(form)))

        assert len(tried) > 35
        assert {rule: said for rule, said in wrong.items() if said} == {}

    def test_say_everything_at_once_in_words_of_their_own(self, app, visits):
        said: dict[str, list[str]] = {}
        for path, browser in visits:
            if path.partition("?")[0] in SAID or path.endswith("/leave"):
                for form in filter(is_filled_in, browser.get(path).all("form")):
                    answer = browser.post(form.get("action"), emptied(form))
                    said[rule_of(app, form.get("action"))] = answer.errors

        assert said == SAID

    def test_name_every_field_at_once_that_may_not_stay_empty(self, app, ministry, visits, monkeypatch):
        """Where all that the first answer names is filled in, the second names nothing else that is empty still."""
        monkeypatch.setattr(Session, "commit", Session.rollback)  # what is right the second time changes nothing
        somebody = dict.fromkeys(("person", "sharer", "delegate"), ministry.people["colleague"].email)
        late: dict[tuple[str, ...], set[str]] = {}
        taken = 0
        for rule, browser, form in forms(app, visits):
            for button in choices(form):
                if (key := (rule, *button.values())) not in late:
                    sent = emptied(form) | button
                    first = browser.post(form.get("action"), sent)
                    again = browser.post(form.get("action"), sent | filled_in(form, first.blamed, **somebody))
                    empty = {id for id, each in by_id(form).items() if not sent.get(each.get("name"))}
                    late[key] = (again.blamed - first.blamed) & empty
                    taken += first.status == 422 and again.status != 422

        assert taken > 25
        assert {key: ids for key, ids in late.items() if ids} == {}


class TestTheToken:
    def test_is_asked_of_every_form_before_anything_is_done(self, app, ministry):
        client = PageClient(app).sign_in(ministry.people["owner"])
        sent = [(ministry.path(each), each.body) for each in PAGES if each.method != "GET"] + [("/sign-out", {})]
        before = contents()

        answers = {path: apart(client.http.post, path, data=body).status_code for path, body in sent}

        assert set(answers.values()) == {400}
        assert contents() == before
