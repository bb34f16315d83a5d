"""How much room a week has, on both databases: absences, blackouts, holidays, closed quarters, and what may be used."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.access.actor import SYSTEM
from tithe.allowance.models import Absence, BlackoutPeriod, OutwardMove, PatternDay
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import unit_of_work
from tithe.kernel.errors import RulesBroken
from tithe.policy.operations import adopt_policy
from tithe.timesheets.operations.weeks import submit_week
from tithe.timesheets.queries.room import room_in

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def story(app) -> Story:
    return Story()


def put(model, **values):
    with unit_of_work() as session:
        session.execute(insert(model).values(**values))


def refusal(story, minutes=180):
    """What submitting so long on Tuesday is answered."""
    story.saved(story.entry(minutes, day=1))
    with pytest.raises(RulesBroken) as refused:
        submit_week(actor=story.owner, monday=MONDAY, now=NOW)
    return refused.value.problems[0].message


class TestDays:
    def away(self, story, minutes, *, reduces=True):
        about = {"person_id": story.owner.id, "source": "own", "source_key": ""}
        put(Absence, day=TUESDAY, minutes=minutes, reduces_accrual=reduces, **about)

    def test_take_nothing_while_away(self, story):
        self.away(story, 444)

        assert refusal(story) == "You were away on Tuesday 4 August. Move this time to a day you worked"

    def test_take_what_half_a_day_away_leaves(self, story):
        self.away(story, 300, reduces=False)

        words = "You were due to work 2h 24m on Tuesday 4 August, 5h of absence taken off. Take 36m away"
        assert refusal(story) == words

    def test_take_nothing_in_a_blackout_of_the_unit_or_one_above(self, story):
        dates = {"starts_on": MONDAY, "last_day": TUESDAY}
        about = {"ground": "peak", "reason": "The annual returns are due", "set_by": story.manager.id, "set_at": NOW}
        put(BlackoutPeriod, unit_id=story.team.department.id, emergency=False, **dates, **about)

        assert "could spare nobody on Tuesday 4 August" in refusal(story)

    def test_take_more_where_a_policy_counts_ones_own_time(self, story):
        self.away(story, 444)
        about = {"actor": SYSTEM, "unit_id": story.team.department.id, "reason": "Own time counts here"}
        adopt_policy(starts_on=date(2026, 7, 1), settings={"own_time_allowed": True}, now=NOW, **about)
        story.saved(story.entry(180, day=1))

        submit_week(actor=story.owner, monday=MONDAY, now=NOW)

        assert story.week().total_minutes == 180

    def test_take_what_a_single_day_of_other_hours_has(self, story):
        put(PatternDay, person_id=story.owner.id, day=TUESDAY, minutes=120)

        assert "You were due to work 2h on Tuesday 4 August" in refusal(story)

    def test_take_the_share_that_is_not_lent_elsewhere(self, story):
        put(OutwardMove, person_id=story.owner.id, starts_on=MONDAY, last_day=None, share_bp=7500)

        assert "You were due to work 1h 51m on Tuesday 4 August" in refusal(story)


class TestAvailability:
    """A policy may let people use the whole quarter from its first day, or only what was earned so far."""

    def adopt(self, story, **settings):
        adopt_policy(
            actor=SYSTEM,
            unit_id=story.team.department.id,
            starts_on=date(2026, 7, 1),
            settings=settings,
            reason="Earn it first",
            now=NOW,
        )

    def test_of_what_was_earned_grows_with_the_days(self, story):
        self.adopt(story, availability="accrued_to_date")
        week = story.saved(story.entry(60))

        first, later = (room_in(week, day) for day in (date(2026, 7, 1), date(2026, 8, 7)))

        quarter = Quarter.containing(MONDAY)
        assert first.left(quarter) == 90  # one day of 444 minutes at a fifth
        assert later.left(quarter) == 2490  # 28 days

    def test_of_what_was_earned_bounds_the_week(self, story):
        self.adopt(story, availability="accrued_to_date", rate_bp=100)
        story.saved(story.entry(180))

        with pytest.raises(RulesBroken, match="You have 2h left"):
            submit_week(actor=story.owner, monday=MONDAY, now=NOW)

    def test_of_the_forecast_is_the_whole_quarter(self, story):
        week = story.saved(story.entry(60))

        room = room_in(week, date(2026, 7, 1))

        assert room.left(Quarter.containing(MONDAY)) == 5775
