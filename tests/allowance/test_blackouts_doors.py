"""Blackouts in the browser, as JSON and at the command line."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import func, select

from tests.allowance.scheme import EARLIEST, LONG_REASON, NOW, REASON, TODAY, Scheme
from tests.factories.people import PersonFactory
from tests.support.contents import contents, counted
from tests.support.pages import apart
from tithe.allowance.models import BlackoutPeriod
from tithe.allowance.queries import blackouts as queries
from tithe.kernel import clock
from tithe.kernel.db import db

TYPED = {
    "unit": "DEPT-TEAM",
    "starts_on": str(EARLIEST),
    "last_day": "2026-09-11",
    "ground": "peak",
    "reason": REASON,
}


@pytest.fixture
def scheme(app, monkeypatch) -> Scheme:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Scheme()


@pytest.fixture
def browser(scheme, client):
    return client.sign_in(scheme.hr)


@pytest.fixture
def run(app, scheme):
    return lambda *words: apart(app.test_cli_runner().invoke, args=["blackouts", *map(str, words)])


def how_many() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(BlackoutPeriod.id)))


def posts_to(page) -> list[str]:
    return [each.get("action") for each in page.all("form") if each.get("method") == "post"]


class TestWaves:
    def test_says_at_once_that_unit_and_dates_are_wrong(self, browser):
        page = browser.post("/blackouts/new", TYPED | {"unit": "NOWHERE", "starts_on": "2026-09-12"})

        assert [each.split(".")[0] for each in page.errors] == [
            "There is no unit with this code that you may set a blackout for",
            "The last day is before the first",
        ]


class TestList:
    def test_says_so_when_there_is_none(self, client, scheme):
        page = client.sign_in(scheme.team.owner).get("/blackouts")

        assert (page.status, page.heading) == (200, "Blackouts in Team")
        assert "No blackout has been set" in page.text
        assert "0 of 40" in page.words("dd")

    def test_has_coming_current_and_past_with_the_count_of_the_year(self, client, scheme):
        scheme.black_out(scheme.department, date(2026, 8, 3), date(2026, 8, 7), emergency=True)
        scheme.black_out(scheme.unit, date(2026, 10, 5), date(2026, 10, 9))
        scheme.black_out(scheme.unit, date(2026, 5, 1), date(2026, 5, 5))  # 4 May is a holiday
        scheme.black_out(scheme.unit, date(2026, 11, 2), date(2026, 11, 6), lifted_at=NOW)

        page = client.sign_in(scheme.team.owner).get("/blackouts")

        assert page.words("h2") == [
            "2026-27, Apr 2026 to Mar 2027",
            "On now",
            "Coming",
            "Over",
            "Lifted before they began",
        ]
        assert page.words("dd") == ["12 of 40", "28", "1"]
        assert page.words("h3")[0] == "3 Aug 2026 to 7 Aug 2026 Emergency"
        assert posts_to(page) == ["/sign-out"]

    def test_shows_another_year_and_another_unit(self, client, scheme):
        scheme.black_out(scheme.elsewhere, date(2027, 1, 4), date(2027, 1, 4))

        page = client.sign_in(scheme.team.owner).get("/blackouts?unit=OTHER&year=2026")

        assert page.heading == "Blackouts in Department of Others"
        assert page.words("dd")[0] == "1 of 40"

    @pytest.mark.parametrize(
        ("query", "status"), [("unit=NO-SUCH", 404), ("year=1999", 422), ("year=x", 422), ("after=x", 422)]
    )
    def test_refuses_an_address_that_makes_no_sense(self, client, scheme, query, status):
        assert client.sign_in(scheme.team.owner).get(f"/blackouts?{query}").status == status

    def test_asks_for_a_unit_from_somebody_without_a_post(self, client, scheme):
        page = client.sign_in(PersonFactory()).get("/blackouts")

        assert page.status == 404

    def test_offers_to_lift_only_where_one_may(self, client, scheme):
        own = scheme.black_out(scheme.unit, date(2026, 10, 5), date(2026, 10, 9))
        scheme.black_out(scheme.unit, date(2026, 5, 1), date(2026, 5, 5))

        for person, offered in ((scheme.hr, True), (scheme.senior, True), (scheme.team.manager, False)):
            page = client.sign_in(person).get("/blackouts?unit=DEPT-TEAM")
            assert (f"/blackouts/{own.id}/lift" in posts_to(page)) is offered
            assert len(posts_to(page)) == 1 + offered

    def test_reads_on_page_by_page(self, client, scheme, monkeypatch):
        monkeypatch.setattr(queries, "PAGE", 2)
        for day in (5, 6, 7):
            scheme.black_out(scheme.unit, date(2026, 10, day), date(2026, 10, day))
        browser = client.sign_in(scheme.team.owner)

        first = browser.get("/blackouts")
        [link] = [each.get("href") for each in first.all("a") if "Earlier blackouts" in each.itertext()]

        assert len(first.words("h3")) == 2
        assert browser.get(link).words("h3") == ["5 Oct 2026"]

    def test_takes_as_many_statements_however_many_there_are(self, client, scheme):
        browser = client.sign_in(scheme.hr)
        scheme.black_out(scheme.unit, date(2026, 10, 5), date(2026, 10, 5))
        few = counted(lambda: browser.get("/blackouts"))
        for day in range(6, 16):
            scheme.black_out(scheme.unit, date(2026, 10, day), date(2026, 10, day))

        assert counted(lambda: browser.get("/blackouts")) == few <= 8


class TestNew:
    def test_shows_what_it_would_do_and_saves_nothing(self, browser):
        page = browser.post("/blackouts/new", {**TYPED, "action": "preview"})

        assert page.status == 200
        assert page.words("dd") == ["5", "20 working days", "1", "3"]
        assert "Team would have 5 of 40 working days of blackout in 2026-27; it has 0 today" in page.words("li")
        assert page.value("starts_on") == TYPED["starts_on"]
        assert how_many() == 0

    def test_sets_it_and_shows_it(self, browser):
        answer = browser.post("/blackouts/new", {**TYPED, "action": "set"})

        assert (answer.status, answer.location) == (303, "/blackouts?unit=DEPT-TEAM")
        page = browser.get(answer.location)
        assert "Blackout set" in page.text
        assert REASON in page.text
        assert how_many() == 1

    def test_takes_an_emergency(self, browser):
        today = {"starts_on": str(TODAY), "last_day": str(TODAY), "emergency": "y", "reason": LONG_REASON}

        assert browser.post("/blackouts/new", {**TYPED, **today, "action": "set"}).status == 303

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"unit": "NO-SUCH"}, ["unit"]),
            ({"unit": "OTHER"}, ["unit"]),
            ({"starts_on": "soon"}, ["starts_on"]),
            ({"starts_on": "", "last_day": "2026-02-30"}, ["starts_on", "last_day"]),
            ({"starts_on": "2026-08-10"}, ["starts_on"]),
            ({"last_day": "2026-12-31"}, ["last_day"]),
            ({"ground": "", "reason": ""}, ["ground", "reason"]),
            ({"ground": "whim", "reason": "Busy"}, ["ground", "reason"]),
        ],
    )
    @pytest.mark.parametrize("action", ["preview", "set"])
    def test_puts_each_refusal_beside_its_field_and_loses_nothing(self, browser, changes, fields, action):
        page = browser.post("/blackouts/new", {**TYPED, **changes, "action": action})

        assert page.status == 422
        links = [each.get("href", "") for each in page.all("a")]
        assert all(f"#{field}" in "".join(links) and f'id="{field}-error"' in page.text for field in fields)
        assert len(page.errors) == len(fields)
        assert page.value("unit") == {**TYPED, **changes}["unit"]
        assert {**TYPED, **changes}["reason"] in page.text
        assert how_many() == 0

    def test_offers_the_units_one_may_choose(self, client, scheme):
        page = client.sign_in(scheme.senior).get("/blackouts/new?unit=DEPT-TEAM")

        assert [each.get("value") for each in page.all("option")] == ["DEPT", "DEPT-TEAM"]
        assert page.value("unit") == "DEPT-TEAM"

    def test_is_not_there_for_others(self, client, scheme):
        assert client.sign_in(scheme.team.manager).get("/blackouts/new").status == 404


class TestLift:
    def test_takes_it_away(self, browser, scheme):
        blackout = scheme.black_out(scheme.unit, date(2026, 10, 5), date(2026, 10, 9))

        answer = browser.post(f"/blackouts/{blackout.id}/lift")

        assert (answer.status, answer.location) == (303, "/blackouts?unit=DEPT-TEAM")
        assert "Lifted before they began" in browser.get(answer.location).words("h2")
        assert browser.post(f"/blackouts/{blackout.id}/lift").status == 409


class TestApi:
    def test_sets_lists_and_lifts(self, api, scheme):
        hr = api.as_(scheme.hr)
        body = {**TYPED, "unit": "DEPT"}

        made = hr.post("/blackouts", body)
        assert (made.status_code, made.json["state"], made.json["working_days"]) == (201, "coming", 5)
        assert made.json | body == made.json

        page = api.as_(scheme.team.owner).get("/blackouts?unit=DEPT-TEAM").json
        assert page["blackouts"] == [made.json]
        assert (page["year"], page["used_days"], page["max_days"], page["next"]) == (2026, 5, 40, None)

        lifted = hr.post(f"/blackouts/{made.json['id']}/lift")
        assert (lifted.status_code, lifted.json["state"]) == (200, "lifted")
        assert hr.post(f"/blackouts/{made.json['id']}/lift").status_code == 409

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"unit": "OTHER"}, "unit"),
            ({"starts_on": "2026-08-10"}, "starts_on"),
            ({"ground": "dislike"}, "ground"),
            ({"reason": "Busy"}, "reason"),
            ({"nonsense": 1}, "nonsense"),
            ({"starts_on": "x"}, "starts_on"),
        ],
    )
    def test_names_the_field_it_refuses(self, api, scheme, changes, field):
        client, before = api.as_(scheme.hr), contents(leave_out={"api_token"})

        answer = client.post("/blackouts", {**TYPED, **changes})

        assert (answer.status_code, answer.json["field"]) == (422, field)
        assert contents(leave_out={"api_token"}) == before


class TestCommand:
    def arguments(self, scheme, *more):
        days = ("--from", EARLIEST, "--to", "2026-09-11")
        return ("set", "DEPT-TEAM", *days, "--ground", "peak", "--reason", REASON, "--by", scheme.hr.email, *more)

    def test_rehearses_then_sets_lists_and_lifts(self, run, scheme):
        rehearsed = run(*self.arguments(scheme))
        assert "5 working days in Team, 20 working days’ notice" in rehearsed.output
        assert "Nothing was saved" in rehearsed.output
        assert how_many() == 0

        assert "Saved as" in run(*self.arguments(scheme, "--commit")).output
        [listed] = json.loads(run("list", "DEPT-TEAM", "--json").output)["blackouts"]
        assert (listed["starts_on"], listed["working_days"]) == (str(EARLIEST), 5)
        assert run("lift", listed["id"], "--by", scheme.hr.email).output == "Lifted\n"
        assert "lifted: The annual return" in run("list", "DEPT-TEAM").output

    def test_refuses_in_words(self, run, scheme):
        done = run(*self.arguments(scheme)[:-1], scheme.team.owner.email)

        assert done.exit_code == 1
        assert "There is no unit with this code" in done.output
