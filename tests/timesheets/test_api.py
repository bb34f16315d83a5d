"""Weeks and approvals as JSON: one journey with three tokens, and every refusal in one envelope."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.support.contents import contents
from tests.support.pages import ApiClient
from tests.timesheets.weeks import MONDAY, REASON, Story
from tithe.kernel.db import db
from tithe.notices.models import Notice

PATH = f"/weeks/{MONDAY}"
ENVELOPE = {"kind", "message", "field", "problems"}


@pytest.fixture
def story(friday) -> Story:
    return friday


@pytest.fixture
def owner(api, story) -> ApiClient:
    return api.as_(story.team.owner, "weeks:read", "weeks:write", "projects:write")


@pytest.fixture
def manager(api, story) -> ApiClient:
    return api.as_(story.team.manager, "approvals:read", "approvals:write")


@pytest.fixture
def analyst(api, story) -> ApiClient:
    return api.as_(story.team.hr, "reports:read")


def entry(story: Story, day: date = MONDAY, minutes: object = 90, **more: object) -> dict[str, object]:
    return {"date": str(day), "project_id": story.project.id, "minutes": minutes, **more}


def refused(answer, status: int, kind: str, field: str | None = None) -> bool:
    assert answer.status_code == status, answer.json
    assert set(answer.json) == ENVELOPE
    assert answer.json["message"]
    assert (answer.json["kind"], answer.json["field"]) == (kind, field)
    return True


class TestJourney:
    def test_goes_from_a_project_to_a_report(self, owner, manager, analyst, story):
        answers = {"title": "Faster forms", "problem": "Slow", "beneficiaries": "All", "hypothesis": "Quick"}
        project = owner.post("/projects", answers).json["id"]
        lines = [{"date": str(MONDAY), "project_id": project, "minutes": 90, "note": "First look"}]

        saved = owner.put(PATH, {"entries": lines, "version": 0}).json
        assert (saved["status"], saved["version"], saved["total_minutes"]) == ("draft", 1, 90)
        assert saved["entries"] == lines
        submitted = owner.post(f"{PATH}/submit").json
        assert (submitted["status"], submitted["due_on"]) == ("submitted", "2026-08-21")
        assert owner.post(f"{PATH}/recall").json["status"] == "draft"
        assert owner.post(f"{PATH}/submit").json["status"] == "submitted"

        (waiting,) = manager.get("/approvals").json["weeks"]
        assert (waiting["owner"], waiting["total_minutes"]) == ("Ada Owner", 90)
        assert waiting["entries"] == [{**lines[0], "project": "Faster forms"}]
        decision = {"decision": "return", "version": waiting["version"], "ground": "missing_note", "reason": REASON}
        assert manager.post(f"/approvals/{waiting['id']}", decision).json["status"] == "returned"

        lines[0]["note"] = "First look at forty forms"
        assert owner.put(PATH, {"entries": lines}).json["status"] == "draft"
        version = owner.post(f"{PATH}/submit").json["version"]
        decision = {"decision": "approve", "version": version}
        approved = manager.post(f"/approvals/{waiting['id']}", decision).json
        assert (approved["status"], approved["version"]) == ("approved", version + 1)
        assert owner.get(PATH).json == approved
        assert manager.get("/approvals").json == {"weeks": [], "next": None}

        report = analyst.get("/reports/utilisation?quarter=2026-27Q2").json
        assert [unit["used_minutes"] for unit in report["units"]] == [90, 90]
        events = list(db.session.scalars(select(Notice.event).order_by(Notice.id)))
        assert events == [
            "week-submitted",
            "week-recalled",
            "week-submitted",
            "week-returned",
            "week-submitted",
            "week-approved",
        ]

    def test_needs_no_etag(self, owner, story):
        for minutes in (30, 60):
            assert owner.put(PATH, {"entries": [entry(story, minutes=minutes)]}).status_code == 200


class TestReplaceWeek:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"minutes": 0}, "entries.0.minutes"),
            ({"minutes": 1441}, "entries.0.minutes"),
            ({"minutes": -5}, "entries.0.minutes"),
            ({"minutes": "90"}, "entries.0.minutes"),
            ({"minutes": 1.5}, "entries.0.minutes"),
            ({"minutes": True}, "entries.0.minutes"),
            ({"minutes": None}, "entries.0.minutes"),
            ({"date": "3 August"}, "entries.0.date"),
            ({"date": "2026-02-30"}, "entries.0.date"),
            ({"project_id": 0}, "entries.0.project_id"),
            ({"project_id": 2**31}, "entries.0.project_id"),
            ({"note": "n" * 501}, "entries.0.note"),
            ({"note": "nul \x00 byte"}, "entries.0.note"),
            ({"status": "approved"}, "entries.0.status"),
            ({"person_id": 1}, "entries.0.person_id"),
        ],
    )
    def test_refuses_what_does_not_fit_and_names_the_field(self, owner, story, changes, field):
        before = contents()
        assert refused(owner.put(PATH, {"entries": [{**entry(story), **changes}]}), 422, "RuleBroken", field)
        assert contents() == before

    @pytest.mark.parametrize("name", ["id", "status", "approver_id", "total_minutes", "person_id", "nonsense"])
    def test_refuses_a_field_it_does_not_know(self, owner, story, name):
        assert refused(owner.put(PATH, {"entries": [], name: 1}), 422, "RuleBroken", name)

    @pytest.mark.parametrize("body", [None, [], {}, {"entries": None}, {"entries": {}}, {"entries": [1]}, "words"])
    def test_refuses_a_body_of_another_shape(self, owner, body):
        assert owner.put(PATH, body).status_code in (400, 422)

    def test_refuses_more_than_two_hundred_entries(self, owner, story):
        assert refused(owner.put(PATH, {"entries": [entry(story)] * 201}), 422, "RuleBroken", "entries")

    def test_names_every_problem_a_rule_finds(self, owner, story):
        days = [MONDAY - timedelta(days=1), MONDAY, MONDAY, MONDAY + timedelta(days=6)]

        answer = owner.put(PATH, {"entries": [entry(story, day) for day in days]})

        assert refused(answer, 422, "RuleBroken", "entries.0")
        assert [problem["field"] for problem in answer.json["problems"]] == ["entries.0", "entries.2", "entries.3"]

    @pytest.mark.parametrize("monday", ["2026-08-04", "yesterday", "2026-8-3"])
    def test_refuses_an_address_that_names_no_week(self, owner, monday):
        for call in (owner.get(f"/weeks/{monday}"), owner.post(f"/weeks/{monday}/submit")):
            assert refused(call, 422, "RuleBroken", "monday")
        assert owner.put(f"/weeks/{monday}", {"entries": []}).status_code == 422

    @pytest.mark.parametrize("monday", ["0001-01-01", "9999-12-27"])
    def test_stands_any_monday_there_is(self, owner, monday):
        for call in (owner.get(f"/weeks/{monday}"), owner.put(f"/weeks/{monday}", {"entries": []})):
            assert call.status_code in (200, 404, 422)

    def test_refuses_a_version_that_has_moved_on(self, owner, story):
        story.saved()
        assert refused(owner.put(PATH, {"entries": [], "version": 0}), 409, "Conflict")

    @pytest.mark.parametrize("state", ["submitted", "approved"])
    def test_refuses_a_week_that_is_closed(self, owner, story, state):
        getattr(story, state)()
        assert refused(owner.put(PATH, {"entries": []}), 422, "RuleBroken")


class TestSubmitAndRecall:
    def test_refuse_what_the_table_of_moves_does_not_have(self, owner, story):
        assert refused(owner.post(f"{PATH}/submit"), 422, "RuleBroken", "entries")
        assert refused(owner.post(f"{PATH}/recall"), 422, "RuleBroken")
        story.submitted()
        assert refused(owner.post(f"{PATH}/submit"), 422, "RuleBroken")

    def test_name_every_limit(self, owner, story):
        owner.put(PATH, {"entries": [entry(story, minutes=445), entry(story, MONDAY + timedelta(days=1), 14)]})

        answer = owner.post(f"{PATH}/submit")

        assert refused(answer, 422, "RuleBroken", "entries.0")
        assert [problem["field"] for problem in answer.json["problems"]] == ["entries.0", "entries.1"]


class TestDecide:
    def decide(self, client: ApiClient, week_id: int, **body: object):
        return client.post(f"/approvals/{week_id}", body)

    def test_answers_409_to_a_second_decision(self, manager, story):
        week = story.submitted()
        assert self.decide(manager, week.id, decision="approve", version=week.version).status_code == 200

        for version in (week.version, week.version + 1):
            assert refused(self.decide(manager, week.id, decision="approve", version=version), 409, "Conflict")

    def test_answers_404_to_everybody_else(self, api, story):
        week = story.submitted()
        for who in ("owner", "colleague", "director", "hr"):
            client = api.as_(getattr(story.team, who))
            for number in (week.id, week.id + 99):
                answer = self.decide(client, number, decision="approve", version=week.version)
                assert refused(answer, 404, "NotFound")

    def test_answers_403_without_the_scope(self, api, story):
        week = story.submitted()
        client = api.as_(story.team.manager, "approvals:read", "weeks:write")
        assert refused(self.decide(client, week.id, decision="approve", version=week.version), 403, "OutOfScope")

    def test_answers_401_without_a_token(self, api, story):
        week = story.submitted()
        assert refused(self.decide(api, week.id, decision="approve", version=week.version), 401, "NotSignedIn")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"decision": "approve"}, "version"),
            ({"version": 2}, "decision"),
            ({"decision": "maybe", "version": 2}, "decision"),
            ({"decision": "approve", "version": "2"}, "version"),
            ({"decision": "approve", "version": 2, "entries": []}, "entries"),
            ({"decision": "return", "version": 2, "reason": REASON}, "ground"),
            ({"decision": "return", "version": 2, "ground": "dislike", "reason": REASON}, "ground"),
            ({"decision": "return", "version": 2, "ground": "cover", "reason": "Short"}, "reason"),
            ({"decision": "return", "version": 2, "ground": "cover", "reason": None}, "reason"),
            ({"decision": "return", "version": 2, "ground": "cover", "reason": f"{REASON} \x00"}, "reason"),
        ],
    )
    def test_answers_422_and_names_the_field(self, manager, story, body, field):
        week, before = story.submitted(), contents()
        assert refused(self.decide(manager, week.id, **body), 422, "RuleBroken", field)
        assert contents() == before

    @pytest.mark.parametrize("number", [0, 2**31, 2**63])
    def test_finds_nothing_under_a_number_too_large(self, manager, number):
        assert self.decide(manager, number, decision="approve", version=1).status_code in (404, 422)

    def test_pages_the_queue_by_next(self, manager, story, monkeypatch):
        monkeypatch.setattr("tithe.timesheets.queries.inbox.PAGE", 2)
        for number in range(5):
            story.submitted(monday=MONDAY - timedelta(weeks=number))
        seen, path = [], "/approvals"
        while path:
            page = manager.get(path).json
            seen += [week["id"] for week in page["weeks"]]
            path = f"/approvals?after={page['next']}" if page["next"] else ""

        assert len(seen) == len(set(seen)) == 5
        assert refused(manager.get("/approvals?after=x"), 422, "RuleBroken", "after")
