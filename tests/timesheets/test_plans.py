"""Planning time ahead and making entries of it, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.factories.absences import AbsenceFactory
from tests.factories.blackouts import BlackoutFactory
from tests.factories.plans import BlockFactory, RequestFactory
from tests.support.contents import contents
from tests.timesheets.weeks import MONDAY, NOW, Story, actor
from tithe.access.actor import SYSTEM
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken
from tithe.policy.operations import adopt_policy
from tithe.timesheets.models import Plan, PlannedBlock
from tithe.timesheets.operations import plans
from tithe.timesheets.queries.plans import list_blocks
from tithe.timesheets.queries.standing import standing_of
from tithe.timesheets.rules.agreements import RequestStatus
from tithe.timesheets.rules.plans import BlockStatus, PlanShape, Wish

FRIDAY = date(2026, 8, 7)
QUARTER = Quarter.containing(FRIDAY)


@pytest.fixture
def story(app) -> Story:
    return Story()


def fridays(story: Story, **changes: Any) -> Wish:
    """Friday afternoons of three hours until the end of September."""
    usual = {
        "shape": PlanShape.RHYTHM,
        "line": str(story.project.id),
        "starts_on": FRIDAY,
        "last_day": date(2026, 9, 30),
        "minutes": 180,
        "weekdays": frozenset({4}),
    }
    return Wish(**(usual | changes))


def one_day(story: Story, day: date, minutes: int = 120, **changes: Any) -> Wish:
    return fridays(story, shape=PlanShape.DAY, starts_on=day, last_day=day, minutes=minutes, **changes)


def make(story: Story, wish: Wish) -> int:
    return plans.make_plan(actor=story.owner, wish=wish, now=NOW)


def planned(story: Story) -> list[tuple[date, int]]:
    db.session.rollback()
    return [(block.day, block.minutes) for block in list_blocks(story.owner)[0]]


def refused(story: Story, wish: Wish) -> str:
    before = contents()
    with pytest.raises(RuleBroken) as refusal:
        make(story, wish)
    assert contents() == before
    return refusal.value.message


class TestMakePlan:
    def test_lays_a_block_on_each_day_of_a_rhythm(self, story):
        assert make(story, fridays(story)) == 8

        assert planned(story) == [(FRIDAY + timedelta(weeks=week), 180) for week in range(8)]

    def test_comes_back_every_few_weeks(self, story):
        make(story, fridays(story, every_weeks=3))

        assert [day for day, _ in planned(story)] == [FRIDAY, date(2026, 8, 28), date(2026, 9, 18)]

    def test_leaves_out_days_without_room_and_says_why(self, story):
        AbsenceFactory(person_id=story.owner.id, day=date(2026, 8, 14))
        AbsenceFactory(person_id=story.owner.id, day=date(2026, 8, 21), minutes=300)
        BlackoutFactory(
            unit_id=story.team.unit.id,
            set_by=story.team.director.id,
            starts_on=date(2026, 8, 24),
            last_day=date(2026, 8, 28),
        )

        wish = fridays(story, weekdays=frozenset({0, 4, 5}), last_day=date(2026, 8, 31), minutes=150)
        prospect = plans.rehearse_plan(actor=story.owner, wish=wish, today=FRIDAY)

        assert {each.day: each.why for each in prospect.laid if each.why} == {
            date(2026, 8, 8): "Not a working day",
            date(2026, 8, 14): "Away",
            date(2026, 8, 15): "Not a working day",
            date(2026, 8, 21): "Room for 2h 24m only",
            date(2026, 8, 22): "Not a working day",
            date(2026, 8, 24): "Blackout in Team",
            date(2026, 8, 28): "Blackout in Team",
            date(2026, 8, 29): "Not a working day",
            date(2026, 8, 31): "Public holiday",
        }
        assert prospect.days == [FRIDAY, date(2026, 8, 10), date(2026, 8, 17)]

    def test_says_what_would_be_left_before_and_after(self, story):
        make(story, one_day(story, date(2026, 8, 11)))

        prospect = plans.rehearse_plan(actor=story.owner, wish=fridays(story), today=FRIDAY)

        ((quarter, before, after_planned, after),) = prospect.quarters
        assert quarter == QUARTER
        assert (before - after_planned, after_planned - after) == (120, 8 * 180)

    def test_takes_a_burst_of_five_days_that_was_agreed(self, story):
        RequestFactory(
            burst=True,
            person_id=story.owner.id,
            status=RequestStatus.AGREED,
            starts_on=date(2026, 8, 10),
            last_day=date(2026, 8, 14),
            decided_at=NOW,
            decided_by=story.manager.id,
        )

        burst = fridays(
            story, shape=PlanShape.BURST, starts_on=date(2026, 8, 10), last_day=date(2026, 8, 14), minutes=444
        )
        assert make(story, burst) == 5
        assert db.session.scalar(select(func.count()).select_from(Plan)) == 1

    def test_refuses_a_burst_beyond_the_weekly_cap_that_was_not(self, story):
        burst = fridays(
            story, shape=PlanShape.BURST, starts_on=date(2026, 8, 10), last_day=date(2026, 8, 14), minutes=444
        )

        words = refused(story, burst)

        assert words.startswith("The week of 10 August 2026 would have 37h planned, and 14h 48m is the most")

    def test_refuses_six_days_in_a_row(self, story):
        burst = fridays(story, shape=PlanShape.BURST, starts_on=date(2026, 8, 10), last_day=date(2026, 8, 17))

        assert refused(story, burst).startswith("A burst takes at most 5 working days")

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"starts_on": date(2026, 8, 6)}, "Plans are for days to come. Choose 7 August 2026 or later"),
            ({"last_day": date(2026, 8, 6)}, "Choose 7 August 2026, the first day, or a later one"),
            ({"last_day": date(2027, 8, 9)}, "A plan runs for a year at most"),
            ({"minutes": 59}, "A block is from 1h to 24 hours"),
            ({"weekdays": frozenset()}, "Choose at least one day of the week"),
            ({"every_weeks": 5}, "A rhythm comes back every 1 to 4 weeks"),
            ({"line": "help"}, "Say in a note whom you will help"),
            ({"line": "999"}, "Choose a registered project you are a member of"),
            ({"weekdays": frozenset({6})}, "9 August 2026: Not a working day. None of these days"),
        ],
    )
    def test_refuses(self, story, changes, words):
        assert refused(story, fridays(story, **changes)).startswith(words)

    def test_refuses_more_than_is_left(self, story):
        words = refused(story, fridays(story, minutes=444, weekdays=frozenset({3, 4})))

        assert words.startswith("You have")
        assert "left to plan in Jul to Sep 2026" in words

    def test_refuses_anything_while_the_balance_is_overdrawn(self, story):
        make(story, one_day(story, date(2026, 8, 11)))
        story.submitted(story.entry(400))
        settings = {"rate_bp": 100}
        unit = story.team.unit.id
        adopt_policy(actor=SYSTEM, unit_id=unit, starts_on=QUARTER.start, settings=settings, reason="Less", now=NOW)

        assert "more than you have, so no more can be planned" in refused(story, one_day(story, date(2026, 8, 12)))

    def test_plans_no_row_of_a_day_twice(self, story):
        make(story, one_day(story, date(2026, 8, 11), 60))

        assert "Planned already" in refused(story, one_day(story, date(2026, 8, 11), 60))

    def test_takes_no_allowance_for_learning(self, story):
        make(story, one_day(story, date(2026, 8, 11), 444, line="learning"))

        assert standing_of(story.owner.id, [QUARTER], "by_day").planned[QUARTER] == 0


class TestBlocks:
    def block(self, story: Story, day: date = FRIDAY, minutes: int = 120) -> int:
        make(story, one_day(story, day, minutes))
        return db.session.scalars(select(PlannedBlock.id).order_by(PlannedBlock.id.desc())).first() or 0

    def status(self, block_id: int) -> BlockStatus:
        db.session.rollback()
        return db.session.get_one(PlannedBlock, block_id).status

    def test_become_entries_when_they_are_confirmed(self, story):
        block = self.block(story)

        plans.confirm_block(actor=story.owner, block_id=block, now=NOW)

        assert [(entry.day, entry.minutes) for entry in story.week().entries] == [(FRIDAY, 120)]
        assert self.status(block) is BlockStatus.DONE

    def test_may_have_taken_another_time_and_add_to_what_is_there(self, story):
        story.saved(story.entry(30, day=4, note="Read"))
        block = self.block(story)

        plans.confirm_block(actor=story.owner, block_id=block, minutes=90, now=NOW)

        (entry,) = story.week().entries
        assert (entry.minutes, entry.note) == (120, "Read")

    def test_of_a_week_are_confirmed_together_up_to_today(self, story):
        for day in (3, 4):
            BlockFactory(person_id=story.owner.id, day=MONDAY + timedelta(days=day))
        BlockFactory(person_id=story.owner.id, day=MONDAY + timedelta(days=5))

        assert plans.confirm_week(actor=story.owner, monday=MONDAY, now=NOW) == 2
        assert sum(entry.minutes for entry in story.week().entries) == 120
        assert len(planned(story)) == 1
        plans.confirm_week(actor=story.owner, monday=MONDAY, now=NOW + timedelta(days=1))
        with pytest.raises(RuleBroken, match="Nothing planned for this week"):
            plans.confirm_week(actor=story.owner, monday=MONDAY, now=NOW + timedelta(days=1))

    def test_are_answered_once(self, story):
        block = self.block(story)
        plans.confirm_block(actor=story.owner, block_id=block, now=NOW)
        before = contents()

        for answer in (plans.confirm_block, plans.drop_block):
            with pytest.raises(Conflict):
                answer(actor=story.owner, block_id=block, now=NOW)

        assert contents() == before

    def test_are_not_confirmed_before_their_day_or_into_a_week_that_waits(self, story):
        coming, today = self.block(story, date(2026, 8, 13)), self.block(story)
        with pytest.raises(RuleBroken, match="has not come yet"):
            plans.confirm_block(actor=story.owner, block_id=coming, now=NOW)
        story.submitted()

        with pytest.raises(RuleBroken, match="You cannot change a week that is submitted"):
            plans.confirm_block(actor=story.owner, block_id=today, now=NOW)

        assert self.status(today) is self.status(coming) is BlockStatus.PLANNED

    def test_move_to_another_day_with_room(self, story):
        block = self.block(story)

        plans.move_block(actor=story.owner, block_id=block, day=date(2026, 8, 13), now=NOW)

        assert planned(story) == [(date(2026, 8, 13), 120)]

    def test_do_not_move_to_where_there_is_none(self, story):
        block = self.block(story)

        for day, words in ((FRIDAY, "already"), (date(2026, 8, 8), "Not a working day"), (MONDAY, "days to come")):
            with pytest.raises(RuleBroken, match=words) as refusal:
                plans.move_block(actor=story.owner, block_id=block, day=day, now=NOW)
            assert refusal.value.field == "day"

    def test_go_with_the_rest_of_their_plan(self, story):
        make(story, fridays(story))
        third = db.session.scalars(select(PlannedBlock.id).order_by(PlannedBlock.day)).all()[2]

        assert plans.drop_block(actor=story.owner, block_id=third, rest=True, now=NOW) == 6
        assert len(planned(story)) == 2

    def test_are_nobody_elses(self, story):
        block, before = self.block(story), contents()
        for who in (story.manager, actor(story.team.colleague)):
            for answer in (plans.confirm_block, plans.drop_block):
                with pytest.raises(NotFound):
                    answer(actor=who, block_id=block, now=NOW)
        assert contents() == before

    def test_leave_the_problems_of_a_refusal_to_the_field_that_was_typed(self, story):
        block = self.block(story)
        for minutes in (0, 1441):
            with pytest.raises(RuleBroken) as refusal:
                plans.confirm_block(actor=story.owner, block_id=block, minutes=minutes, now=NOW)
            assert refusal.value.field == "minutes"
