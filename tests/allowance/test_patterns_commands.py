"""Working hours at the command line."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.allowance.hours import FOUR_DAYS, NOW, SEPTEMBER, Office, moves_of, patterns_of, written
from tests.support.pages import apart
from tithe.access.actor import SYSTEM
from tithe.allowance.operations import patterns as operations
from tithe.allowance.queries.patterns import PAGE
from tithe.kernel import clock

WEEK = "7:24 7:24 7:24 7:24 0 0 0"


@pytest.fixture
def office(app, monkeypatch) -> Office:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Office()


@pytest.fixture
def run(app, office):
    return lambda *words: apart(app.test_cli_runner().invoke, args=["patterns", *map(str, words)])


def set_them(run, office, *more):
    return run("set", office.team.owner.email, "--from", SEPTEMBER, "--week", WEEK, *more)


class TestSet:
    def test_only_says_what_it_would_do_without_commit(self, office, run):
        before = written()

        result = set_them(run, office)

        assert result.exit_code == 0
        assert "This takes 6h off Jul to Sep 2026: 90h 15m instead of 96h 15m" in result.output
        assert "but the post is for 37h" in result.stderr
        assert result.output.endswith("Nothing was saved. Add --commit to save\n")
        assert written() == before

    def test_saves_with_commit(self, office, run):
        result = set_them(run, office, "--week", "0 0 0 0 0 0 0", "--commit")

        assert result.output.endswith("Saved\n")
        assert patterns_of(office.owner_id) == {SEPTEMBER: [FOUR_DAYS, [0] * 7]}

    @pytest.mark.parametrize("week", ["7:24", "soon 0 0 0 0 0 0", ""])
    def test_refuses_what_is_no_week(self, office, run, week):
        result = run("set", office.team.owner.email, "--from", SEPTEMBER, "--week", week, "--commit")

        assert result.exit_code == 1
        assert patterns_of(office.owner_id) == {}

    def test_says_when_it_knows_nobody_by_that_address(self, run):
        result = run("set", "nobody@example.org", "--from", SEPTEMBER, "--week", WEEK)

        assert result.exit_code == 1
        assert "Nobody has the address or staff number nobody@example.org" in result.output


class TestLend:
    def test_only_says_what_it_would_do_without_commit(self, office, run):
        result = run("lend", office.team.owner.email, "--from", SEPTEMBER, "--share", 40)

        assert "This takes 13h off Jul to Sep 2026" in result.output
        assert moves_of(office.owner_id) == []

    def test_saves_with_commit(self, office, run):
        dates = ("--from", SEPTEMBER, "--to", "2026-09-15")
        result = run("lend", office.team.owner.staff_number, *dates, "--share", "33.33", "--commit")

        assert result.exit_code == 0
        assert moves_of(office.owner_id) == [(SEPTEMBER, date(2026, 9, 15), 3333)]

    @pytest.mark.parametrize("share", ["0", "101", "nan"])
    def test_refuses_what_is_no_share(self, office, run, share):
        result = run("lend", office.team.owner.email, "--from", SEPTEMBER, "--share", share, "--commit")

        assert result.exit_code != 0
        assert not isinstance(result.exception, ValueError)
        assert moves_of(office.owner_id) == []


class TestShow:
    def test_says_what_stands_in(self, office, run):
        assert run("show", office.team.owner.email).output == (
            "Ada Owner\n  Nothing on record; stands in: Mon 7:24, Tue 7:24, Wed 7:24, Thu 7:24, Fri 7:24\n"
        )

    def test_says_everything_on_record(self, office, run):
        set_them(run, office, "--commit")
        run("lend", office.team.owner.email, "--from", SEPTEMBER, "--share", 40, "--commit")
        days = {date.fromordinal(SEPTEMBER.toordinal() + n): 60 for n in range(PAGE + 1)}
        operations.set_days(actor=SYSTEM, person_id=office.owner_id, days=days, now=NOW)

        output = run("show", office.team.owner.email).output

        assert "Coming, from 1 Sep 2026: 29h 36m a week (Mon 7:24, Tue 7:24, Wed 7:24, Thu 7:24)" in output
        assert "1 Sep 2026 (Tuesday): 1h" in output
        assert "More days from 21 Oct 2026" in output
        assert "40% lent from 1 Sep 2026" in output

    def test_prints_json(self, office, run):
        set_them(run, office, "--commit")

        found = json.loads(run("show", office.team.owner.email, "--json").output)

        assert found["patterns"][0]["starts_on"] == "2026-09-01"


class TestImport:
    def file(self, tmp_path, *lines, header="staff_number,from,weeks"):
        path = tmp_path / "hours.csv"
        path.write_text("\n".join([header, *lines]), encoding="utf-8-sig")
        return path

    def test_sets_the_hours_of_many(self, office, run, tmp_path):
        team = office.team
        path = self.file(
            tmp_path,
            f"{team.owner.staff_number},2026-09-01,{WEEK}",
            f"{team.colleague.staff_number},2026-09-01,{WEEK} / 0 0 0 0 0 0 0",
        )

        rehearsed = run("import", path)
        assert rehearsed.output == "2 people read, 2 with new hours\nNothing was saved. Add --commit to save\n"
        assert patterns_of(team.owner.id) == {}

        assert run("import", path, "--commit").output == "2 people read, 2 with new hours\nSaved\n"
        assert patterns_of(team.colleague.id) == {SEPTEMBER: [FOUR_DAYS, [0] * 7]}
        assert "0 with new hours" in run("import", path, "--commit").output

    def test_names_every_line_that_is_wrong_and_saves_none(self, office, run, tmp_path):
        path = self.file(
            tmp_path,
            f"{office.team.owner.staff_number},2026-09-01,{WEEK}",
            f"nobody,2026-09-01,{WEEK}",
            f"{office.team.owner.staff_number},soon,{WEEK}",
            f"{office.team.owner.staff_number},2026-09-01,7:24",
        )

        result = run("import", path, "--commit")

        assert result.exit_code == 1
        for line in (3, 4, 5):
            assert f"Line {line}: " in result.output
        assert patterns_of(office.owner_id) == {}

    @pytest.mark.parametrize("header", ["", "number,from,weeks", "staff_number,from,weeks,more"])
    def test_asks_for_the_columns_it_knows(self, run, tmp_path, header):
        result = run("import", self.file(tmp_path, header=header))

        assert result.exit_code == 1
        assert "The first line must name the columns staff_number, from, weeks" in result.output

    def test_refuses_lines_that_are_cut_short_or_too_long(self, office, run, tmp_path):
        number = office.team.owner.staff_number

        result = run("import", self.file(tmp_path, number, f"{number},2026-09-01,{WEEK},more", ""), "--commit")

        assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)
        assert "Line 2: " in result.output
        assert "Line 3: " in result.output

    def test_refuses_a_file_that_is_no_text(self, run, tmp_path):
        path = tmp_path / "hours.csv"
        path.write_bytes(b"staff_number,from,weeks\n\xff\xfe")

        result = run("import", path)

        assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)
