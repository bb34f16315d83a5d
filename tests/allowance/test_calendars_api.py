"""Holiday calendars as JSON and at the command line: the same operations by two more doors."""

from __future__ import annotations

import json

import pytest

from tests.allowance.holidays import FAIR, Leeds, a_file, a_list, copy, days, event
from tests.allowance.ledgers import NOW, accrued, post_of
from tests.factories.calendars import CalendarFactory
from tests.support.contents import contents
from tests.support.pages import apart
from tithe.kernel import clock

COPY = {"code": "york", "name": "York", "copied_from": "scotland", "first_year": 2026, "last_year": 2027}
FAIR_JSON = {"date": "2026-08-12", "name": "Town fair", "kind": "local"}
ENVELOPE = {"kind", "message", "field", "problems"}


@pytest.fixture
def leeds(app, monkeypatch) -> Leeds:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Leeds()


@pytest.fixture
def keeper(leeds, api):
    return api.as_(leeds.keeper, "scheme:read", "scheme:write")


def delete(client, path):
    return client.call("DELETE", path)


class TestApi:
    def test_lists_calendars(self, leeds, api):
        answer = api.as_(leeds.team.owner).get("/calendars").json

        assert answer["next"] is None
        assert answer["calendars"][-1] == {
            "code": "leeds",
            "name": "Leeds",
            "national": False,
            "copied_from": "england-and-wales",
            "last_day": "2027-12-28",
            "ends_soon": False,
            "people": 1,
        }
        assert [each["code"] for each in answer["calendars"] if each["national"]] == [
            "england-and-wales",
            "scotland",
            "northern-ireland",
        ]

    def test_reads_a_year(self, leeds, api):
        answer = api.as_(leeds.team.owner).get("/calendars/scotland?year=2026").json

        assert (answer["name"], answer["year"], len(answer["days"])) == ("Scotland", 2026, 10)
        assert {day["date"]: day["kind"] for day in answer["days"]}["2026-06-15"] == "one_off"

    def test_copies(self, keeper):
        answer = keeper.post("/calendars", COPY)

        assert answer.status_code == 201
        assert answer.json == keeper.get("/calendars/york?year=2026").json
        assert days("york") == days("scotland")

    def test_replaces_days_and_says_what_that_changed(self, keeper, leeds):
        body = {"first_year": 2026, "last_year": 2026, "days": keeper.get("/calendars/leeds?year=2026").json["days"]}
        answer = keeper.put("/calendars/leeds/days", body | {"days": [*body["days"], FAIR_JSON]})

        assert answer.status_code == 200
        assert answer.json == {"saved": True, "added": [FAIR_JSON], "removed": [], "changed": [], "at_weekends": []}
        assert sum(accrued(leeds.local)) == 5685

    def test_renames_and_deletes(self, keeper):
        copy("york")

        assert keeper.put("/calendars/york", {"name": "York office"}).json["name"] == "York office"
        assert delete(keeper, "/calendars/york").status_code == 204
        assert keeper.get("/calendars/york").status_code == 404
        assert delete(keeper, "/calendars/leeds").status_code == 422

    def test_imports_after_saying_what_would_change(self, keeper):
        body = {
            "division": "scotland",
            "lists": a_list(event("2026-08-12", "Fair"), event("2026-08-15"), division="scotland"),
        }
        before = contents()
        rehearsed = keeper.post("/calendars/leeds/import", body)

        assert rehearsed.status_code == 200
        assert rehearsed.json["saved"] is False
        assert [each["date"] for each in rehearsed.json["added"]] == ["2026-08-12"]
        assert [each["date"] for each in rehearsed.json["at_weekends"]] == ["2026-08-15"]
        assert contents() == before
        saved = keeper.post("/calendars/leeds/import", body | {"commit": True})
        assert saved.json == rehearsed.json | {"saved": True}
        assert FAIR.day in days()

    def test_names_the_event_of_a_list_that_is_wrong(self, keeper):
        body = {"division": "scotland", "lists": a_list(event("2026-08-12"), event("soon"), division="scotland")}
        answer = keeper.post("/calendars/leeds/import", body)

        assert answer.status_code == 422
        assert answer.json["field"] == "scotland.events.1.date"

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "/calendars?year=2026", None),
            ("GET", "/calendars/leeds?year=1999", None),
            ("GET", "/calendars/leeds?on=2026", None),
            ("POST", "/calendars", COPY | {"code": "leeds"}),
            ("POST", "/calendars", COPY | {"nonsense": 1}),
            ("POST", "/calendars", COPY | {"first_year": "2026.5"}),
            ("POST", "/calendars", {}),
            ("PUT", "/calendars/leeds", {"name": ""}),
            ("PUT", "/calendars/leeds", {"name": "a\x00b"}),
            ("PUT", "/calendars/scotland", {"name": "Alba"}),
            ("DELETE", "/calendars/scotland", None),
            ("PUT", "/calendars/leeds/days", {"first_year": 2026, "last_year": 2026, "days": [FAIR_JSON] * 2}),
            ("PUT", "/calendars/leeds/days", {"first_year": 2026, "last_year": 2026, "days": [FAIR_JSON] * 1001}),
            (
                "PUT",
                "/calendars/leeds/days",
                {"first_year": 2026, "last_year": 2026, "days": [FAIR_JSON | {"kind": "whim"}]},
            ),
            ("POST", "/calendars/leeds/import", {"division": "wales", "lists": {}}),
            ("POST", "/calendars/leeds/import", {"division": "scotland", "lists": {}}),
            ("POST", "/calendars/leeds/import", {"division": "scotland", "lists": []}),
        ],
    )
    def test_refuses_in_the_one_envelope_and_changes_nothing(self, keeper, method, path, body):
        before = contents()
        answer = keeper.call(method, path, body)

        assert answer.status_code == 422, answer.json
        assert set(answer.json) == ENVELOPE
        assert contents() == before

    def test_tells_nobody_else_which_calendars_could_be_changed(self, leeds, api):
        other = api.as_(leeds.team.owner)
        for path in ("leeds", "scotland", "atlantis"):
            answers = [
                other.put(f"/calendars/{path}", {"name": "x"}),
                other.post(f"/calendars/{path}/import", {"division": "scotland", "lists": {}}),
                delete(other, f"/calendars/{path}"),
            ]
            assert [answer.status_code for answer in answers] == [404] * 3
            assert len({answer.json["message"] for answer in answers}) == 1


