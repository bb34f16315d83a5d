"""Standing in by page, over the API and by command."""

from __future__ import annotations

import json

import pytest

from tests.factories.delegations import DelegationFactory
from tests.factories.people import Team
from tests.support.pages import apart
from tests.timesheets.weeks import NOW
from tithe.kernel import clock

ASKED = {"starts_on": "2026-08-10", "ends_on": "2026-08-14"}


@pytest.fixture
def team(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


@pytest.fixture
def waiting(team):
    days = {"starts_on": NOW.date(), "ends_on": NOW.date()}
    return DelegationFactory(manager_id=team.manager.id, delegate_id=team.director.id, waiting=True, **days).id


class TestPage:
    def test_says_so_when_there_is_none(self, client, team):
        page = client.sign_in(team.owner).get("/delegations")

        assert "you stand in for nobody" in page.text
        assert "Ask somebody" not in page.text
        assert "You have neither given" in client.get("/delegations?show=over").text

    def test_asks_answers_and_ends(self, app, client, team):
        browser = client.sign_in(team.manager)
        assert browser.post("/delegations", {"delegate": team.director.email, "words": "Please", **ASKED}).status == 303
        assert "No answer yet" in browser.get("/delegations").text
        assert "Take it back" in browser.get("/delegations").text

        browser = client.sign_in(team.director)
        page = browser.get("/delegations")
        assert "Please" in page.text
        [path] = [each.get("action") for each in page.all("form") if str(each.get("action")).endswith("accept")]
        assert browser.post(path).status == 303
        assert "Accepted" in browser.get("/delegations").text
        assert browser.post(path.replace("accept", "end")).status == 303
        assert "Ended early" in browser.get("/delegations?show=over").text

    def test_declines(self, client, team, waiting):
        browser = client.sign_in(team.director)

        assert browser.post(f"/delegations/{waiting}/decline").status == 303
        assert "Declined" in browser.get("/delegations?show=over").text

    def test_says_why_an_answer_is_refused(self, client, team, waiting):
        DelegationFactory(manager_id=team.director.id, delegate_id=team.hr.id)

        page = client.sign_in(team.director).post(f"/delegations/{waiting}/accept")

        assert page.status == 422
        assert "Their own decisions are given to somebody else" in page.text

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"delegate": ""}, ["delegate"]),
            ({"delegate": "nobody"}, ["delegate"]),
            ({"starts_on": "soon", "ends_on": ""}, ["starts_on", "ends_on"]),
            ({"starts_on": "2026-08-06"}, ["starts_on"]),
            ({"ends_on": "2026-12-24"}, ["ends_on"]),
            ({"words": "x" * 501}, ["words"]),
        ],
    )
    def test_puts_each_refusal_beside_its_field_and_loses_nothing(self, client, team, changes, fields):
        sent = {"delegate": team.director.email, "words": "Please", **ASKED, **changes}

        page = client.sign_in(team.manager).post("/delegations", sent)

        assert page.status == 422
        assert len(page.errors) == len(fields)
        assert all(f'id="{field}-error"' in page.text for field in fields)
        assert [page.value(name) for name in ("delegate", *ASKED)] == [sent[name] for name in ("delegate", *ASKED)]
        assert sent["words"] in page.text


class TestApi:
    def test_asks_answers_lists_and_ends(self, api, team):
        manager, director = api.as_(team.manager), api.as_(team.director)

        made = manager.post("/delegations", {"delegate": team.director.email, **ASKED})
        assert (made.status_code, made.json["status"]) == (201, "waiting")
        path = f"/delegations/{made.json['id']}"
        assert director.get("/delegations").json == {"delegations": [made.json], "next": None}
        accepted = director.post(f"{path}/accept")
        assert (accepted.status_code, accepted.json["status"]) == (200, "coming")
        assert director.post(f"{path}/decline").status_code == 409
        assert manager.post(f"{path}/end").json["status"] == "ended"
        [over] = manager.get("/delegations?over=true").json["delegations"]
        assert over["ended_at"]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"delegate": "nobody"}, "delegate"),
            ({"ends_on": "2026-08-09"}, "ends_on"),
            ({"accepted": True}, "accepted"),
        ],
    )
    def test_names_the_field_it_refuses(self, api, team, changes, field):
        answer = api.as_(team.manager).post("/delegations", {"delegate": team.director.email, **ASKED, **changes})

        assert (answer.status_code, answer.json["field"]) == (422, field)


class TestCommand:
    def test_lists_what_is_in_force(self, app, team):
        row = DelegationFactory(manager_id=team.manager.id, delegate_id=team.director.id)
        DelegationFactory(manager_id=team.director.id, delegate_id=team.manager.id, waiting=True)

        plain, found = (
            apart(app.test_cli_runner().invoke, args=["people", "delegations", *words]).output
            for words in ((), ("--json",))
        )

        assert "1 in force" in plain
        [listed] = json.loads(found)
        assert (listed["id"], listed["delegate"]) == (row.id, team.director.email)
