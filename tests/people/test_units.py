"""The tree of units: where each stands, who works there and below, and their projects."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.people import AssignmentFactory, PersonFactory, Team, UnitFactory
from tests.factories.projects import ProjectFactory
from tests.support.contents import counted
from tests.timesheets.weeks import NOW
from tithe.access.actor import SYSTEM
from tithe.kernel import clock
from tithe.kernel.errors import NotFound
from tithe.people import units
from tithe.people.units import list_tops, unit_page

TODAY = NOW.date()
GONE = date(2026, 8, 6)


@pytest.fixture
def team(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


DAYS = (date(2026, 8, 1), GONE, TODAY, date(2026, 8, 8))
SPANS = st.tuples(st.sampled_from(DAYS), st.none() | st.sampled_from(DAYS)).filter(
    lambda span: span[1] is None or span[1] >= span[0]
)
STAFF = st.lists(st.tuples(SPANS, st.lists(st.tuples(st.integers(0, 3), SPANS), max_size=3)), max_size=5)


class TestHeadcounts:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
    @given(staff=STAFF)
    def test_are_the_same_counted_by_people_or_by_posts(self, app, staff):
        """Posts that ended, begin later or overlap, and people who left or have not come yet."""
        top = UnitFactory()
        tree = [top.id, *(UnitFactory(parent_id=top.id).id for _ in range(2))]
        tree.append(UnitFactory(parent_id=tree[1]).id)
        for (comes, leaves), posts in staff:
            person_id = PersonFactory(starts_on=comes, leaves_on=leaves).id
            for unit, (begins, ends) in posts:
                held = {"person_id": person_id, "unit_id": tree[unit], "starts_on": begins, "ends_on": ends}
                AssignmentFactory(person=None, unit=None, **held)
        people, surplus = units._people_below(tree, TODAY), units._surplus_below(tree, TODAY)
        by_posts = {unit_id: n - surplus.get(unit_id, 0) for unit_id, n in units._posts_below(tree, TODAY).items()}

        assert {unit_id: n for unit_id, n in by_posts.items() if n} == people

    def test_of_many_are_those_of_few(self, team, monkeypatch):
        AssignmentFactory(person=team.owner, unit=team.department)
        by_people = list_tops(TODAY, by=SYSTEM)
        monkeypatch.setattr(units, "FEW", 0)

        assert list_tops(TODAY, by=SYSTEM) == by_people


class TestUnits:
    def test_are_counted_with_all_below_and_nobody_twice(self, team):
        AssignmentFactory(person=team.owner, unit=team.department)

        page = unit_page("DEPT", TODAY, by=SYSTEM)

        assert page.headcount == 5
        assert [(each.code, each.headcount) for each in page.below] == [("DEPT-TEAM", 3)]
        assert [step.code for step in unit_page("DEPT-TEAM", TODAY, by=SYSTEM).row.above] == ["DEPT"]

    def test_do_not_count_who_has_left_or_comes_later(self, team):
        AssignmentFactory(unit=team.unit, ends_on=GONE)
        AssignmentFactory(unit=team.unit, starts_on=date(2026, 8, 8))
        AssignmentFactory(unit=team.unit, person__leaves_on=GONE)

        assert unit_page("DEPT-TEAM", TODAY, by=SYSTEM).headcount == 3

    def test_are_listed_from_the_top(self, team):
        UnitFactory(code="ALONE", name="Alone")
        UnitFactory(code="DEEP", name="Deep", parent_id=team.unit.id)

        tops = list_tops(TODAY, by=SYSTEM)

        assert [(top.code, top.headcount, [each.code for each in top.below]) for top in tops] == [
            ("ALONE", 0, []),
            ("DEPT", 5, ["DEPT-TEAM"]),
        ]

    def test_take_as_many_statements_however_many_they_are(self, team):
        few = counted(lambda: unit_page("DEPT", TODAY, by=SYSTEM))
        for _ in range(5):
            UnitFactory(parent_id=team.department.id)

        assert counted(lambda: unit_page("DEPT", TODAY, by=SYSTEM)) == few == 4

    def test_are_unknown_by_a_code_nobody_has(self, team):
        with pytest.raises(NotFound):
            unit_page("NONE", TODAY, by=SYSTEM)


class TestPage:
    def test_leads_down_the_tree_to_people_and_projects(self, client, team):
        ProjectFactory(owner=team.owner, title="Plain letters")
        browser = client.sign_in(team.hr)

        assert "Department of Tests" in browser.get("/units").text
        assert "DEPT-TEAM" in browser.get("/units/DEPT").text
        page = browser.get("/units/DEPT-TEAM")
        assert page.heading == "Team"
        assert "Plain letters" in page.text
        assert "3 people work here" in page.text
        assert [each for each in ("Ada Owner", "Cal Colleague", "Max Manager") if each in page.text]
        assert "Plain letters" not in browser.get("/units/DEPT").text

    def test_says_so_when_a_unit_is_empty(self, client, team):
        UnitFactory(code="EMPTY", name="Empty")

        assert "Nobody works in this very unit" in client.sign_in(team.hr).get("/units/EMPTY").text


class TestApi:
    def test_reads_the_tree(self, api, team):
        owner = api.as_(team.owner)

        assert owner.get("/units").json == {"units": [{"code": "DEPT", "name": "Department of Tests", "headcount": 5}]}
        unit = owner.get("/units/DEPT-TEAM").json
        assert (unit["above"], unit["below"], unit["headcount"]) == (["DEPT"], [], 3)
        assert owner.get("/units/NONE").status_code == 404
