"""The queue of weeks to approve: its page, its JSON and its command."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.factories.delegations import DelegationFactory
from tests.support.contents import contents
from tests.support.pages import ApiClient, Page, PageClient
from tests.timesheets.weeks import MONDAY, NOW, Story, approve, send_back
from tithe.access.actor import SYSTEM
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.kernel.calendar import Quarter
from tithe.timesheets.operations.weeks import recall_week
from tithe.timesheets.presenters.approvals import approved_words

BEFORE = MONDAY - timedelta(weeks=1)


@pytest.fixture
def manager(app, friday) -> PageClient:
    return PageClient(app).sign_in(friday.team.manager)


def boxes(page: Page) -> dict[str, bool]:
    """The weeks of the page and whether they are ticked."""
    found = [each for each in page.all("input") if each.get("name") == "weeks"]
    return {each.get("value"): each.get("checked") is not None for each in found}


def three_weeks(story: Story) -> list[str]:
    """Three weeks wait, the first on a project that is new to their owner."""
    return [
        f"{week.id}:{week.version}"
        for week in [story.submitted(monday=MONDAY - timedelta(weeks=2 - number)) for number in range(3)]
    ]


class TestPage:
    def test_ticks_nothing_by_itself(self, manager, friday):
        weeks = three_weeks(friday)
        assert boxes(manager.get("/approvals")) == dict.fromkeys(weeks, False)

    def test_ticks_the_usual_ones_on_one_button(self, manager, friday):
        unusual, *usual = three_weeks(friday)
        assert "Tick the 2 with nothing unusual" in manager.get("/approvals").words("button")
        assert boxes(manager.get("/approvals?tick=usual")) == {unusual: False} | dict.fromkeys(usual, True)

    def test_offers_no_such_button_where_nothing_is_usual(self, manager, friday):
        friday.submitted()
        assert not [words for words in manager.get("/approvals").words("button") if words.startswith("Tick")]

    def test_says_which_weeks_were_approved(self, manager, friday):
        weeks = three_weeks(friday)
        manager.post("/approvals", {"weeks": weeks[:2]})
        page = manager.get("/approvals")
        assert "2 weeks approved: Ada Owner, week of 20 July 2026; Ada Owner, week of 27 July 2026" in page.text
        assert list(boxes(page)) == weeks[2:]

    @pytest.mark.parametrize("spoiled", ["changed", "recalled", "decided"])
    def test_decides_nothing_when_one_has_moved_on_says_which_and_keeps_the_other_ticks(self, manager, friday, spoiled):
        weeks = three_weeks(friday)
        if spoiled == "decided":
            approve(friday.manager, friday.week(BEFORE))
        else:
            recall_week(actor=friday.owner, monday=BEFORE, now=NOW)
        if spoiled == "changed":
            friday.submitted(friday.entry(45, monday=BEFORE), monday=BEFORE)
        before = contents()

        page = manager.post("/approvals", {"weeks": weeks})

        assert page.status == 422
        assert contents() == before
        ticks = boxes(page)
        assert (ticks[weeks[0]], ticks[weeks[2]], sum(ticks.values())) == (True, True, 2)
        gone = "Ada Owner, week of 27 July 2026, has changed since you opened this page"
        assert page.errors[-1] == (gone if spoiled == "changed" else "One week you ticked no longer waits for you")

    def test_stays_on_the_page_of_the_queue_it_was_on(self, manager, friday, monkeypatch):
        monkeypatch.setattr("tithe.timesheets.queries.inbox.PAGE", 1)
        weeks = three_weeks(friday)
        following = next(
            each.get("href") for each in manager.get("/approvals").all("a") if "after=" in each.get("href", "")
        )
        assert list(boxes(manager.get(following))) == [weeks[1]]
        assert manager.post(following, {"weeks": []}).status == 422
        assert manager.post(following, {"weeks": [weeks[1]]}).location == following

    def test_shows_the_balance_once_it_is_worked_out(self, manager, friday):
        friday.submitted()
        assert "–" in manager.get("/approvals").words("td")
        accrue_quarter(actor=SYSTEM, quarter=Quarter.containing(MONDAY), now=NOW)
        assert "left in Jul to Sep 2026" in manager.get(f"/approvals/{friday.week().id}").text


class TestApi:
    def test_says_all_it_takes_to_decide(self, app, friday):
        DelegationFactory(manager_id=friday.team.manager.id, delegate_id=friday.team.hr.id)
        accrue_quarter(actor=SYSTEM, quarter=Quarter.containing(MONDAY), now=NOW)
        send_back(friday.manager, friday.submitted(friday.entry(90)))
        friday.submitted(friday.entry(60))

        (week,) = ApiClient(app).as_(friday.team.hr, "approvals:read").get("/approvals").json["weeks"]

        assert (week["how"], week["for_whom"], week["question"]) == ("delegate", "Max Manager", None)
        assert week["balance_left"] > 0
        assert {each["reason"] for each in week["unusual"]} == {"changed_after_return", "new_project"}


class TestCommand:
    def test_lists_what_waits_and_changes_nothing(self, app, friday, monkeypatch):
        monkeypatch.setattr("tithe.timesheets.queries.inbox.PAGE", 2)
        three_weeks(friday)
        before, run = contents(), app.test_cli_runner()

        words = run.invoke(args=["approvals", "list", friday.team.manager.email])
        values = run.invoke(args=["approvals", "list", friday.team.manager.email, "--json"])

        assert "  First week on Plain letters\n" in words.stdout
        assert words.stdout.endswith("3 waiting\n")
        assert [each["monday"] for each in json.loads(values.stdout)] == ["2026-07-20", "2026-07-27", "2026-08-03"]
        assert contents() == before

    def test_refuses_an_address_nobody_has(self, app):
        result = app.test_cli_runner().invoke(args=["approvals", "list", "nobody@example.org"])
        assert (result.exit_code, "Nobody employed" in result.stderr) == (1, True)


class TestApprovedWords:
    def test_name_twelve_at_most(self):
        assert approved_words(["Ada"]) == "Week approved: Ada"
        assert approved_words(["Ada", "Bo"]) == "2 weeks approved: Ada; Bo"
        assert approved_words(["Ada"] * 30).endswith("Ada; and 18 more")
