"""Time from files of other tools in one's own weeks: every row accounted for, nothing loaded twice."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.factories.projects import ProjectFactory
from tests.support.contents import contents
from tests.timesheets.weeks import MONDAY, NOW, Story, approve
from tithe.access.actor import SYSTEM
from tithe.audit.models import AuditEvent
from tithe.kernel.db import db
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.timesheets.forms.imports import read_time
from tithe.timesheets.models import ImportedRow, TimeEntry
from tithe.timesheets.operations.imports import ImportRefused, import_time
from tithe.timesheets.operations.weeks import save_week
from tithe.timesheets.rules.entries import entry_of
from tithe.timesheets.rules.imports.plan import Fate, day_in_week
from tithe.timesheets.rules.imports.sheet import read_sheet

SAMPLES = Path(__file__).parent.parent / "data" / "time"
TODAY = NOW.date()
HEAD = "date,project,minutes,note,reference"
MARKS = count()
TIMED = "date,project,start,end"
BEFORE = MONDAY - timedelta(days=7)


@pytest.fixture
def story(app) -> Story:
    return Story()


def take(story, text, mapping=None, commit=True, **options):
    db.session.rollback()
    sheet = read_sheet(BytesIO(text.encode())) if isinstance(text, str) else text
    return import_time(actor=story.owner, sheet=sheet, mapping=mapping or {}, now=NOW, commit=commit, **options)


def sample(name):
    return read_time((SAMPLES / name).read_bytes(), TODAY)


def fates(report):
    """How many rows of each fate, those of none left out. Together they are all rows."""
    found = {fate.value: getattr(report, fate.value) for fate in Fate if getattr(report, fate.value)}
    assert sum(found.values()) == report.rows
    named = sorted(line for reason in report.reasons for line in reason.lines)
    assert len(named) == report.left_out + report.closed
    assert len(report.errors) == report.wrong
    return found


def logged(story):
    """Minutes by day and row, and the note."""
    db.session.rollback()
    found = select(TimeEntry.day, TimeEntry.project_id, TimeEntry.kind, TimeEntry.minutes, TimeEntry.note)
    rows = db.session.execute(found.order_by(TimeEntry.day, TimeEntry.kind, TimeEntry.project_id))
    return [(row.day.day, str(row.kind) if not row.project_id else row.project_id, row.minutes) for row in rows]


def whys(report):
    return [reason.why for reason in report.reasons]


class TestSamples:
    @pytest.mark.parametrize(
        ("name", "mapping", "expected", "minutes"),
        [
            (
                "toggl.csv",
                {"#learning": "learning"},
                {"loaded": 4, "left_out": 1},
                [(3, "P", 111), (4, "learning", 60), (5, "P", 45)],
            ),
            ("clockify.csv", {}, {"loaded": 2, "left_out": 2}, [(31, "P", 45), (3, "P", 90)]),
            ("harvest.csv", {}, {"loaded": 3, "left_out": 1}, [(3, "P", 130)]),
            ("kimai.csv", {}, {"loaded": 2, "left_out": 1}, [(3, "P", 105), (5, "P", 90)]),
            ("plain.csv", {}, {"loaded": 2, "left_out": 1}, [(3, "P", 90), (4, "help", 30)]),
            ("weekly.csv", {}, {"loaded": 2}, [(30, "P", 210), (6, "P", 120)]),
            (
                "calendar.ics",
                {"#letters": "help"},
                {"loaded": 5, "left_out": 1},
                [(13, "P", 60), (20, "P", 60), (27, "P", 60), (3, "P", 90), (5, "help", 45)],
            ),
        ],
    )
    def test_are_loaded_with_every_row_accounted_for_and_never_twice(self, story, name, mapping, expected, minutes):
        report = take(story, sample(name), mapping)

        assert fates(report) == expected
        assert logged(story) == [(day, story.project.id if row == "P" else row, long) for day, row, long in minutes]
        before = contents()
        again = take(story, sample(name))
        assert again.loaded == again.changed == 0
        assert again.known == expected["loaded"]
        assert contents() == before

    def test_name_who_the_other_rows_are_of(self, story):
        assert "It is the time of cal.colleague@example.org" in whys(take(story, sample("clockify.csv")))


class TestMapping:
    def test_is_remembered(self, story):
        take(story, f"{HEAD}\n2026-08-03,Letters,30,,\n", {"Letters": str(story.project.id)})
        take(story, f"{HEAD}\n2026-08-04,Letters,45,,\n")

        assert logged(story) == [(3, story.project.id, 30), (4, story.project.id, 45)]

    def test_to_nowhere_is_remembered_too(self, story):
        take(story, f"{HEAD}\n2026-08-03,Plain letters,30,,\n", {"Plain letters": "out"})

        assert fates(take(story, f"{HEAD}\n2026-08-03,Plain letters,30,,\n")) == {"left_out": 1}

    def test_falls_to_the_project_of_the_same_title_however_it_is_spelt(self, story):
        assert take(story, f"{HEAD}\n2026-08-03,PLAIN Letters,30,,\n").loaded == 1

    def test_follows_the_project_before_the_tags(self, story):
        text = "date,project,minutes,tags\n2026-08-03,Plain letters,30,learning\n2026-08-04,Other,30,learning\n"

        take(story, text)

        assert logged(story) == [(3, story.project.id, 30), (4, "learning", 30)]

    @pytest.mark.parametrize(
        ("mapping", "words"),
        [({"Nobody": "out"}, "nothing called “Nobody”"), ({"X": "999999"}, "no project of yours"), ({"X": "a"}, "“a”")],
    )
    def test_refuses_what_it_does_not_know(self, story, mapping, words):
        with pytest.raises(RuleBroken, match=words):
            take(story, f"{HEAD}\n2026-08-03,X,30,,\n", mapping)

    def test_never_leads_to_a_project_of_others(self, story):
        theirs = ProjectFactory(title="Secret")

        with pytest.raises(RuleBroken, match="no project of yours"):
            take(story, f"{HEAD}\n2026-08-03,Secret,30,,\n", {"Secret": str(theirs.id)})
        assert fates(take(story, f"{HEAD}\n2026-08-03,Secret,30,,\n")) == {"left_out": 1}

    def test_taken_back_leaves_what_was_loaded(self, story):
        text = f"{HEAD}\n2026-08-03,Plain letters,30,,\n"
        take(story, text)

        report = take(story, text, {"Plain letters": "out"})

        assert "what was loaded of it before stays in your week" in whys(report)[0]
        assert logged(story) == [(3, story.project.id, 30)]

    def test_changed_moves_what_was_loaded(self, story):
        text = f"{HEAD}\n2026-08-03,Plain letters,30,,\n"
        take(story, text)

        assert fates(take(story, text, {"Plain letters": "help"})) == {"changed": 1}
        assert logged(story) == [(3, "help", 30)]


class TestWeeks:
    def test_keep_what_was_typed_and_gain_what_is_loaded(self, story):
        story.saved(story.entry(60, note="Typed"))

        take(story, f"{HEAD}\n2026-08-03,Plain letters,30,Loaded,\n")

        [entry] = story.week().entries
        assert (entry.minutes, entry.note) == (90, "Typed; Loaded")

    def test_gain_what_a_row_has_gained_since(self, story):
        story.saved(story.entry(60))
        take(story, f"{HEAD}\n2026-08-03,Plain letters,30,,R1\n")

        report = take(story, f"{HEAD}\n2026-08-03,Plain letters,50,,R1\n")

        assert fates(report) == {"changed": 1}
        assert logged(story) == [(3, story.project.id, 110)]

    def test_lose_a_row_on_the_day_it_left(self, story):
        take(story, f"{HEAD}\n2026-07-31,Plain letters,30,,R1\n")
        take(story, f"{HEAD}\n2026-08-03,Plain letters,30,,R1\n")

        assert logged(story) == [(3, story.project.id, 30)]

    def test_lose_a_row_that_has_become_too_short_and_owe_nothing_for_it(self, story):
        head = "date,project,duration,reference\n"
        take(story, f"{head}2026-08-03,Plain letters,0:30,R1\n")
        take(story, f"{head}2026-08-03,Plain letters,0:00:10,R1\n")
        assert logged(story) == []
        story.saved(story.entry(60))

        assert fates(take(story, f"{head}2026-08-03,Plain letters,0:00:10,R1\n")) == {"known": 1}
        assert logged(story) == [(3, story.project.id, 60)]

    def test_do_not_owe_what_their_owner_took_out_by_hand(self, story):
        take(story, f"{HEAD}\n2026-08-03,Plain letters,30,,R1\n")
        save_week(actor=story.owner, monday=MONDAY, entries=[story.entry(10)], now=NOW)

        take(story, f"{HEAD}\n2026-08-03,Plain letters,40,,R1\n")

        assert logged(story) == [(3, story.project.id, 40)]

    def test_do_not_get_back_what_their_owner_took_out_by_hand(self, story):
        take(story, f"{HEAD}\n2026-08-03,Plain letters,30,,R1\n")
        save_week(actor=story.owner, monday=MONDAY, entries=[], now=NOW)

        take(story, f"{HEAD}\n2026-08-03,Plain letters,40,,R2\n")

        assert logged(story) == [(3, story.project.id, 40)]

    def test_that_are_not_open_keep_what_they_have_and_say_what_to_do(self, story):
        story.approved(monday=BEFORE)
        story.submitted()
        text = f"{HEAD}\n2026-07-28,Plain letters,30,,\n2026-08-04,Plain letters,30,,\n2026-07-21,Plain letters,30,,\n"
        before = [story.week(), story.week(BEFORE)]

        report = take(story, text)

        assert fates(report) == {"closed": 2, "loaded": 1}
        assert whys(report) == [
            "The week of 27 July 2026 is approved. Amend it, then import again",
            "The week of 3 August 2026 is submitted. Take it back, then import again",
        ]
        assert [story.week(), story.week(BEFORE)] == before

    def test_that_are_decided_count_a_row_loaded_before_as_there(self, story):
        text = f"{HEAD}\n2026-08-04,Plain letters,60,,\n"
        take(story, text)
        approve(story.manager, story.submitted(*story.week().entries))

        assert fates(take(story, text)) == {"known": 1}

    def test_are_saved_by_the_operation_that_saves_weeks(self, story):
        take(story, f"{HEAD}\n2026-08-04,Plain letters,60,,\n")

        verbs = db.session.scalars(select(AuditEvent.verb).where(AuditEvent.actor_id == story.owner.id)).all()
        assert sorted(verbs)[-2:] == ["time:import", "week:save"]


class TestWeeklyTotals:
    def test_go_on_the_thursday(self):
        assert day_in_week(BEFORE, TODAY, dict.fromkeys(week(BEFORE), 444)) == BEFORE + timedelta(days=3)

    def test_go_on_the_nearest_worked_day_where_it_is_not(self):
        assert day_in_week(BEFORE, TODAY, {BEFORE: 444, BEFORE + timedelta(days=4): 444}) == BEFORE + timedelta(days=4)

    def test_stay_in_the_quarter_of_the_thursday(self):
        straddling = date(2026, 6, 29)  # from the Wednesday on it is the next quarter

        assert day_in_week(straddling, TODAY, {straddling: 444}) == straddling + timedelta(days=3)

    def test_do_not_go_ahead_of_today(self):
        assert day_in_week(MONDAY, MONDAY, dict.fromkeys(week(MONDAY), 444)) == MONDAY


def week(monday):
    return [monday + timedelta(days=offset) for offset in range(7)]


class TestBadRows:
    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ("2026-08-10,Plain letters,30,,", "has not come yet"),
            ("2019-12-31,Plain letters,30,,", "outside your employment"),
            ("2026-13-01,Plain letters,30,,", "expected a date"),
            ("2026-08-04,Plain letters,0x1,,", "expected a length of time"),
            ("2026-08-04,Plain letters,-30,,", "expected a length of time"),
        ],
    )
    def test_refuse_the_file_and_are_named(self, story, row, words):
        before = contents()
        text = f"{HEAD}\n2026-08-03,Plain letters,30,,\n{row}\n"

        with pytest.raises(ImportRefused, match=words) as refusal:
            take(story, text)

        assert [error.line for error in refusal.value.report.errors] == [3]
        assert contents() == before
        assert fates(take(story, text, skip_bad_rows=True)) == {"loaded": 1, "wrong": 1}

    def test_are_those_that_overlap(self, story):
        text = f"{TIMED}\n2026-08-03,Plain letters,09:00,10:00\n2026-08-03,Plain letters,09:30,10:30\n"
        text += "2026-08-03,Plain letters,10:00,11:00\n"

        report = take(story, text, skip_bad_rows=True)

        assert [(each.line, each.message[:15]) for each in report.errors] == [(3, "overlaps line 2")]
        assert logged(story) == [(3, story.project.id, 120)]

    def test_are_those_that_overlap_what_was_loaded_before(self, story):
        take(story, f"{TIMED}\n2026-08-03,Plain letters,09:30,10:30\n")
        text = f"{TIMED}\n2026-08-03,Plain letters,09:00,10:00\n2026-08-03,Plain letters,09:30,10:30\n"

        assert fates(take(story, text, skip_bad_rows=True)) == {"known": 1, "wrong": 1}
        assert logged(story) == [(3, story.project.id, 60)]

    def test_are_those_of_a_day_with_more_than_a_day_in_it(self, story):
        rows = "2026-08-03,Plain letters,900,,\n" * 2 + "2026-08-04,Plain letters,60,,\n"

        report = take(story, f"{HEAD}\n{rows}", skip_bad_rows=True)

        assert fates(report) == {"loaded": 1, "wrong": 2}
        assert logged(story) == [(4, story.project.id, 60)]

    def test_are_not_the_short_ones(self, story):
        text = "date,project,duration\n2026-08-03,Plain letters,0:00:20\n2026-08-04,Plain letters,0\n"

        assert fates(take(story, text)) == {"left_out": 2}

    def test_that_are_short_add_up(self, story):
        text = "date,project,duration\n" + "2026-08-03,Plain letters,0:00:20\n" * 5

        assert fates(take(story, text)) == {"loaded": 5}
        assert logged(story) == [(3, story.project.id, 2)]

    def test_of_several_people_of_whom_none_is_oneself_refuse_the_file(self, story):
        head = "Date,Project,Task,Notes,Hours,First Name,Last Name\n"

        with pytest.raises(RuleBroken, match="none of them is you: bo bee, cy cee"):
            take(story, f"{head}2026-08-03,P,T,,1,Bo,Bee\n2026-08-03,P,T,,1,Cy,Cee\n")

    def test_of_one_person_called_something_else_are_pointed_out(self, story):
        head = "Date,Project,Task,Notes,Hours,First Name,Last Name\n"

        assert take(story, f"{head}2026-08-03,P,T,,1,Bo,Bee\n").whose == "bo bee"


class TestImporting:
    def test_without_commit_changes_nothing_and_reports_the_same(self, story):
        before = contents()

        rehearsed = take(story, sample("toggl.csv"), commit=False)

        assert contents() == before
        assert take(story, sample("toggl.csv")) == rehearsed

    def test_needs_the_report_that_was_agreed_to(self, story):
        text = f"{HEAD}\n2026-08-03,Plain letters,30,,\n"
        seen = take(story, text, commit=False).mark
        story.saved(story.entry(10))

        with pytest.raises(RuleBroken, match="changed since you looked"):
            take(story, text, seen=seen)
        assert take(story, text, seen=take(story, text, commit=False).mark).loaded == 1

    def test_is_not_for_the_system(self, story):
        with pytest.raises(NotFound):
            import_time(actor=SYSTEM, sheet=sample("plain.csv"), mapping={}, now=NOW, commit=True)

    def test_says_which_rows_of_before_a_file_lacks(self, story):
        take(story, f"{HEAD}\n2026-08-03,Plain letters,30,,R1\n2026-08-03,Plain letters,30,,R2\n")

        report = take(story, f"{HEAD}\n2026-08-03,Plain letters,30,,R2\n")

        assert (report.missing, logged(story)) == (1, [(3, story.project.id, 60)])

    def test_takes_ten_thousand_rows(self, story):
        days = [date(2026, 1, 5) + timedelta(days=offset) for offset in range(200)]
        rows = "".join(f"{days[number % 200]},Plain letters,1,,{number}\n" for number in range(10_000))

        report = take(story, f"{HEAD}\n{rows}")

        assert report.loaded == 10_000
        assert db.session.scalar(select(func.sum(TimeEntry.minutes))) == 10_000
        assert db.session.scalar(select(func.count()).select_from(ImportedRow)) == 10_000

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.tuples(st.integers(0, 4), st.sampled_from(["Plain letters", "learning"]), st.integers(1, 100)),
            min_size=1,
            max_size=8,
        ),
        st.data(),
    )
    def test_ends_where_the_newest_file_does_whatever_was_loaded_before(self, story, rows, data):
        """Rows known by a reference: after any two files, a week holds what the second says of each."""
        save_week(actor=story.owner, monday=MONDAY, entries=[], now=NOW)
        newer = [data.draw(st.tuples(st.integers(0, 4), st.just(name), st.integers(1, 100))) for _, name, _ in rows]
        mark = next(MARKS)  # of its own for each try, also of those that hypothesis repeats

        for version in (rows, newer, newer):
            lines = [
                f"{MONDAY + timedelta(days=day)},{name},{long},,{mark}-{number}"
                for number, (day, name, long) in enumerate(version)
            ]
            take(story, "\n".join([HEAD, *lines, ""]))

        expected: dict[tuple[date, str], int] = {}
        for day, name, long in newer:
            entry = entry_of(str(story.project.id) if name != "learning" else name, MONDAY + timedelta(days=day), 1, "")
            expected[entry.day, entry.line] = expected.get((entry.day, entry.line), 0) + long
        assert {(entry.day, entry.line): entry.minutes for entry in story.week().entries} == expected
