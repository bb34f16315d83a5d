"""The ledger and the totals kept beside it, on both databases: added up to the minute, never apart."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update

from tests.allowance.ledgers import (
    FULL_TIME,
    QUARTER,
    SEPTEMBER,
    a_line,
    accrue,
    balance,
    change_post,
    post,
    post_of,
    splits,
)
from tests.factories.people import PersonFactory, UnitFactory
from tests.support.threads import at_once, errors_in
from tithe.allowance.models import LedgerLine, PersonQuarter
from tithe.allowance.queries.balances import drift
from tithe.allowance.rules.ledger import LedgerKind
from tithe.kernel.db import db, unit_of_work
from tithe.kernel.errors import Conflict


class TestSplit:
    def test_flags_somebody_whose_minutes_are_in_two_units(self, app):
        first, second = UnitFactory(), UnitFactory()
        person, other = post_of(unit=first), post_of(unit=first)
        accrue()
        change_post(person, SEPTEMBER, unit=second, weekly_minutes=1110)

        accrue()

        assert splits(person) == {first.id: True, second.id: True}
        assert splits(other) == {first.id: False}
        assert balance(person).accrued == 4845
        assert drift(QUARTER) == []

    def test_flags_somebody_who_spent_in_one_unit_before_the_first_accrual_in_another(self, app):
        first, second = UnitFactory(), UnitFactory()
        person = post_of(unit=second)
        post(a_line(person, first, LedgerKind.USE, -60))

        accrue()

        assert splits(person) == {first.id: True, second.id: True}

    def test_leaves_no_unit_with_less_than_nothing(self, app):
        """A report of the unit somebody moved to must not show minus 930 minutes on minus 8 days."""
        first, second = UnitFactory(), UnitFactory()
        person = post_of(unit=first)
        accrue()
        change_post(person, SEPTEMBER, unit=second, weekly_minutes=1110)

        accrue()

        found = db.session.execute(select(PersonQuarter.accrued, PersonQuarter.accruing_days)).all()
        assert [row for row in found if min(row) < 0] == []

    def test_stays_when_the_totals_are_added_to(self, app):
        first, second = UnitFactory(), UnitFactory()
        person = post_of(unit=first)
        accrue()
        change_post(person, SEPTEMBER, unit=second, weekly_minutes=1110)
        accrue()

        post(a_line(person, second, LedgerKind.USE, -60))

        assert splits(person) == {first.id: True, second.id: True}


class TestPost:
    def test_adds_every_kind_to_the_total_it_belongs_to(self, app):
        unit = UnitFactory()
        person = post_of(unit=unit)
        accrue()
        post(
            a_line(person, unit, LedgerKind.CARRY_IN, 600, expires=QUARTER.code),
            a_line(person, unit, LedgerKind.USE, -450),
            a_line(person, unit, LedgerKind.REVERSAL, 90),
            a_line(person, unit, LedgerKind.HOLD, -120),
            a_line(person, unit, LedgerKind.RELEASE, 60),
            a_line(person, unit, LedgerKind.ADJUSTMENT, -30),
            a_line(person, unit, LedgerKind.CARRY_OUT, -100),
            a_line(person, unit, LedgerKind.LAPSE, -50),
        )

        found = balance(person)

        assert (found.accrued, found.used, found.other) == (FULL_TIME, 360, 360)
        assert found.left == db.session.scalar(
            select(func.sum(LedgerLine.minutes)).where(LedgerLine.person_id == person.id)
        )
        assert drift(QUARTER) == []

    def test_of_nothing_is_nothing(self, app):
        post()

        assert db.session.scalar(select(func.count()).select_from(LedgerLine)) == 0

    @pytest.mark.parametrize("kind", [LedgerKind.USE, LedgerKind.HOLD, LedgerKind.LAPSE])
    @pytest.mark.parametrize("minutes", [0, 60])
    def test_refuses_spending_that_takes_nothing_away(self, app, kind, minutes):
        unit = UnitFactory()
        person = PersonFactory()

        with pytest.raises(Conflict):
            post(a_line(person, unit, kind, minutes))

        assert splits(person) == {}

    def test_refuses_the_same_source_twice_and_adds_it_once(self, app):
        unit = UnitFactory()
        person = post_of(unit=unit)
        accrue()
        post(a_line(person, unit, LedgerKind.USE, -60))

        with pytest.raises(Conflict):
            post(a_line(person, unit, LedgerKind.USE, -60))

        assert balance(person).used == 60

    def test_by_eight_at_once_loses_no_minute(self, app):
        unit = UnitFactory()
        person = post_of(unit=unit)
        accrue()

        def spend(sender):
            for n in range(10):
                post(a_line(person, unit, LedgerKind.USE, -1, version=n, source_id=sender))

        results = at_once(app, [lambda sender=sender: spend(sender) for sender in range(8)])

        assert errors_in(results) == []
        assert balance(person).used == 80
        assert drift(QUARTER) == []


class TestBalancesOf:
    def test_forecast_a_quarter_that_is_not_posted_yet_as_it_will_be(self, app):
        person = post_of(weekly_minutes=1332)
        forecast = balance(person)

        accrue()

        assert forecast == balance(person)
        assert forecast.left == 3465

    def test_of_a_stranger_to_the_scheme_are_nothing(self, app):
        assert balance(PersonFactory()).left == 0


class TestDrift:
    def test_names_people_whose_total_was_changed_behind_the_ledgers_back(self, app):
        sound, changed, lost = post_of(), post_of(), post_of()
        accrue()
        with unit_of_work() as session:
            session.execute(
                update(PersonQuarter).where(PersonQuarter.person_id == changed.id).values(used=PersonQuarter.used + 15)
            )
            session.execute(delete(PersonQuarter).where(PersonQuarter.person_id == lost.id))

        assert drift(QUARTER) == [changed.id, lost.id]
        assert sound.id not in drift(QUARTER)

    def test_names_people_whose_ledger_lost_a_line(self, app):
        person = post_of()
        accrue()
        with unit_of_work() as session:
            session.execute(delete(LedgerLine).where(LedgerLine.person_id == person.id))

        assert drift(QUARTER) == [person.id]
