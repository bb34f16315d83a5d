"""Cover of a shared post: what two sharers and their manager are told, and what a policy refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from tests.factories.absences import AbsenceFactory
from tests.factories.people import AssignmentFactory, PersonFactory
from tests.factories.plans import BlockFactory
from tests.support.contents import statements
from tests.support.threads import at_once, errors_in
from tests.timesheets.sharing import ON_TUESDAY, ON_WEDNESDAY, TUESDAY, WEDNESDAY, Sharing
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.kernel.db import db
from tithe.kernel.errors import RuleBroken, RulesBroken
from tithe.people.models import Assignment, JobShare, Person
from tithe.timesheets.operations import plans, quick
from tithe.timesheets.operations.weeks import save_week
from tithe.timesheets.queries.ahead import check_own
from tithe.timesheets.queries.inbox import inbox_of
from tithe.timesheets.rules.entries import Entry, TimeKind
from tithe.timesheets.rules.plans import PlanShape, Wish
from tithe.timesheets.rules.unusual import Reason

ELSEWHERE = "Move this time to a day on which whoever shares it with you is at work and not on tithe"


def said(story: Sharing, *entries: Entry) -> list[str]:
    """What the owner is told of the cover of the post, before anything is saved."""
    db.session.rollback()
    return [each.message for each in check_own(story.owner, MONDAY, entries, NOW.date()).cover]


class TestWarnings:
    """Without a policy of its own a unit warns."""

    def test_say_nothing_of_a_day_the_other_covers(self, app):
        story = Sharing()

        assert said(story, story.entry(day=2)) == []

    def test_name_the_day_both_would_be_on_tithe(self, app):
        story = Sharing()
        story.on_tithe(2)

        assert said(story, story.entry(day=2), story.entry(day=2, minutes=30)) == [ON_WEDNESDAY] * 2

    def test_name_the_day_the_other_has_planned_to_be_on_tithe(self, app):
        story = Sharing()
        BlockFactory(person_id=story.colleague.id, day=WEDNESDAY, kind=TimeKind.HELP, note="For Ada")

        assert said(story, story.entry(day=2)) == [ON_WEDNESDAY]

    def test_name_the_day_the_other_does_not_work(self, app):
        story = Sharing()

        assert said(story, story.entry(day=1)) == [ON_TUESDAY]

    @pytest.mark.parametrize(("minutes", "words"), [(444, [ON_WEDNESDAY]), (200, [])])
    def test_name_the_day_the_other_is_away_all_of(self, app, minutes, words):
        story = Sharing()
        AbsenceFactory(person_id=story.colleague.id, day=WEDNESDAY, minutes=minutes)

        assert said(story, story.entry(day=2)) == words

    def test_name_a_holiday_of_the_other_alone(self, app):
        story = Sharing(owner=[444] * 7, colleague=[444] * 7)
        theirs = update(Assignment).where(Assignment.person_id == story.colleague.id)
        db.session.execute(theirs.values(calendar="scotland"))  # 3 August is a holiday there
        db.session.commit()

        assert said(story, story.entry(day=0), story.entry(day=1)) == [
            "The post you share would be without cover on Monday 3 August 2026"
        ]

    def test_name_every_day_where_the_two_never_meet(self, app):
        story = Sharing(colleague=[0, 0, 0, 444, 444, 0, 0])

        assert said(story, story.entry(day=0), story.entry(day=2))[1:] == [ON_WEDNESDAY]

    def test_leave_out_learning_which_is_no_tithe(self, app):
        story = Sharing()

        assert said(story, Entry(TUESDAY, None, 60, "", TimeKind.LEARNING)) == []

    def test_say_nothing_where_the_policy_is_off(self, app):
        story = Sharing("off")

        assert said(story, story.entry(day=1)) == []

    @pytest.mark.parametrize("when", [{"starts_on": date(2026, 8, 5)}, {"ends_on": date(2026, 8, 3)}])
    def test_count_only_while_the_post_is_shared(self, app, when):
        story = Sharing()
        db.session.execute(update(JobShare).values(when))
        db.session.commit()

        assert said(story, story.entry(day=1)) == []

    def test_end_with_the_employment_of_the_other(self, app):
        story = Sharing()
        left = update(Person).where(Person.id == story.colleague.id).values(leaves_on=date(2026, 7, 31))
        db.session.execute(left)
        db.session.commit()

        assert said(story, story.entry(day=1)) == []

    def test_say_nothing_of_a_day_on_which_neither_is_due(self, app):
        story = Sharing()
        AbsenceFactory(person_id=story.colleague.id, day=WEDNESDAY)
        AbsenceFactory(person_id=story.owner.id, day=WEDNESDAY)

        assert said(story, story.entry(day=2)) == []

    def test_cost_nobody_else_a_statement(self, app):
        story = Story()
        with statements() as usual:
            check_own(story.owner, MONDAY, [story.entry(day=1)], NOW.date())
        shared = replace(story.owner, shares_post=True)
        with statements() as found:
            sharing = check_own(shared, MONDAY, [story.entry(day=1)], NOW.date())

        assert (sharing.cover, len(found) - len(usual)) == ([], 1)


class TestSaving:
    def test_goes_through_where_the_policy_warns(self, app):
        story = Sharing()

        assert story.saved(story.entry(day=1)).total_minutes == 90

    def test_is_refused_beside_the_entry_where_the_policy_refuses(self, app):
        story = Sharing("block")

        with pytest.raises(RuleBroken) as refusal:
            story.saved(story.entry(day=2), story.entry(day=1))

        assert [(each.message, each.field, each.short) for each in refusal.value.problems] == [
            (f"{ON_TUESDAY}. {ELSEWHERE}", "entries.1", "No cover")
        ]
        assert story.week().version == 0

    def test_is_refused_to_the_second_of_two_on_one_day(self, app):
        story = Sharing("block")
        story.saved(story.entry(day=2))

        with pytest.raises(RuleBroken, match="without cover on Wednesday"):
            story.on_tithe(2)

    def test_keeps_what_was_there_before_and_takes_no_more(self, app):
        story = Sharing("block")
        story.saved(story.entry(60, day=2))
        AbsenceFactory(person_id=story.colleague.id, day=WEDNESDAY)

        assert story.saved(story.entry(45, day=2)).total_minutes == 45
        with pytest.raises(RuleBroken, match="without cover on Wednesday"):
            story.saved(story.entry(90, day=2))
        assert said(story, story.entry(45, day=2)) == [ON_WEDNESDAY]

    def test_lets_one_of_two_at_once_through(self, app):
        story = Sharing("block")
        mine, theirs = story.entry(day=2), Entry(WEDNESDAY, story.theirs.id, 60)
        results = at_once(
            app,
            [
                lambda: save_week(actor=story.owner, monday=MONDAY, entries=[mine], now=NOW),
                lambda: save_week(actor=story.colleague, monday=MONDAY, entries=[theirs], now=NOW),
            ],
        )

        assert [type(each) for each in errors_in(results)] == [RulesBroken]

    def test_in_one_line_says_what_it_takes_away_or_is_refused(self, app):
        story = Sharing()
        logged = quick.add_line(actor=story.owner, line="1h Plain letters on Tuesday", now=NOW)
        assert logged.cover == (ON_TUESDAY,)

    def test_in_one_line_is_refused_where_the_policy_refuses(self, app):
        story = Sharing("block")
        with pytest.raises(RuleBroken, match="without cover on Tuesday") as refusal:
            quick.add_line(actor=story.owner, line="1h Plain letters on Tuesday", now=NOW)
        assert refusal.value.field == "line"


class TestPlans:
    def wish(self, story: Sharing, **changes) -> Wish:
        usual = Wish(
            PlanShape.RHYTHM, str(story.project.id), date(2026, 8, 10), date(2026, 8, 14), 60, frozenset({0, 2})
        )
        return replace(usual, **changes)

    def test_name_the_days_without_cover_and_keep_them_where_the_policy_warns(self, app):
        story = Sharing()

        found = plans.rehearse_plan(actor=story.owner, wish=self.wish(story), today=NOW.date())

        assert found.days == [date(2026, 8, 10), date(2026, 8, 12)]
        assert [each.day for each in found.uncovered] == [date(2026, 8, 10)]

    def test_leave_them_out_where_the_policy_refuses(self, app):
        story = Sharing("block")

        found = plans.rehearse_plan(actor=story.owner, wish=self.wish(story), today=NOW.date())

        assert [(each.day, each.why) for each in found.laid] == [
            (date(2026, 8, 10), "The post you share would be without cover"),
            (date(2026, 8, 12), ""),
        ]
        assert plans.make_plan(actor=story.owner, wish=self.wish(story), now=NOW) == 1

    def test_of_one_such_day_are_refused_with_what_to_do(self, app):
        story = Sharing("block")
        wish = self.wish(story, shape=PlanShape.DAY, last_day=date(2026, 8, 10))

        with pytest.raises(RuleBroken, match=r"10 August 2026: The post you share .* Choose other days") as refusal:
            plans.make_plan(actor=story.owner, wish=wish, now=NOW)
        assert refusal.value.field == "starts_on"

    def test_cannot_move_to_such_a_day(self, app):
        story = Sharing("block")
        block = BlockFactory(
            person_id=story.owner.id, day=date(2026, 8, 12), project_id=story.project.id, kind=TimeKind.TITHE
        )

        with pytest.raises(RuleBroken, match="without cover") as refusal:
            plans.move_block(actor=story.owner, block_id=block.id, day=date(2026, 8, 10), now=NOW)
        assert refusal.value.field == "day"


class TestDeciding:
    """What whoever decides a week is told."""

    def told(self, viewer) -> list[str]:
        db.session.rollback()
        (waiting,), _ = inbox_of(viewer)
        return [each.words for each in waiting.unusual if each.reason is Reason.COVER]

    @pytest.mark.parametrize("policy", ["warn", "block"])
    def test_names_the_day_and_the_other_sharer_to_the_manager_of_both(self, app, policy):
        story = Sharing(policy)
        story.submitted(story.entry(day=2))
        AbsenceFactory(person_id=story.colleague.id, day=WEDNESDAY)

        assert self.told(story.manager) == ["Wed 5: the post shared with Cal Colleague would be without cover"]

    def test_names_nobody_to_a_manager_of_one(self, app):
        story = Sharing()
        chief = PersonFactory()
        AssignmentFactory(person_id=chief.id, person=None, unit_id=story.team.department.id, unit=None)
        other = update(Assignment).where(Assignment.person_id == story.colleague.id)
        db.session.execute(other.values(line_manager_id=chief.id))
        db.session.commit()
        story.submitted(story.entry(day=1))

        assert self.told(story.manager) == ["Tue 4: a shared post would be without cover"]

    def test_says_nothing_where_the_policy_is_off_or_the_other_is_there(self, app):
        story = Sharing("off")
        story.submitted(story.entry(day=1))
        assert self.told(story.manager) == []

    def test_says_nothing_of_a_day_the_other_covers(self, app):
        story = Sharing()
        story.submitted(story.entry(day=2))
        assert self.told(story.manager) == []

    def test_takes_as_many_statements_for_many_weeks_as_for_one(self, app):
        story, counts = Sharing(), []
        for week in range(4):
            story.submitted(monday=MONDAY - timedelta(weeks=week))
            db.session.rollback()
            with statements() as found:
                inbox_of(story.manager)
            counts.append(len(found))

        assert set(counts) == {counts[0]}
