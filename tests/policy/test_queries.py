"""What is in force, where it comes from, what will change, and which units decide something."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories.people import UnitFactory
from tests.policy.policies import APRIL, AUGUST, JULY, OCTOBER, TODAY, Offices, adopt, withdraw
from tests.support.contents import counted
from tithe.people import queries as people
from tithe.policy import queries


@pytest.fixture
def offices(app) -> Offices:
    return Offices()


def policy_of(unit, on=TODAY):
    return queries.policy_of(people.get_unit(unit.code), on)


class TestTimelines:
    def test_are_cut_where_a_unit_or_one_above_it_changes_something(self, offices):
        adopt(offices.department, APRIL, rate_bp=1000)
        adopt(offices.team, AUGUST, round_to=5)
        adopt(offices.team, OCTOBER, round_to=7)

        both = queries.timelines_of([offices.department.id, offices.team.id], JULY, OCTOBER)

        assert [len(both[offices.department.id]), len(both[offices.team.id])] == [1, 2]

    def test_leave_out_what_was_withdrawn(self, offices):
        adopt(offices.department, AUGUST, rate_bp=1000)
        adopt(offices.department, OCTOBER, rate_bp=500)
        withdraw(offices.department, 1)

        found = queries.timelines_of([offices.team.id], JULY, date(2026, 12, 1))[offices.team.id]

        assert [(span.start, span.settings.rate_bp) for span in found] == [(JULY, 2000), (OCTOBER, 500)]


class TestPolicyOf:
    def test_names_the_source_of_every_value_that_somebody_set(self, offices):
        adopt(offices.department, APRIL, rate_bp=1000, round_to=5)
        adopt(offices.team, JULY, rate_bp=500)

        found = policy_of(offices.team)

        assert (found.settings.rate_bp, found.settings.round_to) == (500, 5)
        assert {name: (each.unit_code, each.starts_on) for name, each in found.sources.items()} == {
            "rate_bp": ("DEPT-TEAM", JULY),
            "round_to": ("DEPT", APRIL),
        }
        assert found.settings == queries.in_force(offices.team.id, TODAY).settings

    def test_has_nothing_but_defaults_where_nobody_decided(self, offices):
        found = policy_of(offices.team)

        assert (found.sources, found.changes, found.versions) == ({}, [], [])

    def test_lists_every_version_here_and_above_with_its_state(self, offices):
        actor = offices.acting(offices.hr_manager)
        adopt(offices.department, APRIL, rate_bp=1000, actor=actor)
        adopt(offices.team, JULY, rate_bp=500, reason="We are few")
        adopt(offices.team, APRIL, rate_bp=600)
        adopt(offices.team, AUGUST, rate_bp=700)
        adopt(offices.department, OCTOBER, rate_bp=800)
        adopt(offices.elsewhere, APRIL, rate_bp=1)
        withdraw(offices.team, 3, actor=actor)

        versions = policy_of(offices.team).versions

        assert [(each.unit_code, each.version, each.starts_on, each.state) for each in versions] == [
            ("DEPT", 2, OCTOBER, "coming"),
            ("DEPT-TEAM", 3, AUGUST, "withdrawn"),
            ("DEPT-TEAM", 1, JULY, "in_force"),
            ("DEPT-TEAM", 2, APRIL, "past"),
            ("DEPT", 1, APRIL, "in_force"),
        ]
        assert versions[2].reason == "We are few"
        assert (versions[1].withdrawn_by, versions[4].adopted_by) == (actor.name, actor.name)
        assert versions[2].adopted_by is None

    def test_says_what_will_change_here_and_not_what_is_decided_otherwise_below(self, offices):
        adopt(offices.team, JULY, rate_bp=500)
        adopt(offices.department, AUGUST, rate_bp=1000, round_to=5)
        adopt(offices.department, OCTOBER, rate_bp=900)
        withdraw(offices.department, 2)

        changes = [(each.starts_on, each.name) for each in policy_of(offices.team).changes]

        assert changes == [(AUGUST, "round_to")]
        assert policy_of(offices.team, AUGUST).changes == []

    def test_takes_one_statement_however_many_versions_there_are(self, offices):
        unit = people.get_unit("DEPT-TEAM")
        for number in range(1, 4):
            adopt(offices.team, date(2026, number, 1), rate_bp=number)

        assert counted(lambda: queries.policy_of(unit, TODAY)) == 1


class TestListUnits:
    def test_are_those_that_decide_something_themselves(self, offices):
        adopt(offices.team, rate_bp=500)
        adopt(offices.team, AUGUST, rate_bp=600)
        adopt(offices.elsewhere, AUGUST, rate_bp=600)
        withdraw(offices.elsewhere, 1)

        found, following = queries.list_units()

        assert [(each.code, each.name, each.versions) for each in found] == [("DEPT-TEAM", "Team", 2)]
        assert following is None

    @pytest.mark.parametrize(
        ("text", "codes"),
        [("department", ["DEPT", "OTHER"]), ("tests dep", ["DEPT"]), ("team", ["DEPT-TEAM"]), ("nobody", [])],
    )
    def test_are_those_that_hold_every_word(self, offices, text, codes):
        found, _ = queries.list_units(text=text)

        assert [each.code for each in found] == codes

    def test_come_in_pages_without_gap_or_overlap(self, offices):
        for number in range(2 * queries.PAGE + 1):
            UnitFactory(code=f"ROOM-{number:03}", name="Room")

        seen, after = [], None
        while after or not seen:
            found, after = queries.list_units(text="room", after=after)
            seen += [each.code for each in found]

        assert len(seen) == len(set(seen)) == 2 * queries.PAGE + 1
