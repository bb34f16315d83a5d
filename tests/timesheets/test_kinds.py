"""Weeks with time that is not given to a project, through the operations and the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.pages import ApiClient
from tests.timesheets.weeks import MONDAY, NOW, Story, approve
from tithe.kernel.calendar import Quarter
from tithe.kernel.errors import RulesBroken
from tithe.timesheets.operations.weeks import save_week, submit_week
from tithe.timesheets.queries.standing import standing_of
from tithe.timesheets.rules.entries import Entry, TimeKind

HELPED = Entry(MONDAY + timedelta(days=2), None, 60, "Their first map", TimeKind.HELP)
LEARNT = Entry(MONDAY + timedelta(days=1), None, 90, "", TimeKind.LEARNING)


@pytest.fixture
def story(friday) -> Story:
    return friday


class TestOperations:
    def test_take_only_tithe_and_help_from_the_allowance(self, story):
        week = story.submitted(story.entry(30, day=3), HELPED, LEARNT)
        assert week.total_minutes == 90

        approve(story.manager, week)

        assert standing_of(story.owner.id, [Quarter.containing(MONDAY)]).balances[Quarter.containing(MONDAY)].used == 90

    def test_change_and_take_away_one_kind_without_touching_another(self, story):
        story.saved(HELPED, LEARNT)
        later = Entry(LEARNT.day, None, 120, "Course", TimeKind.LEARNING)

        save_week(actor=story.owner, monday=MONDAY, entries=[HELPED, later], now=NOW)
        assert story.week().entries == (later, HELPED)

        save_week(actor=story.owner, monday=MONDAY, entries=[later], now=NOW)
        assert story.week().entries == (later,)

    def test_ask_for_a_note_where_no_project_says_what_it_was(self, story):
        story.saved(Entry(LEARNT.day, None, 60, "", TimeKind.SECONDMENT))
        with pytest.raises(RulesBroken, match="Secondment needs a note"):
            submit_week(actor=story.owner, monday=MONDAY, now=NOW)


class TestApi:
    def test_reads_and_writes_them(self, app, story):
        client = ApiClient(app).as_(story.team.owner)
        entry = {"date": str(MONDAY), "kind": "help", "minutes": 60, "note": "Their first map"}

        answer = client.call("PUT", f"/weeks/{MONDAY}", {"entries": [entry]})

        assert answer.status_code == 200
        assert answer.json["entries"] == [entry | {"project_id": None}]

    def test_refuses_tithe_without_a_project(self, app, story):
        client = ApiClient(app).as_(story.team.owner)
        answer = client.call("PUT", f"/weeks/{MONDAY}", {"entries": [{"date": str(MONDAY), "minutes": 60}]})

        assert answer.status_code == 422
        assert "registered project" in answer.json["message"]
