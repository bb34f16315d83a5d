"""One's own allowance: the page, and the same figures by API and command."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert

from tests.factories.people import PersonFactory
from tests.home.allowances import adjusted, away, carried_in, mine, policy
from tests.home.conftest import LAST_WEEK, QUARTER
from tests.support.contents import counted
from tests.support.pages import PageClient
from tests.timesheets.weeks import MONDAY, NOW, REASON
from tithe.access.actor import SYSTEM
from tithe.allowance.models import CalendarDay, HolidayCalendar, Protection
from tithe.allowance.operations import accrual
from tithe.home.presenters import words
from tithe.kernel import clock
from tithe.kernel.db import unit_of_work
from tithe.people.models import Assignment
from tithe.timesheets.operations import closing
from tithe.timesheets.operations.amending import amend_week

PATH = f"/allowance?quarter={QUARTER}"
OCTOBER = datetime(2026, 10, 20, 9, tzinfo=UTC)


@pytest.fixture
def owner(app, story):
    return PageClient(app).sign_in(story.team.owner)


class TestFigures:
    def test_count_what_waits_as_used(self, story):
        story.approved(monday=LAST_WEEK)
        story.submitted(story.entry(120, day=1))

        found = mine(story)

        assert (found.balance.accrued, found.balance.used, found.waiting, found.left) == (5775, 90, 120, 5565)
        assert found.usable == 5565

    def test_are_a_forecast_until_the_quarter_is_posted(self, story):
        found = mine(story, QUARTER.next)

        assert (found.account.is_posted, found.balance.accrued) == (False, 5685)
        (group,) = words.groups(found)
        assert (group.title, group.lines[0].when, group.after) == ("Earned", "Not posted yet", 5685)

    def test_say_how_much_is_usable_today_where_time_is_used_as_it_is_earned(self, story):
        policy(story.team.unit, availability="accrued_to_date")
        story.submitted(story.entry(60, day=1))

        found = mine(story)

        assert found.left == 5715
        assert found.usable == 2490 - 60  # 28 days of 444 minutes at a fifth
        assert ("Usable today", "40h 30m") in words.figures(found)

    def test_have_nothing_usable_that_is_not_there(self, story):
        adjusted(story, -6000)

        assert mine(story).usable == 0

    def test_of_somebody_without_a_post_are_nothing(self, story):
        found = mine(story, who=PersonFactory())

        assert (found.left, found.usable, words.groups(found), words.stretches(found)) == (0, 0, [], [])


class TestOutlook:
    def test_says_what_of_the_carried_minutes_lapses_and_when(self, story):
        carried_in(story, 600)
        carried_in(story, 60, QUARTER.next, version=2)
        story.approved(story.entry(240, day=1, monday=LAST_WEEK), monday=LAST_WEEK)

        assert [(lot.expires, lot.minutes) for lot in mine(story).lots] == [(QUARTER, 360), (QUARTER.next, 60)]
        assert words.outlook(mine(story))[0] == (
            "54h 15m lapses after 30 Sep 2026 if nothing more is used by then. "
            "6h of it was carried in and is used first."
        )

    def test_says_what_would_carry_over_and_what_would_lapse(self, story):
        lines = words.outlook(mine(story))

        assert "48h 15m lapses after 30 Sep 2026 if nothing more is used by then." in lines
        assert "48h would carry over, to be used by 31 Dec 2026." in lines
        assert "At most 50% of what a quarter earns carries over: 48h here." in lines

    def test_names_what_is_protected(self, story):
        with unit_of_work() as session:
            values = {"person_id": story.team.owner.id, "quarter": QUARTER.code, "source": "week", "source_id": 1}
            session.execute(insert(Protection).values(**values, minutes=300))

        assert "5h is protected beyond that: it was asked for and could not be spared." in words.outlook(mine(story))
        assert mine(story).closing.carried_minutes == 2880 + 300

    def test_tells_leavers_that_nothing_carries_over(self, story):
        leaver = PersonFactory(leaves_on=date(2026, 9, 15))
        with unit_of_work() as session:
            held = {"person_id": leaver.id, "unit_id": story.team.unit.id, "starts_on": date(2020, 1, 1)}
            session.execute(
                insert(Assignment).values(
                    **held, grade="HEO", weekly_minutes=2220, fte_bp=10_000, calendar="england-and-wales"
                )
            )

        lines = words.outlook(mine(story, who=leaver))

        assert "You leave before the next quarter begins, so nothing carries over." in lines
        assert not [line for line in lines if "would carry over" in line]


class TestOverdrawn:
    def test_says_what_it_means_and_what_to_do(self, story, owner):
        adjusted(story, -6375)

        page = owner.get(PATH)

        assert "You have used or submitted 10h more than you have." in page.text
        assert "ask HR for a correction" in page.text
        assert "7h 24m is taken from Oct to Dec 2026 and 2h 36m is written off." in page.text
        assert 'aria-label="Used 0m, Waiting for approval 0m, More than there is 10h"' in page.text
        assert "What lapses when" not in page.text

    def test_is_not_said_of_a_balance_of_nothing(self, story):
        adjusted(story, -5775)

        assert words.overdrawn(mine(story)) == []
        assert words.outlook(mine(story)) == ["Nothing is left to lapse or to carry over."]


class TestGroups:
    def test_add_up_to_the_balance(self, story):
        story.approved(monday=LAST_WEEK)
        carried_in(story, 600)
        carried_in(story, -30, version=2)
        adjusted(story, 15)

        found = mine(story)
        groups = words.groups(found)

        assert [(group.title, group.minutes) for group in groups] == [
            ("Carried in", 570),
            ("Earned", 5775),
            ("Corrections", 15),
            ("Used", -90),
        ]
        assert groups[-1].after == groups[-1].lines[-1].after == found.balance.left
        assert [line.after for line in groups[0].lines] == [600, 570]

    def test_explain_an_accrual_from_what_was_kept_with_it(self, story):
        (group,) = words.groups(mine(story))

        assert group.lines[0].why[:2] == [
            "481h counted, on 65 days: the time due, less holidays and time away.",
            "20% of that is 96h 12m, which is rounded to 96h 15m.",
        ]
        assert group.lines[0].why[-1].startswith("Posted 7 Aug 2026 at 4:00pm by tithe itself")

    def test_explain_a_difference_by_what_was_posted_before(self, story):
        away(story, date(2026, 9, 1))
        accrual.accrue_for(
            actor=SYSTEM, person_ids=[story.team.owner.id], since=MONDAY, why="your time away changed", now=NOW
        )

        (group,) = words.groups(mine(story))

        assert [line.minutes for line in group.lines] == [5775, -90]
        assert "96h 15m had been posted before, so the difference is −1h 30m." in group.lines[1].why
        assert [line.days for line in group.lines] == [False, True]

    def test_say_when_what_is_on_record_has_changed_since(self, story):
        away(story, date(2026, 9, 1))

        (group,) = words.groups(mine(story))

        assert "By what is on record today it is 94h 45m." in " ".join(group.lines[0].why)

    def test_say_which_part_of_a_week_is_used_from_the_quarter(self, story):
        straddling = date(2026, 6, 29)
        entries = [story.entry(60, day=n, monday=straddling) for n in (1, 2)]
        story.approved(*entries, monday=straddling)

        used = words.groups(mine(story))[-1]

        assert used.lines[0].why[0] == "The whole week holds 2h; 1h of it is used from this quarter."

    def test_explain_a_week_that_was_put_right(self, story):
        week = story.approved(monday=LAST_WEEK)
        amend_week(actor=story.owner, week_id=week.id, reason=REASON, now=NOW)
        story.approved(story.entry(120, day=1, monday=LAST_WEEK), monday=LAST_WEEK)

        used = words.groups(mine(story))[-1]

        assert [line.minutes for line in used.lines] == [-90, 90, -120]
        assert "what had been counted for it is given back." in used.lines[1].why[0]
        assert used.lines[2].why[1] == "It stands in place of what had been approved for that week before."

    def test_say_until_when_carried_minutes_last(self, story):
        carried_in(story, 600)

        assert words.groups(mine(story))[0].lines[0].why[0] == "It can be used until 30 Sep 2026; then it lapses."


class TestDays:
    def test_are_cut_where_the_rate_changes(self, story):
        policy(story.team.unit, date(2026, 9, 1), rate_bp=1000)

        first, second = words.stretches(mine(story))

        assert (first.rate, first.days[-1].day, second.rate, second.days[0].day) == (
            "20%",
            date(2026, 8, 31),
            "10%",
            date(2026, 9, 1),
        )

    def test_show_holidays_by_name_and_link_the_policy(self, story, owner):
        away(story, date(2026, 7, 6), 200)

        page = owner.get(PATH)

        assert "Away 3h 20m" in page.text
        assert "Summer bank holiday" in page.text
        assert f'href="/policy/{story.team.unit.code}"' in page.text

    def test_name_the_holidays_of_a_calendar_of_ones_own(self, story, owner):
        with unit_of_work() as session:
            session.execute(insert(HolidayCalendar).values(code="isle", name="The isle"))
            days = {"calendar": "isle", "day": date(2026, 7, 6), "name": "Tynwald Day", "kind": "local"}
            session.execute(insert(CalendarDay).values(**days))
            session.execute(Assignment.__table__.update().values(calendar="isle"))

        assert "Tynwald Day" in owner.get(PATH).text


class TestClosed:
    @pytest.fixture
    def closed(self, story, monkeypatch):
        story.approved(monday=LAST_WEEK)
        monkeypatch.setattr(clock, "now", lambda: OCTOBER)
        closing.close_quarter(actor=SYSTEM, quarter=QUARTER, now=OCTOBER)
        return story

    def test_says_so_and_what_became_of_the_minutes(self, closed, owner):
        page = owner.get(PATH)

        assert "The books of Jul to Sep 2026 were closed on 20 Oct 2026 at 10:00am" in page.text
        assert words.figures(mine(closed, now=OCTOBER))[:2] == [("Carried over", "48h"), ("Lapsed", "46h 45m")]
        assert "What lapses when" not in page.text

    def test_explains_what_was_carried_and_what_lapsed(self, closed):
        lapsed = words.groups(mine(closed, now=OCTOBER))[-1]

        assert lapsed.after == 0
        assert lapsed.lines[0].why[:2] == [
            "At most 48h of what the quarter earned could carry over.",
            "48h was carried over and 46h 45m lapsed.",
        ]

    def test_opens_the_next_quarter_with_what_was_carried(self, closed):
        found = mine(closed, QUARTER.next, OCTOBER)

        assert [(lot.expires, lot.minutes) for lot in found.lots] == [(QUARTER.next, 2880)]
        assert ("Carried in", "48h") in words.figures(found)

    def test_explains_a_debt_that_goes_on(self, story, monkeypatch):
        adjusted(story, -6375)
        monkeypatch.setattr(clock, "now", lambda: OCTOBER)
        closing.close_quarter(actor=SYSTEM, quarter=QUARTER, now=OCTOBER)

        debt = words.groups(mine(story, QUARTER.next, OCTOBER))[0]

        assert (debt.title, debt.minutes) == ("Carried in", -444)
        assert debt.lines[0].why[0].startswith("More had been used than there was.")
        assert ("Carried in", "−7h 24m") in words.figures(mine(story, QUARTER.next, OCTOBER))

    def test_is_closed_to_programs_too(self, closed, api):
        body = api.as_(closed.team.owner).get(f"/allowance?quarter={QUARTER}").json

        assert (body["state"], body["at_close"], body["left_minutes"], body["usable_minutes"]) == ("closed", None, 0, 0)


class TestPage:
    def test_draws_and_says_the_same_figures(self, story, owner):
        story.approved(monday=LAST_WEEK)
        story.submitted(story.entry(120, day=1))

        page = owner.get(PATH)

        assert page.heading == "Your allowance"
        assert 'aria-label="Used 1h 30m, Waiting for approval 2h, Left 92h 45m"' in page.text
        assert page.words("dd")[:4] == ["92h 45m", "1h 30m", "2h", "96h 15m"]
        assert "Week of 27 July" in page.text

    def test_lists_the_quarters_there_are(self, story, owner):
        accrual.accrue_quarter(actor=SYSTEM, quarter=QUARTER.previous, now=NOW)

        page = owner.get("/allowance")

        assert f'href="/allowance?quarter={QUARTER.previous}"' in page.text
        assert "Jul to Sep 2026, shown here: 0m used of 96h 15m earned" in " ".join(page.words("li"))

    def test_refuses_what_is_no_quarter(self, owner):
        assert owner.get("/allowance?quarter=2026Q9").status == 422

    def test_marks_itself_in_the_navigation_of_the_allowance(self, owner):
        current = [each for each in owner.get(PATH).all("a") if each.get("aria-current")]

        assert "/allowance" in [each.get("href") for each in current]

    def test_shows_nobody_elses_lines(self, app, story):
        adjusted(story, 15)

        page = PageClient(app).sign_in(story.team.colleague).get(PATH)

        assert "Corrections" not in page.text

    def test_takes_the_same_statements_however_many_lines(self, app, story, owner):
        owner.get(PATH)
        few = counted(lambda: owner.get(PATH))
        for version in range(1, 30):
            carried_in(story, 15, version=version)

        assert counted(lambda: owner.get(PATH)) == few <= 8
