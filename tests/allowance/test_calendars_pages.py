"""Holiday calendars in the browser."""

from __future__ import annotations

import io
import json
from datetime import date

import pytest

from tests.allowance.holidays import FAIR, Leeds, a_file, copy, days, event
from tests.allowance.ledgers import NOW, accrued, end_post, post_of
from tests.factories.calendars import CalendarDayFactory, CalendarFactory
from tests.projects.test_pages import PAYLOADS, harmless, typed
from tests.support.contents import contents, counted
from tithe.access.actor import SYSTEM
from tithe.allowance.operations import calendars as operations
from tithe.allowance.queries import calendars as queries
from tithe.kernel import clock

DAY_TYPED = {"day": "2026-08-12", "name": "Town fair", "kind": "local"}
COPY_TYPED = {
    "name": "York office",
    "code": "york",
    "copied_from": "scotland",
    "first_year": "2026",
    "last_year": "2028",
}
THREE = [event("2026-05-04", "Early May"), event("2026-08-12", "Town fair"), event("2026-12-25", "Christmas Day")]


@pytest.fixture
def leeds(app, monkeypatch) -> Leeds:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Leeds()


@pytest.fixture
def browser(leeds, client):
    return client.sign_in(leeds.keeper)


@pytest.fixture
def reader(leeds, client):
    return client.sign_in(leeds.team.owner)


def upload(browser, content, division="england-and-wales", name="bank-holidays.json", **more):
    sent = {"file": (io.BytesIO(content), name), "division": division, "action": "preview", **more}
    return browser.post("/calendars/leeds/import", sent, content_type="multipart/form-data")


def hidden(page) -> dict[str, str]:
    """What the form under a preview sends."""
    names = ("content", "division", "seen")
    return {name: page.value(name) for name in names} | {"action": "save"}


def refused(call):
    before = contents()
    page = call()
    assert contents() == before
    assert page.status == 422
    return page


class TestList:
    def test_shows_every_calendar_and_how_far_it_reaches(self, reader):
        page = reader.get("/calendars")

        rows = [row.split() for row in page.words("tr")[1:]]
        assert [row[0] for row in rows] == ["England", "Scotland", "Northern", "Leeds"]
        assert "Copy of England and Wales" in page.text
        assert "28 Dec 2027" in page.text

    def test_warns_those_who_keep_calendars_of_one_that_ends_within_a_year(self, browser, leeds, client):
        CalendarFactory(code="bath", name="Bath")
        CalendarDayFactory(calendar="bath", day=date(2027, 1, 1))
        assert "Ends soon" in browser.get("/calendars").text
        assert "end within 12 months" not in browser.get("/calendars").text  # nobody uses it

        post_of(calendar="bath")

        assert "“Bath” ends on 1 Jan 2027" in browser.get("/calendars").text
        page = client.sign_in(leeds.team.owner).get("/calendars")
        assert "“Bath” ends" not in page.text
        assert "Copy a calendar" not in page.text

    def test_takes_no_more_statements_for_more_calendars(self, browser):
        few = counted(lambda: browser.get("/calendars"))
        for _ in range(8):
            CalendarFactory()

        assert counted(lambda: browser.get("/calendars")) == few

    def test_goes_on_to_the_next_page(self, browser):
        for number in range(queries.PAGE):
            CalendarFactory(code=f"place-{number:03}")
        link = next(each.get("href") for each in browser.get("/calendars").all("a") if "after=" in each.get("href", ""))

        assert "Place" in browser.get(link).text


class TestYear:
    def test_shows_the_days_in_a_table_and_drawn(self, reader):
        page = reader.get("/calendars/scotland?year=2026")

        assert page.heading == "Scotland: holidays of 2026"
        assert "Mon 15 Jun" in " ".join(page.words("th")).replace("\xa0", " ")
        drawn = [
            each.get("aria-label")
            for each in page.tree.iter("{http://www.w3.org/2000/svg}svg")
            if each.get("role") == "img"
        ]
        assert len(drawn) == 12
        assert drawn[5] == "June: 15 World Cup bank holiday"
        assert drawn[6] == "July: no holidays"
        assert "One-off holiday" in page.text

    def test_is_this_year_unless_another_is_asked_for(self, reader):
        assert "holidays of 2026" in reader.get("/calendars/leeds").heading
        assert "holidays of 2030" in reader.get("/calendars/leeds?year=2030").heading
        assert "No holidays are known for 2030" in reader.get("/calendars/leeds?year=2030").text

    @pytest.mark.parametrize("year", ["x", "1999", "2101", "", "9" * 5000, "-1", "２０２６"])
    def test_refuses_a_year_out_of_reach(self, reader, year):
        assert reader.get("/calendars/leeds", query_string={"year": year}).status == 422

    def test_offers_changes_to_those_who_keep_calendars_alone(self, browser, leeds, client):
        page = browser.get("/calendars/leeds")
        assert all(words in page.text for words in ("Add a day", "Import a list", "Remove"))
        national = browser.get("/calendars/scotland").text
        assert "Make a copy" in national
        assert "Remove<" not in national
        assert "Add a day" not in client.sign_in(leeds.team.owner).get("/calendars/leeds").text

    @pytest.mark.parametrize("code", ["atlantis", "x" * 500, "%22", "Leeds"])
    def test_knows_no_calendar_that_is_not_there(self, reader, code):
        assert reader.get(f"/calendars/{code}").status == 404


