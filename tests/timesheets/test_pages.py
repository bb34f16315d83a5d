"""The week and the approvals queue in the browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.factories.people import PersonFactory
from tests.factories.projects import MemberFactory, ProjectFactory
from tests.support.contents import contents
from tests.support.pages import Page, PageClient
from tests.timesheets.weeks import MONDAY, REASON, STRADDLING, Story, approve, send_back
from tithe.kernel.db import db
from tithe.notices.models import Notice
from tithe.timesheets.models import Week
from tithe.timesheets.rules.lifecycle import WeekStatus

PATH = f"/weeks/{MONDAY}"
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def owner(app, friday) -> PageClient:
    return PageClient(app).sign_in(friday.team.owner)


@pytest.fixture
def manager(app, friday) -> PageClient:
    return PageClient(app).sign_in(friday.team.manager)


def cell(story: Story, day: int = 0, kind: str = "m") -> str:
    return f"{kind}-{story.project.id}-{MONDAY + timedelta(days=day)}"


def typed(page: Page) -> dict[str, str]:
    notes = {each.get("name"): each.text or "" for each in page.all("textarea")}
    return {each.get("name"): each.get("value", "") for each in page.all("input")} | notes


def links(page: Page) -> list[str]:
    return [each.get("href", "") for each in page.all("a")]


def send(browser: PageClient, cells: dict[str, str], *, version: int = 0, action: str = "save") -> Page:
    return browser.post(PATH, {"version": str(version), "action": action, **cells})


class TestWeek:
    @pytest.mark.parametrize(
        ("text", "minutes"),
        [
            ("1:30", 90),
            ("1.5", 90),
            ("90m", 90),
            ("1h 30", 90),
            ("1½", 90),
            ("1,5", 90),
            (" 1 H 30 M ", 90),
            ("0:15", 15),
        ],
    )
    def test_reads_time_as_people_write_it(self, owner, friday, text, minutes):
        answer = send(owner, {cell(friday): text})

        assert (answer.status, answer.location) == (303, PATH)
        assert friday.week().total_minutes == minutes
        page = owner.get(PATH)
        assert typed(page)[cell(friday)] == f"{minutes // 60}:{minutes % 60:02}"
        assert "Week saved" in page.text

    @pytest.mark.parametrize("text", ["lots", "1:60", "25", "-1", "1:2:3", "٣", "NaN", "1e3", "1_0", "<b>1</b>"])
    def test_puts_what_it_cannot_read_beside_its_cell_and_loses_nothing(self, owner, friday, text):
        page = send(owner, {cell(friday): "1:30", cell(friday, 1): text, cell(friday, 1, "n"): "A note"})

        assert page.status == 422
        name = cell(friday, 1)
        assert len(page.errors) == 1
        assert f"#{name}" in links(page)
        assert f'id="{name}-error"' in page.text
        assert (typed(page)[cell(friday)], typed(page)[name]) == ("1:30", text)
        assert typed(page)[cell(friday, 1, "n")] == "A note"
        assert friday.week().version == 0

    def test_keeps_notes(self, owner, friday):
        send(owner, {cell(friday): "1:30", cell(friday, 0, "n"): " Read fifty letters "})

        assert friday.week().entries == (friday.entry(90, note="Read fifty letters"),)
        assert typed(owner.get(PATH))[cell(friday, 0, "n")] == "Read fifty letters"

    def test_refuses_a_note_that_is_too_long(self, owner, friday):
        page = send(owner, {cell(friday): "1:30", cell(friday, 0, "n"): "n" * 501})

        assert (page.status, page.errors) == (422, ["A note has at most 500 characters"])
        assert typed(page)[cell(friday, 0, "n")] == "n" * 501

    def test_does_not_lose_a_note_without_a_time(self, owner, friday):
        page = send(owner, {cell(friday): "", cell(friday, 0, "n"): "Forgot how long"})

        assert page.status == 422, "a note with no time beside it must not vanish in silence"
        assert typed(page)[cell(friday, 0, "n")] == "Forgot how long"

    @pytest.mark.parametrize("name", ["nonsense", "total_minutes", "person_id", "status", "approver_id", "m-1-x"])
    def test_refuses_a_field_it_does_not_know(self, owner, friday, name):
        before = contents()

        page = send(owner, {cell(friday): "1:30", name: "1"})

        assert page.status == 422
        assert f"There is no field called {name}" in page.errors[0]
        assert typed(page)[cell(friday)] == "1:30"
        assert contents() == before

    def test_refuses_the_cell_of_a_project_that_is_not_ones_own(self, owner, friday):
        stranger = ProjectFactory()
        page = send(owner, {f"m-{stranger.id}-{MONDAY}": "1"})
        assert "Reload it" in page.errors[0]

    def test_puts_a_rule_beside_the_cell_it_blames(self, owner, friday):
        page = send(owner, {cell(friday): "1:30", cell(friday, 5): "1:00"})

        assert page.status == 422
        assert "Saturday 8 August has not come yet" in page.errors[0]
        assert f"#{cell(friday, 5)}" in links(page)
        assert typed(page)[cell(friday, 5)] == "1:00"

    def test_keeps_what_was_typed_when_the_week_moved_on(self, owner, friday):
        friday.saved(friday.entry(60))

        page = send(owner, {cell(friday): "2:00"}, version=0)

        assert page.status in (409, 422)
        assert "changed in another window" in page.errors[0]
        assert typed(page)[cell(friday)] == "2:00"
        assert friday.week().total_minutes == 60

    @pytest.mark.parametrize("version", ["", "x", "²", "-1", "9" * 40])
    def test_takes_no_version_but_the_one_it_showed(self, owner, friday, version):
        page = owner.post(PATH, {"version": version, cell(friday): "1"})
        assert page.status in (409, 422)

    def test_does_not_save_without_a_version(self, owner, friday):
        friday.saved(friday.entry(60))
        assert owner.post(PATH, {cell(friday): "1"}).status in (409, 422)
        assert friday.week().total_minutes == 60

    def test_shows_projects_left_since_only_if_the_week_holds_them(self, app, owner, friday):
        left = ProjectFactory(title="Left behind")
        MemberFactory(project_id=left.id, person_id=friday.team.owner.id, left_on=MONDAY - timedelta(days=8))
        assert "Left behind" not in owner.get(PATH).text
        assert "Left behind" in owner.get(f"/weeks/{MONDAY - timedelta(days=14)}").text

    def test_shows_both_balances_of_a_straddling_week(self, owner, friday):
        text = owner.get(f"/weeks/{STRADDLING}").text
        assert "Apr to Jun 2026" in text
        assert "Jul to Sep 2026" in text

    def test_leads_to_this_week(self, owner):
        assert owner.get("/weeks/this").location == PATH
        assert owner.get("/weeks").status == 200

    @pytest.mark.parametrize("name", ["2026-08-04", "2026-13-01", "yesterday", "2026-8-3", "20260803"])
    def test_refuses_an_address_that_names_no_week(self, owner, name):
        assert owner.get(f"/weeks/{name}").status == 422

    @pytest.mark.parametrize("name", ["0001-01-01", "9999-12-27", "1800-01-06", "2200-01-06"])
    def test_stands_any_monday_there_is(self, owner, name):
        assert owner.get(f"/weeks/{name}").status in (200, 404, 422)

    def test_asks_somebody_without_a_project_to_register_one(self, app, friday):
        page = PageClient(app).sign_in(friday.team.colleague).get(PATH)
        assert "Register a project" in page.text

    def test_stands_somebody_without_a_post(self, app, friday):
        browser = PageClient(app).sign_in(PersonFactory())
        for path in ("/", PATH, "/weeks", "/allowance", "/approvals"):
            assert browser.get(path).status == 200


class TestSubmit:
    def test_saves_and_sends_in_one_step(self, owner, friday):
        answer = send(owner, {cell(friday): "1:30"}, action="submit")

        assert answer.status == 303
        week = friday.week()
        assert (week.status, week.approver_id) == (WeekStatus.SUBMITTED, friday.team.manager.id)
        page = owner.get(PATH)
        assert "Waiting for Max Manager" in page.text
        assert not [name for name in typed(page) if name.startswith("m-")]
        assert db.session.scalars(select(Notice.event)).one() == "week-submitted"

    def test_keeps_the_draft_and_says_every_limit_beside_its_cell(self, owner, friday):
        page = send(owner, {cell(friday): "8:00", cell(friday, 1): "0:05"}, action="submit")

        assert page.status == 422
        assert "You were due to work 7h 24m on Monday 3 August. Take 36m away" in page.errors
        assert "The shortest entry is 15m" in page.errors
        assert {f"#{cell(friday)}", f"#{cell(friday, 1)}"} <= set(links(page))
        assert typed(page)["version"] == "1", "what was typed is kept, and the next save knows its version"
        assert friday.week().total_minutes == 485

        answer = send(owner, {cell(friday): "7:00"}, version=1, action="submit")
        assert answer.status == 303

    def test_refuses_an_empty_week(self, owner, friday):
        page = send(owner, {}, action="submit")
        assert page.status == 422
        assert "nothing in this week yet" in page.errors[0]

    def test_can_be_taken_back(self, owner, friday):
        friday.submitted()
        assert f"{PATH}/recall" in owner.get(PATH).text

        assert owner.post(f"{PATH}/recall").status == 303

        assert friday.week().status is WeekStatus.DRAFT
        assert "Week taken back" in owner.get(PATH).text

    @pytest.mark.parametrize("state", ["submitted", "approved"])
    def test_refuses_changes_after(self, owner, friday, state):
        week = getattr(friday, state)()
        page = send(owner, {cell(friday): "2:00"}, version=week.version)
        assert page.status == 422
        assert f"cannot change a week that is {state}" in page.errors[0]

    def test_shows_why_a_week_came_back(self, owner, friday):
        send_back(friday.manager, friday.submitted())

        text = owner.get(PATH).text
        assert REASON in text
        assert "Returned by Max Manager" in text
        assert "was returned" in owner.get("/").text


class TestApprovals:
    def box(self, page: Page) -> str:
        return page.value("weeks")

    def test_show_who_when_and_what_on(self, manager, friday):
        friday.submitted(friday.entry(90))

        page = manager.get("/approvals")

        for words in ("Ada Owner", "3 Aug 2026", "Mon 1:30 Plain letters", "1h 30m", "21 Aug 2026"):
            assert words in page.text
        assert "1 week waits for your decision" in manager.get("/").text

    def test_are_empty_for_everybody_else(self, app, friday):
        friday.submitted()
        for who in ("owner", "colleague", "director", "hr"):
            page = PageClient(app).sign_in(getattr(friday.team, who)).get("/approvals")
            assert "No week waits for you" in page.text
            assert "Plain letters" not in page.text

    def test_approve_one(self, manager, owner, friday):
        friday.submitted()

        answer = manager.post("/approvals", {"weeks": self.box(manager.get("/approvals"))})

        assert (answer.status, answer.location) == (303, "/approvals")
        assert "Week approved" in manager.get("/approvals").text
        assert friday.week().status is WeekStatus.APPROVED
        assert "Approved by Max Manager" in owner.get(PATH).text

    def test_approve_several_at_once(self, manager, friday):
        for number in range(3):
            friday.submitted(monday=MONDAY - timedelta(weeks=number))
        boxes = [each.get("value") for each in manager.get("/approvals").all("input") if each.get("name") == "weeks"]

        assert manager.post("/approvals", {"weeks": boxes}).status == 303

        assert "3 weeks approved" in manager.get("/approvals").text
        assert set(db.session.scalars(select(Week.status))) == {WeekStatus.APPROVED}

    @pytest.mark.parametrize(
        "boxes", [[], ["x"], ["1"], ["1:x"], ["1:1:1"], ["٣:1"], ["999999999999:1"], ["1:999999999"]]
    )
    def test_refuse_what_the_page_did_not_offer(self, manager, friday, boxes):
        friday.submitted()
        before = contents()

        page = manager.post("/approvals", {"weeks": boxes} if boxes else {})

        assert page.status in (404, 409, 422)
        assert contents() == before

    def test_decide_nothing_when_one_of_them_moved_on(self, manager, friday):
        for number in range(2):
            friday.submitted(monday=MONDAY - timedelta(weeks=number))
        boxes = [each.get("value") for each in manager.get("/approvals").all("input") if each.get("name") == "weeks"]
        approve(friday.manager, friday.week())

        page = manager.post("/approvals", {"weeks": boxes})

        assert page.status in (409, 422)
        assert "Nothing was decided" in page.errors[0]
        assert friday.week(MONDAY - timedelta(weeks=1)).status is WeekStatus.SUBMITTED

    def test_are_paged_oldest_first(self, manager, friday, monkeypatch):
        monkeypatch.setattr("tithe.timesheets.queries.inbox.PAGE", 2)
        for number in range(5):
            friday.submitted(monday=MONDAY - timedelta(weeks=number))
        seen, path = [], "/approvals"
        while path:
            page = manager.get(path)
            seen += [each.get("value") for each in page.all("input") if each.get("name") == "weeks"]
            path = next((link for link in links(page) if "after=" in link), "")

        assert len(seen) == len(set(seen)) == 5

    def test_say_which_are_late(self, manager, friday):
        friday.submitted()
        db.session.execute(update(Week).values(due_on=MONDAY))
        db.session.commit()
        assert "(late)" in manager.get("/approvals").text


class TestDecision:
    def test_shows_every_entry_with_its_note(self, manager, friday):
        week = friday.submitted(friday.entry(90, note="Read fifty letters"))

        page = manager.get(f"/approvals/{week.id}")

        for words in ("Ada Owner, week of 3 Aug 2026", "Monday 3 August 2026", "Read fifty letters", "1h 30m in all"):
            assert words in page.text

    def test_approves(self, manager, friday):
        week = friday.submitted()
        sent = {"version": manager.get(f"/approvals/{week.id}").value("version"), "action": "approve"}

        assert manager.post(f"/approvals/{week.id}", sent).status == 303
        assert friday.week().status is WeekStatus.APPROVED

    def test_returns_with_ground_and_words(self, manager, friday):
        week = friday.submitted()
        sent = {"version": str(week.version), "action": "return", "ground": "wrong_entry", "reason": REASON}

        assert manager.post(f"/approvals/{week.id}", sent).status == 303

        assert friday.week().status is WeekStatus.RETURNED
        events = select(Notice.event, Notice.person_id).order_by(Notice.id)
        assert [tuple(row) for row in db.session.execute(events)] == [
            ("week-submitted", friday.team.manager.id),
            ("week-returned", friday.team.owner.id),
        ]

    def test_keeps_the_words_when_they_are_too_few(self, manager, friday):
        week = friday.submitted()

        page = manager.post(f"/approvals/{week.id}", {"version": str(week.version), "reason": "Too short"})

        assert page.status == 422
        assert page.errors == ["Choose why the week goes back", "Say what needs to change, in at least 40 characters"]
        assert "Too short" in page.text
        ids = {each.get("id") for tag in ("input", "textarea") for each in page.all(tag)}
        assert {link.removeprefix("#") for link in links(page) if link in ("#ground", "#reason")} <= ids
        assert friday.week().status is WeekStatus.SUBMITTED

    def test_refuses_a_version_that_moved_on(self, manager, friday):
        week = friday.submitted()
        for version in ("", "x", "1", "99", "²", "9" * 40):
            for action in ("approve", "return"):
                sent = {"version": version, "action": action, "ground": "cover", "reason": REASON}
                assert manager.post(f"/approvals/{week.id}", sent).status in (409, 422), version
        assert friday.week().status is WeekStatus.SUBMITTED

    def test_says_that_a_decided_week_is_decided(self, manager, friday):
        week = friday.approved()
        assert "nothing to decide on this week now" in manager.get(f"/approvals/{week.id}").text

    def test_hides_drafts_that_the_manager_has_seen_before(self, manager, friday):
        send_back(friday.manager, friday.submitted())
        friday.saved(friday.entry(30, note="Not for the manager yet"))
        assert manager.get(f"/approvals/{friday.week().id}").status == 404

    @pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**30])
    def test_knows_no_number_too_large(self, manager, number):
        assert manager.get(f"/approvals/{number}").status == 404
        assert manager.post(f"/approvals/{number}", {"version": "1"}).status == 404
