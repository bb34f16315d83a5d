"""Scenarios as a rule: what they answer, what they take for granted, and every way in which they are refused."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.allowance.working import ENGLAND, QUARTER, works
from tithe.allowance.presenters.scenario import as_scenario, as_text
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules.entitlement import entitlement, plain
from tithe.allowance.rules.holidays import NATIONAL
from tithe.allowance.rules.scenario import explain, parse, read
from tithe.allowance.rules.schedule import Schedule
from tithe.kernel.errors import RuleBroken
from tithe.policy.rules import Settings

PERIOD = {"start": "2026-07-01", "end": "2026-10-01"}
MON_TO_WED = [{"from": "2026-01-05", "weeks": [[444, 444, 444, 0, 0, 0, 0]]}]
LEAVE = [{"date": "2026-08-04", "minutes": 444}, {"date": "2026-08-05", "minutes": 444}]
MOVES = [
    {"from": "2026-09-01", "share_bp": 4000},
    {"from": "2026-08-03", "to": "2026-08-04", "share_bp": 1},
]
PATTERNS = [
    *MON_TO_WED,
    {"from": "2026-07-15", "weeks": [[100] * 7, [200] * 7]},
    {"from": "2026-09-02", "weeks": [[9] * 7]},
]
MANUAL = {
    "period": PERIOD,
    "policy": {"rate_bp": 2000, "accrual_basis": "available"},
    "patterns": MON_TO_WED,
    "calendar": "england-and-wales",
    "absences": [{"date": "2026-07-06", "minutes": 444, "reduces_accrual": True}],
    "employment": {"start": "2020-01-01", "end": None},
    "moves": [{"from": "2026-09-01", "to": None, "share_bp": 4000}],
}


def holidays_of(calendar, first_year, last_year):
    """National calendars alone, so that no test of the rule needs a database."""
    if calendar not in NATIONAL:
        raise RuleBroken("Expected a national calendar")
    return holidays_over(calendar, first_year, last_year)


def worth(data=None, **parts):
    return explain(read(data or {"period": PERIOD, **parts}, holidays_of))


def minutes(**parts):
    return worth(**parts)["entitlement_minutes"]


def problems(data):
    with pytest.raises(RuleBroken) as refused:
        read(data, holidays_of)
    return {problem.field: problem.message for problem in refused.value.problems}


def days(answer):
    return {line["date"]: line for line in answer["days"]}


class TestExplain:
    def test_answers_the_example_of_the_manual(self):
        answer = worth(MANUAL)

        assert (answer["entitlement_minutes"], answer["available_minutes"]) == (2880, "14385.6")
        assert answer["days"][5] == {
            "date": "2026-07-06",
            "base": 444,
            "holiday": False,
            "absence": 444,
            "available": 0,
            "rate_bp": 2000,
        }
        assert days(answer)["2026-08-31"]["holiday"] is True
        assert days(answer)["2026-09-01"]["available"] == "266.4"

    @pytest.mark.parametrize(
        ("parts", "expected"),
        [
            ({"patterns": MON_TO_WED, "absences": LEAVE}, 3285),
            ({"patterns": MON_TO_WED, "absences": LEAVE, "calendar": "northern-ireland"}, 3195),
            ({"employment": {"start": "2026-08-17"}}, 2835),
            ({"patterns": [{"from": "2026-01-05", "weeks": [[555] * 4 + [0] * 3]}]}, 5775),
            (
                {
                    "patterns": [{"from": "2026-01-05", "weeks": [[555] * 4 + [0] * 3]}],
                    "policy": {"holiday_credit": "standard_day"},
                },
                5790,
            ),
        ],
    )
    def test_answers_the_worked_examples_to_the_minute(self, parts, expected):
        assert minutes(**parts) == expected

    def test_has_a_row_for_every_date_even_outside_employment(self):
        answer = worth(employment={"start": "2026-08-17", "end": "2026-08-31"}, absences=LEAVE)

        assert list(days(answer)) == [day.isoformat() for day in QUARTER.days()]
        assert days(answer)["2026-08-04"] == {
            "date": "2026-08-04",
            "base": 0,
            "holiday": False,
            "absence": 0,
            "available": 0,
            "rate_bp": 2000,
        }
        assert days(answer)["2026-08-28"]["available"] == 444
        assert days(answer)["2026-09-01"]["base"] == 0

    def test_shows_an_absence_as_it_was_given(self):
        answer = worth(absences=[{"date": "2026-08-31", "minutes": 444}, {"date": "2026-08-04", "minutes": 1000}])

        assert days(answer)["2026-08-31"]["absence"] == 444
        assert (days(answer)["2026-08-04"]["absence"], days(answer)["2026-08-04"]["available"]) == (1000, 0)

    def test_does_not_count_an_absence_that_lowers_nothing(self):
        assert days(worth(absences=[LEAVE[0] | {"reduces_accrual": False}]))["2026-08-04"]["available"] == 444

    def test_ignores_leave_on_the_contracted_basis(self):
        contracted = {"policy": {"accrual_basis": "contracted"}}

        assert worth(absences=LEAVE, **contracted) == worth(**contracted)
        assert minutes(patterns=MON_TO_WED, **contracted) == 3465


class TestDefaults:
    def test_are_a_full_time_week_in_england_and_employment_throughout(self):
        assert worth() == worth(
            patterns=[{"from": "2020-01-06", "weeks": [[444] * 5 + [0, 0]]}],
            calendar="england-and-wales",
            employment={"start": "2020-01-01", "end": None},
            absences=[],
            moves=[],
            overrides=[],
            policy=asdict(Settings()),
        )

    def test_of_hours_follow_the_standard_week(self):
        assert days(worth(policy={"std_week_min": 2100}))["2026-07-01"]["base"] == 420

    def test_of_holidays_follow_the_basis(self):
        contracted = {"accrual_basis": "contracted"}

        assert minutes(policy=contracted) == minutes(policy=contracted | {"holiday_method": "pro_rata"})

    def test_schedule_nothing_before_the_first_pattern(self):
        answer = worth(patterns=[{"from": "2026-08-05", "weeks": [[444] * 7]}])

        assert [days(answer)[day]["base"] for day in ("2026-08-03", "2026-08-04", "2026-08-05")] == [0, 0, 444]


class TestReading:
    def test_starts_a_cycle_in_the_week_of_from(self):
        answer = worth(patterns=[{"from": "2026-07-01", "weeks": [[100] * 7, [200] * 7]}])

        assert [days(answer)[f"2026-07-{day:02}"]["base"] for day in (1, 5, 6, 12, 13)] == [100, 100, 200, 200, 100]

    def test_lets_a_later_pattern_take_over_on_its_day(self):
        later = {"from": "2026-09-02", "weeks": [[0] * 7]}

        assert worth(patterns=[later, *MON_TO_WED]) == worth(patterns=[*MON_TO_WED, later])
        assert days(worth(patterns=[*MON_TO_WED, later]))["2026-09-01"]["base"] == 444
        assert days(worth(patterns=[*MON_TO_WED, later]))["2026-09-02"]["base"] == 0

    def test_counts_the_last_day_of_employment_and_of_a_move(self):
        left = worth(employment={"start": "2020-01-01", "end": "2026-07-03"})
        assert [line["date"] for line in left["days"] if line["base"]] == ["2026-07-01", "2026-07-02", "2026-07-03"]
        move = {"from": "2026-07-01", "to": "2026-07-02", "share_bp": 10000}
        assert days(worth(moves=[move]))["2026-07-03"]["available"] == 444
        assert days(worth(moves=[move]))["2026-07-02"]["available"] == 0

    def test_takes_hours_of_single_days(self):
        answer = worth(overrides=[{"date": "2026-08-08", "minutes": 300}])

        assert days(answer)["2026-08-08"]["available"] == 300

    def test_makes_starters_wait_and_leaves_probation_out(self):
        employment = {"start": "2026-07-01", "probation_end": "2026-08-31"}

        waited = worth(employment=employment, policy={"qualifying_weeks": 4})
        assert next(line["date"] for line in waited["days"] if line["available"]) == "2026-07-29"
        probation = worth(employment=employment, policy={"exclude_probation": True})
        assert next(line["date"] for line in probation["days"] if line["available"]) == "2026-09-01"

    def test_adds_minutes_for_events(self):
        assert minutes(policy={"rate_bp": 0, "event_min": 1332}) == 1332

    def test_takes_an_end_of_employment_as_late_as_there_is(self):
        assert minutes(employment={"start": "0001-01-01", "end": "9999-12-31"}) == minutes()

    def test_takes_five_years(self):
        assert len(worth({"period": {"start": "2026-01-01", "end": "2031-01-01"}})["days"]) == 1826


NUMBER = "Expected a whole number from 0 to"


WRONG = [
    ({"period": None}, "period", "Expected an object, not null"),
    ({"period": {"start": "2026-07-01"}}, "period.end", "but it is missing"),
    ({"period": PERIOD | {"end": "2026-07-01"}}, "period.end", "Expected a day after 2026-07-01"),
    ({"period": PERIOD | {"end": "2031-07-03"}}, "period.end", "Expected a day up to 2031-07-02"),
    ({"period": {"start": "1066-10-14", "end": "1066-10-15"}}, "period.start", "Expected a day from 1990"),
    ({"period": PERIOD | {"start": "20260701"}}, "period.start", 'a date like 2026-07-01, not "20260701"'),
    ({"period": PERIOD | {"start": "2026-02-30"}}, "period.start", "Expected a date"),
    ({"period": PERIOD | {"begin": 1}}, "period.begin", "Unknown field: expected one of start, end"),
    ({"policy": []}, "policy", "Expected an object, not a list of 0"),
    ({"policy": {"rate": 1}}, "policy.rate", "Unknown field: expected the name of a setting"),
    ({"policy": {"rate_bp": True}}, "policy.rate_bp", f"{NUMBER} 2500, not true"),
    ({"policy": {"rate_bp": 2501}}, "policy.rate_bp", f"{NUMBER} 2500, not 2501"),
    ({"policy": {"rate_bp": 2000.0}}, "policy.rate_bp", "not 2000.0"),
    ({"policy": {"rate_bp": 2000, "rate_max_bp": 1000}}, "policy.rate_bp", "above the ceiling of 10%"),
    ({"policy": {"accrual_basis": "hours"}}, "policy.accrual_basis", "available or contracted"),
    ({"policy": {"exclude_probation": 1}}, "policy.exclude_probation", "true or false, not 1"),
    ({"policy": {"holiday_method": "pro_rata"}}, "policy.holiday_method", "must be as_scheduled"),
    ({"calendar": "atlantis"}, "calendar", "Expected a national calendar"),
    ({"calendar": 7}, "calendar", "not 7"),
    ({"patterns": {}}, "patterns", "Expected a list, not an object"),
    ({"patterns": []}, "patterns", "Leave it out for full-time hours"),
    ({"patterns": [7]}, "patterns.0", "Expected an object, not 7"),
    ({"patterns": [{"weeks": [[0] * 7]}]}, "patterns.0.from", "but it is missing"),
    ({"patterns": [{"from": "2026-01-05"}]}, "patterns.0.weeks", "one to four weeks, but it is missing"),
    ({"patterns": [MON_TO_WED[0] | {"weeks": []}]}, "patterns.0.weeks", "one to four weeks"),
    ({"patterns": [MON_TO_WED[0] | {"weeks": [[0] * 7] * 5}]}, "patterns.0.weeks", "not a list of 5"),
    ({"patterns": [MON_TO_WED[0] | {"weeks": [[0] * 6]}]}, "patterns.0.weeks.0", "seven days from Monday"),
    (
        {"patterns": [MON_TO_WED[0] | {"weeks": [[0] * 7, [0, 0, 0, 1441, 0, 0, 0]]}]},
        "patterns.0.weeks.1.3",
        f"{NUMBER} 1440, not 1441",
    ),
    ({"patterns": MON_TO_WED * 2}, "patterns.1.from", "not 2026-01-05 again"),
    ({"absences": [{"date": "2026-07-06", "minutes": -1}]}, "absences.0.minutes", "not -1"),
    ({"absences": [LEAVE[0], {"minutes": 1}]}, "absences.1.date", "but it is missing"),
    ({"absences": [LEAVE[0] | {"reduces_accrual": "no"}]}, "absences.0.reduces_accrual", 'true or false, not "no"'),
    ({"absences": [LEAVE[0] | {"reason": "flu"}]}, "absences.0.reason", "Unknown field"),
    ({"absences": LEAVE * 1001}, "absences", "Expected at most 2000, not 2002"),
    ({"overrides": LEAVE[:1] * 2}, "overrides.1.date", "not 2026-08-04 again"),
    ({"employment": None}, "employment", "Expected an object, not null"),
    ({"employment": {}}, "employment.start", "but it is missing"),
    ({"employment": {"start": "2026-07-02", "end": "2026-07-01"}}, "employment.end", "or a later day"),
    (
        {"employment": {"start": "2026-07-02", "probation_end": "2026-07-01"}},
        "employment.probation_end",
        "or a later day",
    ),
    ({"moves": [{"from": "2026-09-01", "share_bp": 10001}]}, "moves.0.share_bp", f"{NUMBER} 10000"),
    ({"moves": [{"from": "2026-09-01", "to": "2026-08-31", "share_bp": 1}]}, "moves.0.to", "2026-09-01 or a later"),
    ({"moves": [{"from": "2026-09-01", "to": "soon", "share_bp": 1}]}, "moves.0.to", 'or null, not "soon"'),
    ({"colour": "blue"}, "colour", "Unknown field: expected one of period, policy"),
]


class TestRefusal:
    @pytest.mark.parametrize(("change", "field", "words"), WRONG, ids=[field for _, field, _ in WRONG])
    def test_names_the_field_and_what_was_expected(self, change, field, words):
        found = problems({"period": PERIOD} | change)

        assert list(found) == [field]
        assert words in found[field]

    @pytest.mark.parametrize("data", [None, [], "scenario", 7, True])
    def test_is_of_the_whole_where_it_is_no_object(self, data):
        assert list(problems(data)) == [None]

    def test_names_every_wrong_field_at_once(self):
        found = problems(
            {
                "policy": {"rate_bp": "a fifth", "round_to": 0},
                "patterns": [{"from": 1, "weeks": [[0, 0, 0, 0.5, 0, 0, None]]}, {"from": "2026-01-05"}],
                "calendar": "atlantis",
                "absences": [{"date": "6 July", "minutes": 444}],
                "moves": [{}],
            }
        )

        assert set(found) == {
            "period",
            "policy.rate_bp",
            "policy.round_to",
            "patterns.0.from",
            "patterns.0.weeks.0.3",
            "patterns.0.weeks.0.6",
            "patterns.1.weeks",
            "calendar",
            "absences.0.date",
            "moves.0.from",
            "moves.0.share_bp",
        }


class TestParse:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (b"", "There is nothing here"),
            (b" \n", "There is nothing here"),
            (b'{"period": }', "cannot be read at line 1"),
            (b"\xff\xfe{", "UTF-8"),
            (b"[" * 100_000, "hundreds of levels"),
            (b"1" * 10_000, "enormous numbers"),
        ],
    )
    def test_refuses_what_is_no_json(self, text, words):
        with pytest.raises(RuleBroken, match=words):
            parse(text)

    def test_takes_the_mark_some_editors_put_in_front(self):
        assert parse(b'\xef\xbb\xbf{"period": 1}') == {"period": 1}

    def test_keeps_names_given_twice_to_be_refused_by_their_path(self):
        text = json.dumps({"period": PERIOD})[:-1] + ', "policy": {"rate_bp": 1, "rate_bp": 2}}'

        assert problems(parse(text.encode())) == {"policy.rate_bp": "Expected once, but it is given more often"}

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e3"])
    def test_leaves_numbers_that_are_not_whole_to_be_refused(self, number):
        text = f'{{"period": {json.dumps(PERIOD)}, "policy": {{"rate_bp": {number}}}}}'

        assert list(problems(parse(text.encode()))) == ["policy.rate_bp"]


NAMES = st.text(max_size=5) | st.sampled_from(
    ["period", "policy", "patterns", "weeks", "from", "to", "start", "end", "date", "minutes", "share_bp", "rate_bp"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["2026-07-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
LAWFUL = settings(max_examples=200, deadline=None)


def outcome(data):
    try:
        worth(data)
    except RuleBroken as refused:
        return "refused in words" if all(problem.message for problem in refused.problems) else "refused"
    return "worked out"


@given(st.dictionaries(st.sampled_from(sorted(MANUAL)), JSON), st.booleans())
@LAWFUL
def test_anything_at_all_is_worked_out_or_refused_in_words(parts, whole):
    data = (MANUAL if whole else {}) | parts

    assert outcome(data) in ("worked out", "refused in words")


@given(st.permutations(LEAVE), st.permutations(MOVES), st.permutations(PATTERNS))
@LAWFUL
def test_the_order_of_lines_does_not_matter(absences, moves, patterns):
    again = worth(absences=absences, moves=moves, patterns=patterns)

    assert again == worth(absences=LEAVE, moves=MOVES, patterns=PATTERNS)


@given(works(posts=1), st.dates(date(2026, 5, 1), QUARTER.start))
@LAWFUL
def test_ones_own_quarter_written_down_is_worth_what_it_was(work, employed_from):
    """A scenario has one policy and one calendar, so only such quarters can be written down exactly."""
    assume(work.stretches)
    policy = work.stretches[-1].settings
    stretches = tuple(replace(each, settings=policy, holidays=ENGLAND) for each in work.stretches)
    waits = employed_from if policy.qualifying_weeks else None
    schedule = Schedule(replace(work, stretches=stretches, employed_from=waits), settings=policy)
    written = as_text(as_scenario(schedule, QUARTER))

    answer = explain(read(parse(written.encode()), holidays_of))
    assert answer["entitlement_minutes"] == entitlement(schedule.work).minutes
    assert answer["available_minutes"] == plain(entitlement(schedule.work).available)
