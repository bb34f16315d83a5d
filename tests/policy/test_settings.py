"""Settings: their ranges and words, and what is refused once they are inherited."""

from __future__ import annotations

import pickle
from dataclasses import asdict

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.policy.policies import NAMES, VALUES, a_value_of
from tithe.kernel.errors import RulesBroken
from tithe.policy import rules
from tithe.policy.rules import (
    ABOUT,
    METHOD_OF,
    PRESETS,
    Kind,
    Section,
    Settings,
    contradictions,
    inherit,
    problems_in,
    shown,
)

CHOICES = [name for name in NAMES if ABOUT[name].kind is Kind.CHOICE]
YES_NO = [name for name in NAMES if ABOUT[name].kind is Kind.YES_NO]
WHOLE = [name for name in NAMES if name not in [*CHOICES, *YES_NO, "fy_start_month"]]
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

        assert ("false: nothing else" if ABOUT[name].never else "true or false") in problem.message

    @pytest.mark.parametrize("value", [0, 2, 3, 5, 12, 13, -1, 10**30, True, "4", 4.0, None], ids=repr)
    def test_finds_months_in_which_no_year_may_start_and_names_those_in_which_it_may(self, value):
        (problem,) = problems_in({"fy_start_month": value})

        assert problem.message == f"fy_start_month must be 1, 4, 7 or 10, not {repr(value)[:40]}"
        assert [problems_in({"fy_start_month": month}) for month in (1, 4, 7, 10)] == [[]] * 4

    @pytest.mark.parametrize("name", ["job_share_pool", "allow_transfer"])
    def test_finds_what_no_policy_may_decide(self, name):
        (problem,) = problems_in({name: True})

        assert problem.message == f"{name} must be false: nothing else is built, not True"
        assert problems_in({name: False}) == []

    @pytest.mark.parametrize("name", ["rate", "rate_bp ", "RATE_BP", "", "__class__"])
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
            "job_share_pool": False,
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
            "allow_transfer": False,
            "min_entry_min": 15,
            "min_booking_min": 60,
            "week_cap_pct": 40,
            "own_time_allowed": False,
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
            "outside_months": 6,
            "fy_start_month": 4,
            "week_start": "monday",
            "week_assign": "by_day",
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


@given(st.dictionaries(st.text(max_size=12) | st.sampled_from(NAMES), st.integers() | st.booleans() | st.text()))
@MANY
def test_settings_with_a_problem_are_never_put_in_force(values):
    if problems_in(values):
        with pytest.raises(RulesBroken):
            inherit([values])
