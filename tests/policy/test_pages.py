"""The policy in the browser."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.factories.people import PersonFactory, RoleGrantFactory, UnitFactory
from tests.policy.policies import APRIL, AUGUST, JULY, NOW, OCTOBER, Offices, adopt, withdraw
from tests.support.contents import statements
from tests.support.pages import PageClient
from tithe.access.permissions import Role
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.people.models import Unit
from tithe.policy import queries
from tithe.policy.models import TithePolicy
from tithe.policy.rules import ABOUT, BY_HR_FEED, Section

PAYLOADS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</details><svg/onload=alert(1)>"]


@pytest.fixture
def offices(app, monkeypatch) -> Offices:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Offices()


@pytest.fixture
def browser(offices, client) -> PageClient:
    """Somebody without any role."""
    return client.sign_in(offices.people.owner)


@pytest.fixture
def manager(app, offices) -> PageClient:
    """An HR manager."""
    return PageClient(app).sign_in(offices.hr_manager)


def rows(page):
    """The summary lists: what stands beside each label."""
    assert page.words("dt") == [f"{about.label} {about.help}" for about in ABOUT.values()]
    return dict(zip([about.label for about in ABOUT.values()], page.words("dd"), strict=True))


class TestPolicy:
    def test_shows_ones_own_unit(self, browser):
        page = browser.get("/policy")

        assert page.heading == "Policy of Team"
        assert "Monday 20 July 2026" in page.text
        assert "every value is the default" in page.text
        assert "No change has been decided." in page.text

    def test_has_every_setting_under_its_heading(self, browser):
        page = browser.get("/policy")
        headings = page.words("h2")

        assert [each for each in headings if each in list(Section)] == list(Section)
        assert len(rows(page)) == len(ABOUT)

    def test_says_of_one_setting_that_another_system_acts_on_it_and_of_no_other(self, browser):
        shown = rows(browser.get("/policy"))

        assert [label for label, text in shown.items() if BY_HR_FEED in text] == ["Protected sickness"]

    def test_says_where_each_value_comes_from(self, offices, browser):
        adopt(offices.department, APRIL, round_to=5)
        adopt(offices.team, JULY, rate_bp=1250)

        shown = rows(browser.get("/policy"))

        assert shown["Rounded to"] == "5m Inherited from Department of Tests since 1 Apr 2026"
        assert shown["Share of working time"] == "12.5% Set here since 1 Jul 2026"
        assert shown["Direction of rounding"] == "To the nearest, a half up Default"
        assert "Follows the basis" in shown["Holidays for part-timers"]

    def test_says_what_will_change_and_when(self, offices, browser):
        adopt(offices.department, AUGUST, rate_bp=1000, protect_sick=False)
        adopt(offices.department, OCTOBER, rate_bp=1500)
        withdraw(offices.department, 2)

        page = browser.get("/policy")

        assert "From 1 Aug 2026" in page.words("h3")
        assert "Share of working time: 20% → 10%" in page.words("li")
        assert "Protected sickness: Yes → No (applied by the HR feed)" in page.words("li")
        assert "Protected sickness: No (applied by the HR feed)" in page.words("li"), "in the version too"
        assert "From 1 Oct 2026" not in page.words("h3")

    def test_says_who_decided_what_and_why(self, offices, browser):
        actor = offices.acting(offices.hr_manager)
        adopt(offices.department, AUGUST, actor=actor, reason="Agreed with staff\nin June", rate_bp=1000)
        adopt(offices.team, OCTOBER, rate_bp=500)
        withdraw(offices.team, 1, actor=actor)

        page = browser.get("/policy")
        headings = page.words("h3")

        assert "Department of Tests, version 1, from 1 Aug 2026 Coming" in headings
        assert "Team, version 1, from 1 Oct 2026 Withdrawn" in headings
        assert "Agreed with staff" in page.text
        assert f"Adopted by {actor.name} on 20 Jul 2026 at 10:00am" in page.text
        assert f"Adopted by the system on 20 Jul 2026 at 10:00am. Withdrawn by {actor.name}" in page.text

    def test_is_open_for_every_unit(self, offices, browser):
        adopt(offices.elsewhere, JULY, rate_bp=500)

        page = browser.get("/policy/OTHER")

        assert page.heading == "Policy of Department of Others"
        assert rows(page)["Share of working time"].startswith("5%")

    def test_leads_to_the_units_above(self, browser):
        links = [each.get("href") for each in browser.get("/policy/DEPT-TEAM").all("a")]

        assert "/policy/DEPT" in links

    @pytest.mark.parametrize("code", ["NONE", "x" * 500, "%3Cscript%3E"])
    def test_is_absent_for_a_unit_that_is_not_there(self, browser, code):
        page = browser.get(f"/policy/{code}")

        assert (page.status, page.heading) == (404, "Page not found")

    def test_says_so_to_somebody_without_a_post(self, app, offices):
        nobody = PersonFactory()
        page = PageClient(app).sign_in(nobody).get("/policy")

        assert (page.status, page.heading) == (200, "Policy")
        assert "You hold no post today" in page.text

    def test_warns_where_a_unit_came_under_another_and_contradicts_it(self, offices, browser):
        adopt(offices.team, JULY, rate_bp=2500)
        # As if the unit had been moved: nothing that is adopted gets here.
        db.session.execute(update(TithePolicy).values(settings={"rate_bp": 2500, "rate_max_bp": 1000}))
        db.session.commit()

        assert "A share of 25% is above the ceiling of 10%" in browser.get("/policy").text

    @pytest.mark.parametrize("payload", PAYLOADS)
    def test_runs_nothing_that_somebody_wrote(self, offices, manager, payload):
        db.session.execute(update(Unit).where(Unit.code == "DEPT").values(name=payload))
        db.session.commit()
        adopt(offices.department, JULY, reason=payload, rate_bp=1)

        for path in ("/policy", "/policy/DEPT-TEAM"):
            assert payload not in manager.get(path).text
        assert payload not in manager.get("/policy", query_string={"q": payload}).text

    def test_takes_few_statements_however_much_was_decided(self, offices, manager):
        for number in range(1, 4):
            adopt(offices.department, APRIL.replace(month=number), rate_bp=number)
        with statements() as few:
            manager.get("/policy/DEPT")
        for number in range(4, 12):
            adopt(offices.department, APRIL.replace(month=number), rate_bp=number)
            adopt(UnitFactory(parent_id=offices.team.id), rate_bp=number)
        with statements() as many:
            manager.get("/policy/DEPT")

        assert len(many) == len(few) <= 5


class TestChoice:
    def test_is_for_those_with_a_role(self, app, offices, browser, manager):
        RoleGrantFactory(person_id=offices.people.colleague.id, unit_id=offices.team.id, role=Role.COORDINATOR)
        coordinator = PageClient(app).sign_in(offices.people.colleague)
        analyst = PageClient(app).sign_in(offices.people.hr)

        for each in (manager, analyst, coordinator):
            assert "Choose another unit" in each.get("/policy").text
        assert "Choose another unit" not in browser.get("/policy?q=team").text

    def test_begins_with_the_units_that_decide_something(self, offices, manager):
        adopt(offices.elsewhere, JULY, rate_bp=500)

        assert "Department of Others (OTHER)" in manager.get("/policy").words("li")

    def test_finds_by_word(self, offices, manager):
        adopt(offices.team, JULY, rate_bp=500)
        found = manager.get("/policy?q=team")

        assert "Team (DEPT-TEAM), decides something itself" in found.words("li")
        assert found.value("q") == "team"
        assert "No unit has those words" in manager.get("/policy?q=nonsense").text

    def test_goes_on_to_the_next_page(self, offices, manager):
        for number in range(queries.PAGE + 1):
            UnitFactory(code=f"ROOM-{number:03}", name="Room")
        first = manager.get("/policy?q=room")
        (more,) = [each.get("href") for each in first.all("a") if "after=" in each.get("href")]

        assert f"ROOM-{queries.PAGE:03}" in manager.get(more).text
        assert "More units" not in manager.get(more).text
