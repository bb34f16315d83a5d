"""Settings: their ranges and words, how units inherit them, and which version holds on which day."""

from __future__ import annotations

import pickle
from dataclasses import asdict
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.policy.policies import APRIL, AUGUST, DAYS, JULY, NAMES, OCTOBER, TODAY, VALUES, VERSIONS, a_value_of
from tithe.kernel.calendar import Quarter, add_working_days
from tithe.kernel.errors import RulesBroken
from tithe.policy import rules
from tithe.policy.rules import (
    ABOUT,
    METHOD_OF,
    PRESETS,
    Kind,
    Section,
    Settings,
    Version,
    VersionState,
    contradictions,
    inherit,
    problems_in,
    shown,
    sources,
    timeline,
)

CHOICES = [name for name in NAMES if ABOUT[name].kind is Kind.CHOICE]
YES_NO = [name for name in NAMES if ABOUT[name].kind is Kind.YES_NO]
WHOLE = [name for name in NAMES if name not in CHOICES + YES_NO]
DAY = timedelta(days=1)
MANY = settings(max_examples=100, deadline=None)


class TestProblemsIn:
    @pytest.mark.parametrize("name", WHOLE)
    def test_finds_numbers_out_of_range_and_names_the_range(self, name):
        low, high = ABOUT[name].low, ABOUT[name].high

        for value in (low - 1, high + 1, -(10**30), 10**30):
            (problem,) = problems_in({name: value})
            assert problem.field == name
            assert f"from {low} to {high}" in problem.message
        assert problems_in({name: low}) == problems_in({name: high}) == []

    @pytest.mark.parametrize("value", ["15", 15.0, None, True, [15], {}, float("nan")], ids=repr)
    @pytest.mark.parametrize("name", WHOLE)
    def test_finds_numbers_of_the_wrong_type(self, name, value):
        assert [problem.field for problem in problems_in({name: value})] == [name]

    @pytest.mark.parametrize("value", ["heavy", "LIGHT", "", None, 1, True, ["light"], {}], ids=repr)
    @pytest.mark.parametrize("name", CHOICES)
    def test_finds_words_that_are_no_choice(self, name, value):
        assert [problem.field for problem in problems_in({name: value})] == [name]

    @pytest.mark.parametrize("value", [0, 1, "true", "", None, [], 1.0], ids=repr)
    @pytest.mark.parametrize("name", YES_NO)
    def test_finds_what_is_neither_true_nor_false(self, name, value):
        (problem,) = problems_in({name: value})

        assert "true or false" in problem.message

    @pytest.mark.parametrize("name", ["rate", "rate_bp ", "RATE_BP", "", "__class__", "job_share_pool", "week_start"])
    def test_finds_settings_that_do_not_exist(self, name):
        (problem,) = problems_in({name: 1})

        assert problem.message == f"There is no setting called {name}"

    def test_finds_everything_at_once(self):
        problems = problems_in({"rate_bp": 9999, "project_gate": "heavy", "colour": "blue", "round_to": 15})

        assert [problem.field for problem in problems] == ["rate_bp", "project_gate", "colour"]

    def test_repeats_only_the_beginning_of_what_was_sent(self):
        problems = problems_in({"rate_bp": "9" * 1000, "x" * 1000: 1})

        assert max(len(problem.message) for problem in problems) < 150

    @pytest.mark.parametrize("preset", PRESETS)
    def test_finds_nothing_in_a_preset(self, preset):
        assert problems_in(PRESETS[preset]) == []
        assert inherit([PRESETS[preset]])

    def test_finds_nothing_in_the_defaults(self):
        assert problems_in(asdict(Settings())) == []
        assert contradictions(Settings()) == []


