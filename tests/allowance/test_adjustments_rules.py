"""Corrections: reading signed minutes, and what may be proposed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.allowance.scheme import QUARTER, WHY
from tithe.allowance.rules import adjustments as rules
from tithe.allowance.rules.adjustments import MOST, Proposal
from tithe.kernel.errors import RuleBroken

SIGNED = st.integers(-MOST, MOST).filter(bool)


def problems(minutes=90, quarter=QUARTER, reason=WHY):
    return [each.field for each in rules.problems_in(Proposal(quarter, minutes, reason), QUARTER)]


class TestParse:
    @pytest.mark.parametrize(
        ("typed", "minutes"),
        [
            ("+1:30", 90),
            ("-45m", -45),
            ("−45m", -45),
            ("–1h 30", -90),
            (" + 2 ", 120),
            ("+168h", 10_080),
            ("-168:00", -10_080),
            ("-10080m", -10_080),
            ("+100h 30m", 6030),
        ],
    )
    def test_reads_a_sign_and_a_length_of_time(self, typed, minutes):
        assert rules.parse(typed) == minutes

    @pytest.mark.parametrize("typed", ["", "1:30", "90m", "an hour", "±1"])
    def test_asks_for_a_sign(self, typed):
        with pytest.raises(RuleBroken, match="Begin with") as refused:
            rules.parse(typed)
        assert refused.value.field == "minutes"

    @pytest.mark.parametrize("typed", ["+an hour", "+-1", "--1", "+1:60"])
    def test_refuses_what_is_not_a_length_of_time(self, typed):
        with pytest.raises(RuleBroken, match="is not a length of time") as refused:
            rules.parse(typed)
        assert refused.value.field == "minutes"

    @pytest.mark.parametrize("typed", ["+168:01", "-169", "+10081m", "-168h 1m"])
    def test_refuses_more_than_a_week(self, typed):
        with pytest.raises(RuleBroken, match="is more than 168h"):
            rules.parse(typed)


@given(SIGNED)
def test_parsing_what_was_said_gives_it_back(minutes):
    assert rules.parse(rules.signed(minutes).replace(",", "")) == minutes


@given(st.text(max_size=300), st.just(QUARTER))
def test_the_line_in_the_ledger_fits_its_column_and_names_the_quarter(reason, quarter):
    line = rules.line_for(quarter, reason)

    assert line.startswith("Correction about Jul to Sep 2026")
    assert len(line) <= 200
    assert len(line.splitlines()) == 1


class TestProposal:
    @pytest.mark.parametrize("minutes", [1, -1, MOST, -MOST])
    def test_takes_up_to_a_week_either_way(self, minutes):
        assert problems(minutes) == []

    @pytest.mark.parametrize("minutes", [0, MOST + 1, -MOST - 1])
    def test_refuses_nothing_and_more(self, minutes):
        assert problems(minutes) == ["minutes"]

    def test_is_about_a_quarter_that_has_begun(self):
        assert problems(quarter=QUARTER.previous) == []
        assert problems(quarter=QUARTER.next) == ["quarter"]

    @pytest.mark.parametrize("reason", ["", " " * 30, "x" * 19, "x" * 1001])
    def test_says_why_at_some_length(self, reason):
        assert problems(reason=reason) == ["reason"]

    def test_names_everything_that_is_wrong_at_once(self):
        assert problems(0, QUARTER.next, "") == ["quarter", "minutes", "reason"]
