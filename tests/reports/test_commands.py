"""Reports at the command line."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from click.testing import Result

from tests.factories.people import UnitFactory
from tests.support.pages import apart
from tests.timesheets.weeks import Story
from tithe.access.actor import SYSTEM
from tithe.allowance.operations import accrual as allowance
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.reports.models import QuarterReport

OCTOBER = datetime(2026, 10, 20, 9, tzinfo=UTC)


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: OCTOBER)
    story = Story()
    allowance.accrue_quarter(actor=SYSTEM, quarter=Quarter.parse("2026-27Q2"), now=OCTOBER)
    story.approved()
    return story


@pytest.fixture
def run(app, story):
    def invoke(*words: str) -> Result:
        return apart(app.test_cli_runner().invoke, args=["reports", *words])

    return invoke


class TestUtilisation:
    def test_prints_csv(self, run):
        result = run("utilisation", "2026-27Q2")

        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        assert result.exit_code == 0
        assert [(row["unit_code"], row["used_hours"], row["status"]) for row in rows] == [
            ("DEPT", "1.5", "live"),
            ("DEPT-TEAM", "1.5", "live"),
        ]

    def test_prints_json(self, run):
        units = json.loads(run("utilisation", "2026-27Q2", "--json").stdout)
        assert [(unit["unit_code"], unit["used_minutes"]) for unit in units] == [("DEPT", 90), ("DEPT-TEAM", 90)]

    def test_prints_every_department(self, run):
        UnitFactory(code="OTHER")
        units = json.loads(run("utilisation", "2026-27Q2", "--json").stdout)
        assert [unit["unit_code"] for unit in units] == ["DEPT", "DEPT-TEAM", "OTHER"]

    def test_prints_one_unit_if_asked(self, run):
        units = json.loads(run("utilisation", "2026-27Q2", "--unit", "DEPT-TEAM", "--json").stdout)
        assert [unit["unit_code"] for unit in units] == ["DEPT-TEAM"]

    @pytest.mark.parametrize(
        ("words", "refusal"),
        [(["2026Q2"], "is not a quarter"), (["2026-27Q2", "--unit", "NONE"], "There is no unit with the code NONE")],
    )
    def test_refuses_in_words(self, run, words, refusal):
        result = run("utilisation", *words)
        assert result.exit_code == 1
        assert refusal in result.stderr
        assert "Traceback" not in result.output


class TestFreeze:
    def test_stores_once(self, run):
        assert run("freeze", "2026-27Q2").stdout == "Jul to Sep 2026 is frozen\n"
        assert run("freeze", "2026-27Q2").stdout == "Jul to Sep 2026 was frozen before; nothing has changed\n"
        assert db.session.query(QuarterReport).count() == 1
        assert {unit["status"] for unit in json.loads(run("utilisation", "2026-27Q2", "--json").stdout)} == {"frozen"}

    def test_refuses_a_quarter_that_goes_on(self, run):
        result = run("freeze", "2026-27Q3")
        assert result.exit_code == 1
        assert "has not ended yet" in result.stderr
