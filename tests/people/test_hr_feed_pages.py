"""The file of people from HR in the browser."""

from __future__ import annotations

from io import BytesIO

import pytest

from tests.factories.people import RoleGrantFactory, Team
from tests.people.hr_files import NOW, file_of, line, posts
from tests.support.contents import contents
from tithe.access.permissions import Role
from tithe.kernel import clock

PATH = "/people/import"


@pytest.fixture
def hr(app, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    team = Team()
    RoleGrantFactory(person_id=team.hr.id, unit_id=team.department.id, role=Role.HR_MANAGER)
    return client.sign_in(team.hr)


def upload(client, *lines, **besides):
    sent = {"file": (BytesIO(file_of(*lines)), "people.csv"), **besides}
    return client.post(PATH, sent, content_type="multipart/form-data")


def carried(page):
    return {each.get("name"): each.get("value", "") for each in page.all("input") if each.get("name") == "packed"}


def figures(page):
    names, numbers = (["".join(each.itertext()) for each in page.all(tag)] for tag in ("dt", "dd"))
    return {name: int(number) for name, number in zip(names, numbers, strict=True) if number.isdigit()}


class TestImportPeople:
    def test_previews_then_imports_what_the_page_carries(self, hr):
        before = contents()

        page = upload(hr, line("N1"), line("N2", manager="N1"))

        assert figures(page) == {"Rows": 2, "New": 2, "Changed": 0, "Leaving": 0, "Unchanged": 0, "Bad": 0}
        assert contents() == before
        done = hr.post(PATH, {**carried(page), "action": "import"})
        assert done.status == 303
        assert posts("N2")[0][3] == "N1"
        assert "Imported: 2 added, 0 changed, 0 leaving" in hr.get(PATH).text

    def test_names_bad_rows_and_leaves_them_out_when_told_to(self, hr):
        page = upload(hr, line("N1"), line("N2", unit="NOWHERE"))

        assert page.status == 422
        assert "Line 3" in page.text
        assert "Expected the code or path of a unit your role covers, found “NOWHERE”" in page.text
        done = hr.post(PATH, {**carried(page), "action": "import", "skip_bad_rows": "y"})
        assert done.status == 303
        assert (len(posts("N1")), len(posts("N2"))) == (1, 0)

    def test_says_when_there_is_nothing_to_do(self, hr):
        page = upload(hr, line("N1"))
        hr.post(PATH, {**carried(page), "action": "import"})

        assert "There is nothing to import" in upload(hr, line("N1")).text

    def test_asks_for_a_file(self, hr):
        page = hr.post(PATH, {})

        assert (page.status, "Choose a CSV file to read" in page.text) == (422, True)
