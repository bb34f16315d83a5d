"""Adopting a policy and taking one back: who may, what is refused, and what is on record afterwards."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from tests.factories.people import RoleGrantFactory, UnitFactory
from tests.policy.policies import APRIL, AUGUST, JULY, NOW, OCTOBER, TODAY, Offices, adopt, withdraw
from tests.support.contents import contents, counted
from tests.support.threads import at_once, errors_in
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.audit.models import AuditEvent
from tithe.kernel.db import db, unit_of_work
from tithe.kernel.errors import NotFound, RuleBroken, RulesBroken
from tithe.policy import operations, queries
from tithe.policy.models import TithePolicy
from tithe.policy.operations import Proposal
from tithe.policy.rules import Settings, contradictions

DAY = timedelta(days=1)


@pytest.fixture
def offices(app) -> Offices:
    return Offices()


def events():
    found = select(AuditEvent.verb, AuditEvent.actor_id, AuditEvent.details).order_by(AuditEvent.id)
    return db.session.execute(found).all()


def refused(call, kind=RuleBroken):
    """The refusal of a call that must store and record nothing."""
    before = contents()
    with pytest.raises(kind) as refusal:
        call()
    assert contents() == before
    return refusal.value


class TestAdoptPolicy:
    def test_holds_in_the_unit_and_everything_below_it_from_its_day(self, app):
        top = UnitFactory()
        team = UnitFactory(parent_id=UnitFactory(parent_id=top.id).id)
        elsewhere = UnitFactory()
        policy_id = adopt(top, AUGUST, rate_bp=1000)

        assert queries.in_force(team.id, AUGUST - DAY).settings.rate_bp == 2000
        assert queries.in_force(team.id, AUGUST).settings.rate_bp == 1000
        assert queries.in_force(team.id, AUGUST).policy_id == policy_id
        assert queries.in_force(elsewhere.id, AUGUST).settings == Settings()

    def test_lets_a_lower_unit_decide_one_thing_and_inherit_the_rest(self, offices):
        adopt(offices.department, APRIL, rate_bp=1000, round_to=5)
        adopt(offices.team, APRIL, rate_bp=500)

        found = queries.in_force(offices.team.id, JULY).settings

        assert (found.rate_bp, found.round_to, found.week_cap_pct) == (500, 5, 40)
        assert queries.in_force(offices.department.id, JULY).settings.rate_bp == 1000

    def test_keeps_a_lower_units_own_choice_when_the_unit_above_changes_later(self, offices):
        adopt(offices.team, APRIL, rate_bp=500)
        adopt(offices.department, AUGUST, rate_bp=1000)

        assert queries.in_force(offices.team.id, OCTOBER).settings.rate_bp == 500

    def test_gives_everything_back_to_the_unit_above_when_it_names_nothing(self, offices):
        adopt(offices.team, APRIL, rate_bp=500)
        adopt(offices.team, AUGUST)

        assert queries.in_force(offices.team.id, OCTOBER).settings.rate_bp == 2000

    def test_numbers_the_versions_of_a_unit(self, app):
        unit = UnitFactory()
        for rate, starts_on in ((1, JULY), (2, APRIL), (3, AUGUST)):
            adopt(unit, starts_on, rate_bp=rate)

        assert list(db.session.scalars(select(TithePolicy.version).order_by(TithePolicy.id))) == [1, 2, 3]

    def test_says_who_adopted_it_in_one_event(self, offices):
        actor = offices.acting(offices.hr_manager)
        adopt(offices.team, actor=actor, reason="  As agreed with staff ", rate_bp=1000)

        (event,) = events()
        policy = db.session.scalars(select(TithePolicy)).one()

        assert (event.verb, event.actor_id) == ("policy:adopt", actor.id)
        assert '"rate_bp":1000' in event.details
        assert "2026-07-01" in event.details
        assert "agreed" not in event.details, "people's words stay out of the chain"
        assert (policy.reason, policy.adopted_by, policy.adopted_at) == ("As agreed with staff", actor.id, NOW)

    def test_is_for_hr_managers_over_the_unit_and_the_system(self, offices):
        everybody = offices.people
        RoleGrantFactory(person_id=everybody.owner.id, unit_id=offices.elsewhere.id, role=Role.HR_MANAGER)
        for role in (Role.AUDITOR, Role.COORDINATOR, Role.ADMINISTRATOR, Role.HR_ANALYST):
            RoleGrantFactory(person_id=everybody.colleague.id, unit_id=offices.department.id, role=role)

        for person in (everybody.owner, everybody.manager, everybody.colleague, everybody.hr):
            actor = offices.acting(person)
            refused(lambda actor=actor: adopt(offices.team, actor=actor, rate_bp=1000), NotFound)
        assert adopt(offices.team, actor=offices.acting(offices.hr_manager), rate_bp=1000)
        assert adopt(offices.department, actor=SYSTEM, rate_bp=900)

    def test_refuses_a_unit_that_is_not_there_as_one_that_is_not_theirs(self, offices):
        actor = offices.acting(offices.hr_manager)

        absent, foreign = (
            refused(
                lambda unit_id=unit_id: operations.adopt_policy(
                    actor=actor, unit_id=unit_id, starts_on=JULY, settings={}, reason="Why", now=NOW
                ),
                NotFound,
            )
            for unit_id in (10**9, offices.elsewhere.id)
        )

        assert absent.message == foreign.message

    @pytest.mark.parametrize(
        "values", [{"rate_bp": 2501}, {"rate_bp": "2000"}, {"rate": 2000}, {"round_mode": "random"}], ids=repr
    )
    def test_refuses_bad_settings(self, app, values):
        unit = UnitFactory()

        assert refused(lambda: adopt(unit, **values)).field == next(iter(values))

    def test_refuses_without_a_reason(self, app):
        unit = UnitFactory()

        assert refused(lambda: adopt(unit, reason="  ", rate_bp=1000)).field == "reason"

    def test_refuses_a_start_in_a_closed_quarter(self, app):
        unit = UnitFactory()

        def start(day):
            return operations.adopt_policy(
                actor=SYSTEM,
                unit_id=unit.id,
                starts_on=day,
                settings={"rate_bp": 1},
                reason="Why",
                now=NOW,
                earliest=JULY,
            )

        assert "1 July 2026" in refused(lambda: start(JULY - DAY)).message
        assert start(JULY)

    def test_refuses_a_second_version_for_the_same_day(self, app):
        unit = UnitFactory()
        adopt(unit, JULY, rate_bp=1000)

        assert refused(lambda: adopt(unit, JULY, rate_bp=500)).field == "starts_on"

    def test_refuses_to_change_nothing(self, offices):
        assert refused(lambda: adopt(offices.team)).field == "settings"
        adopt(offices.team, JULY, rate_bp=1000)

        assert "exactly these settings" in refused(lambda: adopt(offices.team, AUGUST, rate_bp=1000)).message
        adopt(offices.team, APRIL, rate_bp=1000)

    def test_keeps_what_a_unit_pins_though_it_is_inherited_just_so_today(self, offices):
        adopt(offices.team, JULY, rate_bp=2000)
        adopt(offices.department, AUGUST, rate_bp=1000)

        assert queries.in_force(offices.team.id, AUGUST).settings.rate_bp == 2000

    def test_by_four_at_once_gives_each_a_version(self, app):
        unit = UnitFactory()

        results = at_once(app, [lambda n=n: adopt(unit, JULY + n * DAY, rate_bp=n) for n in range(4)])

        assert errors_in(results) == []
        assert sorted(db.session.scalars(select(TithePolicy.version))) == [1, 2, 3, 4]

    def test_by_two_at_once_never_contradicts_itself(self, app, offices):
        """Either alone is lawful: a ceiling of a tenth above, a fifth named below."""
        calls = [
            lambda: adopt(offices.department, rate_bp=1000, rate_max_bp=1000),
            lambda: adopt(offices.team, rate_bp=2000),
        ]

        results = at_once(app, calls)

        assert [type(each) for each in errors_in(results)] == [RulesBroken]
        assert contradictions(queries.in_force(offices.team.id, JULY).settings) == []


class TestContradictions:
    def test_are_refused_in_the_unit_itself(self, offices):
        adopt(offices.department, rate_bp=1000, rate_max_bp=1500)

        assert refused(lambda: adopt(offices.team, rate_bp=1600)).field == "rate_bp"
        adopt(offices.team, rate_bp=1500)

    def test_are_refused_in_a_unit_below_by_name(self, offices):
        room = UnitFactory(code="ROOM", name="Room 7", parent_id=offices.team.id)
        adopt(room, rate_bp=1800)

        refusal = refused(lambda: adopt(offices.department, rate_bp=1000, rate_max_bp=1500))

        assert "In Room 7 (ROOM), which is below" in refusal.message
        adopt(offices.department, rate_bp=1000, rate_max_bp=1800)

    def test_are_refused_where_the_unit_below_decides_only_later(self, offices):
        adopt(offices.team, OCTOBER, holiday_method="as_scheduled")

        refused(lambda: adopt(offices.department, AUGUST, accrual_basis="contracted"))

    def test_do_not_count_after_the_units_own_next_version(self, offices):
        adopt(offices.department, OCTOBER, decide_wd=5)
        adopt(offices.team, OCTOBER, holiday_method="as_scheduled")

        assert adopt(offices.department, AUGUST, accrual_basis="contracted")

    def test_do_not_count_in_what_was_withdrawn_or_is_past(self, offices):
        adopt(offices.team, APRIL, rate_bp=1800)
        adopt(offices.team, JULY, rate_bp=900)
        adopt(offices.team, AUGUST, rate_bp=1800)
        withdraw(offices.team, 3)

        assert adopt(offices.department, JULY, rate_bp=1000, rate_max_bp=1000)

    def test_are_refused_when_withdrawing_would_bring_them_back(self, offices):
        adopt(offices.department, APRIL, rate_bp=1000, rate_max_bp=1000)
        adopt(offices.department, AUGUST, rate_bp=1000)
        adopt(offices.team, OCTOBER, rate_bp=2000)

        refused(lambda: withdraw(offices.department, 2))
        withdraw(offices.team, 1)
        withdraw(offices.department, 2)

    def test_are_looked_for_in_as_many_statements_however_many_units_there_are(self, offices):
        def rehearse():
            proposal = Proposal(offices.department.id, JULY, {"rate_bp": 1}, "Why")
            operations.rehearse_adoption(actor=SYSTEM, proposal=proposal, today=TODAY)

        adopt(UnitFactory(parent_id=offices.team.id), rate_bp=100)
        few = counted(rehearse)
        for number in range(10):
            adopt(UnitFactory(parent_id=offices.team.id), rate_bp=number)

        assert counted(rehearse) == few <= 4


class TestRehearsal:
    def test_says_what_would_change_and_writes_nothing(self, offices):
        adopt(offices.team, APRIL, rate_bp=1000, round_to=5)
        before = contents()

        proposal = Proposal(offices.team.id, AUGUST, {"rate_bp": 1200, "decide_wd": 10}, "Why")
        changes = operations.rehearse_adoption(actor=SYSTEM, proposal=proposal, today=TODAY)

        assert [(each.name, each.before, each.after) for each in changes] == [
            ("rate_bp", 1000, 1200),
            ("round_to", 5, 15),
        ]
        assert contents() == before


class TestWithdrawPolicy:
    def test_takes_a_coming_version_back_for_good(self, offices):
        actor = offices.acting(offices.hr_manager)
        adopt(offices.team, AUGUST, rate_bp=1000)
        withdraw(offices.team, 1, actor=actor)

        policy = db.session.scalars(select(TithePolicy)).one()
        verbs = [(event.verb, event.actor_id) for event in events()]

        assert (policy.withdrawn_at, policy.withdrawn_by) == (NOW, actor.id)
        assert sorted(verbs) == sorted([("policy:adopt", None), ("policy:withdraw", actor.id)])
        assert queries.in_force(offices.team.id, OCTOBER).settings.rate_bp == 2000

    def test_leaves_its_day_free_for_another(self, offices):
        adopt(offices.team, AUGUST, rate_bp=1000)
        withdraw(offices.team, 1)
        adopt(offices.team, AUGUST, rate_bp=1000)

        assert queries.in_force(offices.team.id, AUGUST).settings.rate_bp == 1000
        assert sorted(db.session.scalars(select(TithePolicy.version))) == [1, 2]

    @pytest.mark.parametrize("starts_on", [APRIL, TODAY])
    def test_refuses_one_that_has_begun(self, offices, starts_on):
        adopt(offices.team, starts_on, rate_bp=1000)

        assert "has begun" in refused(lambda: withdraw(offices.team, 1)).message

    def test_asks_what_day_it_is_in_london(self, offices):
        adopt(offices.team, AUGUST, rate_bp=1000)
        midnight = datetime(2026, 7, 31, 23, 30, tzinfo=NOW.tzinfo)

        refused(lambda: withdraw(offices.team, 1, now=midnight))
        withdraw(offices.team, 1, now=midnight - timedelta(hours=1))

    def test_refuses_one_that_was_withdrawn_before(self, offices):
        adopt(offices.team, AUGUST, rate_bp=1000)
        withdraw(offices.team, 1)

        assert "withdrawn before" in refused(lambda: withdraw(offices.team, 1)).message

    @pytest.mark.parametrize("version", [0, 2, 2**31, 10**30])
    def test_refuses_one_that_is_not_there(self, offices, version):
        adopt(offices.team, AUGUST, rate_bp=1000)

        refused(lambda: withdraw(offices.team, version), NotFound)

    def test_is_for_those_who_may_adopt(self, offices):
        adopt(offices.team, AUGUST, rate_bp=1000)
        for person in (offices.people.owner, offices.people.manager, offices.people.hr):
            actor = offices.acting(person)
            refused(lambda actor=actor: withdraw(offices.team, 1, actor=actor), NotFound)


OWN = st.fixed_dictionaries(
    {},
    optional={
        "rate_bp": st.sampled_from([500, 1500, 2500]),
        "rate_max_bp": st.sampled_from([1000, 2000, 2500]),
        "accrual_basis": st.sampled_from(["available", "contracted"]),
        "holiday_method": st.sampled_from(["as_scheduled", "pro_rata"]),
    },
)
MOVES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 5), OWN) | st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=12
)


@given(moves=MOVES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_no_history_of_adopting_and_withdrawing_contradicts_itself_anywhere(app, moves):
    """A chain of three units and a branch; each move is accepted or refused, and whatever stands is sound each day."""
    top = UnitFactory()
    middle = UnitFactory(parent_id=top.id)
    units = [top, middle, UnitFactory(parent_id=middle.id), UnitFactory(parent_id=top.id)]
    days = [AUGUST + 7 * n * DAY for n in range(6)]
    for unit, which, *own in moves:
        try:
            if own:
                adopt(units[unit], days[which], **own[0])
            else:
                withdraw(units[unit], which)
        except (RuleBroken, NotFound):
            db.session.rollback()

    found = queries.timelines_of([unit.id for unit in units], date(2026, 7, 1), date(2027, 1, 1))

    assert [problem for spans in found.values() for span in spans for problem in contradictions(span.settings)] == []
    with unit_of_work() as session:
        session.execute(delete(TithePolicy))
