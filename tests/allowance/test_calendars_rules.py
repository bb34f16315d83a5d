"""What a calendar may hold, how two differ, and lists as GOV.UK publishes them."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.allowance.holidays import a_list, event
from tithe.allowance.rules.holidays import (
    PUBLISHED_KINDS,
    DayKind,
    Holiday,
    difference,
    problems_in_code,
    problems_in_day,
    problems_in_days,
    problems_in_name,
    problems_in_years,
    read_day,
    with_published,
)
from tithe.allowance.rules.published import LARGEST_FILE, read_published, read_text
from tithe.kernel.errors import RuleBroken

ENGLAND = "england-and-wales"
WEEKDAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31)).filter(lambda day: day.weekday() < 5)
HOLIDAYS = st.lists(
    st.builds(Holiday, WEEKDAYS, st.sampled_from("ABC"), st.sampled_from(DayKind)),
    max_size=12,
    unique_by=lambda each: each.day,
)
OPEN_SINCE = st.sampled_from([date.min, date(2026, 4, 1), date(2026, 7, 1), date(2030, 1, 1)])


def problems_of(call) -> list[str | None]:
    with pytest.raises(RuleBroken) as refused:
        call()
    return [problem.field for problem in refused.value.problems]


class TestDifference:
    @given(HOLIDAYS, HOLIDAYS)
    def test_leads_from_one_to_the_other(self, before, after):
        differs = difference(before, after)
        days = {each.day: each for each in before}
        for each in differs.removed:
            assert days.pop(each.day) == each
        for old, new in differs.changed:
            assert days[old.day] == old
            days[new.day] = new
        for each in differs.added:
            assert each.day not in days
            days[each.day] = each

        assert sorted(days.values()) == sorted(after)
        assert bool(differs) == (sorted(before) != sorted(after))

    @given(HOLIDAYS, HOLIDAYS)
    def test_begins_on_the_first_day_that_is_a_holiday_in_one_alone(self, before, after):
        apart = {each.day for each in before} ^ {each.day for each in after}

        assert difference(before, after).earliest == min(apart, default=None)

    @given(HOLIDAYS, HOLIDAYS, HOLIDAYS)
    def test_has_the_mark_of_no_other(self, before, after, other):
        one, two = difference(before, after), difference(before, other)

        assert (one.mark == two.mark) == (one == two)


class TestWithPublished:
    @given(HOLIDAYS, HOLIDAYS, OPEN_SINCE)
    def test_follows_the_list_and_leaves_alone_what_is_not_its_own(self, before, published, since):
        after = {each.day: each for each in with_published(before, published, since)}
        listed = {each.day for each in published if each.day >= since}

        assert listed <= after.keys()
        for each in before:
            if each.kind not in PUBLISHED_KINDS or each.day < since:
                assert after[each.day] == each
            else:
                assert each.day not in after or after[each.day].kind is each.kind
        assert after.keys() <= listed | {each.day for each in before}

    @given(HOLIDAYS, HOLIDAYS, OPEN_SINCE)
    def test_changes_nothing_the_second_time(self, before, published, since):
        once = with_published(before, published, since)

        assert with_published(once, published, since) == once

    @given(HOLIDAYS, HOLIDAYS)
    def test_touches_no_day_outside_the_list(self, before, published):
        if not published:
            assert with_published(before, published, date.min) == sorted(before)
            return
        first, last = min(each.day for each in published), max(each.day for each in published)
        outside = [each for each in before if not first <= each.day <= last]

        assert set(outside) <= set(with_published(before, published, date.min))


class TestProblems:
    @pytest.mark.parametrize("code", ["", "Leeds", "leeds office", "-leeds", "leeds--office", "x" * 31, "é", "a/b"])
    def test_refuse_a_code_that_cannot_stand_in_an_address(self, code):
        assert "like leeds-office" in problems_in_code(code)[0].message

    @pytest.mark.parametrize("code", ["new", "scotland", ENGLAND])
    def test_refuse_a_code_that_means_something_else(self, code):
        assert "taken" in problems_in_code(code)[0].message

    @pytest.mark.parametrize("code", ["a", "leeds-2", "x" * 30])
    def test_take_a_plain_code(self, code):
        assert problems_in_code(code) == []

    @pytest.mark.parametrize("name", ["", "  ", "x" * 121, "two\nlines", "\ud800"])
    def test_refuse_a_name_nobody_can_read(self, name):
        assert problems_in_name(name)

    @pytest.mark.parametrize(
        ("first", "last", "fields"),
        [
            (1999, 2000, ["first_year"]),
            (2101, 2101, ["first_year", "last_year"]),
            (2027, 2026, ["last_year"]),
            (2026, 2046, ["last_year"]),
        ],
    )
    def test_refuse_years_out_of_reach(self, first, last, fields):
        assert [problem.field for problem in problems_in_years(first, last)] == fields

    def test_name_the_weekend_a_day_falls_on(self):
        assert "26 December 2026 is a Saturday" in problems_in_day(date(2026, 12, 26))[0].message
        assert problems_in_day(date(2026, 12, 28)) == []

    def test_find_every_fault_in_the_days_of_some_years(self):
        days = [
            Holiday(date(2026, 8, 12), "Fair"),
            Holiday(date(2026, 8, 12), "Fair again"),
            Holiday(date(2027, 8, 11), ""),
            Holiday(date(2026, 8, 15), "Saturday"),
        ]

        found = {problem.field for problem in problems_in_days(days, 2026, 2026)}

        assert found == {"days.1.date", "days.2.date", "days.2.name", "days.3.date"}


@pytest.mark.parametrize(
    "text", ["", "20261224", "2026-W01-1", "24/12/2026", "2026-13-01", "２０２６-12-24", "2026-12-24T00"]
)
def test_a_date_is_written_in_one_way_only(text):
    assert read_day(text) is None


class TestPublishedList:
    def test_is_read_as_it_is_published(self):
        lists = a_list(event("2026-12-28", "Boxing Day", "Substitute day"), event("2026-12-25", "Christmas Day"))

        found = read_published(lists | a_list(event("2026-01-02"), division="scotland"), ENGLAND)

        assert found.days == (Holiday(date(2026, 12, 25), "Christmas Day"), Holiday(date(2026, 12, 28), "Boxing Day"))

    def test_may_say_less_or_more_of_each_day(self):
        lists = a_list({"title": "A day", "date": "2026-12-25", "since": 1900}) | {"generated": "today"}

        assert len(read_published(lists, ENGLAND).days) == 1

    def test_tells_an_extra_holiday_by_its_note(self):
        found = read_published(a_list(event("2022-06-03", "Jubilee", "Extra bank holiday")), ENGLAND)

        assert [each.kind for each in found.days] == [DayKind.ONE_OFF]

    def test_keeps_the_substitute_and_leaves_out_the_weekend(self):
        found = read_published(a_list(event("2026-12-26", "Boxing Day"), event("2026-12-28", "Boxing Day")), ENGLAND)

        assert [each.day.day for each in found.days] == [28]
        assert [each.day.day for each in found.at_weekends] == [26]

    def test_names_every_event_at_fault(self):
        events = [
            event("2026-12-25"),
            {"title": "x"},
            "words",
            event("soon"),
            event("2026-12-28", ""),
            event("1066-10-14"),
        ]

        assert problems_of(lambda: read_published(a_list(*events), ENGLAND)) == [
            f"{ENGLAND}.events.1.date",
            f"{ENGLAND}.events.2",
            f"{ENGLAND}.events.3.date",
            f"{ENGLAND}.events.4.title",
            f"{ENGLAND}.events.5.date",
        ]

    def test_has_no_date_twice(self):
        lists = a_list(event("2026-12-25"), event("2026-12-25", "Again"))

        assert problems_of(lambda: read_published(lists, ENGLAND)) == [f"{ENGLAND}.events"]

    @pytest.mark.parametrize(
        ("lists", "field"),
        [
            ([], "file"),
            ("words", "file"),
            (None, "file"),
            ({}, "division"),
            (a_list(event("2026-12-25"), division="scotland"), "division"),
            ({ENGLAND: []}, f"{ENGLAND}.events"),
            ({ENGLAND: {"events": {}}}, f"{ENGLAND}.events"),
            (a_list(), f"{ENGLAND}.events"),
            (a_list(*[event("2026-12-25")] * 1001), f"{ENGLAND}.events"),
        ],
    )
    def test_is_refused_in_any_other_shape(self, lists, field):
        assert problems_of(lambda: read_published(lists, ENGLAND)) == [field]

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b" " * (LARGEST_FILE + 1), b"NaN1"])
    def test_is_refused_when_it_is_not_json_or_too_large(self, content):
        assert problems_of(lambda: read_text(content)) == ["file"]

    def test_may_begin_with_the_mark_of_its_encoding(self):
        assert read_text(b"\xef\xbb\xbf" + json.dumps({"é": 1}).encode()) == {"é": 1}
