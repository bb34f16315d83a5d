"""Plans and agreements in the browser and as JSON."""

from __future__ import annotations

import json
from datetime import date, timedelta

from sqlalchemy import select

from tests.factories.absences import AbsenceFactory
from tests.factories.plans import BlockFactory, RequestFactory
from tests.timesheets.weeks import MONDAY, NOW
from tithe.kernel.db import db
from tithe.timesheets.models import PlannedBlock, TitheRequest
from tithe.timesheets.rules.agreements import RequestStatus
from tithe.timesheets.rules.plans import BlockStatus

FRIDAY = date(2026, 8, 7)
WORDS = "Everybody answers letters in these weeks, so please ask again"


def rhythm(story, **changes):
    usual = {"line": str(story.project.id), "weekdays": ["4"], "every_weeks": "1", "starts_on": "2026-08-07"}
    return usual | {"last_day": "2026-08-28", "minutes": "3h", "note": ""} | changes


class TestPages:
    def test_show_a_plan_before_it_is_made_and_make_it(self, friday, client):
        client.sign_in(friday.team.owner)

        page = client.post("/plans/new?shape=rhythm", rhythm(friday, action="preview"))

        assert page.status == 200
        assert "4 blocks of 3h: 12h in all." in page.words("p")
        made = client.post("/plans/new?shape=rhythm", rhythm(friday, action="plan"))
        assert (made.status, made.location) == (303, "/plans")
        assert "Friday 14 August 2026: 3h on Plain letters" in " ".join(client.get("/plans").words("p"))

    def test_keep_what_was_typed_beside_what_is_wrong(self, friday, client):
        client.sign_in(friday.team.owner)

        page = client.post("/plans/new?shape=rhythm", rhythm(friday, minutes="soon", last_day="", action="plan"))

        assert page.status == 422
        assert page.errors == [
            "Enter the last day, like 24 12 2026",
            "“soon” is not a length of time. Write it like 1:30, 1.5, 90m or 1h 30",
        ]
        assert (page.value("minutes"), page.value("starts_on")) == ("soon", "2026-08-07")
        assert [each.get("value") for each in page.all("input") if each.get("checked") is not None] == ["4"]

    def test_say_what_has_come_in_the_way_since(self, friday, client):
        BlockFactory(person_id=friday.owner.id, day=date(2026, 8, 14))
        AbsenceFactory(person_id=friday.owner.id, day=date(2026, 8, 14))

        assert "In the way: Away" in " ".join(client.sign_in(friday.team.owner).get("/plans").words("strong"))

    def test_make_an_entry_with_one_press_on_the_page_it_stands_on(self, friday, client):
        client.sign_in(friday.team.owner)
        places = {"home": "/", "week": f"/weeks/{MONDAY}", "plans": "/plans"}
        for number, (back, path) in enumerate(places.items()):
            block = BlockFactory(person_id=friday.owner.id, day=MONDAY + timedelta(days=number))
            assert f"took-{block.id}" in client.get(path).text

            answer = client.post(f"/plans/{block.id}/confirm", {"minutes": "0:45", "back": back})

            assert (answer.status, answer.location) == (303, path)
        assert [entry.minutes for entry in friday.week().entries] == [45, 45, 45]

    def test_put_a_refused_answer_by_its_block(self, friday, client):
        block = BlockFactory(person_id=friday.owner.id, day=FRIDAY)
        client.sign_in(friday.team.owner)

        page = client.post(f"/plans/{block.id}/confirm", {"minutes": "long", "back": "home"})

        assert (page.status, page.value("minutes")) == (422, "long")
        assert page.errors == ["“long” is not a length of time. Write it like 1:30, 1.5, 90m or 1h 30"]
        assert client.post(f"/plans/{block.id}/drop", {"minutes": "long", "back": "home"}).location == "/"

    def test_confirm_a_week_at_once(self, friday, client):
        for day in (3, 4):
            BlockFactory(person_id=friday.owner.id, day=MONDAY + timedelta(days=day))
        client.sign_in(friday.team.owner)
        assert "Confirm all of this week’s blocks" in client.get(f"/weeks/{MONDAY}").text

        answer = client.post(f"/plans/weeks/{MONDAY}/confirm", {"back": "week"})

        assert answer.location == f"/weeks/{MONDAY}"
        assert len(friday.week().entries) == 2

    def test_show_what_is_planned_on_the_allowance(self, friday, client):
        client.sign_in(friday.team.owner)
        client.post("/plans/new?shape=rhythm", rhythm(friday, action="plan"))

        page = client.get("/allowance")

        assert any(
            words.startswith("You have planned 12h until 30 Sep 2026. If you do all") for words in page.words("p")
        )
        assert "Planned 12h" in page.words("li")

    def test_carry_a_request_from_asking_to_ending(self, friday, client):
        asked = {"weekdays": ["4"], "week_minutes": "4h", "starts_on": "2026-08-10", "last_day": "2026-12-18"}
        client.sign_in(friday.team.owner)
        wrong = client.post("/agreements/new", asked | {"week_minutes": "", "duties": "Cal helps"})
        assert wrong.status == 422
        assert "Cal helps" in wrong.text
        assert client.post("/agreements/new", asked).status == 303
        db.session.rollback()
        request_id = db.session.scalars(select(TitheRequest.id)).one()

        client.sign_in(friday.team.manager)
        assert "1 request to agree in advance waits for you" in client.get("/approvals").text
        refused = client.post(f"/agreements/{request_id}", {"action": "refuse", "reason": "No"})
        assert (refused.status, len(refused.errors)) == (422, 2)
        assert client.post(f"/agreements/{request_id}", {"action": "agree"}).location == "/agreements"
        ended = client.post(f"/agreements/{request_id}/end", {"ended_from": "2026-09-01"})

        assert ended.location == "/agreements"
        db.session.rollback()
        assert db.session.get_one(TitheRequest, request_id).status is RequestStatus.ENDED
        assert "ended from 1 Sep 2026 on" in client.sign_in(friday.team.owner).get("/agreements").text


