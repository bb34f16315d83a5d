"""The directory by page, over the API and by command."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.factories.people import PersonFactory, Team
from tests.factories.projects import MemberFactory, ProjectFactory
from tests.support.pages import apart
from tests.timesheets.weeks import NOW
from tithe.kernel import clock
from tithe.people import directory


@pytest.fixture
def team(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


class TestPage:
    def test_finds_and_shows_the_way_to_each(self, client, team):
        page = client.sign_in(team.owner).get("/people?q=max")

        assert "Max Manager" in page.text
        assert "Reports to" in page.text
        assert "Cal Colleague" not in page.text
        assert page.value("q") == "max"

    def test_says_what_to_do_when_nobody_fits(self, client, team):
        assert "Nobody employed today fits" in client.sign_in(team.owner).get("/people?q=zzz&unit=DEPT").text

    def test_turns_pages(self, client, team, monkeypatch):
        monkeypatch.setattr(directory, "PAGE", 3)
        browser = client.sign_in(team.owner)

        page = browser.get("/people?unit=dept")
        [path] = [each.get("href") for each in page.all("a") if "after=" in str(each.get("href"))]
        following = browser.get(path)

        assert page.words("h3") == ["Ada Owner", "Cal Colleague", "Dora Director"]
        assert following.words("h3") == ["Hana Analyst", "Max Manager"]
        assert "Back to the first" in following.text

    def test_refuses_a_damaged_link(self, client, team):
        assert client.sign_in(team.owner).get("/people?after=x").status == 422

    def test_shows_a_person_with_projects_and_reports_but_no_hours(self, client, team):
        project = ProjectFactory(title="Plain letters")
        MemberFactory(project_id=project.id, person_id=team.manager.id)
        draft = ProjectFactory(title="Hidden draft", draft=True)
        MemberFactory(project_id=draft.id, person_id=team.manager.id)

        page = client.sign_in(team.owner).get(f"/people/{team.manager.id}")

        assert page.heading == "Max Manager"
        assert "Plain letters" in page.text
        assert "Hidden draft" not in page.text
        assert "Cal Colleague" in page.text
        assert "37h" not in page.text
        assert "Posts over time" not in page.text

    def test_answers_for_somebody_who_left_as_for_nobody(self, client, team):
        gone = PersonFactory(leaves_on=date(2026, 8, 6))
        browser = client.sign_in(team.hr)

        assert browser.get(f"/people/{gone.id}").status == browser.get("/people/999999").status == 404


class TestApi:
    def test_finds_and_reads(self, api, team, monkeypatch):
        monkeypatch.setattr(directory, "PAGE", 2)
        owner = api.as_(team.owner, "directory:read")

        first = owner.get("/people?unit=DEPT-TEAM").json
        rest = owner.get(f"/people?unit=DEPT-TEAM&after={first['next']}").json

        assert [each["name"] for each in first["people"] + rest["people"]] == [
            "Ada Owner", "Cal Colleague", "Max Manager",
        ]  # fmt: skip
        assert rest["next"] is None
        card = owner.get(f"/people/{team.owner.id}").json
        assert card == first["people"][0]
        assert card["posts"][0]["manager_id"] == team.manager.id

    def test_puts_skills_and_names_the_field_it_refuses(self, api, team):
        owner = api.as_(team.owner)

        assert owner.put("/people/me/skills", {"skills": [" Maps "]}).json == {"skills": ["Maps"]}
        refused = owner.put("/people/me/skills", {"skills": ["x" * 61]})
        assert (refused.status_code, refused.json["field"]) == (422, "skills")
        assert owner.get("/people?skill=map").json["people"][0]["name"] == "Ada Owner"


class TestCommand:
    def test_finds(self, app, team):
        plain, found, none = (
            apart(app.test_cli_runner().invoke, args=["people", "find", *words]).output
            for words in (("ada",), ("--unit", "DEPT-TEAM", "--json"), ("zzz",))
        )

        assert "ada.owner@example.org" in plain
        assert "1 found" in plain
        assert [each["name"] for each in json.loads(found)] == ["Ada Owner", "Cal Colleague", "Max Manager"]
        assert none == "0 found\n"
