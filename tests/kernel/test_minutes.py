"""Durations: what people type, what they read, and that one gives back the other."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tithe.kernel import minutes
from tithe.kernel.errors import RuleBroken

MINUTES_OF_A_DAY = st.integers(min_value=0, max_value=minutes.DAY)
LIKE_A_DURATION = st.text(alphabet="0123456789:.,hm ½¼¾⅓⅔-+_eNaAinfINF٣１", max_size=12)


class TestParse:
    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("1:30", 90),
            ("01:30", 90),
            ("0:05", 5),
            ("24:00", 1440),
            ("1.5", 90),
            ("1,5", 90),
            (".25", 15),
            ("0.0083", 0),
            ("7", 420),
            ("24", 1440),
            ("90m", 90),
            ("90 min", 90),
            ("1440 minutes", 1440),
            ("1h", 60),
            ("2 hours", 120),
            ("1.5h", 90),
            ("1h 30", 90),
            ("1h30", 90),
            ("1h30m", 90),
            ("1 hour 5 minutes", 65),
            ("½", 30),
            ("½h", 30),
            ("1½", 90),
            ("1 ½", 90),
            ("1¼ hours", 75),
            ("1¾", 105),
            ("⅓", 20),
            ("⅔", 40),
            ("1H 30M", 90),
            ("  1:30\t", 90),
            ("\u00a01:30", 90),
            ("0", 0),
            ("", 0),
            ("   ", 0),
        ],
    )
    def test_reads_the_ways_people_write_time(self, typed, expected):
        assert minutes.parse(typed) == expected

    @pytest.mark.parametrize(
        "typed",
        [
            "１:３０",  # full-width digits
            "１",
            "٣",  # an Arabic three
            "1_0",
            "NaN",
            "nan",
            "inf",
            "Infinity",
            "-1",
            "−1",
            "-1:30",
            "+1",
            "1e1",
            "0x10",
            "1:60",
            "1:5",
            ":30",
            "1:",
            "1:30:00",
            "1h 60m",
            "h",
            "m",
            ".",
            "½½",
            "1.5½",
            "1.5.5",
            "1 5",
            "half an hour",
            "one",
            "1:30\x00",
            "<b>1</b>",
        ],
    )
    def test_refuses_what_is_not_a_length_of_time(self, typed):
        with pytest.raises(RuleBroken, match="is not a length of time"):
            minutes.parse(typed)

    @pytest.mark.parametrize("typed", ["25:00", "24:01", "25", "90", "24.1", "1441m", "24h 1m", "24½"])
    def test_refuses_more_than_a_day(self, typed):
        with pytest.raises(RuleBroken, match="is more than a day"):
            minutes.parse(typed)

    def test_tells_somebody_who_typed_minutes_as_hours_how_to_write_them(self):
        with pytest.raises(RuleBroken, match="For minutes write 90m"):
            minutes.parse("90")

    @pytest.mark.parametrize("typed", ["25:00", "90 hours", "1441m", "24.1"])
    def test_never_suggests_a_spelling_it_would_refuse_itself(self, typed):
        with pytest.raises(RuleBroken) as refusal:
            minutes.parse(typed)

        _, _, suggestion = refusal.value.message.partition("For minutes write ")
        assert not suggestion or minutes.parse(suggestion)

    @pytest.mark.parametrize("typed", ["9" * 100_000, "1:30 " + "x" * 100_000, " " * 50_000 + "1" * 50_000 + "h"])
    def test_refuses_long_text_and_repeats_only_its_beginning(self, typed):
        with pytest.raises(RuleBroken) as refusal:
            minutes.parse(typed)

        assert len(refusal.value.message) < 120


class TestSpoken:
    @pytest.mark.parametrize(
        ("given_minutes", "words"),
        [(0, "0m"), (5, "5m"), (60, "1h"), (65, "1h 05m"), (90, "1h 30m"), (-45, "−45m"), (75_000, "1,250h")],
    )
    def test_reads_like_a_sentence(self, given_minutes, words):
        assert minutes.spoken(given_minutes) == words


class TestHours:
    @pytest.mark.parametrize(("given_minutes", "expected"), [(0, "0.00"), (90, "1.50"), (20, "0.33"), (-45, "-0.75")])
    def test_has_two_places(self, given_minutes, expected):
        assert minutes.hours(given_minutes) == Decimal(expected)


@given(MINUTES_OF_A_DAY)
@settings(max_examples=200, deadline=None)
def test_parsing_what_was_shown_in_a_cell_gives_it_back(length):
    assert minutes.parse(minutes.clock(length)) == length


@given(MINUTES_OF_A_DAY)
@settings(max_examples=200, deadline=None)
def test_parsing_what_was_said_in_a_sentence_gives_it_back(length):
    assert minutes.parse(minutes.spoken(length)) == length


@given(st.one_of(LIKE_A_DURATION, st.text(max_size=30)))
@settings(max_examples=200, deadline=None)
def test_any_text_is_minutes_of_a_day_or_a_refusal_in_words(typed):
    try:
        read = minutes.parse(typed)
    except RuleBroken:
        return
    assert type(read) is int
    assert 0 <= read <= minutes.DAY


class TestFind:
    @pytest.mark.parametrize(
        ("line", "expected", "left"),
        [
            ("1h30 maps", 90, " maps"),
            ("maps 1h 30 today", 90, "maps  today"),
            ("maps 1:30", 90, "maps "),
            ("90 min maps", 90, " maps"),
            ("maps 1.5h", 90, "maps "),
            ("½ maps", 30, " maps"),
            ("maps 1½ hours", 90, "maps "),
            ("2 maps", 120, " maps"),
            ("maps 2", 120, "maps "),
            ("9:00-10:30 maps", 90, " maps"),
            ("maps from 9.15 to 10", 45, "maps "),
            ("maps 13:00 – 14:30", 90, "maps "),
            ("phase 2 maps, 45m", 45, "phase 2 maps, "),
        ],
    )
    def test_picks_the_duration_out_of_a_line(self, line, expected, left):
        length, start, end = minutes.find(line)

        assert (length, line[:start] + line[end:]) == (expected, left)

    @pytest.mark.parametrize(
        "line", ["", "maps", "phase 2 maps", "v1.2.3 maps", "2026-08-03 maps", "a1h maps", "x9-10"]
    )
    def test_sees_none_in_words_and_figures_that_are_something_else(self, line):
        assert minutes.find(line) is None

    @pytest.mark.parametrize("line", ["10:30-9:00", "9:00-9:00", "9:00-24:30", "9:60-10:00", "25h maps"])
    def test_refuses_times_that_cannot_be(self, line):
        with pytest.raises(RuleBroken):
            minutes.find(line)

    @given(start=st.integers(0, 1438), length=st.integers(1, 1439))
    def test_counts_the_minutes_between_two_times_of_day(self, start, length):
        end = min(start + length, 1439)
        found = minutes.find(f"maps {minutes.clock(start)}-{minutes.clock(end)}")

        assert found is not None
        assert found[0] == end - start

    @settings(max_examples=300)
    @given(line=LIKE_A_DURATION)
    def test_reads_or_refuses_anything(self, line):
        try:
            found = minutes.find(line)
        except RuleBroken:
            return
        assert found is None or 0 <= found[0] <= minutes.DAY
