"""A file of absences from an HR system: how it is read, what is wrong with it, and what taking it in changes."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from tests.allowance.ledgers import NOW, QUARTER, accrue, accrued, give_pattern, post_of
from tests.factories.people import RoleGrantFactory, UnitFactory
from tests.timesheets.weeks import actor
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.allowance.models import Absence, Period
from tithe.allowance.operations.absences_feed import import_absences
from tithe.allowance.rules.absences_feed import FeedRefused, FeedRow, read_feed
from tithe.kernel.db import db, unit_of_work
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.kernel.feeds import RowError, read_date

MONDAY = date(2026, 8, 3)
HEADINGS = "staff_number,date,minutes"


def read(text, encoding="utf-8"):
    return list(read_feed(BytesIO(text.encode(encoding))))


def take(text, commit=True, by=SYSTEM, **options):
    db.session.rollback()
    return import_absences(actor=by, rows=read_feed(BytesIO(text.encode())), now=NOW, commit=commit, **options)


def counts(report):
    return report.added, report.changed, report.unchanged, report.bad


def stored(person):
    db.session.rollback()
    found = select(Absence.day, Absence.minutes, Absence.reduces_accrual).where(Absence.person_id == person.id)
    return [tuple(row) for row in db.session.execute(found.order_by(Absence.day, Absence.id))]


@pytest.fixture
def person(app):
    return post_of()


class TestReadFeed:
    def test_reads_every_column(self):
        [row] = read("Email; Staff-Number;date;minutes;Reduces accrual;reference\n A@B.ORG;S1;06/07/2026;day;No;R 1\n")

        assert row == FeedRow(2, "S1", "a@b.org", date(2026, 7, 6), None, False, "R 1")

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_reads_the_encodings_spreadsheets_write(self, encoding):
        [row] = read("staff_number,date,minutes,reference\nS1,2026-07-06,60,Café\n", encoding)

        assert row.reference == "Café"

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
    def test_reads_any_delimiter_and_line_ending(self, delimiter, ending):
        lines = [HEADINGS, "", "S1,2026-07-06,60", "S2,2026-07-07,DAY"]
        rows = read(ending.join(lines).replace(",", delimiter))

        assert [(row.line, row.staff_number, row.minutes) for row in rows] == [(3, "S1", 60), (4, "S2", None)]

    @pytest.mark.parametrize(
        ("row", "column", "words"),
        [
            (",2026-07-06,60", "staff_number", "expected a staff number or an address"),
            ("S1,6 July,60", "date", "expected a date like 2026-07-06 or 06/07/2026, found “6 July”"),
            ("S1,2026-02-30,60", "date", "expected a date"),
            ("S1,1826-02-03,60", "date", "expected a date"),
            ("S1,2026-07-06,0", "minutes", "expected a whole number from 1 to 1440 or the word day, found “0”"),
            ("S1,2026-07-06,1441", "minutes", "expected a whole number"),
            ("S1,2026-07-06,-5", "minutes", "expected a whole number"),
            ("S1,2026-07-06,٣", "minutes", "expected a whole number"),
            ("S1,2026-07-06,60,x", "line", "has 4 cells under 3 headings"),
            ("S\0,2026-07-06,60", "staff_number", "characters that can be printed"),
            ("S" * 201 + ",2026-07-06,60", "staff_number", "at most 200 characters"),
        ],
    )
    def test_names_line_column_and_what_was_expected(self, row, column, words):
        [good, [error]] = read(f"{HEADINGS}\nS1,2026-07-06,60\n{row}\n")

        assert isinstance(good, FeedRow)
        assert (error.line, error.column) == (3, column)
        assert words in error.message

    def test_takes_yes_and_no_alone(self):
        rows = read(
            f"{HEADINGS},reduces_accrual\n" + "".join(f"S1,2026-07-06,6,{x}\n" for x in ("", "Y", "no", "maybe"))
        )

        assert [row.reduces_accrual for row in rows[:3]] == [True, True, False]
        assert rows[3] == (RowError(5, "reduces_accrual", "expected yes or no, found “maybe”"),)

    def test_names_every_fault_of_a_row_in_order_of_columns(self):
        [faults] = read(f"{HEADINGS},reduces_accrual\n,soon,none,maybe\n")

        assert [each.column for each in faults] == ["staff_number", "date", "minutes", "reduces_accrual"]

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "empty"),
            (b"PK\x03\x04abcd", "Save the sheet as CSV"),
            (b"staff_number,date,minutes,reason\n", "columns tithe does not take: reason"),
            (b"staff_number,date\n", "lacks a column: minutes"),
            (b"date,minutes\n", "lacks a column: staff_number or email"),
            (b"email,date,date,minutes\n", "has a column twice"),
            (b"\xff\xfe\x00", "columns tithe does not take"),
            (b'staff_number,date,minutes\n"S1,2026-07-06,60\n', "line 2 cannot be read"),
        ],
    )
    def test_refuses_what_is_no_such_file(self, content, words):
        with pytest.raises(RuleBroken, match=words) as refusal:
            list(read_feed(BytesIO(content)))

        assert refusal.value.field == "file"

    @given(st.binary(max_size=300))
    def test_never_fails_on_anything_else(self, content):
        try:
            rows = list(read_feed(BytesIO(b"staff_number,date,minutes\n" + content)))
        except RuleBroken:
            return
        assert all(isinstance(row, FeedRow | tuple) for row in rows)

    @given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
    def test_reads_both_ways_to_write_a_date(self, day):
        assert read_date(day.isoformat()) == read_date(f"{day:%d/%m/%Y}") == day


class TestImportAbsences:
    def test_takes_rows_in_and_posts_the_difference(self, person):
        accrue()

        report = take(f"{HEADINGS}\n{person.staff_number},2026-08-03,day\n{person.staff_number},2026-08-04,60\n")

        assert asdict(report) == {
            "rows": 2,
            "added": 2,
            "changed": 0,
            "unchanged": 0,
            "not_scheduled": 0,
            "bad": 0,
            "people": 1,
            "errors": (),
        }
        assert stored(person) == [(MONDAY, 444, True), (date(2026, 8, 4), 60, True)]
        assert accrued(person) == [5775, -105]  # 504 minutes away: 5671.2, rounded to 5670

    def test_changes_nothing_the_second_time(self, person):
        accrue()
        text = f"email,date,minutes\n{person.email.upper()},2026-08-03,day\n"

        assert counts(take(text)) == (1, 0, 0, 0)
        assert counts(take(text)) == (0, 0, 1, 0)
        assert accrued(person) == [5775, -90]

    def test_brings_a_changed_row_up_to_date(self, person):
        accrue()
        row = f"{HEADINGS},reduces_accrual\n{person.staff_number},2026-08-03,day,"
        take(row + "yes")

        assert counts(take(row + "no")) == (0, 1, 0, 0)
        assert stored(person) == [(MONDAY, 444, False)]
        assert accrued(person) == [5775, -90, 90]

    def test_knows_a_row_by_its_reference_when_the_date_moves(self, person):
        heading, who = f"{HEADINGS},reference\n", person.staff_number
        take(f"{heading}{who},2026-08-03,day,L1\n{who},2026-08-03,30,\n")

        assert counts(take(f"{heading}{who},2026-08-05,day,L1\n{who},2026-08-03,30,\n")) == (0, 1, 1, 0)
        assert stored(person) == [(MONDAY, 30, True), (date(2026, 8, 5), 444, True)]

    def test_leaves_out_whole_days_with_nothing_scheduled(self, person):
        give_pattern(person, [600, 600, 600, 0, 0, 0, 0])

        report = take(
            f"{HEADINGS}\n" + "".join(f"{person.staff_number},2026-08-{day},day\n" for day in ("31", "03", "07"))
        )

        assert (report.added, report.not_scheduled) == (1, 2)
        assert stored(person) == [(MONDAY, 600, True)]

    def test_rehearses_with_the_same_report(self, person):
        text = f"{HEADINGS}\n{person.staff_number},2026-08-03,day\n"

        rehearsal = take(text, commit=False)
        assert stored(person) == []
        assert take(text) == rehearsal

    @pytest.mark.parametrize("commit", [True, False])
    def test_is_refused_whole_for_a_bad_row(self, person, commit):
        text = (
            f"{HEADINGS}\n{person.staff_number},2026-08-03,day\nNOBODY,2026-08-03,day\n{person.staff_number},soon,1\n"
        )

        with pytest.raises(FeedRefused) as refusal:
            take(text, commit=commit)

        problems = [(each.message, each.field) for each in refusal.value.problems]
        assert problems[0][0].startswith("Line 4, date: expected a date")
        assert problems[1] == (
            "Line 3, staff_number: expected somebody your role covers, found nobody called “NOBODY”",
            "rows.2.staff_number",
        )
        assert stored(person) == []
        assert counts(take(text, skip_bad_rows=True)) == (1, 0, 0, 2)
        assert stored(person) == [(MONDAY, 444, True)]

    def test_refuses_to_say_the_same_thing_twice(self, person):
        text = f"{HEADINGS},reference\n{person.staff_number},2026-08-03,9,\n{person.email},2026-08-03,8,\n"
        text = text.replace("staff_number,", "staff_number,email,").replace(f"{person.email},", f",{person.email},")
        text = text.replace(f"{person.staff_number},", f"{person.staff_number},,")

        with pytest.raises(FeedRefused, match="Line 3, date: an earlier line has it already"):
            take(text)

    def test_refuses_changes_in_closed_quarters_but_not_what_is_the_same(self, person):
        row = f"{HEADINGS},reference\n{person.staff_number},2026-06-01,"
        take(row + "60,L1")
        with unit_of_work() as session:
            session.execute(insert(Period).values(quarter=QUARTER.previous.code, closed_at=NOW))

        assert counts(take(row + "60,L1")) == (0, 0, 1, 0)
        with pytest.raises(FeedRefused, match="Apr to Jun 2026 is closed"):
            take(row + "90,L1")
        with pytest.raises(FeedRefused, match="Apr to Jun 2026 is closed"):
            take(f"{HEADINGS},reference\n{person.staff_number},2026-08-03,60,L1")

    def test_lets_hr_load_only_people_its_role_covers_and_never_itself(self, person):
        unit = UnitFactory()
        below = UnitFactory(parent_id=unit.id)
        covered, hr = post_of(unit=below), post_of(unit=unit)
        RoleGrantFactory(person_id=hr.id, unit_id=unit.id, role=Role.HR_MANAGER)
        text = f"{HEADINGS}\n" + "".join(f"{who.staff_number},2026-08-03,60\n" for who in (covered, person, hr))

        report = take(text, by=actor(hr), skip_bad_rows=True)

        assert counts(report) == (1, 0, 0, 2)
        assert [each.line for each in report.errors] == [3, 4]
        assert (stored(covered), stored(person), stored(hr)) == ([(MONDAY, 60, True)], [], [])
        with pytest.raises(NotFound):
            take(text, by=actor(person))

    @pytest.mark.parametrize("day", ["2028-08-01", "2062-08-03"])
    def test_refuses_days_out_of_reach(self, person, day):
        with pytest.raises(FeedRefused, match="Line 2, date: expected a day from 2000 to two years ahead"):
            take(f"{HEADINGS}\n{person.staff_number},{day},day\n")

    def test_does_not_mind_the_order_of_rows(self, person):
        other, days = post_of(), ("03", "04", "05")
        lines = [f"{who.staff_number},2026-08-{day},day" for who in (person, other) for day in days]

        take("\n".join([HEADINGS, *lines]))
        assert counts(take("\n".join([HEADINGS, *reversed(lines)]))) == (0, 0, 6, 0)

    def test_goes_on_after_a_batch(self, person, monkeypatch):
        monkeypatch.setattr("tithe.allowance.operations.absences_feed.AT_ONCE", 2)
        others = [person, *(post_of() for _ in range(4))]
        accrue()
        text = f"{HEADINGS}\n" + "".join(f"{who.staff_number},2026-08-03,day\n" for who in others)

        assert take(text).people == 5
        assert [accrued(who) for who in others] == [[5775, -90]] * 5
        with pytest.raises(FeedRefused, match="an earlier line has it"):
            take(text + f"{person.staff_number},2026-08-03,day\n")

    def test_names_no_more_errors_than_can_be_read(self, person):
        with pytest.raises(FeedRefused) as refusal:
            take(f"{HEADINGS}\n" + "x,y,z\n" * 300)

        assert (refusal.value.report.bad, len(refusal.value.report.errors)) == (300, 200)


class TestCommand:
    @pytest.fixture
    def run(self, app, person, tmp_path):
        def invoke(text, *options):
            path = tmp_path / "feed.csv"
            path.write_text(text)
            db.session.rollback()
            return app.test_cli_runner().invoke(args=["absences", "import", str(path), *options])

        return invoke

    def test_rehearses_saves_and_prints_json(self, run, person):
        text = f"{HEADINGS}\n{person.staff_number},2026-08-03,day\n"

        rehearsal, saved, again = run(text), run(text, "--commit"), run(text, "--commit", "--json")

        assert rehearsal.exit_code == saved.exit_code == again.exit_code == 0
        assert "added: 1" in rehearsal.output
        assert rehearsal.output.endswith("Nothing was saved. Add --commit to save\n")
        assert saved.output.endswith("Saved\n")
        assert saved.output.splitlines()[:-1] == rehearsal.output.splitlines()[:-1]
        assert json.loads(again.output)["unchanged"] == 1

    def test_ends_with_one_and_names_the_bad_rows(self, run, person):
        answer = run(f"{HEADINGS}\nx,y,z\n", "--commit")

        assert answer.exit_code == 1
        assert "Line 2, date: expected a date like 2026-07-06 or 06/07/2026, found “y”" in answer.output
        assert "Nothing was saved. Mend the bad rows, or add --skip-bad-rows" in answer.output

    def test_refuses_a_file_with_a_reason(self, run):
        answer = run(f"{HEADINGS},reason\nx,y,z,flu\n")

        assert answer.exit_code == 1
        assert "columns tithe does not take: reason" in answer.output
