"""Many decisions in one call of the API, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.factories.projects import MemberFactory
from tests.support.contents import contents, statements
from tests.support.pages import ApiClient
from tests.timesheets.weeks import MONDAY, NOW, REASON, Story, actor
from tithe import checks
from tithe.access.actor import SYSTEM
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.timesheets.models import Decision
from tithe.timesheets.operations.deciding_many import Wanted, decide_weeks
from tithe.timesheets.queries.weeks import WeekRow
from tithe.timesheets.rules.lifecycle import WeekStatus


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    story = Story()
    accrue_quarter(actor=SYSTEM, quarter=Quarter.containing(MONDAY), now=NOW)
    return story


def before(weeks: int) -> Any:
    return MONDAY - timedelta(weeks=weeks)


def item(week: WeekRow, decision: str = "approve", **changes: Any) -> dict[str, Any]:
    said = {"ground": "wrong_entry", "reason": REASON} if decision == "return" else {}
    return {"week_id": week.id, "version": week.version, "decision": decision, **said, **changes}


def as_manager(api: ApiClient, story: Story) -> tuple[ApiClient, Any]:
    """A program of the manager's, and everything that is stored before it calls."""
    client = api.as_(story.team.manager)
    return client, contents()


def decisions() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Decision)) or 0


class TestDecideMany:
    def test_answers_for_each_week_and_decides_those_it_can(self, api, story):
        good, returned, moved = (story.submitted(monday=before(number)) for number in range(3))
        draft = story.saved(monday=before(3))
        sent = [
            item(good), item(returned, "return"), item(moved, version=1), item(draft),
            {"week_id": 999_999, "version": 1, "decision": "approve"},
        ]  # fmt: skip
        answer = api.as_(story.team.manager).post("/approvals", {"decisions": sent})
        results = answer.json["results"]

        assert answer.status_code == 200
        assert [each["week_id"] for each in results] == [each["week_id"] for each in sent]
        assert [each["status"] for each in results] == [200, 200, 409, 404, 404]
        assert [each["refusal"] is None for each in results] == [True, True, False, False, False]
        assert [story.week(before(number)).status for number in range(3)] == [
            WeekStatus.APPROVED, WeekStatus.RETURNED, WeekStatus.SUBMITTED,
        ]  # fmt: skip
        assert [each for each in checks.results(NOW) if not each.ok] == []

    def test_leaves_a_week_that_is_not_returned_exactly_as_it_was(self, api, story):
        short, stale = story.submitted(), story.submitted(monday=before(1))
        client, was = as_manager(api, story)
        sent = [item(short, "return", reason="Short", ground=None), item(stale, "return", version=9)]
        answer = client.post("/approvals", {"decisions": sent})

        assert [each["status"] for each in answer.json["results"]] == [422, 409]
        assert [each["field"] for each in answer.json["results"][0]["refusal"]["problems"]] == ["ground", "reason"]
        assert contents() == was

    @pytest.mark.parametrize("decision", ["approve", "return"])
    def test_undoes_what_was_begun_where_the_decider_has_joined_a_project(self, api, story, decision):
        week = story.submitted()
        MemberFactory(project_id=story.project.id, person_id=story.team.manager.id)
        client, was = as_manager(api, story)
        answer = client.post("/approvals", {"decisions": [item(week, decision)]})

        assert answer.json["results"][0]["status"] == 422
        assert "You are a member of a project" in answer.json["results"][0]["refusal"]["message"]
        assert contents() == was

    def test_decides_nothing_of_others(self, api, story):
        week = story.submitted()
        for who in (story.team.owner, story.team.colleague, story.team.hr):
            answer = api.as_(who).post("/approvals", {"decisions": [item(week)]})
            assert answer.json["results"][0]["status"] == 404

    def test_is_not_done_twice_with_one_key(self, api, story):
        week = story.submitted()
        client, body = api.as_(story.team.manager), {"decisions": [item(week)]}
        answers = [
            client.call("POST", "/approvals", body, headers={"Idempotency-Key": "thirty-weeks"}) for _ in range(2)
        ]

        assert answers[0].json == answers[1].json
        assert answers[1].headers["Idempotency-Replayed"] == "true"
        assert decisions() == 1

    @pytest.mark.parametrize(
        ("many", "words"), [(0, "Send from 1 to 100 decisions"), (101, "Send from 1 to 100 decisions")]
    )
    def test_takes_a_hundred_at_most(self, api, story, many, words):
        sent = [{"week_id": number + 1, "version": 1, "decision": "approve"} for number in range(many)]
        answer = api.as_(story.team.manager).post("/approvals", {"decisions": sent})

        assert (answer.status_code, answer.json["field"]) == (422, "decisions")
        assert words in answer.json["message"]

    def test_refuses_two_decisions_on_one_week(self, api, story):
        week = story.submitted()
        answer = api.as_(story.team.manager).post("/approvals", {"decisions": [item(week), item(week, "return")]})

        assert (answer.status_code, answer.json["field"]) == (422, "decisions.1.week_id")
        assert decisions() == 0

    def test_takes_as_many_statements_for_many_as_for_few(self, story):
        counts = []
        for first, last in ((0, 1), (1, 9)):
            weeks = [story.submitted(story.entry(60, day=2, monday=before(each)), monday=before(each))
                     for each in range(first, last)]  # fmt: skip
            wanted = [Wanted(week.id or 0, week.version, approve=True) for week in weeks]
            manager = actor(story.team.manager)
            with statements() as sent:
                assert decide_weeks(actor=manager, wanted=wanted, now=NOW) == [None] * len(wanted)
            counts.append(len(sent))

        assert counts[0] == counts[1]