class TestSettings:
    def test_have_the_defaults_of_the_scheme(self):
        assert asdict(Settings()) == {
            "rate_bp": 2000,
            "rate_max_bp": 2500,
            "event_min": 0,
            "accrual_basis": "available",
            "availability": "forecast",
            "std_week_min": 2220,
            "contractual": False,
            "round_to": 15,
            "round_mode": "half_up",
            "holiday_method": "as_scheduled",
            "holiday_credit": "scheduled",
            "qualifying_weeks": 0,
            "exclude_probation": False,
            "protect_sick": True,
            "carry_cap_pct": 50,
            "carry_life_periods": 1,
            "carry_over_year_end": True,
            "protect_refused": True,
            "overdraft_floor_min": -444,
            "min_entry_min": 15,
            "min_booking_min": 60,
            "week_cap_pct": 40,
            "min_cover_warn_pct": 50,
            "job_share_cover": "warn",
            "blackout_notice_wd": 20,
            "blackout_max_wd": 40,
            "project_gate": "light",
            "decide_wd": 10,
            "expiry_action": "escalate",
            "entry_approval": "exception",
            "sla_calendar": "decider",
            "participant_min": 60,
        }

    def test_are_values_that_can_be_compared_kept_and_sent(self):
        settings = Settings(rate_bp=1000)

        assert {settings: 1}[Settings(rate_bp=1000)] == 1
        assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301 made on the line itself
        with pytest.raises(AttributeError):
            settings.rate_bp = 1

    @pytest.mark.parametrize("section", Section)
    def test_stand_together_under_their_headings(self, section):
        places = [number for number, name in enumerate(NAMES) if ABOUT[name].section is section]

        assert places == list(range(places[0], places[0] + len(places)))

    @pytest.mark.parametrize("name", NAMES)
    def test_have_words_for_people(self, name):
        assert ABOUT[name].label
        assert ABOUT[name].help.endswith(".")

    def test_give_events_three_standard_days(self):
        assert PRESETS["event"] == {"rate_bp": 0, "event_min": 3 * Settings().std_week_min // 5}


class TestHolidayMethod:
    @pytest.mark.parametrize(("basis", "method"), METHOD_OF.items())
    def test_follows_the_basis_where_nobody_sets_it(self, basis, method):
        assert Settings(accrual_basis=basis).holiday_method == method
        assert inherit([{"accrual_basis": basis}]).holiday_method == method

    @pytest.mark.parametrize(("basis", "method"), [("available", "pro_rata"), ("contracted", "as_scheduled")])
    def test_is_never_mixed_with_the_other_basis(self, basis, method):
        for chain in (
            [{"accrual_basis": basis, "holiday_method": method}],
            [{"holiday_method": method}, {"accrual_basis": basis}],
        ):
            with pytest.raises(RulesBroken, match=f"Set holiday_method to {METHOD_OF[basis]}") as refusal:
                inherit(chain)
            assert refusal.value.field == "holiday_method"


class TestCeiling:
    def test_bounds_the_share_however_it_is_inherited(self):
        assert inherit([{"rate_max_bp": 1500}, {"rate_bp": 1500}]).rate_bp == 1500
        for chain in ([{"rate_max_bp": 1999}], [{"rate_max_bp": 1500}, {"rate_bp": 1501}]):
            with pytest.raises(RulesBroken, match="above the ceiling") as refusal:
                inherit(chain)
            assert refusal.value.field == "rate_bp"


class TestShown:
    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("rate_bp", 2000, "20%"),
            ("rate_bp", 1250, "12.5%"),
            ("week_cap_pct", 40, "40%"),
            ("std_week_min", 2220, "37h"),
            ("overdraft_floor_min", -444, "−7h 24m"),
            ("decide_wd", 10, "10 working days"),
            ("decide_wd", 1, "1 working day"),
            ("carry_life_periods", 1, "1 quarter"),
            ("carry_life_periods", 0, "0 quarters"),
            ("qualifying_weeks", 26, "26 weeks"),
            ("protect_sick", True, "Yes"),
            ("protect_sick", False, "No"),
            ("job_share_cover", "warn", "Warn"),
        ],
    )
    def test_writes_values_as_people_read_them(self, name, value, words):
        assert shown(name, value) == words

    @pytest.mark.parametrize("name", NAMES)
    def test_has_words_for_every_default(self, name):
        assert shown(name, getattr(Settings(), name))


