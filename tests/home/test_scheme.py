"""Where the scheme is run from: who finds the page, and what it links for them."""

from __future__ import annotations

import pytest

from tests.factories.people import RoleGrantFactory
from tests.support.pages import PageClient
from tithe.access.permissions import Role


@pytest.fixture
def browse(app, story):
    def as_(role=None, person=None):
        person = person or story.team.colleague
        if role:
            RoleGrantFactory(person_id=person.id, role=role, unit_id=story.team.department.id)
        return PageClient(app).sign_in(person)

    return as_


def links(page):
    return {each.get("href") for each in page.all("a")}


class TestScheme:
    def test_links_everything_an_hr_manager_does(self, browse):
        page = browse(Role.HR_MANAGER).get("/scheme")

        assert page.heading == "Running the scheme"
        assert {
            "/policy",
            "/calendars",
            "/blackouts",
            "/absences/import",
            "/adjustments",
            "/quarters",
            "/reports/utilisation",
        } <= links(page)

    def test_leaves_out_what_is_not_the_viewers_to_do(self, browse):
        page = browse(Role.ADMINISTRATOR).get("/scheme")

        assert "/calendars" in links(page)
        assert not {"/absences/import", "/adjustments", "/reports/utilisation"} & links(page)

    def test_is_not_there_for_staff(self, browse):
        assert browse().get("/scheme").status == 404

    def test_stands_in_the_menu_of_those_who_find_it(self, browse):
        assert "/scheme" not in links(browse().get("/"))
        assert "/scheme" in links(browse(Role.HR_ANALYST).get("/"))
