"""The week's grid before it is saved: checks, rows, copies, marks and notes, in the browser and through the API."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from tests.factories.absences import AbsenceFactory
from tests.factories.projects import MemberFactory, ProjectFactory
from tests.support.contents import contents
from tests.support.pages import ApiClient, Page, PageClient
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.kernel.db import db
from tithe.timesheets.models import TimeEntry
from tithe.timesheets.operations.weeks import save_week
from tithe.timesheets.rules.entries import Entry, TimeKind
from tithe.timesheets.rules.lifecycle import WeekStatus

PATH = f"/weeks/{MONDAY}"
TUESDAY, SATURDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=5)


@pytest.fixture
def owner(app, friday) -> PageClient:
    return PageClient(app).sign_in(friday.team.owner)


def cell(story: Story, day: date = MONDAY, kind: str = "m") -> str:
    return f"{kind}-{story.project.id}-{day}"


def typed(page: Page) -> dict[str, str]:
    notes = {each.get("name"): each.text or "" for each in page.all("textarea")}
    return {each.get("name"): each.get("value", "") for each in page.all("input")} | notes


def send(browser: PageClient, path: str, cells: dict[str, str], *, action: str, version: int = 0, **more) -> Page:
    return browser.post(f"{PATH}{path}", {"version": str(version), "action": action, **cells}, **more)


def marks(page: Page) -> list[str]:
    """What stands at the head of each day."""
    heads = [each for each in page.all("th") if each.get("scope") == "row"]
    return [" ".join("".join(each.itertext()).split()) for each in heads]


class TestMarks:
    def test_say_how_much_room_each_day_has_left(self, owner, friday):
        friday.saved(friday.entry(90), friday.entry(480, day=1))

        found = marks(owner.get(PATH))

        assert found[:3] == ["Mon 3 Aug 5:54 left", "Tue 4 Aug 0:36 over", "Wed 5 Aug 7:24 left"]
        assert found[5:7] == ["Sat 8 Aug Not yet", "Sun 9 Aug Not yet"]

    def test_tell_holidays_leave_and_days_off_apart(self, app, owner, friday):
        holiday, rest = date(2026, 5, 25), date(2026, 5, 30)
        for day, minutes in ((26, 444), (27, 222)):
            AbsenceFactory(person_id=friday.owner.id, day=date(2026, 5, day), minutes=minutes)

        found = marks(owner.get(f"/weeks/{holiday}"))

        assert found[0] == "Mon 25 May Holiday"
        assert found[1] == "Tue 26 May Away"
        assert found[2] == "Wed 27 May 3:42 left 3:42 away"
        assert found[5] == f"{rest:%a} 30 May Not worked"

    def test_offer_no_field_where_nothing_can_be_typed(self, owner, friday):
        late = ProjectFactory(title="Joined on Wednesday")
        MemberFactory(project_id=late.id, person_id=friday.owner.id, joined_on=MONDAY + timedelta(days=2))

        fields = typed(owner.get(PATH))

        assert cell(friday) in fields
        assert cell(friday, SATURDAY) not in fields
        assert f"m-{late.id}-{TUESDAY}" not in fields
        assert f"m-{late.id}-{MONDAY + timedelta(days=2)}" in fields


class TestWhoDecides:
    def test_is_said_before_the_week_is_submitted(self, owner, friday):
        assert "Goes to Max Manager when you submit it" in owner.get(PATH).text

    def test_is_the_next_manager_up_when_the_first_works_on_the_project(self, owner, friday):
        MemberFactory(project_id=friday.project.id, person_id=friday.team.manager.id)
        friday.saved()
        assert f"Goes to {friday.team.director.name} when you submit it" in owner.get(PATH).text


class TestChecks:
    def test_say_what_would_be_in_the_way_and_write_nothing(self, owner, friday):
        before = contents()

        page = send(owner, "/check", {cell(friday): "8:00", cell(friday, TUESDAY): "0:05"}, action="check")

        assert page.status == 200
        assert "You were due to work 7h 24m on Monday 3 August. Take 36m away" in page.text
        assert "The shortest entry is 15m" in page.text
        assert "Before you can submit" in page.text
        assert typed(page)[cell(friday)] == "8:00"
        assert contents() == before

    def test_say_so_when_nothing_is(self, owner, friday):
        page = send(owner, "/check", {cell(friday): "1:00"}, action="check")
        assert "Nothing stands in the way of submitting this week" in page.text

    def test_answer_a_script_by_cell(self, owner, friday):
        cells = {cell(friday): "8:00", cell(friday, TUESDAY): "lots", cell(friday, SATURDAY): "1"}
        answer = owner.post(
            f"{PATH}/check", {"version": "0", "action": "check", **cells}, headers={"Accept": "application/json"}
        ).response

        found = answer.get_json()
        assert answer.status_code == 200
        assert found["week"] == []
        assert found["cells"][cell(friday)] == ["You were due to work 7h 24m on Monday 3 August. Take 36m away"]
        assert "is not a length of time" in found["cells"][cell(friday, TUESDAY)][0]
        assert found["cells"][cell(friday, SATURDAY)] == [
            "Saturday 8 August has not come yet. Log time on the day or after it"
        ]
        assert found["brief"] == {
            cell(friday): "0:36 over",
            cell(friday, TUESDAY): "Not a time",
            cell(friday, SATURDAY): "Not yet",
        }

    @pytest.mark.parametrize(("action", "path", "which"), [("check", "/check", "why"), ("submit", "", "wrong")])
    def test_are_brief_in_a_cell_that_leads_to_the_sentence(self, owner, friday, action, path, which):
        page = send(owner, path, {cell(friday): "8:00"}, action=action)

        [box] = [each for each in page.all("input") if each.get("name") == cell(friday)]
        by_id = {each.get("id"): "".join(each.itertext()) for each in page.tree.iter() if each.get("id")}
        assert [by_id[each] for each in box.get("aria-describedby").split()[1:]] == [
            "0:36 over" if action == "check" else "Error: 0:36 over",
            "You were due to work 7h 24m on Monday 3 August. Take 36m away",
        ]
        assert box.get("aria-describedby").endswith(f"-{which}-1")

    def test_are_what_submitting_refuses(self, owner, friday):
        cells = {cell(friday): "7:24", cell(friday, TUESDAY): "7:24", cell(friday, MONDAY + timedelta(2)): "7:24"}
        checked = send(owner, "/check", cells, action="check")
        refused = send(owner, "", cells, action="submit")

        assert refused.errors
        assert all(words in checked.text for words in refused.errors)

    def test_warn_on_a_draft_that_was_saved(self, owner, friday):
        friday.saved(friday.entry(480))

        page = owner.get(PATH)

        assert page.errors == []
        assert "Before you can submit" in page.text
        assert "Take 36m away" in page.text
        assert friday.week().status is WeekStatus.DRAFT

    def test_answer_programs(self, app, friday):
        client, before = ApiClient(app).as_(friday.team.owner), contents()
        entries = [
            {"date": str(MONDAY), "project_id": friday.project.id, "minutes": 480},
            {"date": str(MONDAY + timedelta(days=30)), "project_id": friday.project.id, "minutes": 60},
        ]

        answer = client.post(f"/weeks/{MONDAY}/check", {"entries": entries})

        assert answer.status_code == 200
        assert [each["field"] for each in answer.json["problems"]] == ["entries.1", "entries.0"]
        assert client.post(f"/weeks/{MONDAY}/check", {"entries": []}).json == {"problems": [], "cover": []}
        assert contents() == before


class TestKindsOfTime:
    def test_get_a_row_when_asked_for_and_keep_what_was_typed(self, owner, friday):
        assert f"m-help-{MONDAY}" not in typed(owner.get(PATH))

        page = send(owner, "/fill", {cell(friday): "1:30"}, action="help")

        assert page.status == 200
        assert typed(page)[cell(friday)] == "1:30"
        assert f"m-help-{MONDAY}" in typed(page)
        assert friday.week().version == 0

    def test_can_be_asked_for_in_the_address(self, owner, friday):
        fields = typed(owner.get(f"{PATH}?rows=help,learning,nonsense"))
        assert f"m-help-{MONDAY}" in fields
        assert f"m-learning-{MONDAY}" in fields
        assert f"m-secondment-{MONDAY}" not in fields

    def test_keep_their_row_through_a_refusal_and_while_they_hold_time(self, owner, friday):
        page = send(owner, "", {f"m-learning-{MONDAY}": "", cell(friday): "lots"}, action="save")
        assert f"m-learning-{MONDAY}" in typed(page)

        send(owner, "", {f"m-learning-{MONDAY}": "1:00"}, action="save")
        assert typed(owner.get(PATH))[f"m-learning-{MONDAY}"] == "1:00"

    def test_are_told_from_tithed_time_in_the_totals(self, owner, friday):
        friday.saved(friday.entry(90), Entry(TUESDAY, None, 120, "", TimeKind.LEARNING))

        page = owner.get(PATH)

        assert "and 2:00 that is not from your allowance" in page.text
        assert "data-week-total>1:30<" in page.text

    def test_are_there_for_somebody_without_a_project(self, app, friday):
        browser = PageClient(app).sign_in(friday.team.colleague)
        assert f"{PATH}?rows=help" in [each.get("href") for each in browser.get(PATH).all("a")]
        assert browser.get(f"{PATH}?rows=help").status == 200


class TestLastWeek:
    def test_fills_empty_cells_and_saves_nothing(self, owner, friday):
        before = MONDAY - timedelta(days=7)
        helped = Entry(before, None, 45, "Their map", TimeKind.HELP)
        week = [friday.entry(60, monday=before, note="Letters"), friday.entry(30, day=1, monday=before), helped]
        friday.saved(*week, monday=before)

        page = send(owner, "/fill", {cell(friday, TUESDAY): "2:00"}, action="copy")

        assert "2 entries copied from last week. Nothing is saved yet" in page.text
        fields = typed(page)
        assert (fields[cell(friday)], fields[cell(friday, MONDAY, "n")]) == ("1:00", "Letters")
        assert fields[cell(friday, TUESDAY)] == "2:00"
        assert (fields[f"m-help-{MONDAY}"], fields[f"n-help-{MONDAY}"]) == ("0:45", "Their map")
        assert friday.week().version == 0

    def test_leaves_out_days_that_are_closed_and_projects_that_were_left(self, owner, friday):
        before = MONDAY - timedelta(days=7)
        left = ProjectFactory()
        MemberFactory(project_id=left.id, person_id=friday.owner.id, left_on=MONDAY)
        entries = [Entry(before + timedelta(days=day), left.id, 60) for day in (0, 1)]
        weekend = friday.entry(60, day=5, monday=before)
        save_week(actor=friday.owner, monday=before, entries=[*entries, weekend], now=NOW)

        page = send(owner, "/fill", {}, action="copy")

        assert "1 entry copied" in page.text
        assert typed(page)[f"m-{left.id}-{MONDAY}"] == "1:00"
        assert not typed(page).get(f"m-{left.id}-{TUESDAY}")

    def test_says_when_it_has_nothing(self, owner, friday):
        assert "Last week has nothing that fits" in send(owner, "/fill", {}, action="copy").text


class TestNotes:
    def test_can_be_typed_with_the_time_of_a_cell_that_was_empty(self, owner, friday):
        send(owner, "", {cell(friday): "1h 30 min Read fifty letters", cell(friday, MONDAY, "n"): ""}, action="save")
        assert friday.week().entries == (friday.entry(90, note="Read fifty letters"),)

    def test_have_a_field_beside_every_cell(self, owner, friday):
        fields = typed(owner.get(PATH))
        assert {name.replace("m-", "n-", 1) for name in fields if name.startswith("m-")} <= set(fields)

    @pytest.mark.parametrize("words", ["lots of time", "1:30 2", "1:30 <b>", "letters 1:30"])
    def test_are_not_made_of_what_is_no_time(self, owner, friday, words):
        page = send(owner, "", {cell(friday): words}, action="save")
        assert page.status == 422
        assert typed(page)[cell(friday)] == words


class TestEntriesToPutRight:
    def test_are_marked_with_the_day_by_which(self, owner, friday):
        friday.submitted()
        db.session.execute(update(TimeEntry).values(fix_by=MONDAY + timedelta(days=18)))
        db.session.commit()
        assert "Put this right by 21 Aug 2026" in owner.get(PATH).text

    def test_keep_their_mark_when_the_week_is_saved_again(self, owner, friday):
        friday.saved(friday.entry(90))
        db.session.execute(update(TimeEntry).values(fix_by=MONDAY + timedelta(days=18)))
        db.session.commit()

        friday.saved(friday.entry(60), friday.entry(30, day=1))

        assert [each.fix_by for each in friday.week().entries] == [MONDAY + timedelta(days=18), None]


class TestTwoWindows:
    def test_show_what_the_other_saved_beside_each_cell_that_differs(self, owner, friday):
        friday.saved(friday.entry(60, note="Theirs"), friday.entry(45, day=1))

        page = send(owner, "", {cell(friday): "2:00", cell(friday, TUESDAY): "0:45"}, action="save", version=0)

        assert "changed in another window" in page.errors[0]
        assert page.text.count("Saved in the other window") == 1
        assert "Saved in the other window: 1:00 Theirs" in page.text
        assert typed(page)[cell(friday)] == "2:00"
        assert typed(page)["version"] == "1"

    def test_can_be_settled_by_saving_again(self, owner, friday):
        friday.saved(friday.entry(60))
        page = send(owner, "", {cell(friday): "2:00"}, action="save", version=0)

        again = send(owner, "", {cell(friday): "2:00"}, action="save", version=int(typed(page)["version"]))

        assert again.status == 303
        assert friday.week().total_minutes == 120
