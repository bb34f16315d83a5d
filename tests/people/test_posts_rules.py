"""Posts over time, and lines of management without loops: the rules alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tithe.kernel.errors import RuleBroken
from tithe.people.rules.grades import Grade
from tithe.people.rules.posts_over_time import (
    NO_DAY,
    Post,
    Stretch,
    changed_from,
    faults,
    joined_on,
    left_on,
    lines_of,
    post_on,
    writes,
)

TODAY = date(2026, 8, 7)
START = date(2026, 1, 5)
POST = Post(1, 9, Grade.HEO, 2220, "england-and-wales")
OTHER = Post(2, 9, Grade.SEO, 1110, "england-and-wales")
HELD = [Stretch(7, START, None, POST, "HEO (L)", "Adviser", "key")]
DAYS = st.dates(date(2026, 1, 6), date(2027, 12, 31))


def change(stretches, wanted, day, today=TODAY):
    return changed_from(stretches, post_on(stretches, day), wanted, day, today=today, last_day=None)


class TestChangedFrom:
    def test_closes_what_is_in_force_and_opens_the_next(self):
        assert change(HELD, OTHER, date(2026, 9, 1)) == [
            Stretch(7, START, date(2026, 8, 31), POST, "HEO (L)", "Adviser", "key"),
            Stretch(None, date(2026, 9, 1), None, OTHER, "", "Adviser", "key"),
        ]

    def test_puts_right_what_has_not_begun_before_today(self):
        held = [Stretch(7, TODAY, None, POST)]

        assert change(held, OTHER, TODAY) == [Stretch(7, TODAY, None, OTHER)]

    @pytest.mark.parametrize(
        ("held", "day", "words"),
        [
            (HELD, START, "began on 5 January 2026"),
            ([*HELD[:0], Stretch(7, START, date(2026, 8, 31), POST), Stretch(8, date(2026, 9, 1), None, OTHER)],
             date(2026, 8, 10), "from 1 September 2026 is on record"),
            ([Stretch(7, START, date(2026, 7, 31), POST)], date(2026, 7, 1), "ended on 31 July 2026"),
        ],
    )  # fmt: skip
    def test_refuses_to_rewrite_the_past_or_what_is_to_come(self, held, day, words):
        with pytest.raises(RuleBroken, match=words) as refusal:
            change(held, Post(3, None, None, 60, "scotland"), day)

        assert refusal.value.field == "starts_on"

    def test_asks_which_of_two_posts_changes(self):
        two = [Stretch(7, START, None, POST, source_key="a"), Stretch(8, START, None, OTHER, source_key="b")]

        with pytest.raises(RuleBroken, match=r"hold 2 posts on 7 August 2026\. Say which one changes: 7, 8"):
            post_on(two, TODAY)
        after = changed_from(two, post_on(two, TODAY, 8), POST, TODAY, today=TODAY, last_day=None)
        assert [(each.id, each.ends_on) for each in after] == [(7, None), (8, date(2026, 8, 6)), (None, None)]

    @given(st.lists(st.tuples(DAYS, st.sampled_from([POST, OTHER, Post(3, None, None, 60, "scotland")])), max_size=6))
    @settings(max_examples=200, deadline=None)
    def test_never_changes_a_past_day_nor_leaves_a_gap(self, changes):
        held = HELD
        for day, wanted in changes:
            try:
                after = change(held, wanted, day)
            except RuleBroken:
                continue
            assert all(at(held, past) == at(after, past) for past in (START, day - timedelta(days=1)))
            assert at(after, day) == wanted
            held = after
        ends = [each.ends_on for each in held]
        assert ends[-1] is None
        assert [end + timedelta(days=1) for end in ends[:-1]] == [each.starts_on for each in held[1:]]


def at(stretches, day):
    held = post_on(stretches, day)
    return held and held.post


class TestLeftOn:
    def test_ends_what_goes_on_and_drops_what_has_not_begun(self):
        held = change(HELD, OTHER, date(2026, 9, 1))

        after = left_on(held, date(2026, 8, 20), before=None, today=TODAY)

        assert [(each.starts_on, each.ends_on) for each in after] == [(START, date(2026, 8, 20))]

    def test_refuses_a_day_before_what_has_begun(self):
        held = change(HELD, OTHER, date(2026, 8, 3))

        with pytest.raises(RuleBroken, match="began on 3 August 2026"):
            left_on(held, date(2026, 8, 2), before=None, today=TODAY)

    @given(DAYS, DAYS)
    def test_is_undone_by_going_back(self, first, second):
        assume(min(first, second) >= TODAY)
        leaving = left_on(HELD, first, before=None, today=TODAY)

        moved = left_on(leaving, second, before=first, today=TODAY)

        assert left_on(moved, None, before=second, today=TODAY) == HELD

    def test_has_a_counterpart_for_the_first_day(self):
        [moved] = joined_on(HELD, date(2026, 10, 1), before=START)

        assert moved.starts_on == date(2026, 10, 1)


class TestWrites:
    def test_name_what_goes_what_differs_and_what_is_new(self):
        after = change(HELD, OTHER, date(2026, 9, 1))

        found = writes([*HELD, Stretch(8, date(2026, 9, 1), None, POST)], after)

        assert (found.removed, found.updated, found.added) == ([8], after[:1], after[1:])
        assert lines_of(after) == [
            (9, START.toordinal(), date(2026, 8, 31).toordinal()),
            (9, date(2026, 9, 1).toordinal(), NO_DAY),
        ]


PEOPLE = st.integers(1, 6)
SPANS = st.tuples(PEOPLE, st.integers(0, 6), st.integers(0, 6)).map(lambda each: (each[0], *sorted(each[1:])))
LINES = st.dictionaries(PEOPLE, st.lists(SPANS, max_size=2), max_size=6)


class TestFaults:
    @given(LINES, st.integers(1, 5))
    @settings(max_examples=300, deadline=None)
    def test_are_found_exactly_where_a_walk_on_some_day_finds_one(self, lines, longest):
        base = date(2026, 1, 1).toordinal()
        dated = {who: [(boss, base + first, base + last) for boss, first, last in own] for who, own in lines.items()}

        found = {(each.person, each.loop) for each in faults(dated, dated.keys(), date(2026, 1, 1), longest)}

        assert found == {fault for day in range(7) for fault in walked(lines, day, longest)}

    def test_blame_the_lowest_change_in_a_line_that_is_too_long(self):
        lines = {who: [(who + 1, 0, NO_DAY)] for who in range(1, 5)}

        [fault] = faults(lines, {2, 3}, date(2026, 1, 1), 3)

        assert (fault.person, fault.blamed, fault.loop) == (1, {2}, False)


def walked(lines, day, longest):
    """Every fault above everybody on one day, found the slow way: path by path."""
    for person in lines:
        paths = [[person]]
        while paths:
            path = paths.pop()
            for boss in {boss for boss, first, last in lines.get(path[-1], ()) if first <= day <= last}:
                if boss in path:
                    yield person, True
                elif len(path) > longest:
                    yield person, False
                else:
                    paths.append([*path, boss])
