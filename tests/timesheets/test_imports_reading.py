"""Files of time that other tools wrote: which tool it was, what each row says, and what is wrong with it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tithe.kernel.clock import LONDON
from tithe.kernel.errors import RuleBroken
from tithe.timesheets.forms.imports import read_time
from tithe.timesheets.rules.imports import cells
from tithe.timesheets.rules.imports.cells import DateOrder
from tithe.timesheets.rules.imports.layouts import Format
from tithe.timesheets.rules.imports.sheet import MOST_ROWS, NO_PROJECT, read_sheet

SAMPLES = Path(__file__).parent.parent / "data" / "time"
TODAY = date(2026, 8, 7)
PLAIN = "date,project,duration,note"
TIMED = "date,project,start,end"
TOGGL = "Project,Description,Start date,Start time,End date,End time,Duration"


def read(text, wanted=None, order=None, encoding="utf-8"):
    return read_sheet(BytesIO(text.encode(encoding)), wanted, order)


def sample(name):
    return read_time((SAMPLES / name).read_bytes(), TODAY)


def calendar(*events):
    held = [f"BEGIN:VEVENT\nDTSTAMP:20260801T000000Z\n{event}\nEND:VEVENT" for event in events]
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *held, "END:VCALENDAR", ""]).encode()


class TestSamples:
    @pytest.mark.parametrize(
        ("name", "source", "days"),
        [
            ("toggl.csv", Format.TOGGL, [(3, 5420), (3, 1225), (4, 10800), (4, 3600), (5, 2700)]),
            ("clockify.csv", Format.CLOCKIFY, [(3, 5400), (31, 2700), (4, 10800), (4, 3600)]),
            ("harvest.csv", Format.HARVEST, [(3, 5400), (3, 1188), (3, 1188), (4, 10800)]),
            ("kimai.csv", Format.KIMAI, [(3, 6300), (4, 10800), (5, 5400)]),
            ("plain.csv", Format.PLAIN, [(3, 5400), (4, 1800), (5, 3600)]),
            ("weekly.csv", Format.WEEKLY, [(27, 12600), (3, 7200)]),
            ("calendar.ics", Format.ICAL, [(13, 3600), (20, 3600), (27, 3600), (3, 5400), (5, 2700), (6, 0)]),
        ],
    )
    def test_are_told_apart_and_read_row_by_row(self, name, source, days):
        sheet = sample(name)

        assert (sheet.format, sheet.errors) == (source, ())
        assert [(row.day.day, row.seconds) for row in sheet.rows] == days
        assert len({row.key for row in sheet.rows}) == len(sheet.rows)

    def test_say_which_columns_were_passed_over(self):
        assert sample("toggl.csv").passed_over == ("Client", "Billable", "Amount (GBP)")

    def test_name_projects_first_and_then_tags(self):
        assert sample("toggl.csv").names == [NO_PROJECT, "Appeals", "Plain letters", "#learning", "#tithe", "#users"]

    def test_take_the_file_of_kimai_in_the_encoding_of_windows(self):
        assert sample("kimai.csv").rows[2].note == "Café at the call centre"


class TestCsv:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_is_read_in_any_encoding_and_with_any_delimiter(self, encoding, delimiter):
        text = f"{PLAIN}\n2026-08-03,Plain letters,1:30,Café\n".replace(",", delimiter)

        [row] = read(text, encoding=encoding).rows

        assert (row.day, row.seconds, row.note) == (date(2026, 8, 3), 5400, "Café")

    def test_is_read_by_its_newest_headings_of_toggl(self):
        text = "Description,Duration,Member,Email,Project,Tags,Start date,Start time,Stop date,Stop time\n"
        [row] = read(f"{text}Read,0:30:00,Ada,a@b.org,Letters,,2026-08-03,09:00:00,2026-08-03,09:30:00\n").rows

        assert (row.seconds, row.ends) == (1800, datetime(2026, 8, 3, 8, 30, tzinfo=UTC))

    @pytest.mark.parametrize(
        ("row", "column", "words"),
        [
            ("3 August,P,1:30,", "date", "expected a date like 2026-07-06 or 06/07/2026, found “3 August”"),
            ("2026-02-30,P,1:30,", "date", "expected a date"),
            ("0026-08-03,P,1:30,", "date", "expected a date"),
            ("=TODAY(),P,1:30,", "date", "found “=TODAY()”"),
            ("2026-08-03,P,,", "duration", "found nothing"),
            ("2026-08-03,P,=1+1,", "duration", "expected a length of time like 1:30, found “=1+1”"),
            ("2026-08-03,P,-1:30,", "duration", "expected a length of time"),
            ("2026-08-03,P,1:75,", "duration", "expected a length of time"),
            ("2026-08-03,P,٣,", "duration", "expected a length of time"),
            ("2026-08-03,P,24:00:01,", "duration", "at most 24 hours"),
            (f"2026-08-03,{'P' * 201},1:30,", "project", "at most 200 characters"),
            ("2026-08-03,P,1:30,x,y", "line", "has 5 cells under 4 headings"),
        ],
    )
    def test_names_line_column_and_what_was_expected(self, row, column, words):
        sheet = read(f"{PLAIN}\n2026-08-03,P,1:30,\n{row}\n")

        assert len(sheet.rows) == 1
        [error] = sheet.errors
        assert (error.line, error.column) == (3, column)
        assert words in error.message

    @pytest.mark.parametrize(
        ("times", "column", "words"),
        [
            ("9am,10:00", "start", "expected a time like 09:30, found “9am”"),
            ("25:00,26:00", "start", "expected a time"),
            ("09:00,24:01", "end", "expected a time"),
            ("13:00 PM,14:00", "start", "expected a time"),
            ("09:00,", "duration", "expected a length of time"),
        ],
    )
    def test_names_a_time_that_is_none(self, times, column, words):
        [error] = read(f"{TIMED}\n2026-08-03,P,{times}\n").errors

        assert (error.column, words in error.message) == (column if column != "duration" else "length", True)

    def test_refuses_a_length_that_its_times_have_no_room_for(self):
        row = "P,Read,2026-08-03,09:00:00,2026-08-03,10:00:00,05:00:00"

        [error] = read(f"{TOGGL}\n{row}\n").errors

        assert (error.column, error.message) == (
            "Duration",
            "says “05:00:00”, but the row is shorter from start to end; expected the same",
        )

    def test_refuses_an_end_before_the_start(self):
        row = "P,Read,2026-08-03,09:00:00,2026-08-02,10:00:00,01:00:00"

        [error] = read(f"{TOGGL}\n{row}\n").errors

        assert (error.column, "ends before it begins" in error.message) == ("End time", True)

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "empty"),
            (b"PK\x03\x04abcd", "Save the sheet as CSV"),
            (b"name,age\nx,1\n", "names no columns we know"),
            (b"date,project,minutes,date\n", "date twice"),
            (f'{PLAIN}\n"2026-08-03,P,1\n'.encode(), "line 2 cannot be read"),
        ],
    )
    def test_refuses_what_is_no_such_file(self, content, words):
        with pytest.raises(RuleBroken, match=words) as refusal:
            read_time(content, TODAY)

        assert refusal.value.field == "file"

    def test_refuses_a_file_of_another_tool_than_was_named(self):
        with pytest.raises(RuleBroken, match="not a file of Harvest"):
            read(f"{PLAIN}\n", wanted=Format.HARVEST)

    def test_refuses_more_rows_than_it_can_show(self):
        with pytest.raises(RuleBroken, match="more than 20,000 rows"):
            read(f"{PLAIN}\n" + "2026-08-03,P,1:30,\n" * (MOST_ROWS + 1))

    def test_keeps_a_formula_as_the_words_it_is_and_drops_what_cannot_be_printed(self):
        [row] = read(f'{PLAIN}\n2026-08-03,=cmd,1:30,"=A1+\x00\x07two\nlines"\n').rows

        assert (row.names, row.note) == (("=cmd",), "=A1+ two lines")


class TestDates:
    @pytest.mark.parametrize(
        ("texts", "expected"),
        [
            (["03/08/2026", "31/07/2026"], (DateOrder.DAY_FIRST, True)),
            (["08/03/2026", "07/31/2026"], (DateOrder.MONTH_FIRST, True)),
            (["03.08.2026"], (DateOrder.DAY_FIRST, True)),
            (["2026-08-03"], (DateOrder.DAY_FIRST, True)),
            (["03/08/2026"], (DateOrder.DAY_FIRST, False)),
        ],
    )
    def test_show_in_which_order_they_are_written(self, texts, expected):
        assert cells.order_of(texts) == expected

    def test_are_read_as_somebody_says_where_none_shows_it(self):
        [row] = read(f"{PLAIN}\n03/08/2026,P,1:30,\n", order=DateOrder.MONTH_FIRST).rows

        assert row.day == date(2026, 3, 8)


class TestTimes:
    def test_give_the_length_where_none_is_given(self):
        [row] = read(f"{TIMED}\n2026-08-03,P,9:05,10:35 \n").rows

        assert row.seconds == 5400

    def test_end_a_day_at_twenty_four_hours(self):
        [row] = read(f"{TIMED}\n2026-08-03,P,22:00,24:00\n").rows

        assert (row.day, row.seconds) == (date(2026, 8, 3), 7200)

    def test_may_pass_midnight_and_count_on_the_day_they_begin(self):
        [row] = read(f"{TIMED}\n2026-08-03,P,23:30,00:15\n").rows

        assert (row.day, row.seconds) == (date(2026, 8, 3), 2700)

    @pytest.mark.parametrize(
        ("day", "times", "seconds"),
        [
            ("2026-03-29", "00:30,02:30", 3600),  # the clock goes forward at one
            ("2026-10-25", "00:30,02:30", 10800),  # and back at two
            ("2026-10-25", "01:45,01:15", 1800),  # the second quarter past one
        ],
    )
    def test_are_counted_through_the_hours_when_the_clock_changes(self, day, times, seconds):
        [row] = read(f"{TIMED}\n{day},P,{times}\n").rows

        assert row.seconds == seconds

    def test_follow_an_offset_of_their_own(self):
        [row] = read(f"{TIMED}\n2026-08-03,P,23:30Z,23:45+00:00\n").rows

        assert (row.day, row.seconds) == (date(2026, 8, 4), 900)

    @given(
        st.datetimes(datetime.combine(date(2020, 1, 1), time()), datetime.combine(date(2030, 1, 1), time())),
        st.integers(-14 * 60, 14 * 60),
    )
    def test_mean_the_same_instant_however_they_are_written(self, wall, offset):
        wall = wall.replace(microsecond=0)
        sign, (hours, minutes) = "-" if offset < 0 else "+", divmod(abs(offset), 60)

        moment = cells.read_moment(wall.date(), f"{wall:%H:%M:%S}{sign}{hours:02}:{minutes:02}")

        assert moment == (wall - timedelta(minutes=offset)).replace(tzinfo=UTC)
        plain = cells.read_moment(wall.date(), f"{wall:%I:%M:%S %p}")
        assert plain == wall.replace(tzinfo=LONDON).astimezone(UTC)


class TestLengths:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [("1:30", 5400), ("01:30:20", 5420), ("1.5", 5400), ("0,33", 1188), ("90m", 5400), ("1h 30", 5400), ("0", 0)],
    )
    def test_are_read_as_tools_and_people_write_them(self, text, seconds):
        assert cells.read_length(text) == seconds

    @given(st.integers(0, 86_400))
    def test_are_read_back_to_the_second(self, seconds):
        assert cells.read_length(f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}") == seconds

    @given(st.lists(st.integers(1, 7200), min_size=1, max_size=20))
    def test_are_rounded_together_to_within_half_a_minute(self, lengths):
        assert abs(cells.whole_minutes(sum(lengths)) * 60 - sum(lengths)) <= 30

    @given(st.text(max_size=30))
    def test_never_stop_on_what_is_none(self, text):
        assert cells.read_length(text) is None or cells.read_length(text) >= 0
        assert cells.read_moment(TODAY, text) is None or cells.read_moment(TODAY, text).tzinfo
        assert (cells.read_day(text, DateOrder.DAY_FIRST) or TODAY).year >= 2000


class TestKeys:
    def test_stay_when_a_row_is_corrected(self):
        before, after = (
            read(f"{TOGGL}\n{row},2026-08-03,09:00:00,2026-08-03,{end}\n").rows[0].key
            for row, end in (("P,Read", "09:30:00,00:30:00"), ("Q,Read aloud", "10:00:00,01:00:00"))
        )

        assert before == after

    def test_tell_rows_apart_that_say_the_same(self):
        rows = sample("harvest.csv").rows

        assert rows[1].key != rows[2].key

    def test_are_the_reference_where_there_is_one(self):
        one, other = (
            read(f"date,project,minutes,reference\n{row},R1\n").rows[0].key
            for row in ("2026-08-03,P,30", "2026-08-04,Q,60")
        )

        assert one == other


class TestCalendar:
    def test_takes_tagged_events_alone_and_keeps_nothing_of_the_others(self):
        sheet = sample("calendar.ics")

        assert sheet.untagged == 1
        assert sheet.rows[3].names == ("Plain letters", "#tithe")
        assert (sheet.rows[4].names, sheet.rows[4].note) == (("#letters", "#evening"), "Read it aloud")

    def test_puts_an_event_in_another_zone_on_the_day_in_london(self):
        assert sample("calendar.ics").rows[4].day == date(2026, 8, 5)

    def test_counts_through_the_hour_when_the_clock_changes(self):
        event = (
            "UID:1\nDTSTART;TZID=Europe/London:20260329T003000\nDTEND;TZID=Europe/London:20260329T023000\nSUMMARY:a #b"
        )

        [row] = read_time(calendar(event), TODAY).rows

        assert (row.seconds, row.note) == (3600, "a")

    def test_names_an_event_longer_than_a_day(self):
        event = "UID:1\nDTSTART:20260801T090000Z\nDTEND:20260803T090000Z\nSUMMARY:#tithe Away"

        sheet = read_time(calendar(event), TODAY)

        assert [(error.line, error.column) for error in sheet.errors] == [(1, "DTEND")]

    def test_refuses_a_broken_one(self):
        with pytest.raises(RuleBroken, match="could not read this as a calendar file"):
            read_time(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nx", TODAY)
