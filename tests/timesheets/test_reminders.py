"""Reminders to those who decide, and to owners of weeks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from tests.factories.absences import AbsenceFactory
from tests.factories.delegations import DelegationFactory
from tests.timesheets.weeks import MONDAY, NOW, Story, approve
from tithe.kernel import clock
from tithe.kernel.clock import LONDON
from tithe.kernel.db import db
from tithe.kernel.jobs import run_due
from tithe.notices.models import Notice
from tithe.timesheets.jobs import JOBS, RECHECKS
from tithe.timesheets.operations.quick import declare_nothing
from tithe.timesheets.operations.reminders import remind_deciders, remind_owners
from tithe.timesheets.rules.escalation import Stage, clock_day, reminds

FIFTH, EIGHTH = date(2026, 8, 14), date(2026, 8, 19)  # working days after the Friday of NOW


@pytest.fixture
def story(app):
    return Story()


def at(day):
    return datetime.combine(day, time(7), LONDON)


def remind(day, since=None):
    db.session.rollback()
    return remind_deciders(since=since or day - timedelta(days=1), now=at(day))


def reminders():
    found = select(Notice).where(Notice.event == "weeks-wait").order_by(Notice.id)
    return list(db.session.scalars(found))


def holds(monkeypatch, notice, day):
    monkeypatch.setattr(clock, "today", lambda: day)
    db.session.rollback()
    return bool(RECHECKS["weeks-wait"]([(notice.id, notice.about_id)]))


class TestRemindDeciders:
    @pytest.mark.parametrize("offset", range(15))
    def test_comes_on_the_fifth_and_the_eighth_working_day_alone(self, story, offset):
        story.submitted()
        day = NOW.date() + timedelta(days=offset)

        assert remind(day) == (day in (FIFTH, EIGHTH))

    def test_is_one_message_that_says_how_many_wait(self, story):
        story.submitted()
        story.submitted(monday=MONDAY - timedelta(days=7))

        assert remind(FIFTH) == 1
        [notice] = reminders()
        assert (notice.person_id, notice.path) == (story.team.manager.id, "/approvals")
        assert notice.subject == "2 weeks wait for your decision"
        assert "due by 21 August 2026" in notice.body

    def test_goes_to_who_stands_in_as_well(self, story):
        story.submitted()
        DelegationFactory(manager_id=story.team.manager.id, delegate_id=story.team.colleague.id)

        assert remind(FIFTH) == 2
        assert {each.person_id for each in reminders()} == {story.team.manager.id, story.team.colleague.id}

    def test_leaves_out_a_delegate_whose_own_week_it_is(self, story):
        story.submitted()
        DelegationFactory(manager_id=story.team.manager.id, delegate_id=story.owner.id)

        assert remind(FIFTH) == 1

    def test_is_one_after_an_outage_over_both_days(self, story):
        story.submitted()

        assert remind(EIGHTH + timedelta(days=1), since=FIFTH - timedelta(days=1)) == 1

    def test_takes_the_place_of_one_that_was_not_sent(self, story):
        story.submitted()
        remind(FIFTH)
        remind(EIGHTH)

        assert [each.status for each in reminders()] == ["dropped", "waiting"]

    def test_holds_only_while_a_week_still_waits(self, story, monkeypatch):
        week = story.submitted()
        remind(FIFTH)
        [notice] = reminders()
        assert holds(monkeypatch, notice, FIFTH)

        approve(story.manager, week)
        story.submitted(monday=MONDAY - timedelta(days=7))

        assert holds(monkeypatch, notice, FIFTH)  # this one has waited as long
        assert not holds(monkeypatch, notice, FIFTH - timedelta(days=3))

    def test_is_sent_once_a_day_by_its_job(self, story):
        story.submitted()
        [job] = [each for each in JOBS if each.name == "decider-reminders"]

        db.session.rollback()
        assert run_due(job, at(FIFTH)) == [FIFTH.isoformat()]
        assert run_due(job, at(FIFTH)) == []
        assert len(reminders()) == 1
        assert run_due(job, at(EIGHTH + timedelta(days=2))) == ["2026-08-21"]
        assert len(reminders()) == 2


class TestClockDay:
    def test_counts_working_days_of_what_was_given(self):
        assert clock_day(Stage.MANAGER, 10, date(2026, 8, 21), NOW.date(), ()) == 0
        assert clock_day(Stage.MANAGER, 10, date(2026, 8, 21), FIFTH, ()) == 5
        assert clock_day(Stage.COUNTERSIGNER, 10, date(2026, 8, 21), FIFTH, ()) == 0
        assert clock_day(Stage.MANAGER, 10, date(2026, 8, 21), date(2026, 9, 21), ()) == 10

    def test_reminds_once_a_day_of_reminding_was_passed(self):
        assert [reminds(day - 1, day) for day in range(1, 11)] == [day in (5, 8) for day in range(1, 11)]
        assert reminds(0, 10)
        assert not reminds(5, 7)


MONDAY_AFTER, TUESDAY_AFTER = date(2026, 8, 10), date(2026, 8, 11)


def remind_them(day, since=None):
    db.session.rollback()
    return remind_owners(since=since or day - timedelta(days=1), now=at(day))


def missing(story):
    """The one message to the owner that is not replaced, if there is one."""
    found = select(Notice).where(Notice.event == "weeks-missing", Notice.person_id == story.owner.id)
    return [each for each in db.session.scalars(found.order_by(Notice.id)) if each.status != "dropped"]


class TestRemindOwners:
    """The owner alone has a project, and has said nothing of four weeks."""

    @pytest.mark.parametrize("offset", range(7))
    def test_comes_on_the_second_working_day_of_a_week_alone(self, story, offset):
        day = MONDAY_AFTER + timedelta(days=offset)

        assert remind_them(day) == (day == TUESDAY_AFTER)

    def test_names_the_weeks_nothing_was_said_of(self, story):
        story.submitted()
        story.saved(monday=MONDAY - timedelta(days=7))
        declare_nothing(actor=story.owner, monday=MONDAY - timedelta(days=14), now=NOW)
        remind_them(TUESDAY_AFTER)

        [notice] = missing(story)
        assert "week of 13 July 2026 and 27 July 2026" in notice.body

    def test_never_comes_to_who_said_something_of_all(self, story):
        story.submitted()
        for weeks in (1, 2, 3):
            declare_nothing(actor=story.owner, monday=MONDAY - timedelta(days=7 * weeks), now=NOW)

        assert remind_them(TUESDAY_AFTER) == 0

    def test_waits_until_they_are_back(self, story):
        for day in (TUESDAY_AFTER, TUESDAY_AFTER + timedelta(days=1)):
            AbsenceFactory(person_id=story.owner.id, day=day)

        assert [remind_them(TUESDAY_AFTER + timedelta(days=days)) for days in range(4)] == [0, 0, 1, 0]

    def test_leaves_out_a_week_somebody_was_away_throughout(self, story):
        for day in range(5):
            AbsenceFactory(person_id=story.owner.id, day=MONDAY + timedelta(days=day))
        remind_them(TUESDAY_AFTER)

        [notice] = missing(story)
        assert "3 August" not in notice.body

    def test_is_one_at_most_after_an_outage_of_three_days(self, story):
        remind_them(TUESDAY_AFTER + timedelta(days=2), since=MONDAY_AFTER - timedelta(days=1))

        assert len(missing(story)) == 1

    def test_holds_only_until_something_is_said(self, story, monkeypatch):
        for weeks in (1, 2, 3):
            declare_nothing(actor=story.owner, monday=MONDAY - timedelta(days=7 * weeks), now=NOW)
        remind_them(TUESDAY_AFTER)
        [notice] = missing(story)
        monkeypatch.setattr(clock, "today", lambda: TUESDAY_AFTER)
        db.session.rollback()
        assert RECHECKS["weeks-missing"]([(notice.id, notice.about_id)]) == {notice.id}

        story.submitted()

        assert RECHECKS["weeks-missing"]([(notice.id, notice.about_id)]) == set()

    def test_comes_once_a_day_by_its_job(self, story):
        [job] = [each for each in JOBS if each.name == "owner-reminders"]

        db.session.rollback()
        assert run_due(job, at(TUESDAY_AFTER)) == [TUESDAY_AFTER.isoformat()]
        assert run_due(job, at(TUESDAY_AFTER)) == []
        assert len(missing(story)) == 1
