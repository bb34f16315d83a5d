"""Favourites: kept, logged with a click, let go."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.pages import ApiClient, PageClient
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.timesheets.operations.favourites import delete_favourite, keep_favourite, log_favourite
from tithe.timesheets.queries.favourites import MOST, FavouriteRow, own_favourites

FRIDAY = MONDAY + timedelta(days=4)


def keep(story: Story, line: str, minutes_later: int = 0) -> FavouriteRow:
    return keep_favourite(actor=story.owner, line=line, now=NOW + timedelta(minutes=minutes_later))


class TestFavourites:
    def test_hold_a_row_minutes_and_a_note(self, friday):
        kept = keep(friday, "30m plain yesterday - stand-up")

        assert (kept.project_id, kept.title, kept.minutes, kept.note) == (
            friday.project.id,
            "Plain letters",
            30,
            "stand-up",
        )

    def test_are_logged_on_a_day_and_come_first_from_then_on(self, friday):
        first, second = keep(friday, "30m plain", 0), keep(friday, "45m learning", 1)
        assert [each.id for each in own_favourites(friday.owner)] == [second.id, first.id]

        later = NOW + timedelta(minutes=2)
        log_favourite(actor=friday.owner, favourite_id=first.id, day=FRIDAY, now=later)
        log_favourite(actor=friday.owner, favourite_id=first.id, day=FRIDAY - timedelta(days=1), now=later)

        assert friday.week().entries == (friday.entry(30, day=3), friday.entry(30, day=4))
        assert [each.id for each in own_favourites(friday.owner)] == [first.id, second.id]

    def test_are_not_kept_twice(self, friday):
        keep(friday, "30m plain")

        with pytest.raises(RuleBroken, match="among your favourites already"):
            keep(friday, "0:30 plain letters yesterday")

    def test_are_a_dozen_at_most(self, friday):
        for number in range(MOST):
            keep(friday, f"{number + 15}m plain")

        with pytest.raises(RuleBroken, match="You have 12 favourites"):
            keep(friday, "1h plain")

    def test_of_others_cannot_be_logged_or_deleted(self, friday):
        kept = keep(friday, "30m plain")

        with pytest.raises(NotFound):
            log_favourite(actor=friday.manager, favourite_id=kept.id, day=FRIDAY, now=NOW)
        with pytest.raises(NotFound):
            delete_favourite(actor=friday.manager, favourite_id=kept.id, now=NOW)
        assert len(own_favourites(friday.owner)) == 1


class TestPages:
    def test_keep_log_and_delete_one(self, app, friday):
        owner = PageClient(app).sign_in(friday.team.owner)
        assert owner.post("/favourites", {"line": "30m plain - stand-up", "action": "keep"}).status == 303
        kept = own_favourites(friday.owner)[0]
        assert "Log today: Plain letters 30m stand-up" in owner.get("/").words("button")

        assert owner.post(f"/favourites/{kept.id}/log").location == "/"
        assert "Added 30m to Plain letters, Friday 7 August" in owner.get("/").text
        owner.post(f"/favourites/{kept.id}/log", {"day": str(FRIDAY - timedelta(days=1))})
        assert friday.week().total_minutes == 60

        assert owner.post(f"/favourites/{kept.id}/delete").status == 303
        assert "You have none yet" in owner.get("/favourites").text
        assert friday.week().total_minutes == 60

    def test_keep_what_was_typed_when_it_is_refused(self, app, friday):
        page = PageClient(app).sign_in(friday.team.owner).post("/favourites", {"line": "plain", "action": "keep"})

        assert page.status == 422
        assert page.value("line") == "plain"


class TestApi:
    def test_keeps_lists_logs_and_deletes(self, api: ApiClient, friday):
        program = api.as_(friday.team.owner, "weeks:read", "weeks:write")

        kept = program.post("/favourites", {"line": "30m learning Python"})
        assert (kept.status_code, kept.json["kind"], kept.json["note"]) == (201, "learning", "Python")
        assert program.get("/favourites").json == {"favourites": [kept.json]}

        path = f"/favourites/{kept.json['id']}"
        assert program.post(f"{path}/log", {"date": str(MONDAY)}).json["entry"]["date"] == str(MONDAY)
        assert program.call("DELETE", path).json == {"favourites": []}
        assert program.post(f"{path}/log", {}).status_code == 404


class TestCommands:
    def test_add_list_log_and_remove(self, app, friday):
        runner, who = app.test_cli_runner(), friday.team.owner.email
        kept = runner.invoke(args=["favourites", "add", who, "45m plain: Reading"]).output
        number = kept.split(":")[0].removeprefix("Favourite ")
        assert kept.startswith(f"Favourite {number}: Plain letters, 45m")

        assert runner.invoke(args=["favourites", "list", who]).output.splitlines()[-1] == "1 favourites"
        assert '"minutes": 45' in runner.invoke(args=["favourites", "list", who, "--json"]).output
        logged = runner.invoke(args=["favourites", "log", who, number, "--day", "2026-08-04"]).output
        assert "Added 45m to Plain letters, Tuesday 4 August" in logged
        assert runner.invoke(args=["favourites", "remove", who, number]).output == "Removed\n"
        assert runner.invoke(args=["favourites", "remove", who, number]).exit_code == 1
