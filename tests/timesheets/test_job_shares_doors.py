"""Cover of a shared post by every door: the same words on pages, to programs and on the terminal."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.factories.plans import BlockFactory
from tests.support.contents import statements
from tests.support.pages import apart
from tests.timesheets.sharing import ON_TUESDAY, TUESDAY, Sharing
from tests.timesheets.weeks import MONDAY, NOW
from tithe.access.actor import SYSTEM
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.timesheets.rules.entries import TimeKind

ELSEWHERE = "Move this time to a day on which whoever shares it with you is at work and not on tithe"


@pytest.fixture
def standing(app, monkeypatch) -> None:
    """The clock that doors read stands still."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


class TestPages:
    @pytest.fixture
    def story(self, standing):
        return Sharing()

    def test_of_a_week_name_the_day_beside_its_cell(self, story, client):
        story.saved(story.entry(day=1))

        page = client.sign_in(story.team.owner).get(f"/weeks/{MONDAY}")

        assert "Cover of the post you share" in page.words("h2")
        assert ON_TUESDAY in page.words("a")
        assert "No cover" in page.words("small")
        assert "Cal Colleague" not in page.text

    def test_of_a_week_refuse_beside_the_cell_and_keep_what_was_typed(self, standing, client):
        story = Sharing("block")
        browser, cell = client.sign_in(story.team.owner), f"m-{story.project.id}-{TUESDAY}"

        page = browser.post(f"/weeks/{MONDAY}", {"version": "0", cell: "1:30", "action": "save"})

        assert page.status == 422
        assert page.errors == [f"{ON_TUESDAY}. {ELSEWHERE}"]
        assert page.value(cell) == "1:30"

    def test_of_a_week_say_it_while_somebody_types(self, story, client):
        browser, cell = client.sign_in(story.team.owner), f"m-{story.project.id}-{TUESDAY}"
        sent = {"csrf_token": browser.token(), "version": "0", cell: "1:30", "action": "check"}

        answer = browser.http.post(f"/weeks/{MONDAY}/check", data=sent, headers={"Accept": "application/json"})

        assert answer.json["cover"] == {cell: ON_TUESDAY}
        assert answer.json["week"] == []

    def test_of_a_week_and_saving_it_take_as_many_statements_for_many_days_as_for_one(self, story, client):
        accrue_quarter(actor=SYSTEM, quarter=Quarter.containing(MONDAY), now=NOW)
        browser, counts = client.sign_in(story.team.owner), []
        for minutes, days in ((60, [1]), (30, [0, 1, 2])):
            cells = {f"m-{story.project.id}-{MONDAY + timedelta(days=day)}": f"{minutes}m" for day in days}
            sent = {"csrf_token": browser.token(), "version": str(story.week().version), "action": "save", **cells}
            with statements() as saving:
                assert browser.post(f"/weeks/{MONDAY}", sent).status == 303
            with statements() as showing:
                browser.get(f"/weeks/{MONDAY}")
            counts.append((len(saving), len(showing)))

        assert counts[1][1] == counts[0][1] <= 11  # three for the share
        assert max(saving for saving, _ in counts) <= 12

    def test_of_a_plan_name_the_day(self, story, client):
        browser = client.sign_in(story.team.owner)
        typed = {"line": str(story.project.id), "starts_on": "2026-08-10", "minutes": "1h", "note": ""}

        page = browser.post("/plans/new?shape=day", typed | {"action": "preview"})
        assert "The post you share would be without cover on Monday 10 August 2026" in page.words("li")
        assert browser.post("/plans/new?shape=day", typed | {"action": "plan"}).status == 303
        assert "without cover on Monday 10 August 2026." in " ".join(browser.get("/plans").words("p"))

    def test_of_a_decision_say_it_to_the_manager(self, story, client):
        week = story.submitted(story.entry(day=1))
        page = client.sign_in(story.team.manager).get(f"/approvals/{week.id}")
        assert "Tue 4: the post shared with Cal Colleague would be without cover" in page.words("li")


class TestApi:
    @pytest.fixture
    def story(self, standing):
        return Sharing()

    def test_says_it_when_a_week_is_checked_saved_and_added_to(self, story, api):
        program = api.as_(story.team.owner)
        entry = {"date": str(TUESDAY), "project_id": story.project.id, "minutes": 60}

        assert program.post(f"/weeks/{MONDAY}/check", {"entries": [entry]}).json["cover"][0]["message"] == ON_TUESDAY
        saved = program.put(f"/weeks/{MONDAY}", {"entries": [entry]})
        assert [each["message"] for each in saved.json["cover"]] == [ON_TUESDAY]
        again = program.get(f"/weeks/{MONDAY}")
        assert (saved.headers["ETag"], "cover" in again.json) == (again.headers["ETag"], False)
        assert program.post("/time", {"line": "1h Plain letters on Tuesday"}).json["cover"] == [ON_TUESDAY]

    def test_refuses_with_the_path_of_the_entry_where_the_policy_refuses(self, standing, api):
        story = Sharing("block")
        entry = {"date": str(TUESDAY), "project_id": story.project.id, "minutes": 60}

        answer = api.as_(story.team.owner).put(f"/weeks/{MONDAY}", {"entries": [entry]})

        assert (answer.status_code, answer.json["field"]) == (422, "entries.0")

    def test_says_it_of_plans(self, story, api):
        program = api.as_(story.team.owner)
        body = {"shape": "day", "project_id": story.project.id, "starts_on": "2026-08-10", "minutes": 60}
        words = "The post you share would be without cover on Monday 10 August 2026"

        assert program.post("/plans/preview", body).json["cover"] == [words]
        assert program.post("/plans", body).status_code == 201
        assert [each["cover"] for each in program.get("/plans").json["blocks"]] == [words]


class TestCommands:
    def test_say_it_to_whoever_adds_time_and_of_what_is_planned(self, app, standing):
        story = Sharing()
        BlockFactory(person_id=story.owner.id, day=date(2026, 8, 10), project_id=story.project.id, kind=TimeKind.TITHE)

        def run(*words: str) -> str:
            return apart(app.test_cli_runner().invoke, args=list(words)).output

        added = run("time", "add", story.owner.email, "1h Plain letters on Tuesday")
        assert f"Cover: {ON_TUESDAY}" in added.splitlines()
        assert "without cover on Monday 10 August 2026" in run("plans", "list", story.owner.email)
        story.submitted(story.entry(day=1))
        waiting = run("approvals", "list", story.manager.email)
        assert "Tue 4: the post shared with Cal Colleague would be without cover" in waiting
