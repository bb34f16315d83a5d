"""Shares of somebody's time lent elsewhere, on both databases."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from tests.allowance.hours import NOW, OCTOBER, SEPTEMBER, Office, acting, close, messages, moves_of, reasons, verbs
from tests.allowance.ledgers import DAY, FULL_TIME, QUARTER, accrued
from tests.support.threads import at_once
from tithe.access.actor import SYSTEM
from tithe.allowance.operations import moves as lending
from tithe.allowance.queries import patterns as queries
from tithe.allowance.queries.balances import drift
from tithe.kernel.errors import NotFound, RuleBroken

LAST_OF_SEPTEMBER = date(2026, 9, 30)


@pytest.fixture
def office(app) -> Office:
    return Office()


def lend(office, share_bp=4000, starts_on=SEPTEMBER, last_day=None, by=SYSTEM):
    facts = {"starts_on": starts_on, "last_day": last_day, "share_bp": share_bp}
    return lending.lend(actor=by, person_id=office.owner_id, now=NOW, **facts)


def end(office, move_id, last_day, by=SYSTEM):
    lending.end_move(actor=by, person_id=office.owner_id, move_id=move_id, last_day=last_day, now=NOW)


def remove(office, move_id, by=SYSTEM):
    lending.remove_move(actor=by, person_id=office.owner_id, move_id=move_id, now=NOW)


class TestLending:
    def test_leaves_the_share_at_home_to_earn(self, office):
        lend(office)

        assert moves_of(office.owner_id) == [(SEPTEMBER, None, 4000)]
        # 43 whole days and 22 of which 60% stay: 24,952.8 minutes, a fifth of which is 4,990.56
        assert accrued(office.team.owner) == [FULL_TIME, 4995 - FULL_TIME]
        assert reasons(office.owner_id)[1].endswith("worked out again: a share of your time moved")
        assert drift(QUARTER) == []

    def test_is_recorded_and_told_to_the_person(self, office):
        lend(office, share_bp=3333, by=acting(office.hr))

        assert verbs() == ["move:lend"]
        assert (
            "33.33% of your time is lent elsewhere from 1 September 2026. Hugo Resources"
            in messages(office.owner_id)[0]
        )

    def test_refuses_more_than_the_whole_and_names_the_day(self, office):
        lend(office, share_bp=6000)

        with pytest.raises(RuleBroken, match="On 1 September 2026 only 40% is left to lend") as refused:
            lend(office, share_bp=5000, starts_on=QUARTER.start)
        assert refused.value.field == "share"
        assert lend(office, share_bp=4000, starts_on=QUARTER.start)

    @pytest.mark.parametrize("share_bp", [0, -1, 10_001])
    def test_refuses_what_is_no_share(self, office, share_bp):
        with pytest.raises(RuleBroken, match="A share is more than 0%"):
            lend(office, share_bp=share_bp)

    def test_refuses_an_end_before_its_beginning(self, office):
        with pytest.raises(RuleBroken, match="The last day is not before the first"):
            lend(office, last_day=SEPTEMBER - DAY)
        assert lend(office, last_day=SEPTEMBER)

    def test_refuses_a_closed_quarter(self, office):
        close(QUARTER.previous)

        with pytest.raises(RuleBroken, match="Apr to Jun 2026 is closed"):
            lend(office, starts_on=QUARTER.start - DAY)

    @pytest.mark.parametrize("name", ["owner", "manager", "director", "hr"])
    def test_is_only_for_hr_managers(self, office, name):
        with pytest.raises(NotFound):
            lend(office, by=acting(getattr(office.team, name)))

    def test_by_four_at_once_never_lends_more_than_the_whole(self, app, office):
        at_once(app, [partial(lend, office, share_bp=4000)] * 4)

        assert 1 <= len(moves_of(office.owner_id)) <= 2


class TestEnding:
    def test_gives_the_days_after_it_back(self, office):
        move_id = lend(office, starts_on=QUARTER.start)

        end(office, move_id, SEPTEMBER - DAY)

        assert moves_of(office.owner_id) == [(QUARTER.start, SEPTEMBER - DAY, 4000)]
        assert sum(accrued(office.team.owner)) == 4245  # 43 days of which 60% stay, and 22 whole: 21,223.2 minutes
        assert verbs() == ["move:lend", "move:end"]

    def test_takes_the_end_away_again(self, office):
        move_id = lend(office, last_day=LAST_OF_SEPTEMBER)

        end(office, move_id, None)

        assert moves_of(office.owner_id) == [(SEPTEMBER, None, 4000)]
        assert "40% of your time stays lent elsewhere without an end" in messages(office.owner_id)[1]

    def test_refuses_what_would_lend_too_much(self, office):
        move_id = lend(office, share_bp=6000, last_day=LAST_OF_SEPTEMBER)
        lend(office, share_bp=6000, starts_on=OCTOBER)

        with pytest.raises(RuleBroken, match="On 5 October 2026 only 40% is left") as refused:
            end(office, move_id, None)
        assert refused.value.field == "last_day"

    def test_may_follow_a_beginning_in_a_closed_quarter_if_nothing_in_it_changes(self, office):
        move_id = lend(office, starts_on=date(2026, 5, 1))
        close(QUARTER.previous)

        with pytest.raises(RuleBroken, match="Apr to Jun 2026 is closed"):
            end(office, move_id, date(2026, 6, 29))
        end(office, move_id, QUARTER.start - DAY)

    def test_refuses_the_same_day_and_one_before_the_first(self, office):
        move_id = lend(office, last_day=LAST_OF_SEPTEMBER)

        with pytest.raises(RuleBroken, match="its last day already"):
            end(office, move_id, LAST_OF_SEPTEMBER)
        with pytest.raises(RuleBroken, match="not before the first"):
            end(office, move_id, SEPTEMBER - DAY)

    def test_finds_only_the_moves_of_this_person(self, office):
        other = lending.lend(
            actor=SYSTEM,
            person_id=office.team.colleague.id,
            starts_on=SEPTEMBER,
            last_day=None,
            share_bp=4000,
            now=NOW,
        )

        for change in (partial(end, office, other, SEPTEMBER), partial(remove, office, other)):
            with pytest.raises(NotFound):
                change()

    def test_is_only_for_hr_managers(self, office):
        move_id = lend(office)

        with pytest.raises(NotFound):
            end(office, move_id, SEPTEMBER, by=acting(office.team.manager))


class TestRemoving:
    def test_is_as_if_it_never_was(self, office):
        move_id = lend(office)

        remove(office, move_id)

        assert moves_of(office.owner_id) == []
        assert sum(accrued(office.team.owner)) == FULL_TIME
        assert verbs() == ["move:lend", "move:remove"]

    def test_is_refused_once_its_first_quarter_is_closed(self, office):
        move_id = lend(office, starts_on=date(2026, 5, 1))
        close(QUARTER.previous)

        with pytest.raises(RuleBroken, match="Apr to Jun 2026 is closed"):
            remove(office, move_id)

    def test_is_only_for_hr_managers(self, office):
        move_id = lend(office)

        with pytest.raises(NotFound):
            remove(office, move_id, by=acting(office.team.manager))


class TestReading:
    def test_lists_what_is_lent_in_order(self, office):
        lend(office, starts_on=OCTOBER)
        lend(office, starts_on=SEPTEMBER)

        found = queries.hours_of(office.owner_id, by=acting(office.team.owner), today=NOW.date())

        assert [each.starts_on for each in found.moves] == [SEPTEMBER, OCTOBER]