class TestCopy:
    def test_makes_a_calendar_and_shows_it(self, browser):
        answer = browser.post("/calendars/new", COPY_TYPED)

        assert (answer.status, answer.location) == (303, "/calendars/york")
        assert "York office" in browser.get(answer.location).heading
        assert days("york") == days("scotland")

    @pytest.mark.parametrize(
        ("typed_", "error"),
        [
            ({"name": ""}, "Enter a name"),
            ({"code": "York Office"}, "like leeds-office"),
            ({"code": "leeds"}, "The code leeds is taken"),
            ({"first_year": "soon"}, "Enter the first year, from"),
            ({"last_year": "2025"}, "Enter the last year, from 2026"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, browser, typed_, error):
        page = refused(lambda: browser.post("/calendars/new", COPY_TYPED | typed_))

        assert error in page.errors[0]
        kept = typed(page)
        assert {name: kept[name] for name in ("name", "code", "first_year", "last_year")} == {
            name: (COPY_TYPED | typed_)[name] for name in ("name", "code", "first_year", "last_year")
        }
        chosen = [each.get("value") for each in page.all("option") if each.get("selected") is not None]
        assert chosen == ["scotland"]

    def test_refuses_a_field_it_does_not_know(self, browser):
        page = refused(lambda: browser.post("/calendars/new", COPY_TYPED | {"people": "7"}))

        assert "no field called people" in page.errors[0]

    def test_refuses_a_calendar_to_start_from_that_is_not_there(self, browser):
        refused(lambda: browser.post("/calendars/new", COPY_TYPED | {"copied_from": "atlantis"}))


class TestDays:
    def test_are_added_and_removed(self, browser, leeds):
        answer = browser.post("/calendars/leeds/add", DAY_TYPED)
        assert (answer.status, answer.location) == (303, "/calendars/leeds?year=2026")
        page = browser.get(answer.location)
        assert "Town fair added. 1 accrual was worked out again" in page.text
        assert "Local holiday" in page.text
        assert sum(accrued(leeds.local)) == 5685

        answer = browser.post("/calendars/leeds/remove", {"day": "2026-08-12"})
        assert answer.status == 303
        assert "12 August 2026 removed" in browser.get(answer.location).text
        assert FAIR.day not in days()

    @pytest.mark.parametrize(
        ("typed_", "error"),
        [
            ({"day": ""}, "Enter the date"),
            ({"day": "12 August"}, "Enter the date of the holiday, like 24 12 2026"),
            ({"day": "2026-08-15"}, "15 August 2026 is a Saturday"),
            ({"day": "2026-08-31"}, "31 August 2026 is a holiday already: Summer bank holiday"),
            ({"name": " "}, "Enter a name"),
            ({"kind": "whim"}, "Not a valid choice"),
        ],
    )
    def test_are_refused_with_words_and_what_was_typed(self, browser, typed_, error):
        page = refused(lambda: browser.post("/calendars/leeds/add", DAY_TYPED | typed_))

        assert error in page.errors[0]
        assert typed(page)["day"] == (DAY_TYPED | typed_)["day"]
        assert page.all("title")[0].text.startswith("Error: ")

    @pytest.mark.parametrize("sent", [{}, {"day": "x"}, {"day": "2026-08-13"}, {"day": "2026-08-31", "code": "x"}])
    def test_that_are_none_are_not_removed(self, browser, sent):
        refused(lambda: browser.post("/calendars/leeds/remove", sent))

    def test_of_a_national_calendar_stay(self, browser):
        for path in ("add", "import", "rename"):
            assert "Make a copy" in browser.get(f"/calendars/scotland/{path}").text
            refused(lambda path=path: browser.post(f"/calendars/scotland/{path}", DAY_TYPED))
        refused(lambda: browser.post("/calendars/scotland/remove", {"day": "2026-06-15"}))
        refused(lambda: browser.post("/calendars/scotland/delete"))


class TestImport:
    def test_shows_what_would_change_and_saves_just_that(self, browser, leeds):
        before = contents()
        page = upload(browser, a_file(*THREE))

        assert page.status == 200
        assert page.heading == "What would change in Leeds"
        assert "1 added, 2 removed, 1 renamed" in page.text
        dates = [words.replace("\xa0", " ") for words in page.words("th")[3:]]
        assert dates == ["4 May 2026", "25 May 2026", "12 Aug 2026", "31 Aug 2026"]
        assert contents() == before

        answer = browser.post("/calendars/leeds/import", hidden(page))

        assert (answer.status, answer.location) == (303, "/calendars/leeds")
        assert "now follows the list" in browser.get(answer.location).text
        assert FAIR.day in days()
        assert days()[date(2026, 5, 4)] == "Early May"

    def test_says_which_days_of_the_list_fall_at_a_weekend(self, browser):
        page = upload(browser, a_file(*THREE, event("2026-12-26", "Boxing Day")))

        assert "Left out because they fall at a weekend: Boxing Day, 26 Dec 2026" in page.text

    def test_saves_nothing_when_the_calendar_changed_meanwhile(self, browser):
        page = upload(browser, a_file(*THREE))
        operations.remove_day(actor=SYSTEM, code="leeds", day=date(2026, 8, 31), now=NOW)

        again = refused(lambda: browser.post("/calendars/leeds/import", hidden(page)))

        assert "changed after you looked" in again.errors[0]
        assert "1 added, 1 removed, 1 renamed" in again.text
        assert browser.post("/calendars/leeds/import", hidden(again)).status == 303

    def test_keeps_the_file_when_another_part_must_be_chosen(self, browser):
        page = refused(lambda: upload(browser, a_file(*THREE), division="scotland"))

        assert "The file has no list for scotland. It holds: england-and-wales" in page.errors[0]
        assert "Your file was read" in page.text
        sent = {"content": page.value("content"), "division": "england-and-wales", "action": "preview"}
        assert browser.post("/calendars/leeds/import", sent).heading == "What would change in Leeds"

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            (b"", "not JSON"),
            (b"title,date", "not JSON"),
            (b"\xff\xfe", "not JSON"),
            (b"[]", "not a list of bank holidays"),
            (b" " * 200_001, "larger than 200 kB"),
            (a_file(event("2026-13-01")), "Event 1 of england-and-wales: the date must be"),
            (a_file(event("2026-12-25", "")), "the title is wrong. Enter a name"),
        ],
        ids=lambda part: part[:24] if isinstance(part, str) else "",
    )
    def test_says_beside_the_file_what_is_wrong_with_it(self, browser, content, error):
        page = refused(lambda: upload(browser, content))

        assert error in page.errors[0]
        assert any(each.get("href") == "#file" for each in page.all("a"))

    def test_says_when_there_is_nothing_to_change(self, browser):
        same = [event(str(day), name) for day, name in days().items()]

        assert "nothing to change" in refused(lambda: upload(browser, a_file(*same))).errors[0]

    def test_asks_for_a_file_and_a_part(self, browser):
        page = refused(lambda: browser.post("/calendars/leeds/import", {"action": "preview"}))

        assert "Choose the file with the list of bank holidays" in page.errors

    def test_takes_what_comes_back_no_better_than_a_file(self, browser):
        page = upload(browser, a_file(*THREE))
        for changed in ({"content": "{"}, {"content": json.dumps({})}, {"seen": "x"}, {"seen": ""}, {"division": "x"}):
            refused(lambda changed=changed: browser.post("/calendars/leeds/import", hidden(page) | changed))


