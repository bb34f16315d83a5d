"""Importing published files into the database, and listing what is there."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from tests.people.organograms import (
    JUNIOR_HEADINGS,
    PUBLISHED,
    SENIOR_HEADINGS,
    as_csv,
    junior,
    read,
    senior,
)
from tithe.access.actor import SYSTEM
from tithe.audit.models import AuditEvent
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, unit_of_work
from tithe.people.models import Assignment, Person, Unit, UnitClosure
from tithe.people.operations.organogram import Outcome, import_organogram

TABLES = (Unit, UnitClosure, Person, Assignment, AuditEvent)
BOARD = [str(PUBLISHED / f"youth_justice_board-2011-09-30-{kind}.csv") for kind in ("senior", "junior")]
FIRST_DAY = date(2026, 1, 5)
NEXT_DAY = date(2026, 2, 2)


@pytest.fixture
def run(app):
    """Run `flask people …` and return the result."""
    return lambda *arguments: app.test_cli_runner().invoke(args=["people", *map(str, arguments)])


@pytest.fixture
def report(run):
    """Run the import of two files and return its report."""

    def reported(*arguments):
        result = run("import-organogram", *arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return reported


def bring_in(seniors, juniors, *, today=FIRST_DAY, commit=True, progress=None) -> Outcome:
    return import_organogram(
        actor=SYSTEM,
        plan=read(seniors, juniors),
        now=clock.now(),
        today=today,
        since=FIRST_DAY,
        commit=commit,
        progress=progress,
    )


def sizes() -> list[int]:
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(table)) for table in TABLES]


def posts_titled(title: str) -> list[Assignment]:
    db.session.rollback()
    return list(db.session.scalars(select(Assignment).where(Assignment.post_title == title).order_by(Assignment.id)))


@pytest.mark.usefixtures("app")
class TestImportOrganogram:
    def test_stores_units_people_posts_and_one_audit_event(self):
        before = sizes()
        outcome = bring_in([senior("1")], [junior("1", fte="1.6")])

        assert outcome == Outcome(created=3, changed=0)
        added = [after - earlier for after, earlier in zip(sizes(), before, strict=True)]
        assert added == [3, 6, 3, 3, 1]

    def test_links_people_to_their_unit_their_manager_and_their_first_day(self):
        bring_in([senior("1")], [junior("1", "HEO (L)", "0.6")])

        head, adviser = posts_titled("Head 1")[0], posts_titled("Adviser")[0]
        assert adviser.line_manager_id == head.person_id
        assert head.line_manager_id is None
        assert (adviser.grade, adviser.grade_text) == ("HEO", "HEO (L)")
        assert (adviser.weekly_minutes, adviser.fte_bp, adviser.starts_on) == (1332, 6000, FIRST_DAY)
        assert db.session.get(Unit, adviser.unit_id).code == "YJB-STRATEGY"
        assert db.session.get(Person, adviser.person_id).starts_on == FIRST_DAY

    def test_knows_every_unit_above_a_unit(self):
        bring_in([senior("1")], [])

        above = (
            select(Unit.code, UnitClosure.depth)
            .join(UnitClosure, UnitClosure.ancestor_id == Unit.id)
            .where(UnitClosure.descendant_id.in_(select(Unit.id).where(Unit.code == "YJB-STRATEGY")))
        )
        assert dict(db.session.execute(above).all()) == {"YJB-STRATEGY": 0, "YJB": 1, "MOJ": 2}

    def test_changes_nothing_the_second_time(self):
        files = [senior("1"), senior("2", "1")], [junior("2", fte="3.25")]
        bring_in(*files)
        before = sizes()

        assert bring_in(*files, today=NEXT_DAY) == Outcome(0, 0)
        assert sizes() == before

    def test_a_rehearsal_says_the_same_and_writes_nothing(self):
        before = sizes()

        assert bring_in([senior("1")], [junior("1")], commit=False) == Outcome(created=2, changed=0)
        assert sizes() == before

    def test_a_rehearsal_of_a_change_counts_it(self):
        bring_in([senior("1")], [junior("1")])

        assert bring_in([senior("1", fte="0.5")], [junior("1")], today=NEXT_DAY, commit=False) == Outcome(0, 1)
        assert bring_in([senior("1", fte="0.5")], [junior("1")], today=NEXT_DAY) == Outcome(0, 1)

    def test_a_change_of_hours_closes_the_post_and_opens_the_next(self):
        bring_in([senior("1")], [])
        bring_in([senior("1", fte="0.5")], [], today=NEXT_DAY)

        before, after = posts_titled("Head 1")
        assert (before.weekly_minutes, before.ends_on) == (2220, NEXT_DAY - timedelta(days=1))
        assert (after.weekly_minutes, after.starts_on, after.ends_on) == (1110, NEXT_DAY, None)
        assert before.person_id == after.person_id

    def test_a_change_on_the_first_day_is_put_right_in_place(self):
        bring_in([senior("1")], [])
        bring_in([senior("1", fte="0.5")], [])

        assert [post.weekly_minutes for post in posts_titled("Head 1")] == [1110]

    def test_a_new_spelling_of_a_grade_is_put_right_in_place(self):
        bring_in([senior("1")], [])

        assert bring_in([senior("1", grade="SCS 1")], [], today=NEXT_DAY) == Outcome(0, 1)
        assert [post.grade_text for post in posts_titled("Head 1")] == ["SCS 1"]

    def test_a_new_manager_takes_over_from_today(self):
        bring_in([senior("1"), senior("2", "1"), senior("3", "2")], [])

        bring_in([senior("1"), senior("2", "1"), senior("3", "1")], [], today=NEXT_DAY)

        managers = [db.session.get(Person, post.line_manager_id).staff_number for post in posts_titled("Head 3")]
        plan = read([senior("1"), senior("2", "1")], [])
        assert managers == [plan.people[1].staff_number, plan.people[0].staff_number]

    def test_people_the_files_do_not_name_stay_as_they_are(self):
        bring_in([senior("1"), senior("2", "1")], [])

        assert bring_in([senior("1")], [], today=NEXT_DAY) == Outcome(0, 0)
        assert posts_titled("Head 2")[0].ends_on is None

    def test_a_second_department_stands_beside_the_first_even_with_the_same_initials(self):
        bring_in([senior("1", org="Youth Justice Board")], [])
        bring_in([senior("1", org="Yorkshire Jobs Bureau")], [])

        codes = list(db.session.scalars(select(Unit.code).where(Unit.code.startswith("YJB")).order_by(Unit.code)))
        assert len(codes) == 4
        assert db.session.scalar(select(func.count()).select_from(Unit).where(Unit.code == "MOJ")) == 1

    def test_a_unit_whose_code_is_taken_gets_another(self):
        with unit_of_work() as session:
            session.add(Unit(code="YJB-STRATEGY", name="Something else"))
        bring_in([senior("1")], [])

        assert bring_in([senior("1")], []) == Outcome(0, 0)
        assert db.session.scalars(select(Unit.code).where(Unit.name == "Strategy")).one() != "YJB-STRATEGY"

    def test_a_post_that_was_closed_by_hand_opens_again_today(self):
        bring_in([senior("1")], [])
        with unit_of_work() as session:
            session.execute(update(Assignment).values(ends_on=FIRST_DAY))

        assert bring_in([senior("1")], [], today=NEXT_DAY) == Outcome(0, 1)
        assert [post.starts_on for post in posts_titled("Head 1")] == [FIRST_DAY, NEXT_DAY]

    def test_a_failure_half_way_leaves_nothing_behind(self):
        before = sizes()

        def break_off(count: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            bring_in([senior("1")], [junior("1")], progress=break_off)
        assert sizes() == before

    def test_tells_of_its_progress(self):
        told = []
        bring_in([senior("1")], [junior("1", fte="1500")], progress=told.append)

        assert told == [1000, 501]


@pytest.mark.usefixtures("app")
class TestImportCommand:
    def test_reports_in_one_object_what_the_files_hold(self, report):
        assert report(*BOARD) == {
            "units": 6,
            "people": 223,
            "managers": 39,
            "created": 223,
            "changed": 0,
            "senior_posts": 15,
            "junior_rows": 164,
            "fte_junior": 201.92,
            "fte_senior": 7.22,
            "vacant": 0,
            "unmapped_grades": [],
            "problems": [],
        }

    def test_rehearses_then_commits_then_finds_nothing_to_do(self, report):
        rehearsed, again = report(*BOARD), report(*BOARD)
        committed = report(*BOARD, "--commit")
        repeated = report(*BOARD, "--commit")

        assert rehearsed == again == committed
        assert (repeated["created"], repeated["changed"]) == (0, 0)

    def test_says_the_same_in_words(self, run):
        result = run("import-organogram", *BOARD)

        assert result.exit_code == 0
        assert "fte junior: 201.92\n" in result.stdout
        assert result.stdout.endswith("Nothing was saved. Add --commit to save\n")

    def test_names_each_problem_with_file_line_and_reason(self, report, run, tmp_path):
        seniors, juniors = tmp_path / "senior.csv", tmp_path / "junior.csv"
        seniors.write_bytes(as_csv(SENIOR_HEADINGS, [senior("1")]))
        juniors.write_bytes(as_csv(JUNIOR_HEADINGS, [junior("1", fte="abc"), junior("1")]))

        reason = "FTE “abc” is not a number; the row was left out"
        assert report(seniors, juniors)["problems"] == [{"file": "junior.csv", "line": 2, "reason": reason}]
        assert f"junior.csv, line 2: {reason}" in run("import-organogram", seniors, juniors).stdout

    def test_refuses_swapped_files_whole(self, run):
        before = sizes()
        result = run("import-organogram", *reversed(BOARD), "--commit")

        assert result.exit_code == 1
        assert "The files are swapped" in result.output
        assert sizes() == before

    def test_starts_new_people_this_quarter_or_on_the_day_given(self, report):
        quarter = Quarter.containing(clock.today())
        report(*BOARD, "--commit")
        home_office = [path.replace("youth_justice_board-2011", "home_office-2012") for path in BOARD]
        report(*home_office, "--commit", "--from", "2025-04-01")

        starts = set(db.session.scalars(select(Person.starts_on).where(Person.staff_number.is_not(None))))
        assert starts == {quarter.start, date(2025, 4, 1)}

    def test_loads_the_largest_department_in_good_time(self, report):
        files = [str(PUBLISHED / f"home_office-2012-09-30-{kind}.csv") for kind in ("senior", "junior")]
        loaded = report(*files, "--commit")

        assert (loaded["people"], loaded["created"], loaded["fte_junior"]) == (10_675, 10_675, 10_409.22)
        per_manager = (
            select(func.count()).where(Assignment.line_manager_id.is_not(None)).group_by(Assignment.line_manager_id)
        )
        assert max(db.session.scalars(per_manager)) == 12
        assert report(*files, "--commit")["created"] == 0


class TestListCommand:
    def test_lists_everybody_in_a_unit_and_below_it(self, report, run):
        report(*BOARD, "--commit")

        people = json.loads(run("list", "--unit", "MOJ", "--json").stdout)
        chair = next(person for person in people if person["post_title"] == "Chair")
        assert len(people) == 223
        assert (chair["grade"], chair["fte"], chair["manager"], chair["unit"]) == (
            "SCS2", 0.6, None, "YJB-CORPORATE-SERVICES",
        )  # fmt: skip
        assert {person["manager"] for person in people} - {None} <= {person["email"] for person in people}
        strategy = json.loads(run("list", "--unit", "YJB-STRATEGY", "--json").stdout)
        assert {person["unit"] for person in strategy} == {"YJB-STRATEGY"}

    def test_prints_a_line_for_each_person(self, report, run):
        report(*BOARD, "--commit")

        assert "\tYJB-PERFORMANCE\t" in run("list", "--unit", "YJB-PERFORMANCE").stdout

    def test_says_when_there_is_no_such_unit(self, run):
        result = run("list", "--unit", "NOWHERE")

        assert result.exit_code == 1
        assert "There is no unit with the code NOWHERE" in result.output
