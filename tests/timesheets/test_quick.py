"""Time added in one line, and taken back: operation, pages, API and command."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories.projects import ProjectFactory
from tests.support.pages import PageClient
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.kernel.errors import Conflict, RuleBroken, RulesBroken
from tithe.timesheets.operations.quick import Logged, add_line, undo_time
from tithe.timesheets.presenters.quick import undo_of
from tithe.timesheets.queries.inbox import count_awaiting
from tithe.timesheets.rules.entries import Entry
from tithe.timesheets.rules.quick import Unclear

FRIDAY = MONDAY + timedelta(days=4)


def add(story: Story, line: str, row: str | None = None) -> Logged:
    return add_line(actor=story.owner, line=line, row=row, now=NOW)


def undo(story: Story, logged: Logged) -> None:
    facts = undo_of(logged)
    back = {name: facts[name] for name in ("version", "minutes", "note_length")}
    undo_time(actor=story.owner, line=facts["row"], day=logged.entry.day, **back, now=NOW)


class TestAddLine:
    def test_begins_a_week_nobody_has_saved(self, friday):
        logged = add(friday, "1h30 plain yesterday - drafting")

        assert friday.week().entries == (friday.entry(90, day=3, note="drafting"),)
        assert (logged.added, logged.former_minutes, logged.warnings) == (90, 0, ())

    def test_adds_to_what_the_cell_has_and_leaves_the_rest(self, friday):
        friday.saved(friday.entry(60, day=4, note="one"), friday.entry(30, day=1))

        add(friday, "30m plain - two")

        assert friday.week().entries == (friday.entry(30, day=1), friday.entry(90, day=4, note="one; two"))
        assert friday.week().version == 2

    def test_says_at_once_which_limits_the_week_now_breaks(self, friday):
        logged = add(friday, "10h plain letters")

        assert any("due to work 7h 24m on Friday 7 August" in each for each in logged.warnings)
        assert friday.week().total_minutes == 600

    def test_refuses_by_the_line_what_can_never_be_recorded(self, friday):
        add(friday, "20h plain")

        with pytest.raises(RulesBroken, match="from 1 minute to 24 hours") as refusal:
            add(friday, "5h plain")
        assert {each.field for each in refusal.value.problems} == {"line"}
        assert friday.week().total_minutes == 1200

    def test_refuses_a_week_that_waits_for_a_decision(self, friday):
        friday.submitted()

        with pytest.raises(RuleBroken, match=r"submitted\. It waits for a decision; its owner can recall it"):
            add(friday, "1h plain")

    def test_asks_where_two_projects_fit(self, friday):
        other = ProjectFactory(owner_id=friday.team.owner.id, owner=None, title="Plain maps")

        with pytest.raises(Unclear, match="Plain letters, Plain maps"):
            add(friday, "1h plain")
        add(friday, "1h plain", row=str(other.id))

        assert friday.week().entries == (Entry(FRIDAY, other.id, 60),)

    def test_takes_no_row_of_other_peoples(self, friday):
        other = ProjectFactory(owner_id=friday.team.manager.id, owner=None)

        with pytest.raises(RuleBroken, match="registered project you are a member of"):
            add(friday, "1h plain", row=str(other.id))


class TestUndo:
    def test_puts_back_the_former_minutes_and_note(self, friday):
        friday.saved(friday.entry(60, day=4, note="one"))

        undo(friday, add(friday, "30m plain - two"))

        assert friday.week().entries == (friday.entry(60, day=4, note="one"),)

    def test_takes_away_what_was_not_there_before(self, friday):
        undo(friday, add(friday, "30m plain"))

        assert friday.week().entries == ()

    def test_refuses_once_the_week_has_moved_on(self, friday):
        logged = add(friday, "30m plain")
        add(friday, "15m plain")

        with pytest.raises(Conflict, match="has changed since"):
            undo(friday, logged)
        assert friday.week().total_minutes == 45


@pytest.fixture
def owner(app, friday) -> PageClient:
    return PageClient(app).sign_in(friday.team.owner)


class TestPages:
    def test_say_at_home_what_was_added_once_with_a_way_back(self, owner, friday):
        answer = owner.post("/time", {"line": "1h30 plain yesterday", "action": "add"})
        assert (answer.status, answer.location) == (303, "/")

        home = owner.get("/")
        assert "Added 1h 30m to Plain letters, Thursday 6 August." in home.text
        sent = {name: home.value(name) for name in ("row", "day", "version", "minutes", "note_length")}
        assert "Added" not in owner.get("/").text

        assert owner.post("/time/undo", sent).location == "/"
        assert friday.week().entries == ()
        assert "Undone" in owner.get("/").text

    def test_warn_of_limits_at_home(self, owner):
        owner.post("/time", {"line": "10h plain", "action": "add"})

        assert "due to work 7h 24m on Friday 7 August" in owner.get("/").text

    def test_keep_what_was_typed_and_say_beside_it_what_is_wrong(self, owner):
        page = owner.post("/time", {"line": "plain letters", "action": "add"})

        assert page.status == 422
        assert page.value("line") == "plain letters"
        assert page.errors == ["Say how long as well, like 1h30 Rainfall maps yesterday"]

    def test_offer_the_candidates_as_buttons_that_finish_it(self, owner, friday):
        other = ProjectFactory(owner_id=friday.team.owner.id, owner=None, title="Plain maps")
        page = owner.post("/time", {"line": "1h plain", "action": "add"})
        assert [each for each in page.words("button") if each.startswith("Plain")] == ["Plain letters", "Plain maps"]

        answer = owner.post("/time", {"line": page.value("line"), "action": "add", "row": str(other.id)})

        assert answer.status == 303
        assert friday.week().entries == (Entry(FRIDAY, other.id, 60),)

    def test_carry_any_note_in_their_cookie(self, owner, friday):
        for number in range(4):
            line = f"{number + 1}m plain - {'測' * 100}{number}"
            assert owner.post("/time", {"line": line, "action": "add"}).status == 303
            cookie = owner.http.get_cookie("tithe", domain="localhost")
            assert cookie is not None
            assert len(cookie.value) < 3000

    def test_refuse_a_damaged_way_back(self, owner):
        assert owner.post("/time/undo", {"row": "help", "day": str(MONDAY), "version": "x"}).status == 422


class TestApi:
    def test_adds_a_line_and_undoes_it(self, api, friday):
        program = api.as_(friday.team.owner, "weeks:write")

        answer = program.post("/time", {"line": "45m learning Python"})

        assert answer.status_code == 200
        assert answer.json["entry"] == {
            "date": str(FRIDAY), "project_id": None, "kind": "learning", "minutes": 45, "note": "Python",
        }  # fmt: skip
        undone = program.post("/time/undo", answer.json["undo"])
        assert (undone.status_code, undone.json["version"]) == (200, 2)
        assert program.post("/time/undo", answer.json["undo"]).status_code == 409

    def test_names_the_candidates_in_its_refusal(self, api, friday):
        answer = api.as_(friday.team.owner, "weeks:write").post("/time", {"line": "1h gardens"})

        assert answer.status_code == 422
        assert answer.json["kind"] == "RuleBroken"
        assert answer.json["field"] == "line"
        assert "Plain letters, Help given" in answer.json["message"]

    def test_needs_the_scope_to_write(self, api, friday):
        assert api.as_(friday.team.owner, "weeks:read").post("/time", {"line": "1h"}).status_code == 403


class TestCommand:
    def test_adds_a_line_for_somebody(self, app, friday):
        done = app.test_cli_runner().invoke(args=["time", "add", friday.team.owner.email, "10h plain"])

        assert done.exit_code == 0
        assert "Added 10h to Plain letters, Friday 7 August" in done.output
        assert "Over a limit: You were due to work 7h 24m" in done.output

    def test_undoes_a_line_by_what_adding_it_said(self, app, friday):
        runner, who = app.test_cli_runner(), friday.team.owner.email
        friday.saved(friday.entry(60, day=4, note="Before"))
        added = runner.invoke(args=["time", "add", who, "1h plain"]).output
        facts = added.split("time undo ADDRESS ")[1].splitlines()[0].split()

        done = runner.invoke(args=["time", "undo", who, *facts])
        assert (done.exit_code, done.output) == (0, "Taken back. The week of 3 August 2026 has 1h\n")
        assert [(each.minutes, each.note) for each in friday.week().entries] == [(60, "Before")]
        again = runner.invoke(args=["time", "undo", who, *facts])
        assert again.exit_code == 1
        assert "The week has changed since" in again.output

    def test_says_what_it_cannot_read(self, app, friday):
        done = app.test_cli_runner().invoke(args=["time", "add", friday.team.owner.email, "plain"])

        assert done.exit_code == 1
        assert "Say how long as well" in done.output


class TestNothing:
    def test_is_said_and_taken_back_in_the_browser(self, owner, friday):
        assert owner.post(f"/weeks/{MONDAY}/nothing", {"back": "home"}).location == "/"
        assert friday.week().nothing_since == NOW
        assert "You said that nothing was done this week" in owner.get("/").text

        owner.post(f"/weeks/{MONDAY}/nothing/take-back")
        assert friday.week().nothing_since is None

    def test_ends_with_the_first_entry(self, owner, friday):
        owner.post(f"/weeks/{MONDAY}/nothing")

        add(friday, "1h plain")

        assert friday.week().nothing_since is None

    def test_is_refused_for_a_week_that_holds_time_or_has_not_come(self, owner, friday):
        friday.saved()

        page = owner.post(f"/weeks/{MONDAY}/nothing")
        assert page.status == 422
        assert "There is time in this week" in page.text
        assert "has not come yet" in owner.post(f"/weeks/{MONDAY + timedelta(weeks=1)}/nothing").text

    def test_is_refused_outside_employment_and_for_a_decided_week(self, owner, friday):
        assert "outside your employment" in owner.post("/weeks/2001-01-01/nothing").text
        friday.approved()
        assert "cannot change a week that is approved" in owner.post(f"/weeks/{MONDAY}/nothing").text

    def test_is_no_submission(self, owner, friday):
        owner.post(f"/weeks/{MONDAY}/nothing")

        assert friday.week().status == "draft"
        assert count_awaiting(friday.manager) == 0
        assert "Nothing this week" in owner.get("/weeks").text

    def test_is_said_by_programs_and_commands(self, app, api, friday):
        program = api.as_(friday.team.owner, "weeks:write", "weeks:read")

        said = program.post(f"/weeks/{MONDAY}/nothing", {})
        assert said.json == {"monday": str(MONDAY), "version": 1, "nothing_since": "2026-08-07T15:00:00+00:00"}
        assert program.post(f"/weeks/{MONDAY}/nothing", {}).json == said.json
        assert program.get(f"/weeks/{MONDAY}").json["nothing_since"] == said.json["nothing_since"]
        assert program.call("DELETE", f"/weeks/{MONDAY}/nothing").json["nothing_since"] is None
        assert program.call("DELETE", f"/weeks/{MONDAY}/nothing").status_code == 422

        done = app.test_cli_runner().invoke(args=["time", "nothing", friday.team.owner.email, str(MONDAY)])
        assert "Nothing was done in the week of 3 August 2026" in done.output


class TestToDo:
    def test_asks_about_the_last_four_weeks_of_which_nothing_is_known(self, owner, friday):
        friday.saved(monday=MONDAY - timedelta(weeks=1))
        owner.post(f"/weeks/{MONDAY - timedelta(weeks=2)}/nothing")

        page = owner.get("/")

        asked = [words for words in page.words("li") if words.startswith("Nothing logged in the week of")]
        assert [words.split(":")[0].removeprefix("Nothing logged in the week of ") for words in asked] == [
            "13 Jul 2026",
            "6 Jul 2026",
        ]
