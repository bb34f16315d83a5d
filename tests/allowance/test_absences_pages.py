"""Time away in the browser and over the API."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import date
from io import BytesIO
from zlib import compress

import pytest
from sqlalchemy import select

from tests.allowance.test_absences_calendar import a_day, calendar
from tests.factories.absences import AbsenceFactory
from tests.factories.people import RoleGrantFactory, Team
from tests.support.contents import contents, statements
from tests.support.pages import ApiClient
from tests.timesheets.weeks import NOW
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.allowance.models import Absence
from tithe.audit.models import AuditEvent
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.policy.operations import adopt_policy

AWAY, CALENDAR, IMPORT = "/allowance/away", "/allowance/away/calendar", "/absences/import"
WEEK = {"first_day": "2026-08-10", "last_day": "2026-08-14", "length": "whole", "minutes": "", "was": ""}
LEAVE = a_day("1", "20260810", "DTEND;VALUE=DATE:20260815")
HEADINGS = "staff_number,date,minutes"


@pytest.fixture
def team(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


@pytest.fixture
def browser(team, client):
    return client.sign_in(team.owner)


@pytest.fixture
def hr(team, client):
    RoleGrantFactory(person_id=team.hr.id, unit_id=team.department.id, role=Role.HR_MANAGER)
    return client.sign_in(team.hr)


@pytest.fixture
def program(app, team):
    return ApiClient(app).as_(team.owner)


def stored(person):
    db.session.rollback()
    found = select(Absence.day, Absence.minutes).where(Absence.person_id == person.id).order_by(Absence.day)
    return {row.day: row.minutes for row in db.session.execute(found)}


def upload(client, path, content, name="a.ics", **besides):
    return client.post(path, {"file": (BytesIO(content), name), **besides}, content_type="multipart/form-data")


def values(page, name):
    return [each.get("value", "") for each in page.all("input") if each.get("name") == name]


def ticked(page):
    return [
        each.get("value", "") for each in page.all("input") if each.get("name") == "take" and "checked" in each.attrib
    ]


class TestAway:
    def test_invites_to_put_in_the_first_days(self, browser):
        page = browser.get(AWAY)

        assert page.heading == "Time away"
        assert "You have not put in any time away" in page.text

    def test_saves_says_what_it_does_and_lists_it(self, browser, team):
        answer = browser.post(AWAY, WEEK)

        assert (answer.status, answer.location) == (303, AWAY)
        page = browser.get(AWAY)
        assert "Time away saved. Your allowance goes down by 7h 30m" in page.text
        assert "10 Aug 2026 to 14 Aug 2026" in page.words("th")
        assert "5 days, 37h" in page.words("td")
        assert "August 2026: 5 whole and 0 part days away" in page.text
        assert len(stored(team.owner)) == 5

    def test_takes_one_day_when_the_last_is_left_empty(self, browser, team):
        browser.post(AWAY, WEEK | {"last_day": "", "length": "half"})

        assert stored(team.owner) == {date(2026, 8, 10): 222}

    def test_says_so_where_days_away_do_not_lower_the_allowance(self, browser, team):
        basis = {"accrual_basis": "contracted", "holiday_method": "pro_rata"}
        why = {"reason": "There is no leave feed here", "starts_on": date(2026, 7, 1), "now": NOW}
        adopt_policy(actor=SYSTEM, unit_id=team.department.id, settings=basis, **why)
        browser.post(AWAY, WEEK)

        page = browser.get(AWAY)
        assert "Your allowance stays as it is" in page.text
        assert "days you are away do not lower it" in page.text
        assert page.words("td")[2] == "No"

    def test_shows_an_entry_to_change_and_moves_it(self, browser, team):
        browser.post(AWAY, WEEK | {"length": "part", "minutes": "1:30"})

        page = browser.get(f"{AWAY}?change=2026-08-10/2026-08-14")
        assert page.heading == "Change time away"
        sent = {name: page.value(name) for name in ("was", "first_day", "last_day", "minutes")}
        assert sent == {"was": "2026-08-10/2026-08-14", "first_day": "2026-08-10", "last_day": "2026-08-14"} | {
            "minutes": "1:30"
        }
        browser.post(AWAY, {**sent, "length": "part", "last_day": "2026-08-11"})
        assert stored(team.owner) == {date(2026, 8, 10): 90, date(2026, 8, 11): 90}

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"first_day": ""}, "Enter the first day you are away, like 24 12 2026"),
            ({"last_day": "soon"}, "Enter the last day you are away, like 24 12 2026"),
            ({"length": "never"}, "Choose how much of each day you are away"),
            ({"length": "part", "minutes": "lots"}, "“lots” is not a length of time. Write it like 1:30, 1.5, 90m"),
            ({"last_day": "2026-08-09"}, "The last day is before the first. Change one of them"),
            ({"was": "nonsense"}, "This link is damaged. Choose the entry again in the list below"),
            ({"reason": "flu"}, "This page has no field called reason"),
        ],
    )
    def test_refuses_and_keeps_what_was_typed(self, browser, team, changes, words):
        page = browser.post(AWAY, WEEK | changes)

        assert page.status == 422
        assert any(error.startswith(words) for error in page.errors), page.errors
        shown = {name: page.value(name) for name in ("first_day", "last_day", "minutes")}
        assert shown == {name: (WEEK | changes)[name] for name in shown}
        assert stored(team.owner) == {}

    def test_takes_an_entry_out(self, browser, team):
        browser.post(AWAY, WEEK)
        page = browser.get(AWAY)

        answer = browser.post(f"{AWAY}/remove", {"source": page.value("source"), "span": page.value("span")})

        assert answer.status == 303
        assert "Your allowance goes up by 7h 30m" in browser.get(AWAY).text
        assert stored(team.owner) == {}

    def test_leaves_what_hr_sent_to_hr(self, browser, team):
        AbsenceFactory(person_id=team.owner.id, source="csv", reduces_accrual=False)
        page = browser.get(AWAY)

        assert {"HR", "No", "Ask HR to change it"} <= set(page.words("td"))
        refused = browser.post(f"{AWAY}/remove", {"source": "csv", "span": "2026-08-12/2026-08-12"})
        assert (refused.status, refused.errors) == (422, ["This came from HR. Ask HR to change it there"])

    def test_takes_the_same_few_statements_however_much_is_listed(self, browser):
        browser.post(AWAY, WEEK)
        with statements() as few:
            browser.get(AWAY)
        for day in ("2026-08-24", "2026-09-07", "2026-10-05"):
            browser.post(AWAY, WEEK | {"first_day": day, "last_day": day})
        with statements() as more:
            browser.get(AWAY)

        assert len(few) == len(more) <= 8


class TestCalendarFile:
    def test_is_shown_then_taken_in_without_its_titles(self, browser, team):
        meeting = "UID:2\nDTSTART:20260818T090000Z\nDTEND:20260818T100000Z\nSUMMARY:Secret meeting"
        page = upload(browser, CALENDAR, calendar(LEAVE, meeting))

        assert page.status == 200
        assert "Secret meeting" in page.text
        assert len(values(page, "take")) == 2
        assert len(ticked(page)) == 1
        assert stored(team.owner) == {}
        sent = {"offer": values(page, "offer"), "take": ticked(page), "action": "add"}
        assert browser.post(CALENDAR, sent).location == AWAY
        assert "Calendar read. Your allowance goes down by 7h 30m" in browser.get(AWAY).text
        assert len(stored(team.owner)) == 5
        everything = str(contents())
        assert "Secret" not in everything
        assert "Leave" not in everything

    def test_offers_nothing_twice_and_takes_out_what_is_gone(self, browser, team):
        page = upload(browser, CALENDAR, calendar(LEAVE))
        browser.post(CALENDAR, {"offer": values(page, "offer"), "take": ticked(page), "action": "add"})

        again = upload(browser, CALENDAR, calendar(LEAVE))
        assert "There is nothing new in this file" in again.text
        other = upload(browser, CALENDAR, calendar(a_day("9", "20260817")))
        assert "In tithe, not in this file" in other.text
        browser.post(CALENDAR, {"offer": values(other, "offer"), "gone": values(other, "gone"), "action": "add"})
        assert stored(team.owner) == {}

    def test_keeps_ticks_and_titles_when_it_is_refused(self, browser):
        page = upload(browser, CALENDAR, calendar(LEAVE))

        refused = browser.post(CALENDAR, {"offer": values(page, "offer"), "action": "add"})

        assert (refused.status, refused.errors) == (422, ["Tick at least one event, or leave this page"])
        assert ("Leave" in refused.text, ticked(refused)) == (True, [])

    def test_says_so_when_nothing_falls_on_a_working_day(self, browser):
        page = upload(browser, CALENDAR, calendar(a_day(day="20260808")))

        assert page.status == 200
        assert "no event on a day you are due to work, up to 31 Dec 2026" in page.text

    @pytest.mark.parametrize("offer", ["", "x", f"{'a' * 40} 2026-08-03/2026-02-30 9 9 1 t"])
    def test_refuses_what_the_page_did_not_offer(self, browser, team, offer):
        refused = browser.post(CALENDAR, {"offer": offer, "take": "a" * 40, "action": "add"})

        assert (refused.status, refused.errors) == (422, ["The page does not fit any more. Choose the file again"])
        assert stored(team.owner) == {}

    def test_refuses_no_file_and_no_calendar(self, browser):
        assert browser.post(CALENDAR, {}).errors == ["Choose a calendar file (.ics) to read"]
        refused = upload(browser, CALENDAR, b"hello")
        assert (refused.status, refused.errors[0][:37]) == (422, "We could not read this as a calendar ")

    def test_escapes_titles(self, browser):
        title = LEAVE.replace("SUMMARY:Leave", "SUMMARY:<script>alert(1)</script>")

        assert "<script>alert" not in upload(browser, CALENDAR, calendar(title)).text


class TestImport:
    def test_checks_then_imports(self, hr, team):
        text = f"{HEADINGS}\n{team.owner.staff_number},2026-08-10,day\n"
        page = upload(hr, IMPORT, text.encode(), "a.csv")

        assert (page.status, page.words("dd")[-7:]) == (200, ["1", "1", "0", "0", "0", "0", "1"])
        assert stored(team.owner) == {}
        answer = hr.post(IMPORT, {"packed": page.value("packed"), "action": "import"})
        assert (answer.status, answer.location) == (303, IMPORT)
        assert "Imported: 1 added, 0 changed, for 1 people" in hr.get(IMPORT).text
        assert stored(team.owner) == {date(2026, 8, 10): 444}
        again = upload(hr, IMPORT, text.encode(), "a.csv")
        assert "There is nothing to import" in again.text

    def test_names_bad_rows_and_may_leave_them_out(self, hr, team):
        text = f"{HEADINGS}\n{team.owner.staff_number},2026-08-10,day\n{team.hr.staff_number},2026-08-10,1\n"
        page = upload(hr, IMPORT, text.encode(), "a.csv")

        assert page.status == 422
        assert "Some rows are bad" in page.errors[0]
        assert "Line 3" in page.words("th")
        sent = {"packed": page.value("packed"), "action": "import"}
        assert hr.post(IMPORT, sent).status == 422
        assert stored(team.owner) == {}
        assert hr.post(IMPORT, sent | {"skip_bad_rows": "y"}).status == 303
        assert stored(team.owner) == {date(2026, 8, 10): 444}

    @pytest.mark.parametrize(
        "packed", ["!", "YQ==", b64encode(compress(b"a" * 2_000_000)).decode()], ids=["text", "bytes", "bomb"]
    )
    def test_refuses_a_packed_file_it_did_not_make(self, hr, packed):
        refused = hr.post(IMPORT, {"packed": packed, "action": "import"})

        assert (refused.status, refused.errors) == (422, ["The page does not fit any more. Choose the file again"])

    def test_is_not_there_for_others(self, browser):
        assert browser.get(IMPORT).status == 404


class TestApi:
    def test_adds_lists_and_removes(self, program, team):
        body = {"first_day": "2026-08-10", "last_day": "2026-08-11", "minutes": 90}
        added = program.post("/absences", body)

        assert (added.status_code, added.json) == (201, {"days": 2, "change_minutes": -45})
        listed = program.get("/absences").json
        assert listed["next"] is None
        assert [(each["date"], each["minutes"], each["source"]) for each in listed["absences"]] == [
            ("2026-08-10", 90, "own"),
            ("2026-08-11", 90, "own"),
        ]
        removed = program.call("DELETE", f"/absences/{listed['absences'][0]['id']}")
        assert removed.json == {"days": 1, "change_minutes": 30}
        assert len(stored(team.owner)) == 1

    def test_pages_by_key(self, program, monkeypatch):
        monkeypatch.setattr("tithe.allowance.queries.absences.PAGE", 2)
        program.post("/absences", {"first_day": "2026-08-10", "last_day": "2026-08-14"})

        found, after = [], ""
        while after is not None:
            page = program.get(f"/absences?since=2026-08-01&after={after}").json
            found += [each["date"] for each in page["absences"]]
            after = page["next"]

        assert found == [f"2026-08-{day}" for day in range(10, 15)]

    def test_refuses_in_the_one_envelope(self, program, team):
        refused = program.post("/absences", {"first_day": "2026-08-08", "last_day": "2026-08-09"})

        assert (refused.status_code, refused.json["kind"], refused.json["field"]) == (422, "RuleBroken", "last_day")
        assert program.post("/absences/import", {"rows": []}).status_code == 404

    def test_imports_rows_for_hr(self, app, hr, team):
        program = ApiClient(app).as_(team.hr)
        good = {"staff_number": team.owner.staff_number, "date": "2026-08-10", "minutes": None}
        bad = {"email": "nobody@example.org", "date": "2026-08-10", "minutes": 60}

        checked = program.post("/absences/import", {"rows": [good]})
        assert (checked.status_code, checked.json["added"], stored(team.owner)) == (200, 1, {})
        refused = program.post("/absences/import", {"rows": [good, bad], "commit": True})
        assert (refused.status_code, refused.json["field"]) == (422, "rows.1.email")
        far = [good | {"date": "0001-01-01"}, good | {"date": "9999-12-31"}]
        assert program.post("/absences/import", {"rows": far}).json["field"] == "rows.0.date"
        saved = program.post("/absences/import", {"rows": [good, bad], "commit": True, "skip_bad_rows": True})
        assert (saved.json["added"], saved.json["bad"]) == (1, 1)
        assert stored(team.owner) == {date(2026, 8, 10): 444}


class TestPrivacy:
    def test_the_record_of_what_happened_holds_days_and_counts_alone(self, browser):
        browser.post(AWAY, WEEK)
        db.session.rollback()
        event = db.session.query(AuditEvent).filter_by(verb="absence:change").one()

        assert set(re.findall(r'"(\w+)":', event.details)) == {"source", "first", "last", "added", "removed"}
