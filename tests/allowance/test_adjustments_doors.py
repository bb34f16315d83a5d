"""Corrections in the browser, as JSON and at the command line."""

from __future__ import annotations

import json

import pytest

from tests.allowance.ledgers import accrue, balance
from tests.allowance.scheme import NOW, QUARTER, WHY, Scheme, post, propose
from tests.support.contents import contents
from tests.support.pages import apart
from tithe.allowance.queries import adjustments as queries
from tithe.kernel import clock
from tithe.kernel.db import db


@pytest.fixture
def scheme(app, monkeypatch) -> Scheme:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    scheme = Scheme()
    accrue(now=NOW)
    return scheme


@pytest.fixture
def browser(scheme, client):
    return client.sign_in(scheme.hr)


@pytest.fixture
def run(app, scheme):
    return lambda *words: apart(app.test_cli_runner().invoke, args=["adjustments", *map(str, words)])


def typed(whose, **changes):
    return {"person": whose.email, "quarter": QUARTER.code, "minutes": "−1:30", "reason": WHY, **changes}


class TestList:
    def test_says_so_when_there_is_none(self, browser):
        assert "No correction waits for a second person" in browser.get("/adjustments").text
        assert "has been decided yet" in browser.get("/adjustments?show=decided").text

    def test_keeps_those_that_wait_apart_from_those_decided(self, browser, scheme):
        posted = propose(scheme.hr, scheme.team.owner, 90)
        propose(scheme.hr, scheme.team.colleague, -45)
        post(scheme.second, posted)

        waiting, decided = browser.get("/adjustments"), browser.get("/adjustments?show=decided")

        assert "−45m" in waiting.words("td")
        assert "+1h 30m" in decided.words("td")
        assert f"{scheme.second.name} Posted" in decided.words("td")
        assert scheme.team.owner.name not in waiting.text

    def test_reads_on_page_by_page(self, browser, scheme, monkeypatch):
        monkeypatch.setattr(queries, "PAGE", 2)
        for minutes in (10, 20, 30):
            propose(scheme.hr, scheme.team.owner, minutes)

        first = browser.get("/adjustments")
        [link] = [each.get("href") for each in first.all("a") if "More corrections" in each.itertext()]

        assert "+30m" not in first.words("td")
        assert "+30m" in browser.get(link).words("td")

    @pytest.mark.parametrize("who", ["owner", "manager", "director", "hr"])
    def test_is_not_there_for_others(self, client, scheme, who):
        assert client.sign_in(getattr(scheme.team, who)).get("/adjustments").status == 404


class TestNew:
    def test_says_at_once_that_person_and_words_are_wrong(self, browser, scheme):
        page = browser.post("/adjustments/new", typed(scheme.team.owner, person="nobody@example.org", reason="Short"))

        assert [each.split(".")[0] for each in page.errors] == [
            "There is nobody with this address or staff number whose minutes you may correct",
            "Write at least 20 characters; this has 5",
        ]

    def test_proposes_and_shows_it(self, browser, scheme):
        answer = browser.post("/adjustments/new", typed(scheme.team.owner))

        assert answer.status == 303
        page = browser.get(answer.location)
        assert page.heading == "Correction for Ada Owner Waiting"
        assert "−1h 30m" in page.words("dd")
        assert "waits for a second person" in page.text

    def test_offers_quarters_from_the_current_one_back(self, browser):
        labels = browser.get("/adjustments/new").words("option")

        assert labels[:2] == ["Jul to Sep 2026", "Apr to Jun 2026"]

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"person": "nobody@example.org"}, ["person"]),
            ({"minutes": "1:30"}, ["minutes"]),
            ({"minutes": "+200h"}, ["minutes"]),
            ({"quarter": "soon"}, ["quarter"]),
            ({"quarter": "2026-27Q1"}, ["quarter"]),
            ({"quarter": "2026-27Q3"}, ["quarter"]),
            ({"minutes": "", "quarter": ""}, ["quarter", "minutes"]),
            ({"reason": "Wrong"}, ["reason"]),
        ],
    )
    def test_puts_each_refusal_beside_its_field_and_loses_nothing(self, browser, scheme, changes, fields):
        sent = typed(scheme.team.owner, **changes)

        page = browser.post("/adjustments/new", sent)

        assert page.status == 422
        assert len(page.errors) == len(fields)
        assert all(f'id="{field}-error"' in page.text for field in fields)
        assert (page.value("person"), page.value("minutes")) == (sent["person"], sent["minutes"])
        assert sent["reason"] in page.text


