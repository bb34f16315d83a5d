"""Counting who gains and who loses."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tithe.allowance.rules.effects import MOST_BANDS, Band, Tally, bands, tally

DIFFERENCES = st.dictionaries(st.integers(-40_000, 40_000), st.integers(1, 1000), max_size=30)


class TestTally:
    def test_counts_people_and_their_minutes(self):
        found = tally({60: 2, 15: 1, 0: 4, -30: 3})

        assert found == Tally(gaining=3, losing=3, unchanged=4, gained=135, lost=90)
        assert (found.people, found.net) == (10, 45)

    @given(DIFFERENCES)
    def test_leaves_nobody_and_nothing_out(self, differences):
        found = tally(differences)

        assert found.people == sum(differences.values())
        assert found.net == sum(minutes * people for minutes, people in differences.items())


class TestBands:
    def test_are_of_one_width_with_whoever_stays_the_same_apart(self):
        assert bands({-31: 1, -15: 2, 0: 4, 1: 8, 15: 16}) == [
            Band(-45, -31, 1),
            Band(-30, -16, 0),
            Band(-15, -1, 2),
            Band(0, 0, 4),
            Band(1, 15, 24),
        ]

    def test_are_wider_where_differences_are_larger(self):
        assert bands({91: 1})[0] == Band(91, 120, 1)

    def test_are_none_without_people(self):
        assert bands({}) == []

    @given(DIFFERENCES)
    def test_hold_everybody_once(self, differences):
        found = bands(differences)

        assert sum(band.people for band in found) == sum(differences.values())
        for minutes in differences:
            assert len([band for band in found if band.least <= minutes <= band.most and band.people]) == 1

    @given(DIFFERENCES.filter(bool))
    def test_meet_and_are_few(self, differences):
        found = bands(differences)

        assert all(after.least == before.most + 1 for before, after in pairwise(found))
        assert len(found) <= 2 * MOST_BANDS + 1
