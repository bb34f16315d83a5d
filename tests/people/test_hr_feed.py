"""A file of people from HR: what taking it in changes, and every row that cannot be taken."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from tests.factories.people import RoleGrantFactory, Team
from tests.people.hr_files import NOW, TODAY, counts, file_of, line, person, posts, take
from tests.support.contents import contents
from tests.timesheets.weeks import actor
from tithe.access.permissions import Role
from tithe.audit.models import AuditEvent
from tithe.kernel.db import WRITING, db
from tithe.kernel.errors import NotFound
from tithe.people.models import Person
from tithe.people.rules.hr_feed import FeedRefused

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def team(app):
    return Team()


@pytest.fixture
def hr(team):
    RoleGrantFactory(person_id=team.hr.id, unit_id=team.unit.id, role=Role.HR_MANAGER)
    return actor(team.hr)


def refused(*lines, **options):
    with pytest.raises(FeedRefused) as refusal:
        take(*lines, **options)
    return [(each.line, each.column, each.message) for each in refusal.value.report.errors]


class TestImportPeople:
    def test_adds_people_with_managers_that_come_later_in_the_file(self, team):
        report = take(line("N1", manager="N2"), line("N2", manager=team.manager.staff_number))

        assert counts(report) == {"rows": 2, "added": 2}
        assert posts("N1") == [(TODAY, None, team.unit.id, "N2", 2220)]
        assert posts("N2") == [(TODAY, None, team.unit.id, team.manager.staff_number, 2220)]
        assert (person("N1").name, person("N1").starts_on) == ("Name N1", date(2026, 1, 5))

    def test_changes_nothing_the_second_time(self, team):
        rows = (line("N1", manager="N2"), line("N2", leave="2026-12-31"), line("N3", start="2026-10-01"))
        take(*rows)
        before = contents()

        assert counts(take(*rows)) == {"rows": 3, "unchanged": 3}
        assert counts(take(*rows, now=NOW + timedelta(days=30))) == {"rows": 3, "unchanged": 3}
        assert contents() == before

    def test_rehearses_with_the_same_report(self, team):
        take(line("N1"), line("N2"))
        rows = (line("N1", manager="N3"), line("N2", leave="2026-09-30"), line("N3"), line("N4", unit="NOWHERE"))
        before = contents()

        rehearsed = take(*rows, commit=False, skip_bad_rows=True)

        assert contents() == before
        assert counts(rehearsed) == {"rows": 4, "added": 1, "changed": 1, "left": 1, "bad": 1}
        assert take(*rows, skip_bad_rows=True) == rehearsed

    def test_neither_waits_for_writers_nor_keeps_them_waiting_in_a_rehearsal(self, team):
        renaming = text("UPDATE person SET name = 'Another' WHERE email = 'ada.owner@example.org'")

        def rename(connection):
            assert connection.execution_options(**{WRITING: True}).execute(renaming).rowcount == 1

        def write_meanwhile(fault):
            with db.engine.connect() as another:
                rename(another)

        with db.engine.connect() as other:
            rename(other)
            assert counts(take(line("N1"), commit=False)) == {"rows": 1, "added": 1}
            other.rollback()
        take(line("N1"), line("N2", unit="NOWHERE"), commit=False, skip_bad_rows=True, tell=write_meanwhile)

    def test_keeps_what_a_post_was_before_the_day_of_a_change(self, team):
        take(line("N1", effective="2026-02-02"))

        assert counts(take(line("N1", unit="DEPT", hours="22:12", effective="2026-09-01"))) == {"rows": 1, "changed": 1}
        assert posts("N1") == [
            (date(2026, 2, 2), date(2026, 8, 31), team.unit.id, None, 2220),
            (date(2026, 9, 1), None, team.department.id, None, 1332),
        ]

    def test_puts_right_what_begins_today(self, team):
        take(line("N1"))
        take(line("N1", hours="30.5"))

        assert posts("N1") == [(TODAY, None, team.unit.id, None, 1830)]

    def test_ends_posts_on_the_last_day_and_moves_them_with_it(self, team):
        take(line("N1"))

        assert counts(take(line("N1", leave="2026-09-30"))) == {"rows": 1, "left": 1}
        assert posts("N1") == [(TODAY, date(2026, 9, 30), team.unit.id, None, 2220)]
        assert counts(take(line("N1", leave="2026-10-31"))) == {"rows": 1, "left": 1}
        assert posts("N1")[0][1] == person("N1").leaves_on == date(2026, 10, 31)
        assert counts(take(line("N1"))) == {"rows": 1, "changed": 1}
        assert posts("N1")[0][1] is person("N1").leaves_on is None

    def test_takes_back_who_left_with_a_start_after_it(self, team):
        take(line("N1", leave="2026-08-31"))
        later = NOW + timedelta(days=60)

        assert refused(line("N1"), now=later)[0][:2] == (2, "leave")
        rows = (line("N1", start="2026-10-05"),)
        assert counts(take(*rows, now=later)) == {"rows": 1, "changed": 1}
        assert posts("N1") == [
            (TODAY, date(2026, 8, 31), team.unit.id, None, 2220),
            (date(2026, 10, 6), None, team.unit.id, None, 2220),
        ]
        assert person("N1").starts_on == date(2026, 1, 5)
        assert counts(take(*rows, now=later)) == {"rows": 1, "unchanged": 1}

    def test_moves_the_first_day_of_who_has_not_begun(self, team):
        take(line("N1", start="2026-10-01"))
        take(line("N1", start="2026-10-15"))
        assert (posts("N1")[0][0], person("N1").starts_on) == (date(2026, 10, 15), date(2026, 10, 15))

        take(line("N1", start="2026-09-15"))
        assert (posts("N1")[0][0], person("N1").starts_on) == (date(2026, 9, 15), date(2026, 9, 15))

    def test_leaves_alone_what_the_file_has_no_column_for(self, team):
        take(line("N1", manager=team.manager.staff_number, calendar="scotland", leave="2026-12-31"))
        headings = "staff_number,name,email,unit,weekly_hours"

        report = take("N1,New Name,n1@example.org,Department of Tests / team,37:00", headings=headings)

        assert counts(report) == {"rows": 1, "changed": 1}
        assert (person("N1").name, person("N1").leaves_on) == ("New Name", date(2026, 12, 31))
        assert posts("N1")[0][2:] == (team.unit.id, team.manager.staff_number, 2220)

    def test_leaves_people_alone_that_it_does_not_name(self, team):
        before = posts(team.owner.staff_number)
        take(line("N1"))

        assert posts(team.owner.staff_number) == before

    def test_reads_some_rows_at_a_time(self, team, monkeypatch):
        monkeypatch.setattr("tithe.people.operations.hr_judging.AT_ONCE", 2)
        rows = [line(f"N{each}", manager=f"N{each + 4}" if each < 4 else "") for each in range(9)]

        assert counts(take(*rows)) == {"rows": 9, "added": 9}
        assert posts("N3")[0][3] == "N7"
        assert refused(*rows, line("N0"))[0][:2] == (11, "staff_number")

    def test_is_recorded_once(self, team):
        take(line("N1"))
        take(line("N1"))

        db.session.rollback()
        [event] = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "people:import"))
        assert '"added":1' in event.details


class TestBadRows:
    @pytest.mark.parametrize(
        ("row", "column", "words"),
        [
            (line("N1", unit="NOWHERE"), "unit", "path of a unit"),
            (line("N1", manager="NOBODY"), "manager_staff_number", "known here or in this file"),
            (line("N1", manager="N1"), "manager_staff_number", "nobody manages themselves"),
            (line("OK"), "staff_number", "an earlier line has it"),
            (line("N1", email="ok@example.org"), "email", "an earlier line has it"),
            (line("N1", email="ada.owner@example.org"), "email", "somebody else has it"),
            (line("N1", email="nonsense"), "email", "expected an address"),
            (line("N1", start="2026-09-02", leave="2026-09-01"), "leave", "or a later day"),
            (line("N1", effective="2026-01-04"), "effective_date", "or a later day"),
            (line("N1", calendar="mars"), "calendar", "expected one of england-and-wales, scotland"),
            (line("N1", grade="Wizard"), "grade", "expected a grade like AA"),
            (line("N1", hours="168:01"), "weekly_hours", "at most 168"),
            (line("N1", hours=""), "weekly_hours", "expected hours a week"),
            (line("N1", start="31/02/2026"), "start", "expected a date"),
            (line("", email="n1@example.org"), "staff_number", "found nothing"),
            (line("N1") + ",,more", "line", "cells under"),
            (line("N1") + ",2026-01-04", "probation_end", "or a later day"),
        ],
    )
    def test_are_named_by_line_and_column_and_refuse_the_file(self, team, row, column, words):
        before = contents()
        [error] = refused(line("OK"), row)

        assert error[:2] == (3, column)
        assert words in error[2]
        assert contents() == before
        assert counts(take(line("OK"), row, skip_bad_rows=True)) == {"rows": 2, "added": 1, "bad": 1}

    def test_name_every_fault_of_a_row_in_order_of_columns(self, team):
        wrong = line("N1", name=" ", email="nowhere", grade="X", hours="0", start="2026-02-30", effective="soon")
        late = line("N2", start="2026-03-02", leave="2026-03-01", effective="2026-02-01")

        with pytest.raises(FeedRefused) as refusal:
            take(wrong, late, line("N3"))

        report = refusal.value.report
        assert [(each.line, each.column) for each in report.errors] == [
            *((2, column) for column in ("name", "email", "grade", "weekly_hours", "start", "effective_date")),
            (3, "leave"),
            (3, "effective_date"),
        ]
        assert (report.bad, report.unnamed, report.added) == (2, 0, 1)

    def test_name_every_fault_found_on_record(self, team):
        row = line("N1", email="ada.owner@example.org", unit="NOWHERE", calendar="mars")

        assert [error[:2] for error in refused(row)] == [(2, "email"), (2, "unit"), (2, "calendar")]

    def test_name_what_is_wrong_in_itself_and_on_record_together(self, team):
        row = line("N1", unit="NOWHERE", email="ada.owner@example.org", grade="X", manager="NOBODY", calendar="mars")

        found = ["email", "unit", "grade", "calendar", "manager_staff_number"]
        assert [error[:2] for error in refused(line("OK"), row)] == [(3, column) for column in found]

    def test_name_a_past_that_would_be_rewritten_beside_a_wrong_address(self, team):
        take(line("N1", effective="2026-02-02"))

        errors = refused(line("N1", email="nowhere", hours="20", effective="2026-02-02"))
        assert [error[:2] for error in errors] == [(2, "email"), (2, "effective_date")]

    def test_say_nothing_of_a_record_that_a_wrong_cell_could_have_changed(self, team):
        take(line("N1", effective="2026-02-02"))

        assert [error[1] for error in refused(line("N1", hours="none", effective="2026-02-02"))] == ["weekly_hours"]
        assert [error[1] for error in refused(line("N1", start="soon", effective="2026-01-02"))] == ["start"]

    def test_keep_their_staff_number_and_address_to_themselves(self, team):
        errors = refused(line("N1", hours="none"), line("N1"), line("N2", email="n1@example.org"))

        assert [error[:2] for error in errors] == [(2, "weekly_hours"), (3, "staff_number"), (4, "email")]

    def test_are_named_in_order_of_line_whenever_they_were_found(self, team, monkeypatch):
        monkeypatch.setattr("tithe.people.operations.hr_roll.ERRORS_NAMED", 2)
        told = []
        rows = (line("N1", manager="NOBODY"), *(line(f"M{each}", unit="NOWHERE") for each in range(3)))

        with pytest.raises(FeedRefused) as refusal:
            take(*rows, tell=told.append)

        report = refusal.value.report
        assert [(each.line, each.column) for each in report.errors] == [(2, "manager_staff_number"), (3, "unit")]
        assert (report.bad, report.unnamed, [each.line for each in told]) == (4, 2, [2, 3, 4, 5])

    def test_say_that_a_manager_is_not_employed_that_day(self, team):
        take(line("OLD", leave="2026-08-31"))

        [error] = refused(line("N1", manager="OLD", effective="2026-09-01"))
        assert error[1:] == ("manager_staff_number", "expected somebody who is employed on 2026-09-01")
        take(line("N1", manager="OLD", effective="2026-08-31"))

    def test_leave_a_manager_alone_who_has_left_since(self, team):
        rows = (line("OLD", leave="2026-08-31"), line("N1", manager="OLD"))
        take(*rows)

        assert counts(take(*rows, now=NOW + timedelta(days=40))) == {"rows": 2, "unchanged": 2}

    def test_close_a_loop(self, team):
        take(line("A"), line("B", manager="A"), line("C", manager="B"), line("D", manager="C"))

        errors = refused(line("A", manager="C"), line("D", manager="B"))
        assert errors == [(2, "manager_staff_number", "expected a manager who is not managed by them in turn")]

    def test_close_a_loop_on_a_later_day_alone(self, team):
        take(line("A"), line("B", manager="A"))
        take(line("B", effective="2026-09-01"))
        take(line("A", manager="B", effective="2026-09-01"))

        errors = refused(line("C", manager="B"), line("B", manager="C", effective="2026-10-01"))
        assert [each[0] for each in errors] == [2, 3]
        take(line("C", manager="B"))
        assert refused(line("B", manager="C", effective="2026-10-01"))[0][0] == 2

    def test_close_a_loop_within_the_file(self, team):
        errors = refused(line("A", manager="B"), line("B", manager="C"), line("C", manager="A"))

        assert [each[0] for each in errors] == [2, 3, 4]

    def test_lengthen_a_line_beyond_fifteen_steps(self, team):
        rows = [line("P0"), *(line(f"P{step}", manager=f"P{step - 1}") for step in range(1, 16))]
        assert counts(take(*rows)) == {"rows": 16, "added": 16}

        [error] = refused(line("P16", manager="P15"))
        assert error[1] == "manager_staff_number"
        assert "at most 15 steps" in error[2]
        assert refused(line("TOP"), line("P0", manager="TOP"))[0][0] == 3

    def test_lengthen_a_line_below_somebody_whose_own_row_changes_nothing(self, team):
        rows = [line("P0"), *(line(f"P{step}", manager=f"P{step - 1}") for step in range(1, 16))]
        take(*rows)

        assert [each[0] for each in refused(rows[-1], line("P16", manager="P15"))] == [3]
        report = take(line("P15", unit="NOWHERE"), line("P16", manager="P15"), skip_bad_rows=True)
        assert counts(report) == {"rows": 2, "bad": 2}

    def test_do_not_count_as_somebody_below(self, team):
        rows = [line("P0"), *(line(f"P{step}", manager=f"P{step - 1}") for step in range(1, 16))]

        report = take(*rows, line("P16", manager="P15", unit="NOWHERE"), skip_bad_rows=True)

        assert counts(report) == {"rows": 17, "added": 16, "bad": 1}

    def test_take_those_with_them_who_depend_on_them(self, team):
        rows = (line("A", unit="NOWHERE"), line("B", manager="A"), line("C", manager="B"), line("D"))

        report = take(*rows, skip_bad_rows=True)

        assert counts(report) == {"rows": 4, "added": 1, "bad": 3}
        assert [each.line for each in report.errors] == [2, 3, 4]

    def test_would_change_what_a_later_change_is_recorded_for(self, team):
        take(line("N1", effective="2026-02-02"))
        take(line("N1", unit="DEPT", effective="2026-09-01"))

        assert refused(line("N1", hours="20"))[0][1] == "effective_date"
        assert counts(take(line("N1"))) == {"rows": 1, "unchanged": 1}

    def test_would_rewrite_the_past(self, team):
        take(line("N1", effective="2026-02-02"))

        assert refused(line("N1", hours="20", effective="2026-02-02"))[0][1] == "effective_date"
        take(line("N1", hours="20", effective="2026-02-03"))


class TestRights:
    def test_let_hr_managers_change_who_and_what_their_role_covers(self, team, hr):
        assert counts(take(line("N1"), by=hr)) == {"rows": 1, "added": 1}
        assert refused(line("N2", unit="DEPT"), by=hr)[0][1] == "unit"
        take(line("FAR", unit="DEPT"))
        assert refused(line("FAR"), by=hr)[0][1] == "staff_number"
        own = line(team.hr.staff_number, email=team.hr.email)
        assert refused(own, by=hr)[0][1] == "staff_number"

    def test_are_needed(self, team):
        with pytest.raises(NotFound):
            take(line("N1"), by=actor(team.manager))


class TestFiles:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_come_in_many_ways(self, team, encoding, delimiter, run, tmp_path):
        path = tmp_path / "people.csv"
        text = file_of(line("N1", name="Zoë Müller")).decode()
        path.write_bytes(text.replace(",", delimiter).encode(encoding))

        result = run("import", path, "--commit")

        assert (result.exit_code, "Accruals follow" in result.output) == (0, True), result.output
        assert person("N1").name == "Zoë Müller"

    @pytest.fixture
    def run(self, app):
        return lambda *arguments: app.test_cli_runner().invoke(args=["people", *map(str, arguments)])

    def test_have_all_their_faults_printed(self, team, run, tmp_path, monkeypatch):
        monkeypatch.setattr("tithe.people.operations.hr_roll.ERRORS_NAMED", 1)
        path = tmp_path / "people.csv"
        path.write_bytes(file_of(line("N1", unit="X"), line("N2", unit="X"), line("N3", unit="X")))

        printed = run("import", path).output
        assert [words in printed for words in ("Line 2, unit", "Line 3, unit", "Line 4, unit")] == [True] * 3
        assert '"unnamed": 2' in run("import", path, "--json").output

    def test_are_refused_with_status_1_and_reported_as_json(self, team, run, tmp_path):
        path = tmp_path / "people.csv"
        path.write_bytes(file_of(line("N1"), line("N2", unit="NOWHERE")))

        result = run("import", path, "--commit", "--json")

        assert result.exit_code == 1
        assert '"line": 3, "column": "unit"' in result.output
        assert db.session.scalar(select(Person.id).where(Person.staff_number == "N1")) is None
