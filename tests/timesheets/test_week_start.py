"""Weeks from Sunday to Saturday, by every door: the day each Sunday is in, and the limits of the week around it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest

from tests.factories.plans import BlockFactory
from tests.support.contents import contents, counted, statements
from tests.support.pages import PageClient
from tests.timesheets.weeks import MONDAY, NOW, STRADDLING, Story, approve
from tithe import checks
from tithe.access.actor import SYSTEM
from tithe.allowance.operations.patterns import set_pattern
from tithe.allowance.queries.balances import used_by_weeks
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.kernel.errors import RuleBroken
from tithe.policy.operations import adopt_policy
from tithe.timesheets.operations import plans, quick
from tithe.timesheets.operations.imports import import_time
from tithe.timesheets.operations.timer import start_timer, stop_timer
from tithe.timesheets.operations.weeks import save_week, submit_week
from tithe.timesheets.queries.ahead import last_week
from tithe.timesheets.queries.inbox import inbox_of
from tithe.timesheets.queries.unlogged import still_unlogged
from tithe.timesheets.rules.imports.sheet import read_sheet
from tithe.timesheets.rules.plans import PlanShape, Wish
from tithe.timesheets.rules.unusual import Reason

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
SUNDAY = MONDAY - DAY  # the first day of this week
PATH = f"/weeks/{MONDAY}"
WORKED_SUNDAYS = ((444, 444, 444, 444, 0, 0, 444),)
LAST_SUNDAY = datetime(2026, 8, 2, 12, tzinfo=UTC)


def sunday_first(story: Story, since: date, value: str = "sunday") -> None:
    """Adopt it as somebody would have in time."""
    before = datetime(since.year, since.month, since.day, 9, tzinfo=UTC) - timedelta(days=20)
    facts = {"settings": {"week_start": value}, "reason": "We work from Sunday on", "now": before}
    adopt_policy(actor=SYSTEM, unit_id=story.team.department.id, starts_on=since, **facts)
    db.session.rollback()


@pytest.fixture
def story(friday) -> Story:
    """Weeks begin on Sunday from this one on, and the owner works from Sunday to Thursday."""
    set_pattern(
        actor=SYSTEM, person_id=friday.owner.person_id, starts_on=date(2026, 6, 1), weeks=WORKED_SUNDAYS, now=NOW
    )
    sunday_first(friday, SUNDAY)
    return friday


@pytest.fixture
def browser(app, story) -> PageClient:
    return PageClient(app).sign_in(story.team.owner)


def heads(page) -> list[str]:
    """What stands at the head of each day, without its room."""
    found = [each for each in page.all("th") if each.get("scope") == "row"]
    return [" ".join("".join(each.itertext()).split()[:3]) for each in found][:-1]


def refused(call) -> str:
    before = contents()
    with pytest.raises(RuleBroken) as refusal:
        call()
    assert contents() == before
    return refusal.value.message


def works(story: Story, day: date, monday: date) -> bool:
    """Whether an hour on a day can be saved in the week of a Monday and in no other beside it."""
    entry = story.entry(60, monday=day)
    for other in (monday - WEEK, monday + WEEK):
        assert "is not in the week of" in refused(
            lambda other=other: save_week(actor=story.owner, monday=other, entries=[entry], now=NOW)
        )
    return story.saved(entry, monday=monday).entries == (entry,)


class TestGrid:
    def test_runs_from_sunday_to_saturday_and_says_so(self, browser):
        page = browser.get(PATH)

        assert heads(page) == [
            "Sun 2 Aug", "Mon 3 Aug", "Tue 4 Aug", "Wed 5 Aug", "Thu 6 Aug", "Fri 7 Aug", "Sat 8 Aug",
        ]  # fmt: skip
        assert "Sun 2 Aug to Sat 8 Aug" in page.words("p")

    def test_keeps_what_is_typed_on_the_sunday(self, browser, story):
        cells = {f"m-{story.project.id}-{SUNDAY}": "1:30", f"n-{story.project.id}-{SUNDAY}": "Drafts"}

        assert browser.post(PATH, {"version": "0", "action": "save", **cells}).status == 303
        assert story.week().entries == (story.entry(90, day=-1, note="Drafts"),)
        assert 'value="1:30"' in browser.get(PATH).text

    def test_has_no_cell_for_the_sunday_after_and_keeps_the_words_for_it(self, browser, story):
        page = browser.post(PATH, {"version": "0", "action": "save", f"m-{story.project.id}-{MONDAY + 6 * DAY}": "1h"})

        assert page.status == 422
        assert "does not fit this week any more" in page.text

    def test_of_the_week_in_which_that_began_has_six_days(self, browser):
        assert heads(browser.get(f"/weeks/{MONDAY - WEEK}")) == [
            "Mon 27 Jul", "Tue 28 Jul", "Wed 29 Jul", "Thu 30 Jul", "Fri 31 Jul", "Sat 1 Aug",
        ]  # fmt: skip

    def test_of_an_earlier_week_is_as_it_was(self, browser):
        page = browser.get(f"/weeks/{MONDAY - 2 * WEEK}")

        assert (heads(page)[0], heads(page)[-1]) == ("Mon 20 Jul", "Sun 26 Jul")
        assert "Mon 20 Jul to" not in page.text

    def test_copies_last_week_day_by_day(self, story):
        sunday_first(story, SUNDAY - 6 * WEEK)
        story.saved(story.entry(60, day=-1, monday=MONDAY - WEEK), monday=MONDAY - WEEK)

        assert [entry.day for entry in last_week(story.owner, MONDAY)] == [SUNDAY]


class TestSundays:
    def test_before_at_and_after_the_change_are_each_in_one_week(self, story):
        assert works(story, SUNDAY - WEEK, MONDAY - 2 * WEEK)
        assert works(story, SUNDAY, MONDAY)

    def test_after_a_change_back_end_their_week_again(self, friday):
        sunday_first(friday, date(2026, 6, 1))
        sunday_first(friday, date(2026, 7, 20), "monday")

        assert works(friday, date(2026, 7, 19), date(2026, 7, 20))
        assert works(friday, date(2026, 7, 26), date(2026, 7, 20))

    def test_of_weeks_with_eight_days_leave_the_total_within_a_week(self, friday):
        sunday_first(friday, date(2026, 6, 1))
        sunday_first(friday, date(2026, 7, 20), "monday")
        monday = date(2026, 7, 20)
        every = [friday.entry(1440, day=number, monday=monday) for number in range(-1, 7)]

        words = refused(lambda: save_week(actor=friday.owner, monday=monday, entries=every, now=NOW))
        assert words == "A week takes at most 168 hours. Take some of its time away"

    def test_begin_a_week_in_which_nothing_can_be_declared(self, story):
        quick.declare_nothing(actor=story.owner, monday=MONDAY, now=LAST_SUNDAY)

        assert story.week().nothing_since == LAST_SUNDAY
        with pytest.raises(RuleBroken, match="has not come yet"):
            quick.declare_nothing(actor=story.owner, monday=MONDAY + WEEK, now=LAST_SUNDAY)

    def test_begin_a_week_that_can_be_emptied_again(self, story):
        save_week(actor=story.owner, monday=MONDAY, entries=[story.entry(60, day=-1)], now=LAST_SUNDAY)
        save_week(actor=story.owner, monday=MONDAY, entries=[], now=LAST_SUNDAY)

        assert story.week().entries == ()


class TestLimits:
    def submit(self, story: Story, *entries):
        save_week(actor=story.owner, monday=MONDAY, entries=entries, now=NOW)
        submit_week(actor=story.owner, monday=MONDAY, now=NOW)

    def test_cap_the_days_from_sunday_to_saturday(self, story):
        full = story.entry(444, day=-1), story.entry(444, day=0)  # two fifths of five days

        with pytest.raises(RuleBroken, match="40% of your week is 14h 48m"):
            self.submit(story, *full, story.entry(15, day=1))
        self.submit(story, *full)

    def test_count_the_days_of_a_week_of_six(self, story):
        monday = MONDAY - WEEK
        entries = [story.entry(444, monday=monday), story.entry(267, day=1, monday=monday)]  # of four days: 710
        save_week(actor=story.owner, monday=monday, entries=entries, now=NOW)

        with pytest.raises(RuleBroken, match="40% of your week is 11h 50m"):
            submit_week(actor=story.owner, monday=monday, now=NOW)

    def test_share_a_week_over_two_quarters_out_by_day(self, friday):
        sunday_first(friday, date(2026, 6, 1))
        every = {"person_id": friday.owner.person_id, "starts_on": date(2026, 6, 1), "weeks": WORKED_SUNDAYS}
        set_pattern(actor=SYSTEM, now=NOW, **every)
        days = [friday.entry(60, day=day, monday=STRADDLING) for day in (-1, 1, 3)]

        week = friday.approved(*days, monday=STRADDLING)

        spring, summer = Quarter(2026, 1), Quarter(2026, 2)
        assert used_by_weeks([week.id])[week.id] == {spring: 120, summer: 60}

    def test_hold_for_plans_as_well(self, story):
        wish = Wish(
            PlanShape.RHYTHM, str(story.project.id), date(2026, 8, 9), date(2026, 8, 10), 444, frozenset({6, 0})
        )
        plans.make_plan(actor=story.owner, wish=wish, now=NOW)

        one_more = Wish(PlanShape.DAY, str(story.project.id), date(2026, 8, 11), date(2026, 8, 11), 60)
        assert "The week of 10 August 2026 would have 15h 48m planned" in refused(
            lambda: plans.make_plan(actor=story.owner, wish=one_more, now=NOW)
        )


class TestDoors:
    def test_of_a_line_put_a_sunday_into_the_week_it_begins(self, story):
        quick.add_line(actor=story.owner, line="1h plain", now=LAST_SUNDAY)
        logged = quick.add_line(actor=story.owner, line="30m plain last sunday", now=NOW)

        assert logged.week.starts_on == MONDAY
        assert [(entry.day, entry.minutes) for entry in story.week().entries] == [(SUNDAY, 90)]

    def test_of_the_timer_do_as_well(self, story):
        start_timer(actor=story.owner, line="plain", now=LAST_SUNDAY)
        stop_timer(actor=story.owner, now=LAST_SUNDAY + timedelta(minutes=40))

        assert [(entry.day, entry.minutes) for entry in story.week().entries] == [(SUNDAY, 40)]

    def test_of_plans_do_as_well(self, story):
        first, _, _ = (BlockFactory(person_id=story.owner.id, day=SUNDAY + n * DAY).id for n in (0, 1, 7))

        assert plans.confirm_block(actor=story.owner, block_id=first, now=NOW) == MONDAY
        assert plans.confirm_week(actor=story.owner, monday=MONDAY, now=NOW) == 1
        assert [entry.day for entry in story.week().entries] == [SUNDAY, MONDAY]

    def test_of_imports_do_as_well(self, story):
        rows = [f"{day},Plain letters,60,,{day}" for day in (SUNDAY - WEEK, SUNDAY)]
        sheet = read_sheet(BytesIO("\n".join(["date,project,minutes,note,reference", *rows]).encode()))

        report = import_time(actor=story.owner, sheet=sheet, mapping={}, now=NOW, commit=True)

        assert [week.monday for week in report.weeks] == [MONDAY - 2 * WEEK, MONDAY]
        assert [entry.day for entry in story.week().entries] == [SUNDAY]

    def test_of_the_api_take_the_days_of_the_week_and_name_them(self, api, story):
        owner = api.as_(story.team.owner, "weeks:read", "weeks:write")

        def put(day: date):
            return owner.put(PATH, {"entries": [{"date": str(day), "project_id": story.project.id, "minutes": 60}]})

        assert put(SUNDAY).json["total_minutes"] == 60
        answer = put(SUNDAY - DAY)
        assert (answer.status_code, answer.json["field"]) == (422, "entries.0")
        assert answer.json["message"] == (
            "Saturday 1 August is not in the week of 3 August 2026, "
            "which runs from Sunday 2 August to Saturday 8 August"
        )

    def test_of_the_start_page_show_the_week_that_begins_today(self, app, story, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: LAST_SUNDAY)
        browser = PageClient(app).sign_in(story.team.owner)

        assert browser.get("/weeks/this").location.endswith(PATH)
        assert f'href="{PATH}"' in browser.get("/").text
        assert f"m-{story.project.id}-{SUNDAY}" in browser.get(PATH).text


class TestOthers:
    def test_decide_on_a_week_whose_project_began_on_its_sunday_as_on_a_new_one(self, story):
        story.submitted(story.entry(60, day=-1), story.entry(60, day=0))

        (waiting,), _ = inbox_of(story.manager)
        assert Reason.NEW_PROJECT in {each.reason for each in waiting.unusual}
        approve(story.manager, story.week())

    def test_ask_nothing_of_a_week_of_which_only_the_sunday_before_was_worked(self, friday):
        sunday_only = ((0, 0, 0, 0, 0, 0, 444),)
        who = friday.owner.person_id
        set_pattern(actor=SYSTEM, person_id=who, starts_on=date(2026, 6, 1), weeks=sunday_only, now=NOW)
        set_pattern(actor=SYSTEM, person_id=who, starts_on=SUNDAY - 3 * WEEK + DAY, weeks=((0,) * 7,), now=NOW)
        said = MONDAY - 4 * WEEK
        quick.declare_nothing(actor=friday.owner, monday=said, now=NOW)
        assert still_unlogged([who], NOW.date()) == set()

        sunday_first(friday, date(2026, 6, 1))

        assert still_unlogged([who], NOW.date()) == {who}

    def test_find_every_promise_kept(self, story):
        story.saved(story.entry(60, day=-1))
        story.saved(story.entry(60, day=6, monday=MONDAY - 2 * WEEK), monday=MONDAY - 2 * WEEK)

        assert [each for each in checks.results(NOW, ["H4"]) if not each.ok] == []


class TestStatements:
    """Only a Sunday has to ask where it stands."""

    def test_of_the_page_are_as_many_as_where_weeks_begin_on_monday(self, app, friday):
        browser = PageClient(app).sign_in(friday.team.owner)
        friday.saved()
        browser.get(PATH)
        before = counted(lambda: browser.get(PATH))
        sunday_first(friday, SUNDAY)

        assert counted(lambda: browser.get(PATH)) == before

    def test_of_a_save_are_as_many_too_but_one_with_a_sunday_in_it(self, app, story):
        def save(day: int, minutes: int) -> int:
            version = story.saved(story.entry(30, day=day)).version
            with statements() as sent:
                entries = [story.entry(minutes, day=day)]
                save_week(actor=story.owner, monday=MONDAY, entries=entries, now=NOW, version=version)
            return len(sent)

        assert save(-1, 60) == save(0, 60) + 1 <= 8
