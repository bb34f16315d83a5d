"""Roles by page, over the API and by command."""

from __future__ import annotations

import json

import pytest

from tests.people.test_roles import Office, held, propose
from tests.support.pages import apart
from tests.timesheets.weeks import NOW
from tithe.access.permissions import Role
from tithe.kernel import clock
from tithe.kernel.db import db

WHY = "Takes over from a colleague who moves on"


@pytest.fixture
def office(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Office()


@pytest.fixture
def run(app, office):
    return lambda *words: apart(app.test_cli_runner().invoke, args=["people", *words])


def typed(somebody, **changes):
    sent = {"person": somebody.email, "unit": "DEPT", "role": "finance", "starts_on": "2026-08-07", "ends_on": ""}
    return sent | {"reason": WHY} | changes


class TestPages:
    def test_propose_confirm_and_show(self, client, office):
        browser = client.sign_in(office.first)
        answer = browser.post("/roles/new", typed(office.team.owner))
        assert (answer.status, answer.location) == (303, "/roles/requests")
        page = browser.get("/roles/requests")
        [link] = [each.get("href") for each in page.all("a") if "/roles/requests/" in str(each.get("href"))]
        assert "Confirm this role" not in browser.get(link).text

        browser = client.sign_in(office.second)
        assert "Confirm this role" in browser.get(link).text
        assert browser.post(link, {"action": "confirm"}).status == 303
        assert "There is nothing to decide" in browser.get(link).text
        assert "Confirmed" in browser.get("/roles/requests?show=decided").text
        assert "Finance" in browser.get("/roles").text

    def test_give_at_once_what_one_person_may(self, client, office):
        browser = client.sign_in(office.first)

        answer = browser.post("/roles/new", typed(office.team.owner, role="rep"))

        assert (answer.status, answer.location) == (303, "/roles")
        assert "Staff representative" in browser.get("/roles").text

    def test_refuse_with_words(self, client, office):
        path = f"/roles/requests/{propose(office.first, office.team.owner).id}"
        browser = client.sign_in(office.hr)

        short = browser.post(path, {"action": "refuse", "words": "No"})
        assert (short.status, short.errors) == (422, ["Write at least 20 characters; this has 2"])
        assert browser.post(path, {"action": "refuse", "words": WHY}).status == 303
        assert WHY in browser.get(path).text

    def test_end(self, client, office):
        grant_id = propose(office.first, office.team.owner, Role.AUDITOR).id
        browser = client.sign_in(office.second)

        page = browser.post(f"/roles/{grant_id}/end", {"last_day": "2026-08-01"})
        assert (page.status, len(page.errors)) == (422, 1)
        assert page.value("last_day") == "2026-08-01"
        assert browser.post(f"/roles/{grant_id}/end", {"last_day": ""}).status == 303
        assert held(office.team.owner) == set()

    def test_say_so_when_nothing_waits(self, client, office):
        browser = client.sign_in(office.hr)

        assert "No role waits" in browser.get("/roles/requests").text
        assert "has been decided yet" in browser.get("/roles/requests?show=decided").text
        assert "Give a role" not in browser.get("/roles").text

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"person": ""}, ["person"]),
            ({"person": "nobody"}, ["person"]),
            ({"unit": "OTHER"}, ["unit"]),
            ({"unit": ""}, ["unit"]),
            ({"role": "king"}, ["role"]),
            ({"starts_on": "soon", "ends_on": "late"}, ["starts_on", "ends_on"]),
            ({"ends_on": "2026-08-01"}, ["ends_on"]),
            ({"reason": "Why"}, ["reason"]),
        ],
    )
    def test_put_each_refusal_beside_its_field_and_lose_nothing(self, client, office, changes, fields):
        sent = typed(office.team.owner, **changes)

        page = client.sign_in(office.first).post("/roles/new", sent)

        assert (page.status, len(page.errors)) == (422, len(fields))
        assert all(f'id="{field}-error"' in page.text for field in fields)
        kept = ("person", "unit", "starts_on", "ends_on")
        assert [page.value(name) for name in kept] == [sent[name] for name in kept]

    def test_refuse_a_damaged_link(self, client, office):
        assert client.sign_in(office.hr).get("/roles?after=soon").status == 422


class TestApi:
    def test_proposes_confirms_lists_and_ends(self, api, office):
        first, second = api.as_(office.first), api.as_(office.second)
        body = typed(office.team.owner, ends_on=None)

        made = first.post("/roles", body)
        assert (made.status_code, made.json["waits"]) == (201, True)
        path = f"/role-requests/{made.json['id']}"
        [waiting] = second.get("/role-requests").json["requests"]
        assert (waiting["status"], waiting["asked_by"]) == ("waiting", office.first.name)
        assert first.post(path, {"decision": "confirm"}).status_code == 404
        decided = second.post(path, {"decision": "confirm"})
        assert (decided.status_code, decided.json["decided_by"]) == (200, office.second.name)
        assert second.post(path, {"decision": "refuse", "words": WHY}).status_code == 409
        assert second.get("/role-requests?decided=true").json["requests"] == [decided.json]

        grant = next(each for each in first.get("/roles").json["roles"] if each["role"] == "finance")
        assert first.post(f"/roles/{grant['id']}/end", {"last_day": None}).status_code == 204
        assert "finance" not in {each["role"] for each in first.get("/roles").json["roles"]}

    def test_refuses_with_words(self, api, office):
        path = f"/role-requests/{propose(office.first, office.team.owner).id}"
        hr = api.as_(office.hr)

        assert hr.post(path, {"decision": "refuse"}).json["field"] == "words"
        assert hr.post(path, {"decision": "refuse", "words": WHY}).json["status"] == "refused"


class TestCommands:
    def test_grant_list_and_end(self, run, office):
        assert run("grant", office.team.owner.email, "finance", "DEPT").exit_code == 0
        listed = json.loads(run("roles", "--json").output)
        assert (listed["roles"][0]["role"], listed["next"]) == ("finance", None)
        assert "finance\tDEPT\tfrom 2026-08-07 on" in run("roles").output

        assert "no longer finance" in run("end-role", office.team.owner.email, "finance", "DEPT").output
        db.session.rollback()
        assert held(office.team.owner) == set()
        again = run("end-role", office.team.owner.email, "finance", "DEPT")
        assert (again.exit_code, "does not hold" in again.output) == (1, True)
