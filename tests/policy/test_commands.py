"""Policies at the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import Result

from tests.policy.policies import APRIL, AUGUST, JULY, NOW, Offices, adopt
from tests.support.contents import contents
from tests.support.pages import ApiClient, apart
from tithe.kernel import clock
from tithe.policy import queries

ADOPT = ("adopt", "DEPT-TEAM", "--from", "2026-08-01", "--reason", "As agreed")


@pytest.fixture
def offices(app, monkeypatch) -> Offices:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Offices()


@pytest.fixture
def run(app, offices):
    def invoke(*words: str) -> Result:
        return apart(app.test_cli_runner().invoke, args=["policy", *words])

    return invoke


class TestShow:
    def test_prints_every_value_and_where_it_comes_from(self, offices, run):
        adopt(offices.department, APRIL, rate_bp=1000)
        adopt(offices.team, AUGUST, decide_wd=5, reason="We are quick")
        printed = run("show", "DEPT-TEAM").stdout

        for line in (
            "Team (DEPT-TEAM), 20 Jul 2026",
            "  rate_bp: 10% [Inherited from Department of Tests since 1 Apr 2026]",
            "  round_to: 15m [Default]",
            "  protect_sick: Yes [Default] (applied by the HR feed)",
            "  job_share_cover: Warn [Default]",
            "From 1 Aug 2026",
            "  Time to decide: 10 working days → 5 working days",
            "  DEPT-TEAM 1, from 1 Aug 2026, coming: We are quick",
        ):
            assert line in printed.splitlines()

    def test_prints_the_same_json_as_the_api(self, app, offices, run):
        adopt(offices.department, APRIL, rate_bp=1000)
        adopt(offices.team, AUGUST, decide_wd=5)

        printed = json.loads(run("show", "DEPT-TEAM", "--on", "2026-08-01", "--json").stdout)
        answer = ApiClient(app).as_(offices.people.owner).get("/policies/DEPT-TEAM?on=2026-08-01").json

        assert printed == answer

    def test_says_when_nobody_decided_anything(self, run):
        assert "every value is the default" in run("show", "DEPT").stdout

    def test_refuses_a_unit_that_is_not_there(self, run):
        result = run("show", "NONE")

        assert (result.exit_code, "no unit with the code NONE" in result.stderr) == (1, True)


class TestAdopt:
    def test_only_rehearses_unless_told(self, offices, run):
        before = contents()

        result = run(*ADOPT, "--set", "rate_bp=1000", "--set", "protect_sick=false")

        assert result.exit_code == 0, result.stderr
        assert result.stdout.splitlines() == [
            "In Team from 1 Aug 2026:",
            "  Share of working time: 20% → 10%",
            "  Protected sickness: Yes → No (applied by the HR feed)",
            "  Jul to Sep 2026: 3 people lose 93h 45m in all",
            "  Oct to Dec 2026: 3 people lose 142h 30m in all",
            "Nothing was saved. Add --commit to save",
        ]
        assert contents() == before

    def test_saves_when_told(self, offices, run):
        result = run(*ADOPT, "--set", "rate_bp=1000", "--set", "round_mode=down", "--commit")

        found = queries.in_force(offices.team.id, AUGUST).settings
        assert result.stdout.splitlines()[-1] == "Saved"
        assert (found.rate_bp, found.round_mode) == (1000, "down")

    def test_starts_from_a_preset_and_says_what_is_inherited_again(self, offices, run):
        adopt(offices.team, JULY, rate_bp=500, round_to=5)

        result = run(*ADOPT, "--preset", "event", "--set", "event_min=900", "--commit")

        found = queries.in_force(offices.team.id, AUGUST).settings
        assert "  Rounded to: 5m → 15m" in result.stdout.splitlines()
        assert (found.rate_bp, found.event_min, found.round_to) == (0, 900, 15)

    def test_says_when_no_value_becomes_another(self, run):
        assert "every value stays what it is" in run(*ADOPT, "--set", "rate_bp=2000").stdout

    @pytest.mark.parametrize(
        ("words", "status", "refusal"),
        [
            (["--set", "rate_bp=9999"], 1, "rate_bp must be a whole number from 0 to 2500"),
            (["--set", "rate_bp=20%"], 1, "rate_bp must be a whole number"),
            (["--set", "colour=blue"], 1, "There is no setting called colour"),
            (["--set", "rate_bp"], 2, "has no value. Write it like rate_bp=1000"),
            (["--preset", "half"], 2, "is not one of"),
            (["--set", "rate_bp=1", "--from", "2026-06-30"], 1, "are closed"),
            ([], 1, "exactly these settings"),
        ],
        ids=str,
    )
    def test_refuses_in_words_with_and_without_commit(self, run, words, status, refusal):
        before = contents()

        for commit in ((), ("--commit",)):
            result = run(*ADOPT, *words, *commit)
            assert result.exit_code == status
            assert refusal in result.stderr
        assert contents() == before


class TestWithdraw:
    def test_only_rehearses_unless_told(self, offices, run):
        adopt(offices.team, AUGUST, rate_bp=1000)
        before = contents()

        result = run("withdraw", "DEPT-TEAM", "1")

        assert "  Share of working time: 10% → 20%" in result.stdout.splitlines()
        assert "Add --commit" in result.stdout
        assert contents() == before

    def test_withdraws_when_told(self, offices, run):
        adopt(offices.team, AUGUST, rate_bp=1000)

        assert run("withdraw", "DEPT-TEAM", "1", "--commit").stdout.splitlines()[-1] == "Saved"
        assert queries.in_force(offices.team.id, AUGUST).settings.rate_bp == 2000

    @pytest.mark.parametrize("version", ["1", "9"])
    def test_refuses_what_has_begun_or_is_not_there(self, offices, run, version):
        adopt(offices.team, JULY, rate_bp=1000)

        for commit in ((), ("--commit",)):
            assert run("withdraw", "DEPT-TEAM", version, *commit).exit_code == 1
