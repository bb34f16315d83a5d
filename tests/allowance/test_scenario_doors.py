"""The same scenarios through the page, the command and the API: one answer, one set of refusals, on both databases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.allowance.holidays import copy
from tests.allowance.hours import FOUR_DAYS
from tests.allowance.ledgers import accrue, balance, change_post, give_pattern
from tests.factories.people import Team
from tests.support.pages import apart
from tithe.access.actor import SYSTEM
from tithe.allowance.models import Absence, OutwardMove, PatternDay
from tithe.kernel import clock
from tithe.kernel.db import unit_of_work
from tithe.policy.operations import adopt_policy

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 7, 3, 9, tzinfo=UTC)
PERIOD = {"start": "2026-07-01", "end": "2026-10-01"}
MON_TO_WED = [{"from": "2026-01-05", "weeks": [[444, 444, 444, 0, 0, 0, 0]]}]
COMPRESSED = [{"from": "2026-01-05", "weeks": [[555, 555, 555, 555, 0, 0, 0]]}]
LEAVE = [{"date": "2026-08-04", "minutes": 444}, {"date": "2026-08-05", "minutes": 444}]
SCENARIOS = {
    "nothing but the period": ({}, 5775, 28860),
    "three days in England": ({"patterns": MON_TO_WED, "absences": LEAVE}, 3285, 16428),
    "in Northern Ireland": (
        {"patterns": MON_TO_WED, "absences": LEAVE, "calendar": "northern-ireland"},
        3195,
        15984,
    ),
    "starter": ({"employment": {"start": "2026-08-17", "end": None}}, 2835, 14208),
    "compressed": ({"patterns": COMPRESSED, "policy": {"holiday_credit": "standard_day"}}, 5790, 28971),
    "lent elsewhere": ({"moves": [{"from": "2026-09-01", "to": None, "share_bp": 4000}]}, 4995, "24952.8"),
    "contracted": ({"policy": {"accrual_basis": "contracted"}, "patterns": MON_TO_WED}, 3465, 17316),
    "a calendar of one’s own": ({"calendar": "leeds"}, 5775, 28860),
    "single days and events": (
        {"overrides": [{"date": "2026-08-08", "minutes": 300}], "policy": {"rate_bp": 0, "event_min": 1332}},
        1332,
        29160,
    ),
}
REFUSED = {
    "fields": (
        json.dumps({"period": {"start": "2026-07-01"}, "calendar": "atlantis", "moves": [{}], "colour": 1}),
        ["period.end", "calendar", "moves.0.from", "moves.0.share_bp", "colour"],
    ),
    "NUL": (json.dumps({"period": PERIOD, "calendar": "\0"}), ["calendar"]),
    "half a character": (json.dumps({"period": PERIOD, "calendar": "\ud800"}), ["calendar"]),
    "half a name": (json.dumps({"period": PERIOD, "\ud800": 1}), ['"\\ud800"']),
    "given twice": (
        f'{{"period": {json.dumps(PERIOD)}, "calendar": "scotland", "calendar": "scotland"}}',
        ["calendar"],
    ),
    "a list": ("[]", [None]),
    "no JSON": ('{"period": ', [None]),
    "nothing": ("", [None]),
}


@pytest.fixture
def team(app, monkeypatch) -> Team:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


def by_command(app, text):
    return apart(app.test_cli_runner().invoke, args=["allowance", "explain", "-"], input=text)


def by_page(client, text):
    return client.post("/allowance/calculator/scenario", {"scenario": text})


def by_api(client, text):
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    return apart(client.http.post, "/api/v1/allowance/explain", data=text, headers=headers)


def on_page(page):
    """What a page says, in the shape of the answer."""
    _, minutes, available = page.words("dd")
    cells = [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in page.all("tr")][1:]
    return int(minutes), available, [[cell.replace("No", "False") for cell in row] for row in cells]


class TestScenario:
    @pytest.mark.parametrize("name", SCENARIOS)
    def test_has_one_answer_by_every_door(self, app, client, api, team, name):
        copy()
        parts, minutes, available = SCENARIOS[name]
        text = json.dumps({"period": PERIOD, **parts})

        told = by_command(app, text)
        answered = by_api(api.as_(team.owner), text)
        shown = by_page(client.sign_in(team.owner), text)

        assert (told.exit_code, answered.status_code, shown.status) == (0, 200, 200)
        answer = answered.json
        assert json.loads(told.stdout) == answer
        assert (answer["entitlement_minutes"], answer["available_minutes"]) == (minutes, available)
        keys = ("date", "base", "holiday", "absence", "available", "rate_bp")
        lines = [["Yes" if each[key] is True else str(each[key]) for key in keys] for each in answer["days"]]
        assert on_page(shown) == (minutes, str(available), lines)

    def test_names_what_counts_for_no_day_by_every_door(self, app, client, api, team):
        parts = {
            "absences": [*LEAVE, {"date": "2026-10-01", "minutes": 444}, {"date": "2026-09-15", "minutes": 60}],
            "overrides": [{"date": "2026-06-30", "minutes": 60}],
            "employment": {"start": "2020-01-01", "end": "2026-09-14"},
        }
        text = json.dumps({"period": PERIOD, **parts})
        left_out = [
            ("absences.2", "2026-10-01 is outside the period, 2026-07-01 to 2026-09-30"),
            ("absences.3", "Nobody is employed on 2026-09-15"),
            ("overrides.0", "2026-06-30 is outside the period, 2026-07-01 to 2026-09-30"),
        ]

        told = json.loads(by_command(app, text).stdout)
        shown = by_page(client.sign_in(team.owner), text)

        assert [(each["field"], each["reason"]) for each in told["not_counted"]] == left_out
        assert by_api(api.as_(team.owner), text).json == told
        assert [f"{field}: {reason}" for field, reason in left_out] == shown.words("li")[-3:]

    @pytest.mark.parametrize("name", REFUSED)
    def test_is_refused_in_the_same_words_by_every_door(self, app, client, api, team, name):
        text, fields = REFUSED[name]

        told = by_command(app, text)
        answered = by_api(api.as_(team.owner), text)
        shown = by_page(client.sign_in(team.owner), text)

        assert (told.exit_code, told.stdout, answered.status_code, shown.status) == (2, "", 422, 422)
        problems = answered.json["problems"]
        assert sorted(map(str, (each["field"] for each in problems))) == sorted(map(str, fields))
        assert told.stderr.splitlines() == [f"{each['field'] or 'scenario'}: {each['message']}" for each in problems]
        expected = [f"{each['field']}: {each['message']}" if each["field"] else each["message"] for each in problems]
        assert shown.errors == expected
        area = shown.all("textarea")[0]
        assert "".join(area.itertext()).strip() == text.strip()
        assert all(link.get("href") == "#scenario" for link in shown.all("a") if link.text in expected)


class TestCommand:
    def test_reads_a_file(self, app, team, tmp_path):
        file = tmp_path / "scenario.json"
        file.write_text(json.dumps({"period": PERIOD}))

        told = apart(app.test_cli_runner().invoke, args=["allowance", "explain", str(file)])

        assert json.loads(told.stdout)["entitlement_minutes"] == 5775

    @pytest.mark.parametrize("name", ["missing.json", "."])
    def test_says_so_when_there_is_no_such_file(self, app, team, tmp_path, name):
        told = apart(app.test_cli_runner().invoke, args=["allowance", "explain", str(tmp_path / name)])

        assert (told.exit_code, told.stdout) == (2, "")
        assert "FILE" in told.stderr

    def test_refuses_what_is_too_large_or_no_text(self, app, team):
        assert "at most 1,048,576 bytes" in by_command(app, " " * 1_048_577).stderr
        assert by_command(app, b"\xff").stderr == "scenario: Expected text in UTF-8\n"

    @pytest.mark.parametrize(("calendar", "status"), [("scotland", 0), ("leeds", 2)])
    def test_needs_no_database_for_a_national_calendar(self, calendar, status):
        environment = os.environ | {"TITHE_ENV": "testing", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
        told = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "allowance", "explain", "-"],
            input=json.dumps({"period": PERIOD, "calendar": calendar}),
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env=environment,
        )

        assert told.returncode == status
        assert told.stderr.startswith("calendar: Expected a national calendar" if status else "")
        assert (json.loads(told.stdout)["entitlement_minutes"] == 5775) if told.stdout else status


class TestOwnQuarter:
    """What the page offers to start from is worth what the ledger says."""

    def test_is_worth_what_was_accrued(self, app, client, team):
        person = team.owner
        give_pattern(person, FOUR_DAYS, [0] * 5 + [300, 300])
        with unit_of_work() as session:
            session.add(
                Absence(person_id=person.id, day=date(2026, 8, 4), minutes=444, reduces_accrual=True, source="own")
            )
            session.add(
                Absence(person_id=person.id, day=date(2026, 8, 6), minutes=200, reduces_accrual=False, source="own")
            )
            session.add(PatternDay(person_id=person.id, day=date(2026, 8, 14), minutes=100))
            session.add(OutwardMove(person_id=person.id, starts_on=date(2026, 9, 1), last_day=None, share_bp=2500))
        adopt_policy(
            actor=SYSTEM,
            unit_id=team.department.id,
            starts_on=date(2026, 7, 1),
            settings={"rate_bp": 1500, "round_to": 1},
            reason="A test",
            now=NOW,
            earliest=date(2026, 7, 1),
        )
        accrue()

        offered = client.sign_in(person).get("/allowance/calculator/scenario")
        shown = by_page(client, "".join(offered.all("textarea")[0].itertext()))

        assert on_page(shown)[0] == balance(person).accrued

    def test_of_somebody_between_two_posts_has_a_gap(self, app, client, team):
        change_post(team.owner, date(2026, 9, 1), weekly_minutes=1110)
        accrue()

        offered = client.sign_in(team.owner).get("/allowance/calculator/scenario")
        shown = by_page(client, "".join(offered.all("textarea")[0].itertext()))

        assert on_page(shown)[0] == balance(team.owner).accrued