class TestRead:
    @pytest.mark.parametrize(
        ("name", "text", "value"),
        [
            ("rate_bp", " 1000 ", 1000),
            ("overdraft_floor_min", "-444", -444),
            ("contractual", "TRUE", True),
            ("contractual", "false", False),
            ("round_mode", "down", "down"),
        ],
    )
    def test_gives_a_value_of_the_setting(self, name, text, value):
        assert rules.read(name, text) == value

    @pytest.mark.parametrize(
        ("name", "text"),
        [("rate_bp", "20%"), ("rate_bp", ""), ("rate_bp", "--1"), ("rate_bp", "²"), ("rate_bp", "9" * 5000),
         ("contractual", "yes"), ("contractual", "1"), ("round_mode", "sideways"), ("colour", "blue")],
    )  # fmt: skip
    def test_leaves_what_it_cannot_read_to_be_refused(self, name, text):
        assert problems_in({name: rules.read(name, text)})


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


class TestEarliestStart:
    @pytest.mark.parametrize(
        ("today", "start"),
        [(date(2026, 8, 20), JULY), (date(2026, 7, 12), APRIL), (date(2026, 7, 13), JULY), (JULY, APRIL)],
    )
    def test_is_the_first_day_of_the_oldest_quarter_that_is_surely_open(self, today, start):
        assert rules.earliest_start(today) == start

    @given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
    @MANY
    def test_never_reaches_into_a_quarter_whose_ten_working_days_are_over(self, today):
        quarter = Quarter.containing(rules.earliest_start(today))

        assert today <= add_working_days(quarter.last_day, 10, ()) or today in quarter


class TestProblemsWith:
    @pytest.mark.parametrize("reason", ["", "  \n"])
    def test_asks_for_a_reason(self, reason):
        assert [each.field for each in rules.problems_with(reason, JULY, None)] == ["reason"]

    def test_bounds_the_reason_and_the_day(self):
        found = rules.problems_with("x" * 501, APRIL, JULY) + rules.problems_with("Why", date(2201, 1, 1), None)

        assert [each.field for each in found] == ["reason", "starts_on", "starts_on"]
        assert "1 July 2026" in found[1].message
        assert rules.problems_with("x" * 500, JULY, JULY) == []


@given(st.lists(VALUES, max_size=4))
@MANY
def test_the_nearest_unit_that_names_a_setting_decides_it(chain):
    try:
        found = inherit(chain)
    except RulesBroken:
        assume(False)

    for name in NAMES:
        named = [values[name] for values in chain if name in values]
        if named or name != "holiday_method":
            assert getattr(found, name) == (named[-1] if named else getattr(Settings(), name))


@given(VALUES, st.sampled_from(NAMES).flatmap(lambda name: st.tuples(st.just(name), a_value_of(name))))
@MANY
def test_what_is_lawful_alone_is_refused_below_exactly_when_it_contradicts_what_is_inherited(above, own):
    name, value = own
    together = {**above, name: value}
    rate, ceiling = together.get("rate_bp", 2000), together.get("rate_max_bp", 2500)
    basis = together.get("accrual_basis", "available")
    method = together.get("holiday_method", METHOD_OF[basis])

    assert problems_in({name: value}) == []
    if rate <= ceiling and method == METHOD_OF[basis]:
        assert inherit([above, {name: value}])
    else:
        with pytest.raises(RulesBroken):
            inherit([above, {name: value}])


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


@given(st.dictionaries(st.text(max_size=12) | st.sampled_from(NAMES), st.integers() | st.booleans() | st.text()))
@MANY
def test_settings_with_a_problem_are_never_put_in_force(values):
    if problems_in(values):
        with pytest.raises(RulesBroken):
            inherit([values])
