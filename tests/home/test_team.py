"""The balances of those somebody manages: who is in them, in which order, and page by page."""

from __future__ import annotations

from datetime import date

import pytest

from tests.allowance.ledgers import a_line, change_post, end_post, post, post_of
from tests.factories.people import PersonFactory
from tests.support.contents import counted
from tests.support.pages import PageClient
from tests.timesheets.weeks import actor
from tithe.allowance.queries import team as team_query
from tithe.allowance.rules.ledger import LedgerKind
from tithe.home import queries
from tithe.home.forms import read_place, write_place
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken


@pytest.fixture
def manager(app, story):
    return PageClient(app).sign_in(story.team.manager)


def balances(story, after=None):
    return queries.my_team(actor(story.team.manager), clock.today(), after=after)


def names(team):
    return [line.row.name for line in team.lines]


def overdraw(story, person, minutes=6000):
    post(a_line(person, story.team.unit, LedgerKind.ADJUSTMENT, -minutes))


class TestTeam:
    def test_is_whoever_reports_to_the_viewer_today(self, story):
        newcomer = post_of(PersonFactory(name="Nia New"), story.team.unit, line_manager_id=story.team.manager.id)
        change_post(story.team.colleague, date(2026, 8, 1), line_manager_id=story.team.director.id)
        gone = post_of(PersonFactory(name="Gus Gone"), story.team.unit, line_manager_id=story.team.manager.id)
        end_post(gone, date(2026, 8, 6))

        assert names(balances(story)) == ["Ada Owner", "Nia New"]
        assert balances(story).lines[1].row.balance.accrued == 5775, f"{newcomer.name} is forecast"

    def test_counts_what_waits_as_used(self, story):
        story.approved(monday=date(2026, 7, 27))
        story.submitted(story.entry(120, day=1))

        ada = balances(story).lines[0]

        assert (ada.row.balance.used, ada.waiting, ada.left) == (90, 120, 5565)

    def test_leaves_out_drafts(self, story):
        story.saved(story.entry(120, day=1))

        assert balances(story).lines[0].waiting == 0

    def test_puts_the_overdrawn_first_and_then_goes_by_name(self, story):
        overdraw(story, story.team.colleague)

        assert names(balances(story)) == ["Cal Colleague", "Ada Owner"]

    def test_names_somebody_with_two_posts_once(self, story):
        post_of(story.team.owner, story.team.department, line_manager_id=story.team.manager.id)

        assert names(balances(story)) == ["Ada Owner", "Cal Colleague"]


class TestPaging:
    def test_goes_on_where_the_page_before_ended(self, story, monkeypatch):
        monkeypatch.setattr(team_query, "PAGE", 2)
        for name in ("Bea", "Cal Colleague", "Zoë"):
            post_of(PersonFactory(name=name), story.team.unit, line_manager_id=story.team.manager.id)
        overdraw(story, story.team.colleague)
        seen, after = [], None
        while True:
            page = balances(story, after)
            seen += [line.row.person_id for line in page.lines]
            after = page.following
            if after is None:
                break
            assert read_place(write_place(after)) == after

        assert len(seen) == len(set(seen)) == 5
        assert seen[0] == story.team.colleague.id

    @pytest.mark.parametrize("text", ["x", "1.2", "3.1.Ada", "1.x.Ada", "1.-1.Ada", "1.99999999999.Ada", "1.0.Ada"])
    def test_refuses_a_place_it_did_not_write(self, text):
        with pytest.raises(RuleBroken, match="This link is damaged"):
            read_place(text)

    def test_keeps_dots_in_names(self):
        assert read_place(write_place((1, "A. B. Smith", 7))) == (1, "A. B. Smith", 7)


class TestPage:
    def test_shows_each_of_the_team_with_a_bar(self, story, manager):
        overdraw(story, story.team.colleague)

        page = manager.get("/allowance/team")

        assert page.heading == "Your team’s balances"
        assert "−3h 45m Overdrawn" in page.words("td")
        assert page.text.count("<svg") == 2
        assert f'href="/people/{story.team.owner.id}/pattern"' in page.text

    def test_says_when_approving_all_that_waits_would_overdraw(self, story, manager):
        story.submitted(story.entry(120, day=1))
        overdraw(story, story.team.owner, 5700)

        assert "−45m Too much waits" in manager.get("/allowance/team").words("td")

    def test_is_for_managers_only(self, app, story):
        assert PageClient(app).sign_in(story.team.owner).get("/allowance/team").status == 404
        assert "My team" not in PageClient(app).sign_in(story.team.owner).get("/allowance").text

    def test_says_so_when_the_next_report_starts_later(self, app, story):
        boss = PersonFactory()
        post_of(PersonFactory(), story.team.unit, line_manager_id=boss.id, starts_on=date(2026, 9, 1))

        assert "Nobody reports to you today" in PageClient(app).sign_in(boss).get("/allowance/team").text

    def test_links_the_next_page(self, app, story, manager, monkeypatch):
        monkeypatch.setattr(team_query, "PAGE", 1)

        first = manager.get("/allowance/team")
        (more,) = [each.get("href") for each in first.all("a") if each.text == "More people"]

        assert "Cal Colleague" in manager.get(more).text

    def test_takes_the_same_statements_however_many_people(self, story, manager):
        manager.get("/allowance/team")
        few = counted(lambda: manager.get("/allowance/team"))
        for _ in range(20):
            post_of(unit=story.team.unit, line_manager_id=story.team.manager.id)

        many = counted(lambda: manager.get("/allowance/team"))

        assert few <= many <= 6, "one to forecast those whose accrual is not posted yet, two to note who was shown"


class TestApi:
    def test_gives_the_same_figures(self, story, api):
        story.submitted(story.entry(120, day=1))

        body = api.as_(story.team.manager).get("/allowance/team").json

        assert body["quarter"] == "2026-27Q2"
        assert body["people"][0] == {
            "id": story.team.owner.id,
            "name": "Ada Owner",
            "entitlement_minutes": 5775,
            "used_minutes": 0,
            "waiting_minutes": 120,
            "left_minutes": 5655,
        }
        assert body["next"] is None

    def test_refuses_a_damaged_place(self, story, api):
        answer = api.as_(story.team.manager).get("/allowance/team?after=nonsense")

        assert (answer.status_code, answer.json["field"]) == (422, "after")

    def test_needs_a_scope_of_its_own(self, story, api):
        assert api.as_(story.team.manager, "allowance:read").get("/allowance/team").status_code == 403
        assert api.as_(story.team.manager, "team:read").get("/allowance/team").status_code == 200
