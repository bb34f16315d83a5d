"""Settings: their ranges, how units inherit them, and which version holds on which day."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories.people import PersonFactory, UnitFactory
from tests.support.threads import at_once, errors_in
from tithe.access.actor import SYSTEM, Actor
from tithe.audit.models import AuditEvent
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, RulesBroken
from tithe.policy import operations, queries, rules
from tithe.policy.models import TithePolicy
from tithe.policy.rules import PRESETS, Settings, Version, inherit, problems_in, timeline

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
START = date(2026, 4, 1)
JULY = date(2026, 7, 1)
AUGUST = date(2026, 8, 1)
OCTOBER = date(2026, 10, 1)
WHOLE = [each for each in fields(Settings) if "range" in each.metadata]
CHOICES = [each for each in fields(Settings) if "choices" in each.metadata]


def a_value_of(each):
    """Any value a setting takes."""
    if "choices" in each.metadata:
        return st.sampled_from(each.metadata["choices"])
    low, high = each.metadata["range"]
    return st.integers(min_value=low, max_value=high)


VALUES = st.fixed_dictionaries({}, optional={each.name: a_value_of(each) for each in fields(Settings)})
DAYS = st.dates(min_value=date(2026, 6, 1), max_value=date(2026, 11, 1))
VERSIONS = st.lists(
    st.builds(Version, st.integers(1, 99), st.integers(0, 3), DAYS, VALUES),
    max_size=6,
    unique_by=(lambda version: version.id, lambda version: (version.depth, version.starts_on)),
)


def adopt(unit, starts_on, **values):
    return operations.adopt_policy(
        actor=SYSTEM, unit_id=unit.id, starts_on=starts_on, settings=values, reason="A trial", now=NOW
    )


class TestProblemsIn:
    @pytest.mark.parametrize("each", WHOLE, ids=lambda each: each.name)
    def test_finds_numbers_out_of_range_and_names_the_range(self, each):
        low, high = each.metadata["range"]

        for value in (low - 1, high + 1, -(10**30), 10**30):
            (problem,) = problems_in({each.name: value})
            assert problem.field == each.name
            assert f"from {low} to {high}" in problem.message
        assert problems_in({each.name: low}) == problems_in({each.name: high}) == []

    @pytest.mark.parametrize("value", ["15", 15.0, None, True, [15], {}, float("nan")], ids=repr)
    @pytest.mark.parametrize("each", WHOLE, ids=lambda each: each.name)
    def test_finds_numbers_of_the_wrong_type(self, each, value):
        assert [problem.field for problem in problems_in({each.name: value})] == [each.name]

    @pytest.mark.parametrize("value", ["heavy", "LIGHT", "", None, 1, True, ["light"], {}], ids=repr)
    @pytest.mark.parametrize("each", CHOICES, ids=lambda each: each.name)
    def test_finds_words_that_are_no_choice(self, each, value):
        assert [problem.field for problem in problems_in({each.name: value})] == [each.name]

    @pytest.mark.parametrize("name", ["rate", "rate_bp ", "RATE_BP", "", "__class__"])
    def test_finds_settings_that_do_not_exist(self, name):
        (problem,) = problems_in({name: 1})

        assert problem.message == f"There is no setting called {name}"

    def test_finds_everything_at_once(self):
        problems = problems_in({"rate_bp": 9999, "project_gate": "heavy", "colour": "blue", "round_to": 15})

        assert [problem.field for problem in problems] == ["rate_bp", "project_gate", "colour"]

    @pytest.mark.parametrize("preset", PRESETS)
    def test_finds_nothing_in_a_preset(self, preset):
        assert problems_in(PRESETS[preset]) == []

    def test_finds_nothing_in_the_defaults(self):
        assert problems_in(asdict(Settings())) == []


class TestSettings:
    def test_default_to_a_fifth_with_a_quarter_as_the_ceiling(self):
        assert Settings().rate_bp == 2000
        assert next(each for each in WHOLE if each.name == "rate_bp").metadata["range"] == (0, 2500)


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


class TestAdoptPolicy:
    def test_holds_in_the_unit_and_everything_below_it_from_its_day(self, app):
        top = UnitFactory()
        team = UnitFactory(parent_id=UnitFactory(parent_id=top.id).id)
        elsewhere = UnitFactory()
        policy_id = adopt(top, AUGUST, rate_bp=1000)

        day_before = AUGUST - timedelta(days=1)
        assert queries.in_force(team.id, day_before).settings.rate_bp == 2000
        assert queries.in_force(team.id, AUGUST).settings.rate_bp == 1000
        assert queries.in_force(team.id, AUGUST).policy_id == policy_id
        assert queries.in_force(elsewhere.id, AUGUST).settings == Settings()

    def test_lets_a_lower_unit_decide_one_thing_and_inherit_the_rest(self, app):
        top = UnitFactory()
        team = UnitFactory(parent_id=top.id)
        adopt(top, START, rate_bp=1000, round_to=5)
        adopt(team, START, rate_bp=500)

        found = queries.in_force(team.id, JULY).settings

        assert (found.rate_bp, found.round_to, found.week_cap_pct) == (500, 5, 40)
        assert queries.in_force(top.id, JULY).settings.rate_bp == 1000

    def test_keeps_a_lower_units_own_choice_when_the_unit_above_changes_later(self, app):
        top = UnitFactory()
        team = UnitFactory(parent_id=top.id)
        adopt(team, START, rate_bp=500)
        adopt(top, AUGUST, rate_bp=1000)

        assert queries.in_force(team.id, OCTOBER).settings.rate_bp == 500

    def test_gives_the_same_answer_for_one_unit_and_for_all(self, app):
        top = UnitFactory()
        team = UnitFactory(parent_id=top.id)
        adopt(top, START, rate_bp=1000)
        adopt(team, AUGUST, round_to=5)

        both = queries.timelines_of([top.id, team.id], JULY, OCTOBER)

        assert both == queries.all_timelines(JULY, OCTOBER)
        assert [len(both[top.id]), len(both[team.id])] == [1, 2]

    def test_numbers_the_versions_of_a_unit(self, app):
        unit = UnitFactory()
        for starts_on in (START, JULY, AUGUST):
            adopt(unit, starts_on, rate_bp=1000)

        assert list(db.session.scalars(select(TithePolicy.version).order_by(TithePolicy.id))) == [1, 2, 3]

    def test_refuses_a_second_version_for_the_same_day(self, app):
        unit = UnitFactory()
        adopt(unit, START, rate_bp=1000)

        with pytest.raises(Conflict):
            adopt(unit, START, rate_bp=500)

        assert queries.in_force(unit.id, START).settings.rate_bp == 1000

    @pytest.mark.parametrize(
        "values", [{"rate_bp": 2501}, {"rate_bp": "2000"}, {"rate": 2000}, {"round_mode": "random"}], ids=repr
    )
    def test_refuses_bad_settings_and_stores_and_records_nothing(self, app, values):
        unit = UnitFactory()

        with pytest.raises(RulesBroken):
            adopt(unit, START, **values)

        assert db.session.scalars(select(TithePolicy.id)).all() == []
        assert db.session.scalars(select(AuditEvent.id)).all() == []

    def test_says_who_adopted_it_in_one_event(self, app):
        unit, person = UnitFactory(), PersonFactory()
        actor = Actor(id=person.id, name=person.name)
        operations.adopt_policy(
            actor=actor, unit_id=unit.id, starts_on=START, settings={"rate_bp": 1000}, reason="A trial", now=NOW
        )

        (event,) = db.session.execute(select(AuditEvent.verb, AuditEvent.actor_id, AuditEvent.details)).all()

        assert (event.verb, event.actor_id) == ("policy:adopt", person.id)
        assert "A trial" not in event.details, "people's words stay out of the chain"

    def test_by_four_at_once_gives_each_a_version_or_a_conflict(self, app):
        unit = UnitFactory()

        results = at_once(app, [lambda n=n: adopt(unit, START + timedelta(days=n), rate_bp=1000) for n in range(4)])

        versions = db.session.scalars(select(TithePolicy.version).order_by(TithePolicy.version)).all()
        assert versions == list(range(1, len(versions) + 1))
        assert {type(each) for each in errors_in(results)} <= {Conflict}
        assert len(versions) + len(errors_in(results)) == 4


@given(st.lists(VALUES, max_size=4))
@settings(max_examples=100, deadline=None)
def test_the_nearest_unit_that_names_a_setting_decides_it(chain):
    found = inherit(chain)

    for each in fields(Settings):
        named = [values[each.name] for values in chain if each.name in values]
        assert getattr(found, each.name) == (named[-1] if named else each.default)


@given(VERSIONS)
@settings(max_examples=100, deadline=None)
def test_a_timeline_covers_its_days_without_gap_or_overlap(versions):
    spans = timeline(versions, JULY, OCTOBER)

    assert (spans[0].start, spans[-1].end) == (JULY, OCTOBER)
    assert all(before.end == after.start for before, after in pairwise(spans))
    assert all(span.start < span.end for span in spans)


@given(VERSIONS, DAYS)
@settings(max_examples=100, deadline=None)
def test_every_day_of_a_timeline_is_what_asking_for_that_day_alone_would_say(versions, day):
    spans = timeline(versions, date(2026, 6, 1), date(2026, 11, 2))
    (alone,) = timeline(versions, day, day + timedelta(days=1))

    span = next(each for each in spans if each.start <= day < each.end)

    assert (span.settings, span.policy_id) == (alone.settings, alone.policy_id)


@given(st.permutations([Version(n, n % 3, START + timedelta(days=9 * n), {"rate_bp": n}) for n in range(1, 7)]))
@settings(max_examples=50, deadline=None)
def test_the_order_in_which_versions_are_read_makes_no_difference(versions):
    assert timeline(versions, START, JULY) == timeline(sorted(versions, key=lambda each: each.id), START, JULY)


@given(st.dictionaries(st.text(max_size=12) | st.sampled_from([each.name for each in fields(Settings)]), st.integers()))
@settings(max_examples=100, deadline=None)
def test_settings_with_a_problem_are_never_put_in_force(values):
    if rules.problems_in(values):
        with pytest.raises(RulesBroken):
            inherit([values])
    else:
        assert inherit([values])
