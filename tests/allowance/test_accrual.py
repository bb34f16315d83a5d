"""What accrual posts, on both databases: what the rule says, once, and corrected by differences alone."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.allowance.ledgers import (
    DAY,
    FULL_TIME,
    NOW,
    QUARTER,
    SEPTEMBER,
    accrue,
    accrued,
    balance,
    change_post,
    end_post,
    give_pattern,
    post_of,
)
from tests.factories.people import UnitFactory
from tests.support.threads import at_once, errors_in
from tithe.access.actor import SYSTEM
from tithe.allowance import jobs
from tithe.allowance.models import LedgerLine
from tithe.allowance.queries.balances import drift
from tithe.allowance.queries.schedules import schedule_of
from tithe.audit.models import AuditEvent
from tithe.audit.queries import first_broken_link
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict
from tithe.policy.operations import adopt_policy


class TestAccrueQuarter:
    @pytest.mark.parametrize(
        ("changes", "minutes"),
        [
            ({}, FULL_TIME),
            ({"weekly_minutes": 1332}, 3465),  # 39 days from Monday to Wednesday
            ({"weekly_minutes": 0}, 0),
            ({"starts_on": date(2026, 8, 17)}, 2835),
            ({"ends_on": date(2026, 7, 3)}, 270),  # 3 days, the last included
            ({"starts_on": date(2026, 9, 30)}, 90),
            ({"calendar": "northern-ireland"}, 5685),
            ({"calendar": "scotland"}, FULL_TIME),  # 3 August instead of 31 August
        ],
        ids=lambda part: ", ".join(part) or "full time" if isinstance(part, dict) else str(part),
    )
    def test_posts_what_the_rule_says(self, app, changes, minutes):
        person = post_of(**changes)

        accrue()

        assert sum(accrued(person)) == balance(person).accrued == minutes

    @pytest.mark.parametrize("changes", [{"starts_on": QUARTER.end}, {"ends_on": QUARTER.start - DAY}])
    def test_posts_nothing_for_people_who_are_not_there(self, app, changes):
        person = post_of(**changes)

        assert accrue() == 0
        assert accrued(person) == []

    def test_changes_nothing_when_it_runs_again(self, app):
        everybody = [post_of(), post_of(weekly_minutes=1332), post_of(starts_on=SEPTEMBER)]

        assert accrue() == 3
        assert [accrue() for _ in range(3)] == [0, 0, 0]

        assert [len(accrued(person)) for person in everybody] == [1, 1, 1]
        assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == 1
        assert drift(QUARTER) == []

    def test_posts_only_the_difference_when_hours_change(self, app):
        unit = UnitFactory()
        person = post_of(unit=unit)
        accrue()
        change_post(person, SEPTEMBER, unit=unit, weekly_minutes=1110)

        assert accrue(now=NOW + timedelta(days=62)) == 1

        # 43 full days to the end of August; in September 9 full days and 5 halves: 24,198 minutes
        assert accrued(person) == [FULL_TIME, 4845 - FULL_TIME]
        assert balance(person).accrued == 4845
        assert drift(QUARTER) == []
        assert accrue() == 0

    def test_takes_back_what_a_leaver_will_not_earn(self, app):
        person = post_of()
        accrue()
        end_post(person, date(2026, 7, 3))

        accrue()

        assert accrued(person) == [FULL_TIME, 270 - FULL_TIME]

    def test_takes_back_everything_when_somebody_turns_out_to_have_left_before(self, app):
        person = post_of()
        accrue()
        end_post(person, QUARTER.start - DAY)

        accrue()

        assert sum(accrued(person)) == 0
        assert balance(person).left == 0

    def test_follows_a_rate_that_changes_within_the_quarter(self, app):
        unit = UnitFactory()
        person = post_of(unit=unit)
        policy_id = adopt_policy(
            actor=SYSTEM,
            unit_id=unit.id,
            starts_on=date(2026, 8, 1),
            settings={"rate_bp": 1000},
            reason="A trial",
            now=NOW,
        )

        accrue()

        assert accrued(person) == [3900]  # 23 days at a fifth and 42 at a tenth: 3,907.2
        assert db.session.scalar(select(LedgerLine.policy_id)) == policy_id

    def test_follows_the_pattern_on_record(self, app):
        person = post_of()
        give_pattern(person, [555, 555, 555, 555, 0, 0, 0])

        accrue()

        assert accrued(person) == [5775]  # 52 days of 555

    def test_follows_each_place_of_work_while_it_lasts(self, app):
        """In Northern Ireland to the end of July (13 July off), then in England (31 August off): 64 days."""
        person = post_of(calendar="northern-ireland")
        change_post(person, date(2026, 8, 1), calendar="england-and-wales")

        accrue()

        assert sum(accrued(person)) == 5685

    def test_adds_two_posts_held_at_once(self, app):
        person = post_of(weekly_minutes=1332)
        post_of(person, weekly_minutes=888)

        accrue()

        assert sum(accrued(person)) == 5685  # 39 days Monday to Wednesday, 25 days Monday and Tuesday
        assert drift(QUARTER) == []

    def test_counts_a_pattern_on_record_once_however_many_posts_it_is_spread_over(self, app):
        person = post_of(weekly_minutes=1110)
        post_of(person, weekly_minutes=1110)
        give_pattern(person, [444, 444, 444, 444, 444, 0, 0])

        accrue()

        assert accrued(person) == [FULL_TIME]

    def test_keeps_the_arithmetic_on_the_line(self, app):
        person = post_of()
        accrue()

        facts = db.session.scalar(select(LedgerLine.facts).where(LedgerLine.person_id == person.id))

        assert facts == {"available": 28_860, "days": 65, "rate_bp": 2000, "entitlement": 5775, "before": 0}

    def test_by_four_at_once_posts_once(self, app):
        everybody = [post_of() for _ in range(10)]

        results = at_once(app, [accrue] * 4)

        assert {type(each) for each in errors_in(results)} <= {Conflict}
        assert [accrued(person) for person in everybody] == [[FULL_TIME]] * 10
        assert drift(QUARTER) == []

    def test_leaves_other_quarters_alone(self, app):
        person = post_of()

        accrue()

        assert accrued(person, QUARTER.next) == accrued(person, QUARTER.previous) == []

    def test_agrees_with_the_forecast_for_a_hundred_people_and_after_as_many_changes(self, app):
        chance = random.Random(20260701)
        units = [UnitFactory(), UnitFactory()]
        everybody = [a_random_person(chance, units) for _ in range(100)]
        for month in range(3):
            accrue()
            assert accrue() == 0
            assert drift(QUARTER) == []
            for person in everybody:
                schedule = schedule_of(person.id, QUARTER.start, QUARTER.end)
                assert sum(accrued(person)) == balance(person).accrued == schedule.entitlement.minutes
            for person in chance.sample(everybody, 20):
                on = QUARTER.start + timedelta(days=30 * month + chance.randrange(1, 30))
                end_post(person, on - DAY)
                post_of(person, chance.choice(units), starts_on=on, weekly_minutes=chance.randrange(0, 2700))
        assert first_broken_link() is None


def a_random_person(chance, units):
    person = post_of(
        unit=chance.choice(units),
        weekly_minutes=chance.choice([0, 444, 1110, 1332, 2220, 2400]),
        starts_on=date(2026, 1, 1) + timedelta(days=chance.randrange(180)),
    )
    if chance.random() < 0.3:
        weeks = [[chance.choice([0, 222, 444, 555]) for _ in range(7)] for _ in range(chance.randrange(1, 5))]
        give_pattern(person, *weeks)
    return person


class TestJob:
    def test_brings_this_quarter_up_to_date(self, app):
        person = post_of()

        jobs.accrue("2026-07-01", NOW)

        assert accrued(person) == [FULL_TIME]

    def test_is_due_once_for_every_day_in_london(self):
        just_after_midnight = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)

        assert list(jobs.due_days(just_after_midnight)) == ["2026-07-01"]

    def test_posts_late_entries_of_last_quarter_while_its_grace_lasts(self, app):
        """Somebody who joined on 28 September is put on record on 2 October; the quarter freezes on 15 October."""
        person = post_of(starts_on=date(2026, 9, 28))

        jobs.accrue("2026-10-03", datetime(2026, 10, 3, 0, 30, tzinfo=UTC))

        assert sum(accrued(person)) == 270
