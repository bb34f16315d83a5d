"""Amending approved weeks, on both databases: what was approved counts until the changed week is decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.allowance.ledgers import QUARTER, accrue
from tests.timesheets.weeks import MONDAY, NOW, Story, actor, approve, send_back
from tithe.access.actor import SYSTEM
from tithe.allowance.models import LedgerLine
from tithe.allowance.operations.closing import lock_quarter
from tithe.allowance.rules.ledger import LedgerKind
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.kernel.errors import NotFound, RuleBroken, RulesBroken
from tithe.notices.models import Notice
from tithe.timesheets.operations.amending import amend_week
from tithe.timesheets.operations.closing import close_quarter
from tithe.timesheets.operations.weeks import save_week, submit_week
from tithe.timesheets.queries.room import room_in, waiting_between
from tithe.timesheets.queries.standing import standing_of
from tithe.timesheets.queries.weeks import amendment
from tithe.timesheets.rules.entries import Change, TimeKind, changes_between
from tithe.timesheets.rules.lifecycle import WeekStatus

WHY = "I logged the wrong day"
CLOSED = datetime(2026, 10, 15, 12, tzinfo=UTC)


@pytest.fixture
def story(app) -> Story:
    return Story()


def amend(story, week, *, by=None, reason=WHY, now=NOW):
    amend_week(actor=by or story.owner, week_id=week.id, reason=reason, now=now)
    return story.week(week.starts_on)


def lines():
    """Kind, quarter, quarter meant and minutes of everything weeks posted."""
    db.session.rollback()
    found = select(LedgerLine.kind, LedgerLine.quarter, LedgerLine.applies_to, LedgerLine.minutes)
    return [tuple(row) for row in db.session.execute(found.where(LedgerLine.source == "week").order_by(LedgerLine.id))]


def used(story, quarter=QUARTER):
    db.session.rollback()
    return standing_of(story.owner.id, [quarter]).balances[quarter].used


class TestAmendWeek:
    def test_opens_it_one_version_on_and_keeps_what_was_approved(self, story):
        week = story.approved(story.entry(90))

        amended = amend(story, week)

        assert (amended.status, amended.version, amended.amends_version) == (WeekStatus.DRAFT, week.version + 1, 2)
        assert (amended.amend_reason, amended.entries) == (WHY, week.entries)
        assert used(story) == 90

    def test_posts_a_reversal_and_the_new_use_once_approved_again(self, story):
        amend(story, story.approved(story.entry(90)))
        week = story.submitted(story.entry(150, day=1))
        assert used(story) == 90

        approve(story.manager, week)

        code = QUARTER.code
        assert lines() == [
            (LedgerKind.USE, code, None, -90),
            (LedgerKind.REVERSAL, code, None, 90),
            (LedgerKind.USE, code, None, -150),
        ]
        assert used(story) == 150

    def test_can_be_done_again(self, story):
        for minutes in (90, 120, 60):
            week = story.approved(story.entry(minutes))
            amend(story, week)

        assert used(story) == 60
        assert sum(minutes for *_, minutes in lines()) == -60

    def test_can_take_everything_back(self, story):
        amend(story, story.approved(story.entry(90)))
        save_week(actor=story.owner, monday=MONDAY, entries=[], now=NOW)
        submit_week(actor=story.owner, monday=MONDAY, now=NOW)

        approve(story.manager, story.week())

        assert used(story) == 0
        assert story.week().status is WeekStatus.APPROVED

    def test_keeps_what_was_approved_when_the_change_is_sent_back(self, story):
        amend(story, story.approved(story.entry(90)))

        send_back(story.manager, story.submitted(story.entry(150)))

        assert used(story) == 90

    def test_may_use_again_what_the_week_had_used(self, story):
        accrue()
        week = story.approved(story.entry(90))
        left = standing_of(story.owner.id, [QUARTER]).balances[QUARTER].left

        room = room_in(amend(story, week), NOW.date())

        assert room.left(QUARTER) == left + week.total_minutes

    def test_tells_who_decides_what_changed(self, story):
        week = story.approved(story.entry(90), story.entry(30, day=2))
        amend(story, week)

        again = story.submitted(story.entry(60), story.entry(30, day=2))

        assert [(each["before"], each["after"], each["title"]) for each in amendment(again)] == [
            (90, 60, "Plain letters")
        ]

    @pytest.mark.parametrize("reason", ["", "   ", "Too short"])
    def test_needs_a_reason(self, story, reason):
        week = story.approved()

        with pytest.raises(RuleBroken, match="at least 10 characters") as refused:
            amend(story, week, reason=reason)
        assert refused.value.field == "reason"

    def test_is_for_approved_weeks(self, story):
        with pytest.raises(RuleBroken, match="cannot amend a week that is submitted"):
            amend(story, story.submitted())

    def test_is_not_for_others(self, story):
        with pytest.raises(NotFound):
            amend(story, story.approved(), by=actor(story.team.colleague))

    def test_is_for_its_owner_while_the_quarter_is_open(self, story):
        with pytest.raises(RuleBroken, match="Its owner can amend"):
            amend(story, story.approved(), by=story.manager)


class TestClosedQuarter:
    def closed(self, story):
        week = story.approved(story.entry(90))
        close_quarter(actor=SYSTEM, quarter=QUARTER, now=CLOSED)
        return story.week(week.starts_on)

    def test_is_reopened_by_who_decided_it_and_its_owner_is_told(self, story):
        week = self.closed(story)
        with pytest.raises(RuleBroken, match="Ask your manager to reopen"):
            amend(story, week, now=CLOSED)

        assert amend(story, week, by=story.manager, now=CLOSED).status is WeekStatus.DRAFT

        told = db.session.scalars(select(Notice).where(Notice.event == "week-reopened")).one()
        assert told.person_id == story.owner.id

    def test_gets_nothing_posted_for_all_that(self, story):
        week = self.closed(story)
        amend(story, week, by=story.manager, now=CLOSED)
        save_week(actor=story.owner, monday=MONDAY, entries=[story.entry(60)], now=CLOSED)
        submit_week(actor=story.owner, monday=MONDAY, now=CLOSED)

        approve(story.manager, story.week())

        meant, posted = QUARTER.code, QUARTER.next.code
        assert lines() == [
            (LedgerKind.USE, meant, None, -90),
            (LedgerKind.REVERSAL, posted, meant, 90),
            (LedgerKind.USE, posted, meant, -60),
        ]

    def test_carries_of_an_amendment_that_waits_only_what_it_asks_for_beyond(self, story):
        amend(story, story.approved(story.entry(150)))
        story.submitted(story.entry(170))

        assert waiting_between(QUARTER, story.owner.id, story.owner.id) == {story.owner.id: 20}

    def test_takes_no_more_once_locked(self, story):
        week = self.closed(story)
        lock_quarter(actor=SYSTEM, quarter=QUARTER, now=CLOSED)

        for who in (story.owner, story.manager):
            with pytest.raises(RuleBroken, match="is locked"):
                amend(story, week, by=who, now=CLOSED)

    def test_keeps_the_limits_of_the_open_quarter(self, story):
        week = self.closed(story)
        amend(story, week, by=story.manager, now=CLOSED)
        save_week(actor=story.owner, monday=MONDAY, entries=[story.entry(444, day=day) for day in range(5)], now=CLOSED)

        with pytest.raises(RulesBroken, match="40% of your week"):
            submit_week(actor=story.owner, monday=MONDAY, now=CLOSED)


class TestPagesAndApi:
    def test_lead_from_the_approved_week_through_a_reason_to_the_changed_one(self, story, client, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: NOW)
        week = story.approved(story.entry(90))
        browser = client.sign_in(story.team.owner)
        assert "Amend this week" in browser.get(f"/weeks/{MONDAY}").text

        refused = browser.post(f"/weeks/{MONDAY}/amend", {"reason": "no"})
        assert (refused.status, refused.errors) == (422, ["Say what was wrong, in at least 10 characters"])
        assert browser.post(f"/weeks/{MONDAY}/amend", {"reason": WHY}).status == 303

        assert "You are amending an approved week" in browser.get(f"/weeks/{MONDAY}").text
        again = story.submitted(story.entry(60))
        shown = client.sign_in(story.team.manager).get(f"/approvals/{week.id}")
        assert "What changed since it was approved" in shown.text
        assert WHY in shown.text
        assert again.id == week.id

    def test_answer_programs_alike(self, story, api, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: NOW)
        week = story.approved(story.entry(90))

        answer = api.as_(story.team.owner).call("POST", f"/weeks/{MONDAY}/amend", {"reason": WHY})
        other = api.as_(story.team.manager).call("POST", f"/approvals/{week.id}/reopen", {"reason": WHY})

        assert (answer.status_code, answer.json["status"], answer.json["amends_version"]) == (200, "draft", 2)
        assert other.status_code == 404, "it is a draft now, its owner's alone"


class TestChangesBetween:
    def test_names_what_was_added_taken_away_and_changed(self, story):
        approved = [story.entry(60), story.entry(30, day=1), story.entry(45, day=2)]
        asked = [story.entry(60), story.entry(90, day=1), story.entry(15, day=3)]

        days = [MONDAY + timedelta(days=number) for number in range(4)]
        assert changes_between(approved, asked) == [
            Change(days[1], story.project.id, TimeKind.TITHE, 30, 90),
            Change(days[2], story.project.id, TimeKind.TITHE, 45, 0),
            Change(days[3], story.project.id, TimeKind.TITHE, 0, 15),
        ]