class TestCommands:
    @pytest.fixture
    def run(self, app, leeds):
        def call(*arguments: str):
            return apart(app.test_cli_runner().invoke, args=["calendars", *arguments])

        return call

    def test_list_and_show(self, run):
        assert "leeds\tLeeds\t28 Dec 2027\t1 people" in run("list").output
        assert json.loads(run("list", "--json").output)[-1]["code"] == "leeds"
        shown = run("show", "scotland", "--year", "2026")
        assert shown.output.count("\n") == 10
        assert "2026-06-15\tMon" in shown.output
        assert json.loads(run("show", "leeds", "--json").output)["year"] == 2026
        assert "no holidays in 2050" in run("show", "leeds", "--year", "2050").output

    def test_list_has_every_calendar(self, run):
        for number in range(120):
            CalendarFactory(code=f"place-{number:03}")

        assert run("list").output.count("\n") == 124

    def test_copy_rehearses_until_told_to_save(self, run):
        asked = ("copy", "scotland", "york", "--name", "York", "--from", "2026", "--to", "2027")
        before = contents()
        assert "york starts with 19 holidays of scotland, 2026 to 2027\nNothing was saved" in run(*asked).output
        assert contents() == before
        assert run(*asked, "--commit").output.endswith("Saved\n")
        assert days("york") == days("scotland")
        again = run(*asked)
        assert again.exit_code == 1
        assert "The code york is taken" in again.output

    def test_import_rehearses_until_told_to_save(self, run, tmp_path):
        file = tmp_path / "list.json"
        file.write_bytes(a_file(event("2026-08-12", "Fair"), event("2026-08-15", "Saturday")))
        asked = ("import", "leeds", str(file), "--division", "england-and-wales")
        before = contents()
        rehearsed = run(*asked).output
        assert "added: 2026-08-12, Fair (bank holiday)" in rehearsed
        assert "left out, at a weekend: 2026-08-15, Saturday" in rehearsed
        assert contents() == before
        assert run(*asked, "--commit").output == rehearsed.replace("Nothing was saved. Add --commit to save", "Saved")
        assert FAIR.day in days()
        assert "nothing to change" in run("import", "leeds", str(file), "--division", "england-and-wales").output

    @pytest.mark.parametrize("content", [b"{", b"{}", a_file(event("soon"))])
    def test_import_refuses_a_file_in_words(self, run, tmp_path, content):
        file = tmp_path / "list.json"
        file.write_bytes(content)
        done = run("import", "leeds", str(file), "--division", "england-and-wales", "--commit")

        assert done.exit_code == 1
        assert done.output.startswith("Error: ")

    def test_check_fails_when_a_calendar_in_use_ends_within_a_year(self, run):
        assert run("check").exit_code == 0
        copy("bath", last=2026)
        assert run("check").exit_code == 0
        post_of(calendar="bath")
        done = run("check")

        assert done.exit_code == 1
        assert "bath: “Bath” ends on 28 Dec 2026 and 1 people use it" in done.output

    def test_say_when_there_is_no_such_calendar(self, run):
        done = run("show", "atlantis")

        assert (done.exit_code, done.output) == (1, "Error: There is no calendar with the code atlantis\n")
