"""Weeks that only an agreement approved and that are called back, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.support.pages import PageClient
from tests.timesheets.test_agreements import agreed
from tests.timesheets.weeks import MONDAY, NOW, REASON, Story, actor, approve
from tithe import checks
from tithe.access.actor import SYSTEM
from tithe.allowance.models import LedgerLine
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.allowance.rules.ledger import LedgerKind
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, RuleBroken, RulesBroken
from tithe.timesheets.operations import amending
from tithe.timesheets.operations.reviews import ask_review, settle_review
from tithe.timesheets.operations.weeks import submit_week
from tithe.timesheets.queries.weeks import WeekRow
from tithe.timesheets.rules.lifecycle import WeekStatus


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    story = Story()
    accrue_quarter(actor=SYSTEM, quarter=Quarter.containing(MONDAY), now=NOW)
    return story


def called_back(story: Story, week: WeekRow, **changes: Any) -> None:
    usual = {"actor": story.manager, "version": week.version, "ground": "cover", "reason": REASON}
    amending.call_back_week(week_id=week.id or 0, now=NOW, **(usual | changes))


def used(story: Story) -> int:
    """What the ledger holds of the owner's weeks, what was given back counted."""
    kinds = LedgerLine.kind.in_([LedgerKind.USE, LedgerKind.REVERSAL])
    found = select(func.sum(LedgerLine.minutes)).where(LedgerLine.person_id == story.owner.id, kinds)
    db.session.rollback()
    return db.session.scalar(found) or 0


class TestCallBack:
    def test_lets_the_manager_call_back_what_only_an_agreement_approved(self, story):
        agreed(story)
        by_agreement, by_hand = story.submitted(), story.submitted(monday=MONDAY - timedelta(weeks=1))
        approve(story.manager, by_hand)

        called_back(story, by_agreement)

        week = story.week()
        assert (week.status, week.is_amendment) == (WeekStatus.RETURNED, True)
        with pytest.raises(RuleBroken, match="Only a week that an agreement approved"):
            called_back(story, story.week(MONDAY - timedelta(weeks=1)))
        with pytest.raises(RuleBroken, match="Its owner can amend this week"):
            amending.amend_week(actor=story.manager, week_id=by_hand.id, reason="It was not agreed", now=NOW)

    def test_keeps_counting_what_was_called_back_until_it_is_approved_again(self, story):
        agreed(story)
        called_back(story, story.submitted())
        assert used(story) == -90
        story.saved(story.entry(30, day=4))
        submit_week(actor=story.owner, monday=MONDAY, now=NOW)
        assert used(story) == -90
        approve(story.manager, story.week())

        assert used(story) == -30
        assert [each for each in checks.results(NOW) if not each.ok] == []

    def test_lets_its_owner_ask_for_a_review_of_a_week_called_back(self, story):
        agreed(story)
        called_back(story, story.submitted())
        review_id = ask_review(actor=story.owner, monday=MONDAY, words=REASON, now=NOW)
        director = actor(story.team.director)
        settle_review(actor=director, review_id=review_id, outcome="overturn", reason=REASON, now=NOW)

        assert (story.week().status, used(story)) == (WeekStatus.APPROVED, -90)
        assert [each for each in checks.results(NOW) if not each.ok] == []

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [({"ground": None}, RulesBroken), ({"reason": "Short"}, RulesBroken), ({"version": 1}, Conflict)],
    )
    def test_calls_back_with_a_ground_words_and_the_version_that_was_read(self, story, changes, refusal):
        agreed(story)
        week = story.submitted()
        with pytest.raises(refusal):
            called_back(story, week, **changes)

    def test_lets_nobody_call_back_their_own(self, story):
        agreed(story)
        week = story.submitted()
        with pytest.raises(RuleBroken, match="Only a week that an agreement approved"):
            called_back(story, week, actor=story.owner)

    def test_calls_back_on_its_page_and_by_the_api(self, app, api, story):
        agreed(story)
        week, manager = story.submitted(), PageClient(app).sign_in(story.team.manager)
        path = f"/approvals/{week.id}/reopen"
        assert "Call back: Ada Owner, week of" in manager.get(path).words("h1")[0]
        said = {"csrf_token": manager.token(), "version": str(week.version), "ground": "cover", "reason": REASON}
        assert manager.post(path, said | {"reason": "Short"}).status == 422
        assert manager.post(path, said).status == 303
        shown = PageClient(app).sign_in(story.team.owner).get(f"/weeks/{MONDAY}")
        assert any("Returned by Max Manager" in each for each in shown.words("p"))

        body = {"version": story.week().version, "ground": "cover", "reason": REASON}
        again = api.as_(story.team.manager).post(f"/approvals/{week.id}/call-back", body)
        assert (again.status_code, again.json["message"][:24]) == (422, "You cannot call back a w")