class TestDecide:
    def test_posts_it(self, client, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner, 90)
        browser = client.sign_in(scheme.second)

        answer = browser.post(f"/adjustments/{adjustment_id}", {"action": "post"})

        assert (answer.status, answer.location) == (303, "/adjustments")
        page = browser.get(f"/adjustments/{adjustment_id}")
        assert page.heading == "Correction for Ada Owner Posted"
        assert scheme.hr.name in page.text
        assert f"{scheme.second.name}, 7 Aug 2026 at 4:00pm" in page.words("dd")
        assert "nothing to decide" in page.text
        assert balance(scheme.team.owner).other == 90

    def test_shows_the_person_the_line(self, client, scheme):
        post(scheme.second, propose(scheme.hr, scheme.team.owner, 90))

        assert "Correction about Jul to Sep 2026" in client.sign_in(scheme.team.owner).get("/allowance").text

    def test_refuses_with_words(self, client, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner)
        browser = client.sign_in(scheme.second)

        short = browser.post(f"/adjustments/{adjustment_id}", {"action": "refuse", "words": "No"})
        assert (short.status, short.errors) == (422, ["Write at least 20 characters; this has 2"])
        assert browser.post(f"/adjustments/{adjustment_id}", {"action": "refuse", "words": WHY}).status == 303
        assert "Refused" in browser.get(f"/adjustments/{adjustment_id}").heading

    def test_meets_a_conflict_when_somebody_was_first(self, client, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner)
        post(scheme.second, adjustment_id)

        page = client.sign_in(scheme.second).post(f"/adjustments/{adjustment_id}", {"action": "post"})

        assert (page.status, page.heading) == (409, "Somebody else changed this first")

    def test_is_not_offered_to_whoever_proposed_it(self, browser, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner)

        assert "Post this correction" not in browser.get(f"/adjustments/{adjustment_id}").text
        assert browser.post(f"/adjustments/{adjustment_id}", {"action": "post"}).status == 404

    def test_of_people_elsewhere_looks_absent(self, client, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner)
        stranger = client.sign_in(scheme.stranger)

        assert stranger.get(f"/adjustments/{adjustment_id}").status == 404
        assert stranger.get(f"/adjustments/{2**40}").status == 404


class TestApi:
    def body(self, scheme, **changes):
        return {
            "person": scheme.team.owner.staff_number,
            "quarter": QUARTER.code,
            "minutes": -90,
            "reason": WHY,
        } | changes

    def test_proposes_lists_and_posts(self, api, scheme):
        hr, second = api.as_(scheme.hr), api.as_(scheme.second)

        made = hr.post("/adjustments", self.body(scheme))
        assert (made.status_code, made.json["status"]) == (201, "proposed")
        assert (made.json["person"], made.json["minutes"]) == (scheme.team.owner.name, -90)
        path = f"/adjustments/{made.json['id']}"
        assert second.get(path).json == made.json
        assert second.get("/adjustments").json == {"adjustments": [made.json], "next": None}

        assert hr.post(path, {"decision": "post"}).status_code == 404
        posted = second.post(path, {"decision": "post"})
        assert (posted.status_code, posted.json["decided_by"]) == (200, scheme.second.name)
        assert second.post(path, {"decision": "refuse", "words": WHY}).status_code == 409
        assert second.get("/adjustments?decided=true").json["adjustments"] == [posted.json]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"person": "nobody"}, "person"),
            ({"quarter": "Q1"}, "quarter"),
            ({"minutes": 0}, "minutes"),
            ({"minutes": 10_081}, "minutes"),
            ({"minutes": "90"}, "minutes"),
            ({"minutes": 1.5}, "minutes"),
            ({"reason": "x"}, "reason"),
            ({"status": "posted"}, "status"),
        ],
    )
    def test_names_the_field_it_refuses(self, api, scheme, changes, field):
        client = api.as_(scheme.hr)
        before = contents()

        answer = client.post("/adjustments", self.body(scheme, **changes))

        assert (answer.status_code, answer.json["field"]) == (422, field)
        assert contents() == before

    def test_needs_words_to_refuse(self, api, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner)

        answer = api.as_(scheme.second).post(f"/adjustments/{adjustment_id}", {"decision": "refuse"})

        assert (answer.status_code, answer.json["field"]) == (422, "words")


class TestCommand:
    def propose(self, run, scheme, **changes):
        words = {"minutes": "-1:30", "reason": WHY, "by": scheme.hr.email, **changes}
        return run(
            "propose", scheme.team.owner.email, QUARTER.code, *(f"--{name}={each}" for name, each in words.items())
        )

    def test_proposes_lists_posts_and_refuses(self, run, scheme):
        for _ in range(2):
            assert "of −1h 30m waits for a second person" in self.propose(run, scheme).output
        second = ("--by", scheme.second.email)
        first, other = json.loads(run("list", *second, "--json").output)["adjustments"]

        assert run("post", first["id"], *second).output == "Posted\n"
        assert run("refuse", other["id"], "--words", WHY, *second).output == "Refused\n"
        assert "refused by Sema Second" in run("list", "--decided", *second).output
        db.session.rollback()
        assert balance(scheme.team.owner).other == -90

    @pytest.mark.parametrize("changes", [{"minutes": "90m"}, {"reason": "x"}, {"by": "nobody@example.org"}])
    def test_refuses_in_words(self, run, scheme, changes):
        done = self.propose(run, scheme, **changes)

        assert (done.exit_code, "Error:" in done.output) == (1, True)
