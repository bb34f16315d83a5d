"""Calendar files: what is read out of them, and what a hostile one may not do."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tithe.allowance.forms.absences_calendar import read_calendar
from tithe.kernel.errors import RuleBroken

START, END = date(2026, 7, 1), date(2027, 1, 1)
MONDAY = date(2026, 8, 3)
ZONE = """BEGIN:VTIMEZONE
TZID:Far
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+1000
TZOFFSETTO:+1000
END:STANDARD
END:VTIMEZONE
"""


def calendar(*events, besides=""):
    inside = "".join(f"BEGIN:VEVENT\nDTSTAMP:20260101T000000Z\n{each.strip()}\nEND:VEVENT\n" for each in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{besides}{inside}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def read(*events, **options):
    return read_calendar(calendar(*events, **options), START, END)


def a_day(uid="1", day="20260803", extra=""):
    return f"UID:{uid}\nDTSTART;VALUE=DATE:{day}\nSUMMARY:Leave\n{extra}"


class TestReadCalendar:
    def test_reads_whole_days_to_the_day_before_the_end(self):
        [event] = read("UID:1\nDTSTART;VALUE=DATE:20260803\nDTEND;VALUE=DATE:20260808\nSUMMARY:Away\\, at last")

        assert (event.first_day, event.last_day) == (MONDAY, date(2026, 8, 7))
        assert (event.first_minutes, event.last_minutes, event.likely) == (1440, 1440, True)
        assert event.title == "Away, at last"

    def test_reads_times_as_the_clock_in_london_shows_them(self):
        [utc, far] = read(
            "UID:1\nDTSTART:20260803T083000Z\nDTEND:20260803T100000Z",
            "UID:2\nDTSTART;TZID=Far:20260804T080000\nDTEND;TZID=Far:20260804T100000",  # from 23:00 on the third
            besides=ZONE,
        )

        assert (utc.first_day, utc.first_minutes, utc.likely) == (MONDAY, 90, False)
        assert (far.first_day, far.last_day, far.first_minutes, far.last_minutes) == (
            MONDAY,
            MONDAY + timedelta(days=1),
            60,
            60,
        )

    def test_ends_at_midnight_on_the_day_before(self):
        [event] = read("UID:1\nDTSTART:20260803T100000\nDTEND:20260804T000000")

        assert (event.first_day, event.last_day, event.first_minutes) == (MONDAY, MONDAY, 14 * 60)

    @pytest.mark.parametrize(
        ("extra", "likely"),
        [
            ("", True),
            ("TRANSP:TRANSPARENT", False),
            ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", False),
            ("TRANSP:TRANSPARENT\nX-MICROSOFT-CDO-BUSYSTATUS:OOF", True),
        ],
    )
    def test_tells_what_looks_like_leave(self, extra, likely):
        assert [each.likely for each in read(a_day(extra=extra))] == [likely]

    def test_counts_out_repeats_over_the_days_asked_for_alone(self):
        days = [each.first_day for each in read(a_day(day="20260105", extra="RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"))]

        assert days[:2] == [date(2026, 7, 6), date(2026, 7, 20)]
        assert len(days) == 13
        assert days[-1] < END

    def test_leaves_out_exceptions_and_takes_what_replaces_them(self):
        moved = "UID:1\nRECURRENCE-ID;VALUE=DATE:20260810\nDTSTART;VALUE=DATE:20260811\nSUMMARY:Moved"
        events = read(a_day(extra="RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20260817"), moved)

        assert [each.first_day.day for each in events] == [3, 11]

    def test_leaves_out_what_is_cancelled_over_or_without_length(self):
        assert read(a_day(extra="STATUS:CANCELLED"), a_day("2", "20260601"), "UID:3\nDTSTART:20260803T100000Z") == []

    def test_gives_an_event_the_same_key_every_time_and_each_repeat_its_own(self):
        once, moved = read(a_day()), read(a_day(day="20260901"))
        weekly = read(a_day("2", extra="RRULE:FREQ=WEEKLY;COUNT=3"))

        assert once[0].key == moved[0].key
        assert len({each.key for each in weekly}) == 3
        assert [each.key for each in weekly] == [
            each.key for each in read(a_day("2", extra="RRULE:FREQ=WEEKLY;COUNT=4"))[:3]
        ]
        assert "Leave" not in repr([each.key for each in once])

    def test_takes_one_of_the_same_event(self):
        assert len(read(a_day(), a_day())) == 1

    @pytest.mark.parametrize("content", [b"", b" \n", b"hello", b"BEGIN:VCALENDAR\r\n", b"\xff\xfe\x00", b"PK\x03\x04"])
    def test_refuses_what_is_no_calendar(self, content):
        with pytest.raises(RuleBroken, match=r"iCalendar|empty") as refusal:
            read_calendar(content, START, END)

        assert refusal.value.field == "file"


class TestHostileCalendar:
    @pytest.fixture(autouse=True)
    def in_time(self):
        before = time.process_time()
        yield
        assert time.process_time() - before < 20, "reading a file must not take long, whatever is in it"

    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=SECONDLY",
            "FREQ=MINUTELY",
            "FREQ=HOURLY;COUNT=999999999",
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
            "FREQ=WEEKLY;BYMONTHDAY=31;BYMONTH=2",
            "FREQ=NEVERLY",
        ],
    )
    def test_leaves_out_rules_that_would_be_counted_for_ever(self, rule):
        assert read(a_day(extra=f"RRULE:{rule}")) == []

    def test_leaves_out_series_as_old_as_time(self):
        assert read(a_day(day="00010101", extra="RRULE:FREQ=DAILY")) == []

    def test_refuses_too_many_repeats(self):
        for rule, count in (("FREQ=DAILY", 501), ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 41)):
            with pytest.raises(RuleBroken, match="too many repeating"):
                read(*(a_day(str(number), extra=f"RRULE:{rule}") for number in range(count)))

    def test_refuses_more_events_than_anybody_has(self):
        with pytest.raises(RuleBroken, match="too many repeating"):
            read(*(a_day(str(number), extra="RRULE:FREQ=DAILY") for number in range(100)))

    def test_bears_as_many_as_are_allowed(self):
        rule = "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"

        assert len(read(*(a_day(str(number), extra=rule) for number in range(10)))) <= 10

    def test_refuses_a_file_that_is_too_large(self):
        with pytest.raises(RuleBroken, match="larger than 1 MB"):
            read_calendar(b"x" * (1024 * 1024 + 1), START, END)

    def test_bears_components_inside_components(self):
        with pytest.raises(RuleBroken, match="iCalendar"):
            read_calendar(b"BEGIN:VEVENT\r\n" * 20_000, START, END)

    def test_keeps_long_and_odd_titles_short_and_on_one_line(self):
        [event] = read(f"UID:1\nDTSTART;VALUE=DATE:20260803\nSUMMARY:a\\nb{'x' * 500}")

        assert event.title.startswith("a bxxx")
        assert len(event.title) == 120

    @given(st.text(alphabet="ABCDEFRULTSINGMOWEKYD:;=,-0123456789\n", max_size=200))
    @settings(max_examples=60)
    def test_never_fails_on_nonsense(self, words):
        try:
            events = read(a_day(extra=words))
        except RuleBroken:
            return
        assert all(each.first_day <= each.last_day for each in events)
