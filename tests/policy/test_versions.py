"""Versions: which holds on which day, where each value comes from, and what will change."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.policies import APRIL, AUGUST, DAYS, JULY, NAMES, OCTOBER, TODAY, VERSIONS
from tithe.policy import rules
from tithe.policy.rules import Settings, Version, VersionState, contradictions, sources, timeline

DAY = timedelta(days=1)
MANY = settings(max_examples=100, deadline=None)


class TestTimeline:
    def test_is_one_stretch_of_defaults_where_nobody_decided_anything(self):
        (span,) = timeline([], JULY, OCTOBER)

        assert (span.start, span.end, span.settings, span.policy_id) == (JULY, OCTOBER, Settings(), None)

    def test_cuts_on_the_day_a_version_starts(self):
        before, after = timeline([Version(7, 0, AUGUST, {"rate_bp": 1000})], JULY, OCTOBER)

        assert (before.end, before.settings.rate_bp, before.policy_id) == (AUGUST, 2000, None)
        assert (after.start, after.settings.rate_bp, after.policy_id) == (AUGUST, 1000, 7)

    def test_starts_with_the_version_already_in_force_and_ignores_those_to_come(self):
        versions = [
            Version(1, 0, date(2026, 1, 1), {"rate_bp": 500}),
            Version(2, 0, date(2026, 5, 1), {"rate_bp": 600}),
            Version(3, 0, OCTOBER, {"rate_bp": 700}),
        ]

        (span,) = timeline(versions, JULY, OCTOBER)

        assert (span.settings.rate_bp, span.policy_id) == (600, 2)

    def test_does_not_cut_twice_on_one_day(self):
        versions = [Version(1, 1, AUGUST, {"rate_bp": 500}), Version(2, 0, AUGUST, {"round_to": 5})]

        before, after = timeline(versions, JULY, OCTOBER)

        assert before.end == after.start == AUGUST
        assert (after.settings.rate_bp, after.settings.round_to, after.policy_id) == (500, 5, 2)

    def test_does_not_cut_where_the_span_begins(self):
        (span,) = timeline([Version(1, 0, JULY, {"rate_bp": 500})], JULY, OCTOBER)

        assert span.settings.rate_bp == 500

    def test_takes_back_what_a_unit_no_longer_names(self):
        """A new version replaces the unit's own old one; it does not add to it."""
        versions = [
            Version(1, 0, date(2026, 1, 1), {"rate_bp": 500, "round_to": 5}),
            Version(2, 0, AUGUST, {"rate_bp": 600}),
        ]

        assert [span.settings.round_to for span in timeline(versions, JULY, OCTOBER)] == [5, 15]

    def test_goes_on_where_a_unit_came_under_another_and_contradicts_it(self):
        """Everybody's figures must not stop for one unit; its page says what is wrong."""
        (span,) = timeline([Version(1, 1, JULY, {"rate_max_bp": 1000})], JULY, OCTOBER)

        assert contradictions(span.settings)


class TestStates:
    def test_tell_past_from_present_and_coming_in_each_unit(self):
        versions = [
            Version(1, 0, APRIL, {}),
            Version(2, 0, JULY, {}),
            Version(3, 0, AUGUST, {}),
            Version(4, 1, APRIL, {}),
        ]

        found = rules.states(versions, TODAY)

        assert found == {
            1: VersionState.PAST,
            2: VersionState.IN_FORCE,
            3: VersionState.COMING,
            4: VersionState.IN_FORCE,
        }


class TestChanges:
    def test_say_what_will_be_different_and_when(self):
        versions = [
            Version(1, 0, JULY, {"rate_bp": 1000, "round_to": 5}),
            Version(2, 0, OCTOBER, {"rate_bp": 1500}),
            Version(3, 1, AUGUST, {"rate_bp": 500, "decide_wd": 5}),
        ]

        found = [(each.starts_on, each.name, each.before, each.after) for each in rules.changes(versions, TODAY)]

        assert found == [
            (AUGUST, "decide_wd", 10, 5),
            (OCTOBER, "rate_bp", 1000, 1500),
            (OCTOBER, "round_to", 5, 15),
        ]


class TestProblemsWith:
    @pytest.mark.parametrize("reason", ["", "  \n"])
    def test_asks_for_a_reason(self, reason):
        assert [each.field for each in rules.problems_with(reason, JULY, None)] == ["reason"]

    def test_bounds_the_reason_and_the_day(self):
        found = rules.problems_with("x" * 501, APRIL, JULY) + rules.problems_with("Why", date(2201, 1, 1), None)

        assert [each.field for each in found] == ["reason", "starts_on", "starts_on"]
        assert "1 July 2026" in found[1].message
        assert rules.problems_with("x" * 500, JULY, JULY) == []


@given(VERSIONS)
@MANY
def test_a_timeline_covers_its_days_without_gap_or_overlap(versions):
    spans = timeline(versions, JULY, OCTOBER)

    assert (spans[0].start, spans[-1].end) == (JULY, OCTOBER)
    assert all(before.end == after.start for before, after in pairwise(spans))
    assert all(span.start < span.end for span in spans)


@given(VERSIONS, DAYS)
@MANY
def test_every_day_of_a_timeline_is_what_asking_for_that_day_alone_would_say(versions, day):
    spans = timeline(versions, date(2026, 6, 1), date(2026, 11, 2))

    span = next(each for each in spans if each.start <= day < each.end)
    (alone,) = timeline(versions, day, day + DAY)

    assert (span.settings, span.policy_id) == (alone.settings, alone.policy_id)
    assert rules.settings_on(versions, day) == span.settings


@given(VERSIONS, DAYS)
@MANY
def test_every_value_comes_from_its_source_and_from_the_nearest_that_names_it(versions, day):
    found, settings = sources(versions, day), rules.settings_on(versions, day)
    current = rules.chain_on(versions, day)

    for name in NAMES:
        naming = [each for each in current if name in each.settings]
        if naming:
            assert found[name].settings[name] == getattr(settings, name)
            assert found[name].depth == min(each.depth for each in naming)
            assert found[name].starts_on <= day
        else:
            assert name not in found


@given(VERSIONS, DAYS)
@MANY
def test_the_changes_to_come_turn_todays_settings_into_the_last_ones(versions, day):
    values = asdict(rules.settings_on(versions, day))

    for change in rules.changes(versions, day):
        assert change.starts_on > day
        assert values[change.name] == change.before != change.after
        values[change.name] = change.after

    assert Settings(**values) == rules.settings_on(versions, date(2027, 1, 1))


@given(VERSIONS, DAYS)
@MANY
def test_each_unit_has_at_most_one_version_in_force(versions, day):
    found = rules.states(versions, day)
    in_force = [each.depth for each in versions if found[each.id] is VersionState.IN_FORCE]

    assert len(in_force) == len(set(in_force))
    assert set(found) == {each.id for each in versions}


@given(st.permutations([Version(n, n % 3, APRIL + 9 * n * DAY, {"rate_bp": n}) for n in range(1, 7)]))
@settings(max_examples=50, deadline=None)
def test_the_order_in_which_versions_are_read_makes_no_difference(versions):
    assert timeline(versions, APRIL, JULY) == timeline(sorted(versions, key=lambda each: each.id), APRIL, JULY)