class TestKeeping:
    def test_renames(self, browser):
        answer = browser.post("/calendars/leeds/rename", {"name": "Leeds office"})

        assert (answer.status, answer.location) == (303, "/calendars/leeds")
        assert "Leeds office" in browser.get(answer.location).heading
        assert "Enter a name" in refused(lambda: browser.post("/calendars/leeds/rename", {"name": " "})).errors[0]

    def test_deletes_what_nobody_uses(self, browser):
        copy("york")
        assert "Delete the calendar" in browser.get("/calendars/york/rename").text
        answer = browser.post("/calendars/york/delete")

        assert (answer.status, answer.location) == (303, "/calendars")
        assert "York deleted" in browser.get("/calendars").text
        assert browser.get("/calendars/york").status == 404

    def test_keeps_what_somebody_used(self, browser, leeds):
        assert "cannot be deleted" in browser.get("/calendars/leeds/rename").text
        end_post(leeds.local, date(2026, 6, 30))

        assert "so it is kept" in refused(lambda: browser.post("/calendars/leeds/delete")).text

    @pytest.mark.parametrize("payload", PAYLOADS)
    def test_shows_names_as_they_were_typed(self, browser, leeds, payload):
        operations.rename_calendar(actor=SYSTEM, code="leeds", name=payload, now=NOW)
        browser.post("/calendars/leeds/add", DAY_TYPED | {"name": payload})

        for path in ("", "/leeds", "/new", "/leeds/add", "/leeds/rename", "/leeds/import"):
            page = browser.get(f"/calendars{path}")
            assert page.status == 200
            assert harmless(page)
        page = upload(browser, a_file(event("2026-08-12", "Other"), event("2026-12-25", payload)))
        assert payload in "".join(page.words("body"))
        assert harmless(page)
