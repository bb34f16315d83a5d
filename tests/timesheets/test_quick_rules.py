"""One line of words, read as time."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tithe.kernel.errors import RuleBroken
from tithe.kernel.minutes import clock, spoken
from tithe.projects.rules import Membership
from tithe.timesheets.rules.entries import Entry, TimeKind
from tithe.timesheets.rules.quick import LONGEST_LINE, Unclear, read_line, rows_on, together

FRIDAY = date(2026, 8, 7)
JOINED = date(2026, 1, 1)
MAPS, DATA, LETTERS, CENSUS, DESK = 1, 2, 3, 4, 5
MINE = [
    Membership(MAPS, "Rainfall maps", JOINED),
    Membership(DATA, "Rainfall data", JOINED),
    Membership(LETTERS, "Plain letters", JOINED),
    Membership(CENSUS, "Phase 2: census", JOINED),
    Membership(DESK, "Help desk refresh", JOINED, date(2026, 8, 4)),
]
TITLES = {each.project_id: each.title for each in MINE}


def read(line: str) -> Entry:
    return read_line(line, FRIDAY, MINE).entry()


class TestReadLine:
    @pytest.mark.parametrize(
        ("line", "day", "minutes", "project"),
        [
            ("1h30 Rainfall maps yesterday", 6, 90, MAPS),
            ("Rainfall maps 1:30 fri", 7, 90, MAPS),
            ("RAINFALL DATA 90m", 7, 90, DATA),
            ("maps ½ on Monday", 3, 30, MAPS),
            ("letters 1.5h 2026-08-03", 3, 90, LETTERS),
            ("3 Aug plain letters 1h", 3, 60, LETTERS),
            ("1h plain Aug 3rd", 3, 60, LETTERS),
            ("1h 3 august plain", 3, 60, LETTERS),
            ("2 plain", 7, 120, LETTERS),
            ("plain 2", 7, 120, LETTERS),
            ("plain letters, 45 min, tues", 4, 45, LETTERS),
            ("9:00-10:30 plain", 7, 90, LETTERS),
            ("plain from 9 to 10:30", 7, 90, LETTERS),
            ("1½ hours on plain letters", 7, 90, LETTERS),
            ("1h Phase 2: census yesterday", 6, 60, CENSUS),
            ("Phase 2: census 3", 7, 180, CENSUS),
            ("1h help desk refresh tuesday", 4, 60, DESK),
        ],
    )
    def test_finds_length_day_and_project_in_any_order(self, line, day, minutes, project):
        assert read(line) == Entry(date(2026, 8, day), project, minutes)

    def test_takes_a_day_of_the_week_as_the_last_such_day_today_included(self):
        assert read("1h plain friday").day == FRIDAY
        assert read("1h plain last friday").day == FRIDAY - timedelta(days=7)
        assert read("1h plain last monday").day == date(2026, 8, 3)

    def test_takes_a_date_without_a_year_as_the_last_such_date(self):
        late = [Membership(LETTERS, "Plain letters", date(2020, 1, 1))]
        assert read_line("1h plain 7 aug 2025", FRIDAY, late).day == date(2025, 8, 7)
        assert read_line("1h plain 8 Aug", FRIDAY, late).day == date(2025, 8, 8)

    @pytest.mark.parametrize(
        ("line", "note"),
        [
            ("1h plain - drew the west", "drew the west"),
            ("1h plain – drew 2h of lines yesterday", "drew 2h of lines yesterday"),
            ("plain 90m: tests", "tests"),
            ("9:00 - 10:30 plain - wrote it", "wrote it"),
            ("1h Phase 2: census - counting: all of it", "counting: all of it"),
            ("1h plain - about Rainfall maps", "about Rainfall maps"),
            ("plain - 1h yesterday", ""),
        ],
    )
    def test_takes_what_follows_a_dash_or_colon_as_the_note(self, line, note):
        assert read(line).note == note

    @pytest.mark.parametrize(
        ("line", "kind", "note"),
        [
            ("helped Priya with charts 1h", TimeKind.HELP, "Priya with charts"),
            ("1h help: Priya", TimeKind.HELP, "Priya"),
            ("1h help Priya - with charts", TimeKind.HELP, "Priya - with charts"),
            ("45m learning Python", TimeKind.LEARNING, "Python"),
            ("learning 1h", TimeKind.LEARNING, ""),
            ("2h secondment Treasury", TimeKind.SECONDMENT, "Treasury"),
        ],
    )
    def test_knows_the_kinds_of_time_that_have_no_project(self, line, kind, note):
        assert read(line) == Entry(FRIDAY, None, read(line).minutes, note, kind)

    def test_takes_the_only_project_where_none_is_named(self):
        assert read_line("1h", FRIDAY, MINE[:1]).entry().project_id == MAPS

    def test_asks_which_of_several_is_meant_and_takes_the_answer(self):
        found = read_line("1h rainfall yesterday - rivers", FRIDAY, MINE)

        with pytest.raises(
            Unclear, match=r"“rainfall” may be any of these\. Choose one: Rainfall maps, Rainfall data"
        ) as no:
            found.entry()

        assert [each.line for each in no.value.candidates] == [str(MAPS), str(DATA)]
        assert found.entry(str(DATA)) == Entry(date(2026, 8, 6), DATA, 60, "rivers")

    def test_asks_where_a_word_is_a_project_and_a_kind(self):
        found = read_line("1h help desk tuesday", FRIDAY, MINE)

        assert [each.line for each in found.candidates] == [str(DESK), "help"]
        assert found.entry("help").note == "desk"

    def test_offers_everything_open_that_day_where_nothing_fits(self):
        with pytest.raises(Unclear, match="No project of yours on Friday 7 August is called “gardens”") as no:
            read("1h gardens")

        names = [each.title for each in no.value.candidates]
        assert names == [*list(TITLES.values())[:4], "Help given", "Secondment", "Learning"]

    def test_does_not_log_to_a_project_on_a_day_after_leaving_it(self):
        with pytest.raises(Unclear, match="called “Help desk refresh”"):
            read("1h Help desk refresh today")

    def test_refuses_a_row_that_is_none(self):
        with pytest.raises(RuleBroken, match="no such row"):
            read_line("1h x", FRIDAY, MINE).entry("gardens")

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("", "Write how long"),
            ("plain", "Say how long as well"),
            ("0m plain", "from 1 minute"),
            ("25h plain", "more than a day"),
            ("10:30-9:00 plain", "ends before it begins"),
            ("9:00-25:00 plain", "not two times of day"),
            ("1h plain 31 feb", "not a day"),
            ("1h plain 1999-01-01", "not a day"),
            ("1h " + "x" * LONGEST_LINE, "at most 300"),
        ],
    )
    def test_says_what_is_missing_or_cannot_be(self, line, words):
        with pytest.raises(RuleBroken, match=words) as refusal:
            read(line)
        assert refusal.value.field == "line"

    def test_for_a_timer_wants_neither_length_nor_another_day(self):
        assert read_line("plain - drafting", FRIDAY, MINE, timing=True).entry() == Entry(FRIDAY, LETTERS, 0, "drafting")
        for line in ("1h plain", "plain yesterday"):
            with pytest.raises(RuleBroken, match="counts from now on"):
                read_line(line, FRIDAY, MINE, timing=True)

    @given(
        title=st.sampled_from(sorted(TITLES)[:4]),
        minutes=st.integers(1, 1440),
        back=st.integers(0, 200),
        write=st.sampled_from([clock, spoken, lambda minutes: f"{minutes}m"]),
        order=st.permutations(["title", "length", "day"]),
        note=st.sampled_from(["", "with 2h of tests", "yesterday: all of it", "Rainfall"]),
    )
    def test_gives_back_what_was_written_in_whatever_order(self, title, minutes, back, write, order, note):
        day = FRIDAY - timedelta(days=back)
        words = {"title": TITLES[title], "length": write(minutes), "day": day.isoformat()}
        line = " ".join(words[each] for each in order) + (f" - {note}" if note else "")

        assert read(line) == Entry(day, title, minutes, note)

    @given(line=st.text(alphabet="0123456789:.,-hm½ aplinrefdyst\u00a0'%_", max_size=40))
    def test_reads_or_refuses_anything_in_words(self, line):
        with suppress(RuleBroken):
            entry = read(line)
            assert 1 <= entry.minutes <= 1440
            assert entry.line in {each.line for each in rows_on(entry.day, MINE)}


class TestTogether:
    def test_keeps_the_former_note_in_front_of_what_is_added(self):
        assert together("one", "two") == "one; two"
        assert together("", "two") == "two"
        assert together("one", "") == "one"

    def test_says_nothing_twice(self):
        assert together("stand-up; tests", "stand-up") == "stand-up; tests"

    def test_refuses_rather_than_cuts(self):
        with pytest.raises(RuleBroken, match="Shorten it"):
            together("x" * 499, "yy")