class TestApi:
    def test_plans_previews_moves_drops_and_confirms(self, friday, api):
        program = api.as_(friday.team.owner, "plans:read", "plans:write", "weeks:write")
        body = {"shape": "rhythm", "project_id": friday.project.id, "starts_on": "2026-08-07", "minutes": 120}
        body |= {"last_day": "2026-08-28", "weekdays": ["friday"]}

        assert program.post("/plans/preview", body).json["minutes"] == 480
        assert program.post("/plans", body).json == {"blocks": 4}
        first, second, third, _ = program.get("/plans").json["blocks"]
        moved = program.post(f"/plans/{second['id']}/move", {"date": "2026-08-13"})
        assert moved.json["date"] == "2026-08-13"
        assert program.post(f"/plans/{first['id']}/confirm", {"minutes": 60}).json["status"] == "done"
        assert program.post(f"/plans/{first['id']}/confirm", {}).status_code == 409
        assert program.post(f"/plans/{third['id']}/drop", {"rest": True}).json == {"blocks": 2}
        assert [entry.minutes for entry in friday.week().entries] == [60]
        left = db.session.scalars(select(PlannedBlock.day).where(PlannedBlock.status == BlockStatus.PLANNED)).all()
        assert left == [date(2026, 8, 13)]

    def test_names_a_project_for_tithe_alone(self, friday, api):
        program = api.as_(friday.team.owner)
        for wrong in ({}, {"project_id": friday.project.id, "kind": "learning"}):
            answer = program.post("/plans", {"shape": "day", "starts_on": "2026-08-10", "minutes": 60} | wrong)
            assert (answer.status_code, answer.json["field"]) == (422, "project_id")

    def test_counts_what_is_planned_in_the_allowance(self, friday, api):
        body = {"shape": "day", "project_id": friday.project.id, "starts_on": "2026-08-10", "minutes": 120}
        program = api.as_(friday.team.owner)
        program.post("/plans", body)

        found = program.get("/allowance").json

        assert found["planned_minutes"] == 120
        assert found["left_minutes"] - found["left_after_plans_minutes"] == 120

    def test_carries_a_request_to_a_refusal(self, friday, api):
        owner, manager = api.as_(friday.team.owner), api.as_(friday.team.manager)
        body = {"starts_on": "2026-08-10", "last_day": "2026-12-18", "weekdays": ["friday"], "week_minutes": 240}
        asked = owner.post("/agreements", body)
        path = f"/agreements/{asked.json['id']}"

        assert (asked.status_code, asked.json["status"]) == (201, "asked")
        assert [each["id"] for each in manager.get("/agreements/team").json["agreements"]] == [asked.json["id"]]
        assert manager.get(path).json["warnings"] == []
        refused = manager.post(path, {"decision": "refuse", "ground": "cover", "reason": WORDS}).json
        assert (refused["status"], refused["ground"], refused["decided_by"]) == ("refused", "cover", "Max Manager")
        assert manager.post(path, {"decision": "agree"}).status_code == 409
        assert owner.post(f"{path}/withdraw").status_code == 409

    def test_lists_the_weeks_that_an_agreement_approved(self, friday, api):
        agreed = {"status": RequestStatus.AGREED, "decided_at": NOW, "decided_by": friday.manager.id}
        RequestFactory(person_id=friday.owner.id, **agreed)
        week = friday.submitted()

        (found,) = api.as_(friday.team.manager).get("/agreements/team").json["weeks"]

        assert (found["id"], found["owner"], found["total_minutes"]) == (week.id, "Ada Owner", 90)


class TestCommands:
    def run(self, app, *arguments):
        db.session.rollback()
        result = app.test_cli_runner().invoke(args=["plans", *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    def test_list_what_is_planned_and_agreed(self, app, friday):
        BlockFactory(person_id=friday.owner.id, day=FRIDAY)
        RequestFactory(person_id=friday.owner.id)
        email = friday.owner.email

        assert self.run(app, "list", email) == "2026-08-07       1h  Learning\n1 blocks\n"
        (block,) = json.loads(self.run(app, "list", email, "--json"))["blocks"]
        assert (block["date"], block["minutes"], block["kind"]) == ("2026-08-07", 60, "learning")
        assert "Waiting: Up to 4h a week on Mondays" in self.run(app, "agreements", email)
        (asked,) = json.loads(self.run(app, "agreements", email, "--json"))["agreements"]
        assert (asked["status"], asked["week_minutes"]) == ("asked", 240)
