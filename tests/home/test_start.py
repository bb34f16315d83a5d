"""What the start page says of the allowance."""

from __future__ import annotations

from tests.allowance.ledgers import a_line, post
from tests.support.pages import PageClient
from tithe.allowance.rules.ledger import LedgerKind


class TestBalance:
    def test_is_drawn_and_leads_to_what_is_behind_it(self, app, story):
        story.submitted(story.entry(120, day=1))

        page = PageClient(app).sign_in(story.team.owner).get("/")

        assert page.words("dd") == ["94h 15m", "0m", "2h", "96h 15m"]
        assert 'aria-label="Used 0m, Waiting for approval 2h, Left 94h 15m"' in page.text
        assert 'href="/allowance"' in page.text

    def test_says_when_more_is_used_than_there_is(self, app, story):
        post(a_line(story.team.owner, story.team.unit, LedgerKind.ADJUSTMENT, -5835))
        story.saved()

        page = PageClient(app).sign_in(story.team.owner).get("/")

        assert page.words("dt")[0] == "Overdrawn by"
        assert page.words("dd")[0] == "1h"
