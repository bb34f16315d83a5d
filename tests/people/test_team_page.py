"""My team and what is known to change, and people without a manager."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory, Team, UnitFactory
from tests.people.hr_files import CALENDARS
from tests.support.contents import counted
from tests.timesheets.weeks import NOW, actor
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.audit.reads import list_reads
from tithe.kernel import clock
from tithe.people import teams
from tithe.people.operations.posts import change_post, leave
from tithe.people.presenters.team import changes_in_words
from tithe.people.teams import coming_to, orphans_of, team_of

TODAY = NOW.date()
SOON = date(2026, 9, 1)


@pytest.fixture
def team(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


@pytest.fixture
def hr(team):
    RoleGrantFactory(person_id=team.hr.id, unit_id=team.unit.id, role=Role.HR_MANAGER)
    return team.hr


def change(person, day=SOON, **changes):
    about = {"starts_on": day, "changes": changes, "calendars": CALENDARS, "now": NOW}
    change_post(actor=SYSTEM, person_id=person.id, **about)


def members(team):
    return {each.name: each for each in team_of(actor(team.manager), TODAY)[0]}


class TestTeam:
    def test_is_who_reports_today_by_name(self, team):
        AssignmentFactory(line_manager_id=team.manager.id, ends_on=date(2026, 8, 6))
        AssignmentFactory(line_manager_id=team.manager.id, starts_on=SOON)

        assert list(members(team)) == ["Ada Owner", "Cal Colleague"]

    def test_says_what_is_known_to_change(self, team):
        other = UnitFactory(code="OTHER", name="Others")
        change(team.owner, unit_id=other.id, line_manager_id=None, weekly_minutes=1800)
        leave(actor=SYSTEM, person_id=team.colleague.id, last_day=date(2026, 12, 3), now=NOW)

        found = {name: changes_in_words(each, {}) for name, each in members(team).items()}

        assert found == {
            "Ada Owner": ["From 1 September 2026: moves to Others, has no manager, works 30h a week"],
            "Cal Colleague": ["Leaves: 3 December 2026 is the last day"],
        }

    def test_says_when_a_post_begins_or_ends_by_itself(self, team):
        person = PersonFactory(name="Bea Both")
        held = {"person": person, "line_manager_id": team.manager.id}
        AssignmentFactory(**held, unit=team.unit, ends_on=date(2026, 8, 20))
        AssignmentFactory(**held, unit=team.unit, starts_on=SOON, post_title="Analyst")

        assert changes_in_words(members(team)["Bea Both"], {}) == [
            "From 1 September 2026: takes up Analyst in Team, reporting to Max Manager, 37h a week",
            "Holds this post until 20 August 2026",
        ]

    def test_names_who_comes(self, team):
        change(team.hr, line_manager_id=team.manager.id)

        [coming] = coming_to(actor(team.manager), TODAY)

        assert (coming.name, [each.starts_on for each in coming.later]) == ("Hana Analyst", [SOON])

    def test_comes_in_pages_of_as_many_statements_each(self, team, monkeypatch):
        who = actor(team.manager)
        few = counted(lambda: team_of(who, TODAY))
        monkeypatch.setattr(teams, "PAGE", 1)
        first, place = team_of(who, TODAY)
        rest, end = team_of(who, TODAY, after=place)

        assert [each.name for each in first + rest] == ["Ada Owner", "Cal Colleague"]
        assert end is None
        assert few == counted(lambda: team_of(who, TODAY)) == 2

    def test_is_a_page_that_is_noted_as_a_read(self, client, team):
        page = client.sign_in(team.manager).get("/team")

        assert "37h" in page.text
        assert {row.person_id for row in list_reads(by=team.manager.id)[0]} == {team.owner.id, team.colleague.id}

    def test_is_for_managers_alone(self, client, team):
        assert client.sign_in(team.owner).get("/team").status == 404

    def test_is_answered_to_programs(self, api, team):
        change(team.owner, weekly_minutes=1800)

        found = api.as_(team.manager, "team:read").get("/team").json

        assert [each["name"] for each in found["team"]] == ["Ada Owner", "Cal Colleague"]
        assert found["team"][0]["posts"][0]["weekly_minutes"] == 2220
        assert found["team"][0]["changes"] == ["From 1 September 2026: works 30h a week"]


class TestOrphans:
    def test_are_those_in_the_units_one_covers_whom_nobody_manages(self, team, hr):
        alone = AssignmentFactory(unit=team.unit, person__name="Alone", line_manager_id=None)
        AssignmentFactory(person__name="Elsewhere", line_manager_id=None)
        boss = PersonFactory(name="Left Boss", leaves_on=date(2026, 8, 6))
        AssignmentFactory(unit=team.unit, person__name="Bereft", line_manager_id=boss.id)

        found, place = orphans_of(actor(hr), TODAY)

        assert [(each.name, each.left) for each in found] == [("Alone", None), ("Bereft", "Left Boss")]
        assert found[0].post_id == alone.id
        assert place is None

    def test_are_given_a_manager_from_a_day_on(self, client, team, hr):
        post = AssignmentFactory(unit=team.unit, line_manager_id=None)
        browser = client.sign_in(hr)
        page = browser.get("/people/orphans")
        [path] = [each.get("href") for each in page.all("a") if "/post?" in str(each.get("href"))]
        assert browser.get(path).value("post") == str(post.id)

        sent = {"starts_on": "2026-08-07", "manager": team.manager.email, "post": post.id, "action": "save"}
        assert browser.post(path, sent).status == 303

        assert "Everybody in these units has a manager" in browser.get("/people/orphans").text

    def test_come_in_pages(self, api, team, hr, monkeypatch):
        monkeypatch.setattr(teams, "PAGE", 1)
        for name in ("Ann Alone", "Bob Alone"):
            AssignmentFactory(unit=team.unit, person__name=name, line_manager_id=None)
        keeper = api.as_(hr)

        first = keeper.get("/people/orphans").json
        rest = keeper.get(f"/people/orphans?after={first['next']}").json

        assert [each["name"] for each in first["orphans"] + rest["orphans"]] == ["Ann Alone", "Bob Alone"]
        assert rest["next"] is None
