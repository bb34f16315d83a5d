"""One's own page."""

from __future__ import annotations

import pytest

from tests.factories.people import RoleGrantFactory, Team
from tests.timesheets.weeks import NOW
from tithe.access.permissions import Role
from tithe.kernel import clock


@pytest.fixture
def team(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


class TestProfile:
    def test_keeps_skills_that_others_then_find(self, client, team):
        browser = client.sign_in(team.owner)

        assert browser.post("/account", {"skills": "Maps\r\nWelsh\r\n"}).status == 303
        assert "Maps\nWelsh" in browser.get("/account").text
        assert "Maps, Welsh" in client.sign_in(team.hr).get("/people?skill=wel").text

    def test_loses_nothing_that_was_typed_when_it_refuses(self, client, team):
        page = client.sign_in(team.owner).post("/account", {"skills": "Welsh\n" + "x" * 61})

        assert page.status == 422
        assert len(page.errors) == 1
        assert 'id="skills-error"' in page.text
        assert "x" * 61 in page.text

    def test_shows_record_and_roles_of_today(self, client, team):
        RoleGrantFactory(person_id=team.owner.id, role=Role.AUDITOR, unit_id=team.unit.id)

        page = client.sign_in(team.owner).get("/account")

        assert "Auditor, Team" in page.text
        assert "Reports to Max Manager" in page.text
        assert "England and Wales" in page.text

    def test_is_linked_from_ones_card(self, client, team):
        browser = client.sign_in(team.owner)

        assert 'href="/account"' in browser.get(f"/people/{team.owner.id}").text
        assert f'href="/people/{team.owner.id}/history"' in browser.get("/account").text
