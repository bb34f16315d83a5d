"""Projects in the browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.factories.people import PersonFactory, Team
from tests.factories.projects import ProjectFactory
from tests.support.contents import contents
from tests.timesheets.weeks import NOW
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.projects import queries
from tithe.projects.models import Project
from tithe.projects.operations import LONGEST
from tithe.projects.rules import ProjectStatus

ANSWERS = {
    "title": "Plain letters",
    "problem": "Nobody reads them",
    "beneficiaries": "People who claim",
    "hypothesis": "Fewer calls",
}
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{7*7}}{% raw %}${7*7}",
    "javascript:alert(1)",
    "</textarea><svg/onload=alert(1)>",
    "<!--",
    "&lt;b&gt;",
]


@pytest.fixture
def team(app, monkeypatch) -> Team:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


@pytest.fixture
def browser(team, client):
    return client.sign_in(team.owner)


def only_project() -> Project:
    db.session.rollback()
    return db.session.query(Project).one()


def links_of(page) -> list[str]:
    return [each.get("href", "") for each in page.all("a")]


def typed(page) -> dict[str, str]:
    """What the fields of a form hold."""
    fields = {each.get("name"): each.get("value", "") for each in page.all("input")}
    return fields | {each.get("name"): "".join(each.itertext()) for each in page.all("textarea")}


class TestNewProject:
    def test_registers_and_shows_the_project(self, browser):
        answer = browser.post("/projects/new", {**ANSWERS, "action": "register"})

        project = only_project()
        assert (answer.status, answer.location) == (303, f"/projects/{project.id}")
        page = browser.get(answer.location)
        assert page.heading == "Plain letters"
        assert "Registered" in page.text
        assert all(words in page.text for words in ANSWERS.values())
        assert "You can log time to it now" in page.text

    def test_keeps_a_draft_with_a_title_alone(self, browser):
        answer = browser.post("/projects/new", {"title": "Plain letters", "action": "draft"})

        assert answer.status == 303
        assert only_project().status is ProjectStatus.DRAFT
        assert "Only you can see it" in browser.get(answer.location).text

    def test_puts_each_refusal_beside_its_field_and_in_the_summary(self, browser):
        page = browser.post("/projects/new", {"title": "Plain letters", "action": "register"})

        assert page.status == 422
        assert len(page.errors) == 3
        ids = {each.get("id") for tag in ("input", "textarea") for each in page.all(tag)}
        for field in ("problem", "beneficiaries", "hypothesis"):
            assert f"#{field}" in links_of(page)
            assert field in ids
            assert f'id="{field}-error"' in page.text
        assert typed(page)["title"] == "Plain letters"
        assert db.session.query(Project).count() == 0

    def test_says_how_long_an_answer_may_be_and_keeps_what_was_typed(self, browser):
        long = "word " * 1000

        page = browser.post("/projects/new", {**ANSWERS, "problem": long, "action": "register"})

        assert page.status == 422
        assert page.errors == [f"Write at most {LONGEST['problem']} characters"]
        assert typed(page)["problem"].strip() == long.strip()

    def test_takes_the_longest_answers_there_can_be(self, browser):
        longest = {name: ("w" * 60 + " ") * (size // 61) for name, size in LONGEST.items()}

        page = browser.get(browser.post("/projects/new", {**longest, "action": "register"}).location)

        assert page.status == 200
        assert longest["problem"].strip() in page.text

    def test_needs_the_token_of_the_page(self, browser):
        page = browser.post("/projects/new", {**ANSWERS, "csrf_token": ""})

        assert page.status == 400
        assert db.session.query(Project).count() == 0

    def test_refuses_a_field_it_does_not_know(self, browser):
        before = contents()

        page = browser.post("/projects/new", {**ANSWERS, "action": "register", "owner_id": "1"})

        assert page.status == 422
        assert contents() == before

    def test_answers_characters_no_database_takes_with_a_refusal(self, browser):
        page = browser.post("/projects/new", {**ANSWERS, "title": "Plain\x00letters", "action": "register"})

        assert page.status == 422


class TestEditProject:
    @pytest.fixture
    def project(self, team):
        return ProjectFactory(owner_id=team.owner.id, owner=None, **ANSWERS)

    def test_starts_from_what_is_stored_and_saves(self, browser, project):
        sent = typed(browser.get(f"/projects/{project.id}/edit"))
        assert {name: sent[name].strip() for name in ANSWERS} == ANSWERS

        answer = browser.post(f"/projects/{project.id}/edit", {**sent, "title": "Plainer letters", "action": "save"})

        assert answer.status == 303
        assert only_project().title == "Plainer letters"

    def test_keeps_what_was_typed_when_somebody_else_was_quicker(self, browser, project):
        sent = typed(browser.get(f"/projects/{project.id}/edit"))
        browser.post(f"/projects/{project.id}/edit", {**sent, "title": "First", "action": "save"})

        page = browser.post(f"/projects/{project.id}/edit", {**sent, "title": "Second", "action": "save"})

        assert page.status in (409, 422)
        assert "changed in another window" in page.errors[0]
        assert typed(page)["title"] == "Second"
        assert only_project().title == "First"

    @pytest.mark.parametrize("version", ["", "x", "-1", "1.5", "9" * 30, "²"])
    def test_takes_no_version_but_the_one_it_showed(self, browser, project, version):
        page = browser.post(f"/projects/{project.id}/edit", {**ANSWERS, "title": "New", "version": version})

        assert page.status in (409, 422)
        assert only_project().title == ANSWERS["title"]

    def test_does_not_save_without_a_version(self, browser, project):
        page = browser.post(f"/projects/{project.id}/edit", {**ANSWERS, "title": "New"})

        assert page.status in (409, 422)
        assert only_project().title == ANSWERS["title"]

    def test_registers_a_draft(self, browser, team):
        draft = ProjectFactory(draft=True, owner_id=team.owner.id, owner=None, **ANSWERS)
        assert "Finish and register" in browser.get(f"/projects/{draft.id}").text

        sent = typed(browser.get(f"/projects/{draft.id}/edit"))
        answer = browser.post(f"/projects/{draft.id}/edit", {**sent, "action": "register"})

        assert answer.status == 303
        assert only_project().status is ProjectStatus.REGISTERED

    def test_is_offered_to_the_owner_alone(self, browser, client, team, project):
        assert f"/projects/{project.id}/edit" in browser.get(f"/projects/{project.id}").text
        assert f"/projects/{project.id}/edit" not in client.sign_in(team.colleague).get(f"/projects/{project.id}").text


class TestDrafts:
    @pytest.mark.parametrize("who", ["colleague", "manager", "director", "hr"])
    def test_look_absent_to_everybody_else(self, client, team, who):
        draft = ProjectFactory(draft=True, owner_id=team.owner.id, owner=None, title="Secret plan")
        client.sign_in(getattr(team, who))

        pages = [client.get(f"/projects/{number}") for number in (draft.id, draft.id + 1000)]

        assert [page.status for page in pages] == [404, 404]
        hidden, absent = (re.sub(r'(nonce|value)="[^"]*"', "", page.text) for page in pages)
        assert hidden == absent
        assert "Secret plan" not in client.get("/projects").text
        assert "Secret plan" not in client.get("/projects?q=secret").text


class TestProjects:
    def test_are_paged_by_key(self, browser, team):
        for number in range(queries.PAGE + 5):
            at = NOW - timedelta(minutes=number)
            ProjectFactory(owner_id=team.colleague.id, owner=None, title=f"Number {number:03}", registered_at=at)
        first = browser.get("/projects")
        following = next(link for link in links_of(first) if "after=" in link)
        second = browser.get(following)

        numbers = [re.findall(r"Number (\d+)", page.text) for page in (first, second)]
        assert numbers[0] == [f"{n:03}" for n in range(queries.PAGE)]
        assert numbers[1] == [f"{n:03}" for n in range(queries.PAGE, queries.PAGE + 5)]
        assert not [link for link in links_of(second) if "after=" in link]

    def test_are_found_by_word_and_the_word_stays_in_its_box(self, browser, team):
        ProjectFactory(owner_id=team.colleague.id, owner=None, title="Plain letters")
        ProjectFactory(owner_id=team.colleague.id, owner=None, title="Faster forms")

        page = browser.get("/projects?q=PLAIN")

        assert "Plain letters" in page.text
        assert "Faster forms" not in page.text
        assert typed(page)["q"] == "PLAIN"
        assert "No registered project has those words" in browser.get("/projects?q=zebra").text

    @pytest.mark.parametrize("after", ["x", "AAAA", "=", "MjAyNi0wOC0wN1QxNTowMDowMCswMDowMCAtMQ", "é", "9" * 500])
    def test_refuse_a_damaged_link(self, browser, after):
        assert browser.get(f"/projects?after={after}").status == 422

    @pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**30])
    def test_know_no_number_too_large(self, browser, number):
        assert browser.get(f"/projects/{number}").status == 404


class TestWords:
    """Whatever people type is shown as they typed it, and runs nowhere."""

    @pytest.mark.parametrize("payload", PAYLOADS)
    def test_are_inert_in_every_text_column(self, client, team, payload):
        author = PersonFactory(name=f"{payload} Author")
        words = dict.fromkeys(("title", "problem", "beneficiaries", "hypothesis"), f"letters {payload}")
        project = ProjectFactory(owner_id=author.id, owner=None, **words)
        client.sign_in(author)

        for path in (
            "/",
            "/projects",
            f"/projects/{project.id}",
            f"/projects/{project.id}/edit",
            "/projects?q=letters",
        ):
            page = client.get(path)
            assert page.status == 200
            assert payload in "".join(page.words("body")) + "".join(typed(page).values()), path
            assert harmless(page)

    @pytest.mark.parametrize("payload", PAYLOADS)
    def test_are_inert_when_sent_back_in_a_search_or_a_refusal(self, browser, payload):
        assert harmless(browser.get("/projects", query_string={"q": payload}))
        page = browser.post("/projects/new", {"title": payload, "action": "register"})
        assert page.status == 422
        assert harmless(page)


def harmless(page) -> bool:
    scripts = [each for each in page.all("script") if not each.get("nonce")]
    handlers = [name for each in page.tree.iter() for name in each.attrib if name.startswith("on")]
    links = [link for link in links_of(page) if link.lower().startswith("javascript:")]
    return not scripts and not handlers and not links and not page.all("img")
