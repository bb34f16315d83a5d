"""Somebody's posts over time, and changing a post, leaving and joining on pages: tried first, then saved."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory, Team, UnitFactory
from tests.people.hr_files import person, posts
from tests.support.contents import contents
from tests.timesheets.weeks import NOW
from tithe.access.permissions import Role
from tithe.kernel import clock
from tithe.people.history import HistoryRow
from tithe.people.presenters.history import WIDTH, timeline

TODAY = NOW.date()
GONE = date(2026, 8, 6)


@pytest.fixture
def team(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


@pytest.fixture
def browser(client, team):
    RoleGrantFactory(person_id=team.hr.id, unit_id=team.unit.id, role=Role.HR_MANAGER)
    return client.sign_in(team.hr)


def row(starts_on, ends_on=None, unit="A"):
    return HistoryRow(1, starts_on, ends_on, unit, unit, None, None, None, 2220, "scotland", "")


class TestTimeline:
    def test_stays_on_the_paper_and_in_lanes_that_do_not_overlap(self):
        rows = [
            row(date(2020, 1, 1), date(2024, 5, 31)),
            row(date(2022, 1, 1)),
            row(date(2024, 6, 1), date(2027, 1, 1)),
        ]

        drawn = timeline(rows, TODAY)

        assert [(bar.y, bar.shade) for bar in drawn.bars] == [(0, "past"), (30, "now"), (0, "now")]
        assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in drawn.bars)
        assert drawn.bars[0].x + drawn.bars[0].width <= drawn.bars[2].x
        assert 0 < drawn.today < WIDTH

    def test_marks_what_is_to_come_and_few_years_of_a_long_career(self):
        drawn = timeline([row(date(1970, 1, 1), TODAY), row(date(2026, 9, 1))], TODAY)

        assert drawn.bars[1].shade == "coming"
        assert 4 <= len(drawn.years) <= 9

    def test_is_none_without_posts(self):
        assert timeline([], TODAY) is None


class TestHistory:
    def test_is_drawn_and_told_to_oneself(self, client, team):
        page = client.sign_in(team.owner).get(f"/people/{team.owner.id}/history")

        assert page.heading == "Ada Owner: posts over time"
        assert "<svg" in page.text
        assert "Change the post" not in page.text

    def test_is_open_to_hr_for_leavers_and_for_those_who_have_not_begun(self, browser, team):
        gone = AssignmentFactory(unit=team.unit, person=PersonFactory(leaves_on=GONE), ends_on=GONE)
        soon = date(2026, 9, 1)
        comes = AssignmentFactory(unit=team.unit, person=PersonFactory(starts_on=soon), starts_on=soon)

        for post in (gone, comes):
            assert browser.get(f"/people/{post.person_id}/history").status == 200

    def test_is_closed_to_others(self, client, team):
        assert client.sign_in(team.colleague).get(f"/people/{team.owner.id}/history").status == 404


class TestChange:
    CHANGE = {"starts_on": "2026-09-01", "weekly_minutes": "30", "manager": "nobody"}

    def test_is_tried_first_and_changes_nothing(self, browser, team):
        before = contents()
        page = browser.post(f"/people/{team.owner.id}/post", {**self.CHANGE, "action": "try"})

        assert page.status == 200
        assert "From 1 September 2026: has no manager, works 30h a week" in page.text
        assert "Until 31 August 2026: the post on record now" in page.text
        assert "Save this change" in page.text
        assert page.value("weekly_minutes") == "30"
        assert contents() == before

    def test_is_saved_by_the_second_button(self, browser, team):
        number = team.owner.staff_number
        done = browser.post(f"/people/{team.owner.id}/post", {**self.CHANGE, "action": "save"})

        assert done.status == 303
        assert [each[3:] for each in posts(number)] == [(team.manager.staff_number, 2220), (None, 1800)]
        assert "To come" in browser.get(done.location).text

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"starts_on": "soon"}, "starts_on"),
            ({"starts_on": "2019-01-01"}, "starts_on"),
            ({"unit": "NO-SUCH"}, "unit"),
            ({"unit": "OTHER"}, "unit"),
            ({"manager": "nobody@nowhere"}, "manager"),
            ({"manager": "ada.owner@example.org"}, "manager"),
            ({"grade": "King"}, "grade"),
            ({"weekly_minutes": "lots"}, "weekly_minutes"),
            ({"weekly_minutes": "0m"}, "weekly_minutes"),
            ({"calendar": "atlantis"}, "calendar"),
        ],
    )
    def test_puts_each_refusal_beside_its_field_and_loses_nothing(self, browser, team, changes, field):
        UnitFactory(code="OTHER")
        sent = {**self.CHANGE, "unit": "DEPT-TEAM", **changes}

        page = browser.post(f"/people/{team.owner.id}/post", {**sent, "action": "save"})

        assert page.status == 422
        assert len(page.errors) == 1
        assert f'id="{field}-error"' in page.text
        typed = ("starts_on", "unit", "manager", "weekly_minutes")
        assert [page.value(name) for name in typed] == [sent[name] for name in typed]

    def test_asks_what_is_different_when_nothing_is(self, browser, team):
        page = browser.post(f"/people/{team.owner.id}/post", {"starts_on": "2026-09-01"})

        assert page.status == 422
        assert "Say what changes" in page.errors[0]


class TestLeaving:
    def test_is_tried_then_saved_then_taken_back(self, browser, team):
        path, number = f"/people/{team.owner.id}/leave", team.owner.staff_number

        assert "Until 31 August 2026" in browser.post(path, {"last_day": "2026-08-31", "action": "try"}).text
        assert person(number).leaves_on is None
        assert browser.post(path, {"last_day": "2026-08-31", "action": "save"}).status == 303
        assert person(number).leaves_on == date(2026, 8, 31)
        assert "no last day any more" in browser.post(path, {"last_day": "", "action": "try"}).text
        assert browser.post(path, {"last_day": "", "action": "save"}).status == 303
        assert person(number).leaves_on is None

    def test_before_the_first_day_is_refused_beside_its_field(self, browser, team):
        page = browser.post(f"/people/{team.owner.id}/leave", {"last_day": "2019-12-31", "action": "save"})

        assert (page.status, len(page.errors)) == (422, 1)
        assert 'id="last_day-error"' in page.text


class TestJoining:
    JOIN = {
        "name": "New Comer", "staff_number": "N1", "email": "New.Comer@example.org", "starts_on": "2026-09-01",
        "unit": "DEPT-TEAM", "manager": "max.manager@example.org", "grade": "HEO", "calendar": "scotland",
    }  # fmt: skip

    def test_is_tried_then_saved(self, browser, team):
        before = contents()
        page = browser.post("/people/new", {**self.JOIN, "action": "try"})
        assert "takes up a post in Team, reporting to Max Manager, 37h a week" in page.text
        assert "Add them" in page.text
        assert contents() == before

        assert browser.post("/people/new", {**self.JOIN, "action": "save"}).status == 303

        assert [each[3:] for each in posts("N1")] == [(team.manager.staff_number, 2220)]
        assert person("N1").email == "new.comer@example.org"

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"name": "", "staff_number": "", "unit": ""}, ["name", "staff_number", "unit"]),
            ({"email": "nobody"}, ["email"]),
            ({"email": "ada.owner@example.org"}, ["email"]),
            ({"leaves_on": "2026-08-01"}, ["leaves_on"]),
            ({"probation_ends_on": "2026-08-01"}, ["probation_ends_on"]),
            ({"name": "x" * 121}, ["name"]),
            ({"unit": "DEPT"}, ["unit"]),
        ],
    )
    def test_puts_each_refusal_beside_its_field(self, browser, team, changes, fields):
        page = browser.post("/people/new", {**self.JOIN, **changes, "action": "save"})

        assert page.status == 422
        assert len(page.errors) == len(fields)
        assert all(f'id="{field}-error"' in page.text for field in fields)
