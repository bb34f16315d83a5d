"""Policies as JSON."""

from __future__ import annotations

import pytest

from tests.policy.policies import APRIL, AUGUST, JULY, NOW, Offices, adopt
from tests.support.contents import contents
from tests.support.pages import ApiClient
from tithe.kernel import clock
from tithe.policy import queries
from tithe.policy.rules import ABOUT, BY_HR_FEED

BODY = {"starts_on": "2026-08-01", "settings": {"rate_bp": 1000}, "reason": "As agreed"}
PATH = "/policies/DEPT-TEAM"
ENVELOPE = {"kind", "message", "field", "problems"}


@pytest.fixture
def offices(app, monkeypatch) -> Offices:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Offices()


@pytest.fixture
def reader(app, offices) -> ApiClient:
    return ApiClient(app).as_(offices.people.owner, "policies:read")


@pytest.fixture
def manager(app, offices) -> ApiClient:
    return ApiClient(app).as_(offices.hr_manager, "policies:read", "policies:write")


class TestRead:
    def test_answers_with_every_setting_and_its_source(self, offices, reader):
        adopt(offices.department, APRIL, rate_bp=1000)
        answer = reader.get(PATH).json

        assert (answer["unit"], answer["unit_name"], answer["on"]) == ("DEPT-TEAM", "Team", "2026-07-20")
        assert list(answer["settings"]) == sorted(ABOUT)
        assert answer["settings"]["rate_bp"] == {
            "value": 1000,
            "label": "Share of working time",
            "text": "10%",
            "effect": None,
            "source": {"unit": "DEPT", "unit_name": "Department of Tests", "version": 1, "since": "2026-04-01"},
        }
        assert answer["settings"]["contractual"]["value"] is False
        effects = {name: each["effect"] for name, each in answer["settings"].items() if each["effect"]}
        assert effects == {"protect_sick": BY_HR_FEED}
        assert answer["settings"]["round_to"]["source"] is None

    def test_answers_for_any_day(self, offices, reader):
        adopt(offices.team, AUGUST, rate_bp=1000)

        now, later = reader.get(PATH).json, reader.get(f"{PATH}?on=2026-08-01").json

        assert [each["settings"]["rate_bp"]["value"] for each in (now, later)] == [2000, 1000]
        assert [each["versions"][0]["state"] for each in (now, later)] == ["coming", "in_force"]
        assert now["changes"] == [{"starts_on": "2026-08-01", "name": "rate_bp", "before": 2000, "after": 1000}]
        assert later["changes"] == []

    @pytest.mark.parametrize("query", ["on=yesterday", "on=2026-13-01", "on=9999-12-31", "nonsense=1"])
    def test_refuses_a_query_it_does_not_know(self, reader, query):
        answer = reader.get(f"{PATH}?{query}")

        assert answer.status_code == 422
        assert set(answer.json) == ENVELOPE

    @pytest.mark.parametrize("day", ["0001-01-01", "2200-12-31"])
    def test_stands_the_first_day_and_the_last(self, reader, day):
        assert reader.get(f"{PATH}?on={day}").status_code == 200


class TestAdopt:
    def test_answers_with_the_policy_on_its_first_day(self, offices, manager):
        answer = manager.post(PATH, BODY)

        assert answer.status_code == 201
        assert answer.json["on"] == BODY["starts_on"]
        assert answer.json["settings"]["rate_bp"]["value"] == 1000
        (version,) = answer.json["versions"]
        assert version | {"reason": "As agreed", "settings": {"rate_bp": 1000}, "state": "in_force"} == version
        assert version["adopted_by"] == offices.hr_manager.name
        assert queries.in_force(offices.team.id, AUGUST).settings.rate_bp == 1000

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"settings": {"rate_bp": 9999}}, "rate_bp"),
            ({"settings": {"rate_bp": None}}, "settings.rate_bp.value"),
            ({"settings": {"rate_bp": [1]}}, "rate_bp"),
            ({"settings": {"colour": "blue"}}, "colour"),
            ({"settings": {"rate_bp": 2000, "rate_max_bp": 1000}}, "rate_bp"),
            ({"settings": {}}, "settings"),
            ({"settings": []}, "settings"),
            ({"reason": " "}, "reason"),
            ({"reason": "x" * 501}, "reason"),
            ({"reason": "a\0b"}, "reason"),
            ({"starts_on": "2026-06-30"}, "starts_on"),
            ({"starts_on": "9999-12-31"}, "starts_on"),
            ({"starts_on": "soon"}, "starts_on"),
            ({"version": 7}, "version"),
        ],
        ids=str,
    )
    def test_refuses_what_does_not_fit_and_names_the_field(self, manager, change, field):
        before = contents()

        answer = manager.post(PATH, BODY | change)

        assert answer.status_code == 422
        assert set(answer.json) == ENVELOPE
        assert answer.json["field"] == field
        assert contents() == before

    def test_names_every_problem_at_once(self, manager):
        answer = manager.post(PATH, {"starts_on": "2026-01-01", "settings": {"rate_bp": -1}, "reason": ""})

        assert [each["field"] for each in answer.json["problems"]] == ["rate_bp", "reason", "starts_on"]

    def test_looks_absent_to_those_who_may_not(self, app, offices, manager):
        analyst = ApiClient(app).as_(offices.people.hr)

        for client, code in ((analyst, "DEPT"), (manager, "OTHER"), (manager, "NONE")):
            assert client.post(f"/policies/{code}", BODY).status_code == 404

    def test_needs_the_scope(self, app, offices):
        answer = ApiClient(app).as_(offices.hr_manager, "policies:read").post(PATH, BODY)

        assert (answer.status_code, answer.json["kind"]) == (403, "OutOfScope")


class TestWithdraw:
    def test_takes_a_coming_version_back(self, offices, manager):
        manager.post(PATH, BODY)

        answer = manager.call("DELETE", f"{PATH}/1")
        (version,) = manager.get(PATH).json["versions"]

        assert (answer.status_code, answer.data) == (204, b"")
        assert (version["state"], version["withdrawn_by"]) == ("withdrawn", offices.hr_manager.name)
        assert manager.call("DELETE", f"{PATH}/1").status_code == 422

    def test_refuses_one_that_has_begun(self, offices, manager):
        adopt(offices.team, JULY, rate_bp=1)

        answer = manager.call("DELETE", f"{PATH}/1")

        assert (answer.status_code, answer.json["field"]) == (422, "version")

    @pytest.mark.parametrize("version", [0, 2, 10**20])
    def test_refuses_one_that_is_not_there(self, manager, version):
        assert manager.call("DELETE", f"{PATH}/{version}").status_code == 404
