"""Carrying over: the worked example of §1.4 of the time rules, each setting, and that no minute is made or lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tithe.allowance.rules.carry import Books, Closing, Lot, close, merged
from tithe.kernel.calendar import YEAR_STARTS, Quarter
from tithe.policy.rules import Settings

QUARTER = Quarter(2026, 2)  # Jul to Sep 2026
NEXT = QUARTER.next
AFTER = NEXT.next
OLD = Lot(QUARTER, 600)
DEFAULTS = Settings()


def closed(accrued=3285, lots=(OLD,), spent=1800, adjusted=0, protected=0, quarter=QUARTER, **policy):
    return close(quarter, Books(accrued, tuple(lots), spent, adjusted, protected), Settings(**policy))


def carried(closing):
    return sum(lot.minutes for lot in closing.carried)


class TestClose:
    def test_is_the_worked_example(self):
        found = closed()

        assert (found.carried, found.lapsed) == ((Lot(NEXT, 1635),), 450)

    def test_is_the_worked_example_with_300_refused(self):
        found = closed(protected=300)

        assert (found.carried, found.lapsed) == ((Lot(NEXT, 1935),), 150)

    def test_spends_minutes_carried_in_before_those_earned(self):
        assert closed(spent=600).carried == closed(lots=(), spent=0).carried

    def test_lets_minutes_carried_in_lapse_when_nobody_used_them(self):
        found = closed(accrued=0, spent=100)

        assert (found.carried, found.lapsed) == ((), 500)

    def test_keeps_minutes_carried_in_that_live_longer(self):
        found = closed(accrued=0, lots=(Lot(AFTER, 200), OLD, Lot(NEXT, 50)), spent=620)

        assert (found.carried, found.lapsed) == ((Lot(NEXT, 30), Lot(AFTER, 200)), 0)

    def test_carries_nothing_of_a_quarter_used_up(self):
        assert closed(lots=(), spent=3285) == Closing(cap=1635)

    @pytest.mark.parametrize(("percent", "minutes"), [(0, 0), (10, 315), (50, 1635), (100, 2085)])
    def test_carries_the_share_of_the_entitlement_that_the_policy_names(self, percent, minutes):
        assert carried(closed(carry_cap_pct=percent)) == minutes

    @pytest.mark.parametrize(("life", "expires"), [(1, "2026-27Q3"), (2, "2026-27Q4"), (4, "2027-28Q2")])
    def test_lets_carried_minutes_live_as_long_as_the_policy_says(self, life, expires):
        assert [lot.expires.code for lot in closed(carry_life_periods=life).carried] == [expires]

    def test_carries_nothing_where_carried_minutes_live_for_no_quarter(self):
        assert (closed(carry_life_periods=0).carried, closed(carry_life_periods=0).lapsed) == ((), 2085)

    def test_carries_over_the_end_of_a_year_only_where_the_policy_lets_it(self):
        last = Quarter(2026, 4)
        lots = (Lot(last.next, 200),)

        assert carried(closed(quarter=last, lots=lots, spent=0)) == 1635 + 200
        assert carried(closed(quarter=last, lots=lots, spent=0, carry_over_year_end=False)) == 0
        assert carried(closed(quarter=QUARTER, lots=(), spent=0, carry_over_year_end=False)) == 1635

    @pytest.mark.parametrize(("start_month", "last"), [(4, 4), (7, 1), (10, 2), (1, 3)])
    def test_ends_the_year_where_the_policy_says(self, start_month, last):
        quarters = [Quarter(2026, number) for number in (1, 2, 3, 4)]
        year = {"carry_over_year_end": False, "fy_start_month": start_month}

        found = {each.number: closed(quarter=each, lots=(), spent=0, **year) for each in quarters}

        assert [number for number in found if not carried(found[number])] == [last]
        assert found[last].lapsed == 3285

    def test_carries_what_was_refused_over_the_end_of_any_year(self):
        found = closed(quarter=Quarter(2026, 4), lots=(), spent=0, protected=300, carry_over_year_end=False)

        assert carried(found) == 300

    def test_does_not_protect_what_was_refused_where_the_policy_does_not(self):
        assert closed(protected=300, protect_refused=False) == closed()

    def test_protects_no_more_than_is_left(self):
        assert carried(closed(accrued=300, lots=(), spent=100, protected=1000)) == 200

    def test_counts_a_correction_upwards_as_earned_and_one_downwards_as_spent(self):
        assert closed(adjusted=60).lapsed == closed().lapsed + 60
        assert closed(adjusted=-60) == closed(spent=1860)

    def test_gives_minutes_taken_back_from_an_earlier_quarter_to_what_is_earned(self):
        found = closed(accrued=600, spent=-60, lots=(Lot(AFTER, 50),))

        assert (found.carried, found.lapsed) == ((Lot(NEXT, 300), Lot(AFTER, 50)), 360)

    @pytest.mark.parametrize(("spent", "debt", "written_off"), [(3300, -15, 0), (3729, -444, 0), (4000, -444, 271)])
    def test_carries_a_debt_down_to_the_floor_and_writes_off_the_rest(self, spent, debt, written_off):
        found = closed(lots=(), spent=spent)

        assert (found.debt, found.written_off, found.carried, found.lapsed) == (debt, written_off, (), 0)

    def test_leaves_nothing_to_somebody_who_does_not_stay(self):
        books = Books(3285, (OLD,), 1800)

        assert close(QUARTER, books, DEFAULTS, stays=False) == Closing(lapsed=2085)
        assert close(QUARTER, Books(0, (), 100), DEFAULTS, stays=False) == Closing(written_off=100)


class TestMerged:
    def test_keeps_one_lot_for_each_quarter_of_expiry(self):
        lots = [Lot(AFTER, 1), Lot(NEXT, 2), Lot(AFTER, 4)]

        assert merged(lots) == (Lot(NEXT, 2), Lot(AFTER, 5))


QUARTERS = st.builds(Quarter, st.integers(2026, 2030), st.integers(1, 4))
MINUTES = st.integers(0, 6000)
POLICIES = st.builds(
    Settings,
    round_to=st.integers(1, 60),
    carry_cap_pct=st.integers(0, 100),
    carry_life_periods=st.integers(0, 4),
    carry_over_year_end=st.booleans(),
    fy_start_month=st.sampled_from(YEAR_STARTS),
    protect_refused=st.booleans(),
    overdraft_floor_min=st.integers(-2220, 0),
)


@st.composite
def closings(draw):
    """A quarter, the books of somebody in it, and a policy."""
    quarter = draw(QUARTERS)
    ages = draw(st.lists(st.integers(0, 3), max_size=4))
    lots = []
    for age in ages:
        expires = quarter
        for _ in range(age):
            expires = expires.next
        lots.append(Lot(expires, draw(MINUTES)))
    books = Books(
        draw(MINUTES), tuple(lots), draw(st.integers(-500, 9000)), draw(st.integers(-2000, 2000)), draw(MINUTES)
    )
    return quarter, books, draw(POLICIES), draw(st.booleans())


LAWFUL = settings(max_examples=300, deadline=None)


@given(closings())
@LAWFUL
def test_carrying_never_creates_or_loses_a_minute(case):
    quarter, books, policy, stays = case
    found = close(quarter, books, policy, stays=stays)
    came_in = sum(lot.minutes for lot in books.lots)

    adjustments = books.adjusted + found.written_off
    assert came_in + books.accrued + adjustments == books.spent + carried(found) + found.debt + found.lapsed


@given(closings())
@LAWFUL
def test_carrying_stays_within_its_bounds(case):
    quarter, books, policy, stays = case
    found = close(quarter, books, policy, stays=stays)

    assert min(found.lapsed, found.written_off, found.cap, *(lot.minutes for lot in found.carried)) >= 0
    assert policy.overdraft_floor_min <= found.debt <= 0
    assert not (found.debt and found.carried)
    assert all(lot.expires > quarter for lot in found.carried)
    lived = sum(lot.minutes for lot in books.lots if lot.expires > quarter)
    most = books.accrued * policy.carry_cap_pct // 100 + (books.protected if policy.protect_refused else 0)
    assert carried(found) <= lived + most


@given(closings(), st.randoms(use_true_random=False))
@LAWFUL
def test_the_order_of_lots_does_not_matter(case, chance):
    quarter, books, policy, stays = case
    lots = list(books.lots)
    chance.shuffle(lots)
    again = Books(books.accrued, tuple(lots), books.spent, books.adjusted, books.protected)

    assert close(quarter, again, policy, stays=stays) == close(quarter, books, policy, stays=stays)


@given(closings(), st.integers(0, 600))
@LAWFUL
def test_using_more_never_carries_more(case, more):
    quarter, books, policy, stays = case
    used = Books(books.accrued, books.lots, books.spent + more, books.adjusted, books.protected)

    assert carried(close(quarter, used, policy, stays=stays)) <= carried(close(quarter, books, policy, stays=stays))
