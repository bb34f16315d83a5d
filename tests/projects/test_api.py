"""Projects as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.factories.people import Team
from tests.factories.projects import ProjectFactory
from tests.support.contents import contents
from tests.timesheets.weeks import NOW
from tithe.kernel import clock
from tithe.projects import queries
from tithe.projects.operations import LONGEST

ANSWERS = {
    "title": "Plain letters",
    "problem": "Nobody reads them",
    "beneficiaries": "People who claim",
    "hypothesis": "Fewer calls",
}
ENVELOPE = {"kind", "message", "field", "problems"}


@pytest.fixture
def team(app, monkeypatch) -> Team:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


@pytest.fixture
def owner(team, api):
    return api.as_(team.owner)


class TestRegister:
    def test_answers_with_the_project(self, owner, team):
        answer = owner.post("/projects", ANSWERS)

        assert answer.status_code == 201
        assert answer.json | ANSWERS == answer.json
        assert answer.json["status"] == "registered"
        assert (answer.json["owner"], answer.json["unit"]) == (team.owner.name, team.unit.name)
        assert datetime.fromisoformat(answer.json["registered_at"]) == NOW
        assert owner.get(f"/projects/{answer.json['id']}").json == answer.json

    def test_keeps_a_draft_if_asked(self, owner):
        answer = owner.post("/projects", {"title": "Plain letters", "status": "draft"})

        assert (answer.status_code, answer.json["status"]) == (201, "draft")
        assert answer.json["registered_at"] is None

    def test_names_every_question_left_open(self, owner):
        answer = owner.post("/projects", {"title": "Plain letters"})

        assert answer.status_code == 422
        assert set(answer.json) == ENVELOPE
        assert answer.json["kind"] == "RuleBroken"
        assert [problem["field"] for problem in answer.json["problems"]] == ["problem", "beneficiaries", "hypothesis"]

    @pytest.mark.parametrize(
        "name", ["id", "owner_id", "unit_id", "version", "registered_at", "created_at", "nonsense"]
    )
    def test_refuses_a_field_it_does_not_know(self, owner, name):
        before = contents()

        answer = owner.post("/projects", {**ANSWERS, name: 1})

        assert answer.status_code == 422
        assert set(answer.json) == ENVELOPE
        assert answer.json["field"] == name
        assert contents() == before

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({}, 422),
            ([], 422),
            ("words", 422),
            (None, 422),
            ({**ANSWERS, "title": 7}, 422),
            ({**ANSWERS, "title": None}, 422),
            ({**ANSWERS, "title": "  "}, 422),
            ({**ANSWERS, "title": "x" * 121}, 422),
            ({**ANSWERS, "status": "approved"}, 422),
            ({**ANSWERS, "problem": "x" * (LONGEST["problem"] + 1)}, 422),
            ({**ANSWERS, "title": "Plain\x00letters"}, 422),
        ],
    )
    def test_refuses_what_does_not_fit_in_the_one_envelope(self, owner, body, status):
        before = contents()

        answer = owner.post("/projects", body)

        assert answer.status_code == status, answer.json
        assert set(answer.json) == ENVELOPE
        assert contents() == before

    def test_refuses_what_is_not_json(self, owner):
        answer = owner.call("POST", "/projects", data=b'{"title": ', content_type="application/json")

        assert answer.status_code in (400, 422)
        assert set(answer.json) == ENVELOPE

    def test_refuses_a_body_beyond_a_megabyte(self, owner):
        answer = owner.post("/projects", {**ANSWERS, "problem": "x" * 1_100_000})

        assert answer.status_code == 413
        assert set(answer.json) == ENVELOPE


class TestRead:
    def test_hides_a_draft_as_if_it_were_absent(self, owner, api, team):
        draft = owner.post("/projects", {"title": "Secret", "status": "draft"}).json["id"]
        assert owner.get(f"/projects/{draft}").status_code == 200

        for who in (team.colleague, team.manager, team.hr):
            answers = [api.as_(who).get(f"/projects/{number}") for number in (draft, draft + 1000)]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].json == answers[1].json

    def test_answers_an_unknown_address_in_the_envelope(self, owner):
        for path in ("/nowhere", "/projects/x"):
            answer = owner.get(path)
            assert answer.status_code == 404
            assert set(answer.json) == ENVELOPE

    def test_answers_a_wrong_method_in_the_envelope(self, owner):
        answer = owner.call("DELETE", "/projects")

        assert answer.status_code == 405
        assert set(answer.json) == ENVELOPE
        assert "GET" in answer.headers["Allow"]


class TestList:
    def test_follows_next_to_the_end_without_gap_or_overlap(self, owner, team):
        total = queries.PAGE * 2 + 1
        for number in range(total):
            at = NOW - timedelta(minutes=number // 3)
            ProjectFactory(owner_id=team.colleague.id, owner=None, registered_at=at)
        seen, path = [], "/projects"
        while path:
            page = owner.get(path).json
            seen += [each["id"] for each in page["projects"]]
            path = f"/projects?after={page['next']}" if page["next"] else ""

        assert len(seen) == len(set(seen)) == total

    def test_lists_ones_own_with_drafts(self, owner, team):
        draft = ProjectFactory(draft=True, owner_id=team.owner.id, owner=None)
        ProjectFactory(owner_id=team.colleague.id, owner=None)

        assert [each["id"] for each in owner.get("/projects?mine=true").json["projects"]] == [draft.id]
        assert draft.id not in [each["id"] for each in owner.get("/projects").json["projects"]]

    def test_finds_by_word(self, owner, team):
        ProjectFactory(owner_id=team.colleague.id, owner=None, title="Plain letters")
        ProjectFactory(owner_id=team.colleague.id, owner=None, title="Faster forms")

        assert [each["title"] for each in owner.get("/projects?q=plain").json["projects"]] == ["Plain letters"]

    @pytest.mark.parametrize("query", ["unknown=1", "after=x", f"q={'x' * 101}", "mine=maybe"])
    def test_refuses_a_query_it_does_not_know(self, owner, query):
        answer = owner.get(f"/projects?{query}")

        assert answer.status_code == 422
        assert set(answer.json) == ENVELOPE
