"""Changing a policy: what it does to allowances, seen before and posted with it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from tests.allowance.ledgers import QUARTER, accrue, accrued, change_post, end_post, give_pattern, post_of
from tests.factories.people import PersonFactory, RoleGrantFactory, UnitFactory
from tests.support.contents import contents, counted
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.allowance.models import Absence, LedgerLine, OutwardMove, Period
from tithe.allowance.operations import policy as operations
from tithe.allowance.queries import preview as previews
from tithe.allowance.queries.periods import first_open_day
from tithe.allowance.queries.schedules import schedules_of
from tithe.kernel.db import db, unit_of_work
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.people import queries as people

NOW = datetime(2026, 7, 20, 9, tzinfo=UTC)
AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)
ALL = QUARTER.start
EVERY_DIFFERENCE = {
    "rate_bp": 1000,
    "qualifying_weeks": 26,
    "exclude_probation": True,
    "holiday_credit": "standard_day",
}


class Office:
    """A department, a team and another department, with people of every kind in the team."""

    def __init__(self) -> None:
        self.department = UnitFactory(code="DEPT")
        self.team = UnitFactory(code="TEAM", name="The Team", parent_id=self.department.id)
        self.elsewhere = UnitFactory(code="OTHER")
        self.boss = post_of(unit=self.department)
        self.full_time = post_of(unit=self.team)
        self.part_time = post_of(unit=self.team, weekly_minutes=1332)
        self.outsider = post_of(unit=self.elsewhere)
        self.unlike = [
            post_of(PersonFactory(starts_on=date(2026, 5, 1)), self.team, starts_on=date(2026, 5, 1)),
            post_of(PersonFactory(probation_ends_on=date(2026, 8, 15)), self.team),
            post_of(unit=self.team, calendar="scotland"),
            change_post(post_of(unit=self.elsewhere), SEPTEMBER, unit=self.team),
            change_post(post_of(unit=self.team), SEPTEMBER, unit=self.elsewhere),
            change_post(post_of(unit=self.team), date(2026, 10, 10), unit=self.department),
            post_of(post_of(unit=self.team, weekly_minutes=900), self.department, weekly_minutes=900),
            *(post_of(unit=self.team) for _ in range(4)),
        ]
        long, short = [555, 555, 555, 555, 0, 0, 0], [444, 0, 0, 0, 0, 0, 0]
        give_pattern(self.unlike[-1], long, short)
        give_pattern(self.unlike[-2], long, short, starts_on=date(2026, 1, 12))
        give_pattern(self.unlike[-3], long, starts_on=AUGUST)
        self.away(self.unlike[-4], date(2026, 8, 4))
        self.lend(self.unlike[-4])

    @property
    def everybody(self):
        return [self.boss, self.full_time, self.part_time, *self.unlike]

    def away(self, person, day):
        facts = {"minutes": 444, "reduces_accrual": True, "source": "own", "source_key": ""}
        with unit_of_work() as session:
            session.execute(insert(Absence).values(person_id=person.id, day=day, **facts))

    def lend(self, person):
        with unit_of_work() as session:
            facts = {"starts_on": SEPTEMBER, "last_day": None, "share_bp": 4000}
            session.execute(insert(OutwardMove).values(person_id=person.id, **facts))


@pytest.fixture
def office(app) -> Office:
    return Office()


def adopt(unit, starts_on=AUGUST, *, actor=SYSTEM, now=NOW, **settings):
    facts = {"unit_id": unit.id, "starts_on": starts_on, "settings": settings, "reason": "A trial", "now": now}
    return operations.adopt(actor=actor, **facts)


def rehearse(unit, starts_on=AUGUST, **settings):
    db.session.rollback()
    facts = {"unit_id": unit.id, "starts_on": starts_on, "settings": settings, "reason": "A trial", "now": NOW}
    return operations.rehearse_adoption(actor=SYSTEM, **facts)


def close(quarter):
    with unit_of_work() as session:
        session.execute(insert(Period).values(quarter=quarter.code, closed_at=NOW))


def earned(persons, quarter):
    db.session.rollback()
    found = schedules_of([each.id for each in persons], quarter.start, quarter.end)
    return {person_id: schedule.entitlement.minutes for person_id, schedule in found.items()}


def reasons(person):
    found = select(LedgerLine.reason).where(LedgerLine.person_id == person.id).order_by(LedgerLine.id)
    return list(db.session.scalars(found))


class TestAdopt:
    def test_posts_the_difference_for_everybody_at_or_below(self, office):
        accrue()
        adopt(office.department, ALL, rate_bp=1000)

        assert accrued(office.full_time) == [5775, -2895]
        assert accrued(office.boss) == [5775, -2895]
        assert accrued(office.outsider) == [5775]
        assert reasons(office.full_time)[1] == (
            f"Accrual for Jul to Sep 2026, worked out again: the policy of {office.department.name} changed"
        )

    def test_leaves_nothing_for_the_nightly_accrual(self, office):
        accrue()
        adopt(office.department, **EVERY_DIFFERENCE)

        assert accrue() == 0

    def test_posts_nothing_when_it_is_refused(self, office):
        accrue()
        before = contents()

        with pytest.raises(RuleBroken):
            adopt(office.department, rate_bp=9999)

        assert contents() == before

    def test_is_for_those_who_may(self, office):
        analyst = post_of(unit=office.department)
        RoleGrantFactory(person_id=analyst.id, unit_id=office.department.id, role=Role.HR_ANALYST)
        actor = people.actor_by_email(analyst.email, NOW)

        with pytest.raises(NotFound):
            adopt(office.team, actor=actor, rate_bp=1000)
        with pytest.raises(NotFound):
            operations.withdraw(actor=actor, unit_id=office.team.id, version=1, now=NOW)

    def test_writes_the_reason_even_of_a_unit_with_a_very_long_name(self, office):
        unit = UnitFactory(name="x" * 200, parent_id=office.team.id)
        person = post_of(unit=unit)
        accrue()
        adopt(unit, rate_bp=1000)

        assert reasons(person)[1].endswith("x changed")


class TestEarliestDay:
    def test_is_that_of_this_quarter_while_nothing_was_posted(self, office):
        with pytest.raises(RuleBroken, match="Quarters before 1 July 2026 are closed"):
            rehearse(office.team, date(2026, 6, 30), rate_bp=1000)
        rehearse(office.team, ALL, rate_bp=1000)

    def test_reaches_back_to_the_oldest_quarter_that_is_open(self, office):
        accrue(QUARTER.previous)
        accrue()
        adopt(office.team, QUARTER.previous.start, rate_bp=1000)

        assert len(accrued(office.full_time, QUARTER.previous)) == 2
        assert len(accrued(office.full_time)) == 2

    def test_is_never_in_a_quarter_that_is_closed(self, office):
        accrue(QUARTER.previous)
        accrue()
        close(QUARTER.previous)

        assert first_open_day() == ALL
        with pytest.raises(RuleBroken, match="are closed"):
            adopt(office.team, QUARTER.previous.last_day, rate_bp=1000)

    def test_is_this_quarters_when_only_a_later_one_was_posted(self, office):
        accrue(QUARTER.next)

        rehearse(office.team, ALL, rate_bp=1000)


class TestWithdraw:
    def test_posts_back_what_the_version_did(self, office):
        accrue()
        adopt(office.team, rate_bp=1000)
        operations.withdraw(actor=SYSTEM, unit_id=office.team.id, version=1, now=NOW)

        assert sum(accrued(office.full_time)) == 5775
        assert len(accrued(office.full_time)) == 3
        assert accrue() == 0

    def test_is_rehearsed_with_what_it_gives_back(self, office):
        adopted = rehearse(office.team, rate_bp=1000)
        adopt(office.team, rate_bp=1000)
        db.session.rollback()

        found = operations.rehearse_withdrawal(actor=SYSTEM, unit_id=office.team.id, version=1, now=NOW)

        assert found.starts_on == AUGUST
        assert [each.tally.gained for each in found.quarters] == [each.tally.lost for each in adopted.quarters]
        assert [(each.name, each.before, each.after) for each in found.changes] == [("rate_bp", 1000, 2000)]


class TestPreview:
    def test_writes_nothing(self, office):
        before = contents()
        rehearse(office.department, **EVERY_DIFFERENCE)

        assert contents() == before

    @pytest.mark.parametrize(
        "settings",
        [
            EVERY_DIFFERENCE,
            {"accrual_basis": "contracted"},
            {"event_min": 600},
            {"rate_bp": 0, "round_to": 1},
            {"std_week_min": 1800},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("below", [{}, {"rate_bp": 500}], ids=["plain", "with a policy below"])
    def test_says_what_adopting_then_does_to_each(self, office, settings, below):
        if below:
            adopt(office.team, SEPTEMBER, **below)
        before = [earned(office.everybody, quarter) for quarter in (QUARTER, QUARTER.next)]
        found = rehearse(office.department, **settings)
        adopt(office.department, **settings)
        after = [earned(office.everybody, quarter) for quarter in (QUARTER, QUARTER.next)]

        for effect, was, will_be in zip(found.quarters, before, after, strict=True):
            gains = [will_be[person] - was[person] for person in was if was[person] or will_be[person]]
            assert effect.tally.gained == sum(gain for gain in gains if gain > 0)
            assert effect.tally.lost == -sum(gain for gain in gains if gain < 0)
            assert effect.tally.gaining == sum(gain > 0 for gain in gains)
            assert effect.tally.losing == sum(gain < 0 for gain in gains)

    def test_counts_whoever_stays_the_same_but_nobody_elsewhere(self, office):
        (now, later) = rehearse(office.department, decide_wd=5).quarters

        assert (now.quarter, later.quarter) == (QUARTER, QUARTER.next)
        assert (now.tally.people, now.tally.unchanged) == (14, 14)
        assert later.tally.people == 13, "one has moved elsewhere"
        assert now.units == []

    def test_names_the_units_with_the_most_to_gain_or_lose(self, office):
        (now, _) = rehearse(office.department, rate_bp=1000).quarters

        assert [each.code for each in now.units] == ["TEAM", "DEPT"]
        assert sum(each.tally.lost for each in now.units) == now.tally.lost

    def test_says_which_units_below_have_it_otherwise(self, office):
        adopt(office.team, ALL, rate_bp=500)
        found = rehearse(office.department, rate_bp=1000, decide_wd=5)

        assert [each.name for each in found.changes] == ["rate_bp", "decide_wd"]
        assert [(each.code, [c.name for c in each.changes]) for each in found.below] == [("TEAM", ["decide_wd"])]

    def test_takes_the_same_statements_however_many_people(self, office, monkeypatch):
        few = counted(lambda: rehearse(office.department, rate_bp=1000))
        for _ in range(20):
            post_of(unit=office.team)

        assert counted(lambda: rehearse(office.department, rate_bp=1000)) == few

    def test_is_the_same_in_whatever_ranges_people_are_read(self, office, monkeypatch):
        whole = rehearse(office.department, **EVERY_DIFFERENCE)
        monkeypatch.setattr(previews, "AT_ONCE", 1)

        assert rehearse(office.department, **EVERY_DIFFERENCE) == whole

    def test_leaves_time_away_out_where_there_are_very_many(self, office, monkeypatch):
        exact = rehearse(office.department, rate_bp=1000)
        monkeypatch.setattr(previews, "EXACT", 3)
        rough = rehearse(office.department, rate_bp=1000)

        assert (exact.exact, rough.exact) == (True, False)
        assert rough.quarters[0].tally.people == exact.quarters[0].tally.people
        assert rough.quarters[0].tally.lost > exact.quarters[0].tally.lost, "somebody is away and lent"

    def test_counts_nobody_in_a_unit_without_people(self, office):
        empty = UnitFactory()
        found = rehearse(empty, rate_bp=1000)

        assert [each.tally.people for each in found.quarters] == [0, 0]
        assert found.exact

    def test_does_not_count_who_left_before(self, office):
        end_post(office.full_time, QUARTER.start - timedelta(days=1))

        assert rehearse(office.department, rate_bp=1000).quarters[0].tally.people == 13

    def test_reaches_to_the_last_day_there_is(self, office):
        assert rehearse(office.team, date(2200, 12, 31), rate_bp=1000).quarters[0].tally.losing
