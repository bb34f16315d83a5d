"""What hours may be put on record, and how they are read from what people type."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tithe.allowance.presenters import patterns as presenters
from tithe.allowance.rules import patterns as rules
from tithe.allowance.rules.patterns import Effect
from tithe.allowance.rules.worktime import WHOLE, Move, Work
from tithe.kernel.calendar import Quarter
from tithe.kernel.errors import RuleBroken, RulesBroken
from tithe.kernel.minutes import clock

FULL = [444, 444, 444, 444, 444, 0, 0]
SEPTEMBER = date(2026, 9, 1)

lengths = st.integers(0, 1440)
weeks = st.lists(st.lists(lengths, min_size=7, max_size=7), min_size=1, max_size=4)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
moves = st.builds(
    lambda start, length, share: Move(start, start + timedelta(days=length) if length is not None else None, share),
    days,
    st.none() | st.integers(0, 200),
    st.integers(1, WHOLE),
)


class TestPattern:
    @given(weeks)
    def test_has_one_to_four_weeks_of_seven_days(self, weeks):
        assert rules.problems_in(weeks) == []

    def test_may_hold_no_work_at_all(self):
        assert rules.problems_in([[0] * 7]) == []

    @pytest.mark.parametrize(
        "weeks", [[], [FULL] * 5, [FULL[:6]], [[*FULL, 0]], [FULL, [1441, 0, 0, 0, 0, 0, 0]], [[-1, *FULL[1:]]]]
    )
    def test_is_refused_in_any_other_shape(self, weeks):
        assert [problem.field for problem in rules.problems_in(weeks)] == ["weeks"]

    def test_averages_over_its_cycle(self):
        assert rules.average([FULL, [0] * 7]) == 1110
        assert rules.average([[1, 0, 0, 0, 0, 0, 0], [0] * 7]) == Fraction(1, 2)

    @given(weeks)
    def test_is_read_back_as_it_was_written(self, weeks):
        written = " / ".join(" ".join(clock(length) for length in week) for week in weeks)

        assert rules.read_weeks(written) == weeks

    @pytest.mark.parametrize("text", ["", "7:24", "7:24 7:24 7:24 0 0 0 0 0", "a b c d e f g", "25:00 0 0 0 0 0 0"])
    def test_is_not_read_from_anything_else(self, text):
        with pytest.raises(RuleBroken):
            rules.read_weeks(text)


class TestDays:
    def test_are_read_line_by_line_however_they_are_parted(self):
        text = "2026-08-03 5:00\n\n2026-08-04,0\n2026-08-05;1h 30\n2026-08-06\t7.4\n"

        assert rules.read_days(text) == {
            date(2026, 8, 3): 300,
            date(2026, 8, 4): 0,
            date(2026, 8, 5): 90,
            date(2026, 8, 6): 444,
        }

    def test_name_every_line_that_is_wrong(self):
        with pytest.raises(RulesBroken) as refused:
            rules.read_days("2026-08-03 5:00\n2026-02-30 5:00\n2026-08-03 4:00\nholiday\n2026-08-04 long")

        assert [problem.message.split(":")[0] for problem in refused.value.problems] == [
            "Line 2",
            "Line 3",
            "Line 4",
            "Line 5",
        ]
        assert {problem.field for problem in refused.value.problems} == {"days"}

    @pytest.mark.parametrize("text", ["20260803", "2026-W32-1", "3 August", "2026-13-01", "", "２０２６-08-03"])
    def test_are_named_by_their_date_alone(self, text):
        with pytest.raises(RuleBroken):
            rules.read_day(text, "day")

    def test_are_refused_in_a_closed_quarter_once_for_each_quarter(self):
        closed = [date(2026, 4, 1), date(2026, 5, 1), date(2026, 7, 1)]

        (problem,) = rules.problems_with_days(closed, date(2026, 7, 1), "days")

        assert problem.message == "Apr to Jun 2026 is closed. Ask HR for a correction instead"

    @pytest.mark.parametrize("day", [date.min, date(1999, 12, 31), date(2100, 1, 1), date.max])
    def test_are_refused_out_of_reach(self, day):
        assert rules.problems_with_days([day], date.min, "starts_on")


class TestLending:
    def test_names_the_first_day_with_too_much_and_what_is_left_on_it(self):
        half = Move(SEPTEMBER, None, 5000)

        assert rules.over_lent([half], Move(date(2026, 8, 1), None, 6000)) == (SEPTEMBER, 5000)
        assert rules.over_lent([half], Move(date(2026, 10, 1), None, 5001)) == (date(2026, 10, 1), 5000)

    def test_allows_the_whole_and_what_does_not_meet(self):
        half = Move(SEPTEMBER, date(2026, 9, 30), 5000)

        assert rules.over_lent([half], Move(SEPTEMBER, None, 5000)) is None
        assert rules.over_lent([half], Move(date(2026, 8, 1), date(2026, 8, 31), WHOLE)) is None
        assert rules.over_lent([half], Move(date(2026, 10, 1), None, WHOLE)) is None

    @given(st.lists(moves, max_size=6), st.lists(days, min_size=5, max_size=20))
    def test_never_adds_up_to_more_than_the_whole(self, asked, looked_at):
        lent: list[Move] = []
        for move in asked:
            if rules.over_lent(lent, move) is None:
                lent.append(move)

        for day in [*looked_at, *(move.starts_on for move in lent)]:
            shares = [m.share_bp for m in lent if m.starts_on <= day and (m.last_day is None or day <= m.last_day)]
            assert sum(shares) <= WHOLE
            assert Work(moves=tuple(lent)).home_share(day) == WHOLE - sum(shares)

    @given(st.lists(moves, max_size=5), moves)
    def test_is_refused_only_where_a_day_has_too_little_left(self, known, new):
        over = rules.over_lent(known, new)

        if over:
            day, left = over
            assert new.starts_on <= day <= (new.last_day or date.max)
            assert left < new.share_bp

    def test_matters_from_the_day_after_the_earlier_end(self):
        assert rules.first_day_changed(None, date(2026, 8, 31)) == SEPTEMBER
        assert rules.first_day_changed(date(2026, 8, 31), None) == SEPTEMBER
        assert rules.first_day_changed(date(2026, 8, 31), date(2026, 10, 1)) == SEPTEMBER


class TestWords:
    QUARTER = Quarter(2026, 2)

    @pytest.mark.parametrize(
        ("after", "words"),
        [
            (5685, "This takes 1h 30m off Jul to Sep 2026: 94h 45m instead of 96h 15m"),
            (5790, "This adds 15m to Jul to Sep 2026: 96h 30m instead of 96h 15m"),
            (5775, "This changes nothing: Jul to Sep 2026 stays at 96h 15m"),
        ],
    )
    def test_say_what_a_change_is_worth(self, after, words):
        assert presenters.effects_in_words([Effect(self.QUARTER, 5775, after)]) == [words]

    def test_leave_out_quarters_that_stay_when_others_change(self):
        effects = [Effect(self.QUARTER, 5775, 5775), Effect(self.QUARTER.next, 5775, 5760)]

        assert presenters.effects_in_words(effects) == [
            "This takes 15m off Oct to Dec 2026: 96h instead of 96h 15m",
        ]

    def test_say_nothing_about_no_quarter(self):
        assert presenters.effects_in_words([]) == []

    def test_warn_where_the_hours_are_not_those_of_the_post(self):
        assert presenters.mismatch([FULL], 2220) is None
        assert presenters.mismatch([FULL], None) is None
        assert "37h a week on average, but the post is for 29h 36m" in (presenters.mismatch([FULL], 1776) or "")

    @given(weeks)
    def test_draw_no_bar_outside_the_drawing(self, weeks):
        drawing = presenters.drawing(weeks)

        assert len(drawing.bars) == 7 * len(weeks)
        for bar in drawing.bars:
            assert 0 <= bar.x <= drawing.width - presenters.BAR
            assert 0 <= bar.y == presenters.TALLEST - bar.height
