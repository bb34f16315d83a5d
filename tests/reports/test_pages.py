"""Utilisation in the browser, as CSV and as JSON: three renderings of the same rows."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from tests.factories.people import RoleGrantFactory, UnitFactory
from tests.policy.policies import adopt
from tests.support.pages import ApiClient, PageClient
from tests.timesheets.weeks import NOW, Story
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.allowance.models import Period
from tithe.allowance.operations import accrual as allowance
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, unit_of_work
from tithe.people.models import Unit
from tithe.reports.models import QuarterReport

QUARTER = Quarter.parse("2026-27Q2")
PATH = f"/reports/utilisation?quarter={QUARTER}"
OCTOBER = datetime(2026, 10, 20, 9, tzinfo=UTC)
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")']


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    story = Story()
    allowance.accrue_quarter(actor=SYSTEM, quarter=QUARTER, now=NOW)
    story.approved()
    return story


@pytest.fixture
def analyst(app, story) -> PageClient:
    return PageClient(app).sign_in(story.team.hr)


@pytest.fixture
def program(app, story) -> ApiClient:
    return ApiClient(app).as_(story.team.hr, "reports:read")


def table(browser: PageClient, path: str) -> list[dict[str, str]]:
    page = browser.get(path)
    assert page.status == 200
    return list(csv.DictReader(io.StringIO(page.text, newline="")))


class TestUtilisation:
    def test_shows_the_unit_and_those_below_it(self, analyst):
        page = analyst.get(PATH)

        assert page.heading == "Utilisation, Jul to Sep 2026"
        for words in ("Department of Tests", "Team", "1h 30m", "Live", "for HR only"):
            assert words in page.text

    def test_opens_where_there_is_something_to_compare(self, analyst, story):
        UnitFactory(code="DEPT-TEAM-A", parent_id=story.team.unit.id)
        assert "Department of Tests, 2026-27 Q2" in analyst.get(PATH).words("span"), (
            "no unit has more than one below it"
        )

        UnitFactory(code="DEPT-TEAM-B", parent_id=story.team.unit.id)
        page = analyst.get(PATH)

        assert "Team, 2026-27 Q2" in page.words("span")
        assert "Department of Tests" in page.words("a"), "the way up"
        assert "Department of Tests, 2026-27 Q2" in analyst.get(f"{PATH}&unit=DEPT").words("span")

    def test_says_that_the_books_are_closed_before_it_is_frozen(self, app, story, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: OCTOBER)
        analyst = PageClient(app).sign_in(story.team.hr)
        assert "These figures change as weeks are approved" in analyst.get(PATH).text
        with unit_of_work() as session:
            session.add(Period(quarter=QUARTER.code, closed_at=OCTOBER, closed_by=None))

        page = analyst.get(PATH)

        assert "The books of this quarter are closed; the report is not frozen yet" in page.text
        assert "change as weeks are approved" not in page.text

    def test_agrees_with_the_csv_and_the_api(self, analyst, program):
        rows = table(analyst, f"/reports/utilisation.csv?quarter={QUARTER}")
        units = program.get(f"/reports/utilisation?quarter={QUARTER}").json["units"]
        page = analyst.get(PATH).text

        assert [row["unit_code"] for row in rows] == ["DEPT", "DEPT-TEAM"]
        assert len(rows) == len(units)
        for row, unit in zip(rows, units, strict=True):
            shared = {name: "" if unit[name] is None else str(unit[name]) for name in row}
            assert row == shared
            assert f"{unit['utilisation_rate']}%" in page
        assert [unit["used_minutes"] for unit in units] == [90, 90]
        assert [unit["entitlement_minutes"] for unit in units] == [5 * 5775, 3 * 5775]
        assert [unit["participation_rate"] for unit in units] == [20.0, 33.3]
        assert [unit["parent_code"] for unit in units] == [None, "DEPT"]

    @pytest.mark.parametrize(("day", "participants"), [(QUARTER.last_day, [1, 1]), (QUARTER.end, [0, 0])])
    def test_counts_who_took_part_by_the_policy_of_the_last_day(self, story, analyst, program, day, participants):
        adopt(story.team.department, QUARTER.start, participant_min=91, fy_start_month=10)
        adopt(story.team.unit, day, participant_min=90)

        units = program.get(f"/reports/utilisation?quarter={QUARTER}").json["units"]
        page = analyst.get(PATH)

        assert [unit["participants"] for unit in units] == participants
        assert [int(row["participants"]) for row in table(analyst, f"/reports/utilisation.csv?quarter={QUARTER}")] == (
            participants
        )
        assert "Took part: at least 1h 31m of approved time" in page.text
        assert "Department of Tests, FY2026 Q4" in page.words("span")

    def test_gives_one_level_if_asked(self, program):
        answer = program.get(f"/reports/utilisation?quarter={QUARTER}&unit=DEPT&depth=one").json
        assert [unit["unit_code"] for unit in answer["units"]] == ["DEPT", "DEPT-TEAM"]

    @pytest.mark.parametrize("role", [Role.HR_ANALYST, Role.HR_MANAGER, Role.AUDITOR])
    def test_reaches_only_what_the_role_covers(self, app, story, role):
        RoleGrantFactory(person_id=story.team.colleague.id, unit_id=story.team.unit.id, role=role)
        UnitFactory(code="OTHER", name="Department of Others")
        browser, program = PageClient(app).sign_in(story.team.colleague), ApiClient(app).as_(story.team.colleague)

        page = browser.get(PATH)
        assert page.status == 200
        assert 'unit=DEPT"' not in page.text, "no link to a unit that answers 404"
        for code in ("DEPT", "OTHER", "NONE"):
            for path in (f"{PATH}&unit={code}", f"/reports/utilisation.csv?unit={code}"):
                assert browser.get(path).status == 404
            assert program.get(f"/reports/utilisation?unit={code}").status_code == 404

    @pytest.mark.parametrize("who", ["owner", "manager", "director"])
    def test_looks_absent_to_everybody_else(self, app, story, who):
        browser = PageClient(app).sign_in(getattr(story.team, who))
        assert browser.get(PATH).status == 404
        assert "/reports" not in browser.get("/").text

    @pytest.mark.parametrize("code", ["2026Q2", "2026-28Q2", "2026-27Q5", "x", "9999-00Q1"])
    def test_refuses_what_is_not_a_quarter(self, analyst, program, code):
        assert analyst.get(f"/reports/utilisation?quarter={code}").status == 422
        assert analyst.get(f"/reports/utilisation.csv?quarter={code}").status == 422
        assert program.get(f"/reports/utilisation?quarter={code}").status_code == 422

    @pytest.mark.parametrize("query", ["depth=two", "nonsense=1", f"unit={'x' * 61}"])
    def test_refuses_a_query_the_api_does_not_know(self, program, query):
        assert program.get(f"/reports/utilisation?{query}").status_code == 422

    @pytest.mark.parametrize("year", [1990, 2026, 2200])
    def test_stands_every_quarter_there_is(self, analyst, year):
        assert analyst.get(f"/reports/utilisation?quarter={Quarter(year, 1)}").status == 200


class TestDownload:
    @pytest.mark.parametrize("name", FORMULAS)
    def test_defuses_names_that_a_spreadsheet_would_run(self, analyst, story, name):
        db.session.execute(update(Unit).where(Unit.code == "DEPT-TEAM").values(name=name))
        db.session.commit()

        rows = table(analyst, "/reports/utilisation.csv")

        assert {row["unit_name"] for row in rows} == {"Department of Tests", f"'{name}"}

    def test_keeps_commas_quotes_and_lines_in_one_cell(self, analyst, story):
        name = 'Letters, "plain"\nand others'
        db.session.execute(update(Unit).where(Unit.code == "DEPT-TEAM").values(name=name))
        db.session.commit()

        assert name in {row["unit_name"] for row in table(analyst, "/reports/utilisation.csv")}

    def test_is_named_for_quarter_and_unit(self, analyst):
        answer = analyst.get("/reports/utilisation.csv").response
        assert answer.mimetype == "text/csv"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="utilisation-2026-27Q2-DEPT.csv"'
        assert answer.headers["Cache-Control"] == "no-store"

    def test_stands_a_unit_whose_code_has_quotes_or_letters_of_other_alphabets(self, analyst, story):
        db.session.execute(update(Unit).where(Unit.code == "DEPT").values(code='Abt "Ω" 1'))
        db.session.commit()

        answer = analyst.get("/reports/utilisation.csv")

        assert answer.status == 200
        header = answer.response.headers["Content-Disposition"]
        assert header.encode("latin-1"), "a server can send it"
        assert header.count('"') == 2


class TestFreeze:
    def send(self, browser: PageClient, **changes: str):
        return browser.post("/reports/utilisation/freeze", {"quarter": QUARTER.code, "unit": "DEPT", **changes})

    def test_is_not_offered_before_the_quarter_has_ended(self, analyst):
        assert "Freeze this quarter" not in analyst.get(PATH).text

    def test_stores_once_and_shows_that_it_is_frozen(self, app, story, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: OCTOBER)
        analyst = PageClient(app).sign_in(story.team.hr)
        assert "Freeze Jul to Sep 2026" in analyst.get(PATH).text

        assert self.send(analyst).status == 303
        page = analyst.get(PATH)
        assert "Jul to Sep 2026 is frozen" in page.text
        assert "These figures do not change" in page.text
        assert "Freeze this quarter" not in page.text
        assert {row["status"] for row in table(analyst, f"/reports/utilisation.csv?quarter={QUARTER}")} == {"frozen"}

        assert self.send(analyst).status == 303
        assert "was frozen before" in analyst.get(PATH).text
        assert db.session.query(QuarterReport).count() == 1

    def test_is_refused_before_the_quarter_has_ended(self, analyst):
        page = self.send(analyst)
        assert page.status == 422
        assert "has not ended yet" in page.text

    def test_is_not_offered_to_auditors_nor_open_to_them(self, app, story, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: OCTOBER)
        RoleGrantFactory(person_id=story.team.colleague.id, unit_id=story.team.department.id, role=Role.AUDITOR)
        auditor = PageClient(app).sign_in(story.team.colleague)

        assert "Freeze this quarter" not in auditor.get(PATH).text
        assert self.send(auditor).status == 404
