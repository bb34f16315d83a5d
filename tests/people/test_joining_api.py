"""Joining, leaving and whole feeds of people, by program."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests.factories.people import RoleGrantFactory, Team, UnitFactory
from tests.people.hr_files import NOW, TODAY, posts
from tests.support.contents import contents
from tests.support.pages import ApiClient
from tithe.access.permissions import Role
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.people.models import Person

NEW = {
    "staff_number": "N1",
    "name": "Nia New",
    "email": "Nia.New@example.org",
    "starts_on": "2026-09-01",
    "unit": "DEPT-TEAM",
}


@pytest.fixture
def team(app, monkeypatch) -> Team:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


@pytest.fixture
def hr(team, api) -> ApiClient:
    RoleGrantFactory(person_id=team.hr.id, unit_id=team.department.id, role=Role.HR_MANAGER)
    return api.as_(team.hr, "people:write")


def person(number: str) -> Person | None:
    db.session.rollback()
    return db.session.scalar(select(Person).where(Person.staff_number == number))


class TestJoining:
    def test_adds_somebody_with_a_full_time_post(self, hr, team):
        answer = hr.post("/people", NEW | {"manager": team.manager.email, "grade": "HEO"})

        assert answer.status_code == 201
        new = person("N1")
        assert answer.json == {"id": new.id, "saved": True}
        assert (new.name, new.email, str(new.starts_on)) == ("Nia New", "nia.new@example.org", "2026-09-01")
        assert posts("N1")[0][2:] == (team.unit.id, team.manager.staff_number, 2220)

    def test_may_be_rehearsed(self, hr):
        before = contents()
        answer = hr.post("/people", NEW | {"rehearse": True})

        assert (answer.status_code, answer.json) == (200, {"id": None, "saved": False})
        assert contents() == before

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"unit": "NO-SUCH"}, "unit"),
            ({"unit": "OTHER"}, "unit"),
            ({"manager": "nobody@example.org"}, "manager"),
            ({"email": "ada.owner@example.org"}, "email"),
            ({"email": "no address"}, "email"),
            ({"name": " "}, "name"),
            ({"name": "two\nlines"}, "name"),
            ({"leaves_on": "2026-08-31"}, "leaves_on"),
            ({"calendar": "mars"}, "calendar"),
            ({"nonsense": 1}, "nonsense"),
        ],
    )
    def test_names_the_field_to_blame(self, hr, changes, field):
        UnitFactory(code="OTHER")
        before = contents()
        answer = hr.post("/people", NEW | changes)

        assert (answer.status_code, answer.json["field"]) == (422, field)
        assert contents() == before


class TestLeaving:
    def test_ends_a_post_and_may_be_taken_back(self, hr, team):
        path, number = f"/people/{team.owner.id}/leave", team.owner.staff_number
        answer = hr.post(path, {"last_day": str(TODAY)})

        assert (answer.status_code, answer.json) == (200, {"saved": True, "closed": 1, "opened": 0})
        assert person(number).leaves_on == posts(number)[0][1] == TODAY

        assert hr.post(path, {"last_day": None}).status_code == 200
        assert person(number).leaves_on is None

    def test_may_be_rehearsed(self, hr, team):
        before = contents()
        answer = hr.post(f"/people/{team.owner.id}/leave", {"last_day": str(TODAY), "rehearse": True})

        assert (answer.status_code, answer.json["saved"]) == (200, False)
        assert contents() == before

    def test_refuses_a_day_before_the_first(self, hr, team):
        answer = hr.post(f"/people/{team.owner.id}/leave", {"last_day": "2019-12-31"})

        assert (answer.status_code, answer.json["field"]) == (422, "last_day")


ROW = {"staff_number": "N1", "name": "Nia New", "email": "nia@example.org", "unit": "DEPT-TEAM", "weekly_minutes": 2220}


class TestFeed:
    def test_takes_people_in_once(self, hr, team):
        rows = [ROW | {"manager_staff_number": team.manager.staff_number, "start": "2026-08-10", "grade": "HEO"}]
        rehearsed = hr.post("/people/import", {"rows": rows})
        assert (rehearsed.status_code, rehearsed.json["added"], person("N1")) == (200, 1, None)

        saved = hr.post("/people/import", {"rows": rows, "commit": True})
        assert saved.json == rehearsed.json
        assert posts("N1")[0][2:] == (team.unit.id, team.manager.staff_number, 2220)

        again = hr.post("/people/import", {"rows": rows, "commit": True})
        assert (again.json["added"], again.json["unchanged"]) == (0, 1)

    def test_leaves_what_a_row_leaves_out_and_clears_what_is_null(self, hr, team):
        owner = team.owner
        row = {"staff_number": owner.staff_number, "name": owner.name, "email": owner.email}
        row |= {"unit": "DEPT-TEAM", "weekly_minutes": 1110}
        hr.post("/people/import", {"rows": [row], "commit": True})
        assert posts(owner.staff_number)[-1][3:] == (team.manager.staff_number, 1110)

        hr.post("/people/import", {"rows": [row | {"manager_staff_number": None}], "commit": True})
        assert posts(owner.staff_number)[-1][3:] == (None, 1110)

    @pytest.mark.parametrize(
        ("changes", "column"),
        [
            ({"name": "two\nlines"}, "name"),
            ({"email": "nobody"}, "email"),
            ({"unit": "NO-SUCH"}, "unit"),
            ({"grade": "Clerk"}, "grade"),
            ({"start": "1900-01-01"}, "start"),
            ({"start": "2026-08-10", "probation_end": "2026-08-09"}, "probation_end"),
        ],
    )
    def test_names_row_and_column_of_what_is_wrong(self, hr, changes, column):
        before = contents()
        answer = hr.post(
            "/people/import",
            {"rows": [ROW | {"staff_number": "N0", "email": "n0@example.org"}, ROW | changes], "commit": True},
        )

        assert (answer.status_code, answer.json["field"]) == (422, f"rows.1.{column}")
        assert contents() == before

    def test_takes_the_last_day_of_probation(self, hr):
        row = ROW | {"start": "2026-08-10", "probation_end": "2027-02-09"}
        assert hr.post("/people/import", {"rows": [row], "commit": True}).json["added"] == 1
        assert person("N1").probation_ends_on == date(2027, 2, 9)

        hr.post("/people/import", {"rows": [row | {"probation_end": None}], "commit": True})
        assert person("N1").probation_ends_on is None

    def test_may_skip_bad_rows(self, hr):
        rows = [ROW, ROW | {"staff_number": "N2", "email": "nobody"}]
        answer = hr.post("/people/import", {"rows": rows, "commit": True, "skip_bad_rows": True})

        assert (answer.status_code, answer.json["added"], answer.json["bad"]) == (200, 1, 1)
        assert answer.json["errors"][0]["line"] == 2
        assert person("N1")
