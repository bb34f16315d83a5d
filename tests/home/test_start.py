"""What the start page says of the allowance."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.allowance.ledgers import a_line, post
from tests.home.conftest import LAST_WEEK, QUARTER
from tests.support.pages import PageClient
from tests.timesheets.weeks import MONDAY, NOW
from tithe.allowance.rules.ledger import LedgerKind
from tithe.timesheets.operations.amending import amend_week


class TestBalance:
    def test_is_drawn_and_leads_to_what_is_behind_it(self, app, story):
        story.submitted(story.entry(120, day=1))

        page = PageClient(app).sign_in(story.team.owner).get("/")

        assert page.words("dd") == ["94h 15m", "–", "2h", "96h 15m"]
        assert 'aria-label="Used 0m, Waiting for approval 2h, Left 94h 15m"' in page.text
        assert 'href="/allowance"' in page.text

    def test_says_when_more_is_used_than_there_is(self, app, story):
        post(a_line(story.team.owner, story.team.unit, LedgerKind.ADJUSTMENT, -5835))
        story.saved()

        page = PageClient(app).sign_in(story.team.owner).get("/")

        assert page.words("dt")[0] == "Overdrawn by"
        assert page.words("dd")[0] == "1h"


class TestFigures:
    """What waits is the same figure on every page that has one, the shown week's own minutes included."""

    def shown(self, app, story):
        browser = PageClient(app).sign_in(story.team.owner)
        paths = ("/", f"/weeks/{MONDAY}", f"/allowance?quarter={QUARTER}")
        pages = [browser.get(path) for path in paths]
        named = [dict(zip(page.words("dt"), page.words("dd"), strict=False)) for page in pages]
        return [(each["Left"], each["Used"], each["Waiting for approval"]) for each in named]

    def test_agree_once_a_week_is_submitted(self, app, story):
        story.submitted(story.entry(120, day=1))

        assert self.shown(app, story) == [("94h 15m", "–", "2h")] * 3

    def test_agree_while_an_amendment_waits(self, app, story):
        week = story.approved(story.entry(120, day=1))
        amend_week(actor=story.owner, week_id=week.id, reason="Wednesday was left out", now=NOW)
        story.submitted(story.entry(120, day=1), story.entry(60, day=2))

        assert self.shown(app, story) == [("93h 15m", "2h", "1h")] * 3


class TestWarnings:
    """What keeps this week from being submitted stands under one heading and leads to the cell."""

    def test_lead_to_the_cell(self, app, story):
        story.saved(story.entry(480, day=1))

        page = PageClient(app).sign_in(story.team.owner).get("/")

        assert page.words("h3") == ["Before you can submit"]
        cell = f"/weeks/{MONDAY}#m-{story.project.id}-{MONDAY + timedelta(days=1)}"
        [words] = ["".join(each.itertext()) for each in page.all("a") if each.get("href") == cell]
        assert words == "You were due to work 7h 24m on Tuesday 4 August. Take 36m away"

    @pytest.mark.parametrize(("when", "week"), [("Tue", MONDAY), ("28 July", LAST_WEEK)])
    def test_follow_what_was_added_once(self, app, story, when, week):
        browser = PageClient(app).sign_in(story.team.owner)
        browser.post("/time", {"line": f"8h Plain letters {when}", "action": "add"})

        page = browser.get("/")

        assert page.text.count("Before you can submit") == 1
        [link] = [each for each in page.all("a") if "Take 36m away" in "".join(each.itertext())]
        assert link.get("href", "").startswith(f"/weeks/{week}")
