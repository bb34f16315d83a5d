"""What is unusual about a week: the rule, and what the queue says of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from tests.factories.blackouts import BlackoutFactory
from tests.factories.projects import MemberFactory, ProjectFactory
from tests.timesheets.weeks import MONDAY, NOW, Story, approve, send_back
from tithe.kernel.db import db
from tithe.timesheets.models import TimeEntry
from tithe.timesheets.operations.amending import amend_week
from tithe.timesheets.queries.inbox import inbox_of
from tithe.timesheets.rules.entries import Entry, TimeKind, tithed_minutes
from tithe.timesheets.rules.unusual import HALF_A_DAY, STANDARD_DAY, Facts, Reason, unusual_in

TUESDAY = MONDAY + timedelta(days=1)
ENTRIES = st.lists(
    st.builds(Entry, st.dates(MONDAY, MONDAY + timedelta(days=6)), st.integers(1, 3), st.integers(1, 600)),
    unique_by=lambda entry: entry.place,
)


def facts(*entries: Entry, **known: Any) -> Facts:
    return Facts(entries, tithed_minutes(entries), {"1": "Letters", "2": "Maps"}, **known)


def said(*entries: Entry, **known: Any) -> list[tuple[Reason, str]]:
    return [(each.reason, each.words) for each in unusual_in(facts(*entries, **known))]


class TestUnusualIn:
    @given(ENTRIES)
    def test_finds_long_days_and_weeks_exactly(self, entries):
        found = [each.reason for each in unusual_in(facts(*entries))]
        days = [sum(entry.minutes for entry in entries if entry.day == day) for day in {each.day for each in entries}]

        assert found.count(Reason.LONG_DAY) == sum(day > HALF_A_DAY for day in days)
        assert (Reason.LONG_WEEK in found) == (sum(days) > STANDARD_DAY)
        assert set(found) <= {Reason.LONG_DAY, Reason.LONG_WEEK}

    @given(ENTRIES, st.randoms())
    def test_does_not_hang_on_the_order_of_entries(self, entries, random):
        shuffled = random.sample(entries, len(entries))
        assert sorted(said(*entries, new_projects={1})) == sorted(said(*shuffled, new_projects={1}))

    def test_says_nothing_of_a_usual_week(self):
        assert said(Entry(TUESDAY, 1, HALF_A_DAY)) == []

    @pytest.mark.parametrize(
        ("entry", "known", "reason", "words"),
        [
            (
                Entry(TUESDAY, 1, 223),
                {},
                Reason.LONG_DAY,
                "Tue 4 has 3h 43m, more than half a day of 7h 24m",
            ),
            (Entry(TUESDAY, 1, 60), {"new_projects": {1}}, Reason.NEW_PROJECT, "First week on Letters"),
            (
                Entry(TUESDAY, 1, 60),
                {"returned": [Entry(TUESDAY, 1, 90)]},
                Reason.CHANGED_AFTER_RETURN,
                "Changed after it was returned: Tue 4 Letters 1h 30m to 1h",
            ),
            (
                Entry(TUESDAY, 1, 60),
                {"returned": [Entry(TUESDAY, 1, 60)]},
                Reason.CHANGED_AFTER_RETURN,
                "Changed after it was returned, but not in its times",
            ),
            (
                Entry(TUESDAY, 1, 60),
                {"approved": [Entry(TUESDAY, 2, 45)]},
                Reason.AMENDMENT,
                "Amends what was approved: Tue 4 Letters 0m to 1h; Tue 4 Maps 45m to 0m",
            ),
            (
                Entry(TUESDAY, 1, 60),
                {"approved": [Entry(TUESDAY, 1, 60)]},
                Reason.AMENDMENT,
                "Amends what was approved; the times are the same",
            ),
            (
                Entry(TUESDAY, 1, 60),
                {"needs_fix": {TUESDAY}},
                Reason.NEEDS_FIX,
                "Tue 4 has less room now than it holds: its owner is to correct it",
            ),
            (Entry(TUESDAY, 1, 60), {"blackouts": {TUESDAY}}, Reason.BLACKOUT, "Tue 4 is in a blackout of the unit"),
            (
                Entry(TUESDAY, None, 60, "", TimeKind.LEARNING),
                {},
                Reason.OTHER_KIND,
                "Learning: 1h, which uses no allowance",
            ),
            (Entry(TUESDAY, None, 60, "Maps", TimeKind.HELP), {}, Reason.OTHER_KIND, "Help given: 1h"),
        ],
    )
    def test_says_what_it_is_in_words(self, entry, known, reason, words):
        assert said(entry, **known) == [(reason, words)]


class TestInbox:
    @pytest.fixture
    def story(self, app) -> Story:
        return Story()

    def reasons(self, story: Story) -> set[Reason]:
        db.session.rollback()
        (waiting, *_), _ = inbox_of(story.manager)
        return {each.reason for each in waiting.unusual}

    def test_knows_a_project_by_the_weeks_before(self, story):
        story.submitted(monday=MONDAY - timedelta(weeks=1))
        assert self.reasons(story) == {Reason.NEW_PROJECT}
        approve(story.manager, story.week(MONDAY - timedelta(weeks=1)))

        story.submitted()
        assert self.reasons(story) == set()

    def test_does_not_take_a_colleagues_time_for_the_owners(self, story):
        MemberFactory(project_id=story.project.id, person_id=story.team.colleague.id)
        other = ProjectFactory(owner_id=story.team.owner.id, owner=None)
        story.approved(Entry(MONDAY - timedelta(weeks=1), other.id, 60), monday=MONDAY - timedelta(weeks=1))
        story.submitted()
        assert self.reasons(story) == {Reason.NEW_PROJECT}

    def test_says_what_changed_after_a_return_until_it_is_approved(self, story):
        story.approved(monday=MONDAY - timedelta(weeks=1))
        send_back(story.manager, story.submitted(story.entry(90)))
        story.submitted(story.entry(60))
        (waiting,), _ = inbox_of(story.manager)
        assert [each.words for each in waiting.unusual] == [
            "Changed after it was returned: Mon 3 Plain letters 1h 30m to 1h"
        ]

        week = story.week()
        approve(story.manager, week)
        amend_week(actor=story.owner, week_id=week.id, reason="The day was wrong", now=NOW)
        story.submitted(story.entry(60), story.entry(30, day=1))
        assert self.reasons(story) == {Reason.AMENDMENT}

    def test_knows_blackouts_and_days_to_fix(self, story):
        story.approved(monday=MONDAY - timedelta(weeks=1))
        story.submitted(story.entry(60, day=1))
        BlackoutFactory(
            unit_id=story.team.department.id, set_by=story.team.director.id, starts_on=TUESDAY, last_day=TUESDAY
        )
        db.session.execute(update(TimeEntry).where(TimeEntry.day == TUESDAY).values(fix_by=date(2026, 8, 20)))
        db.session.commit()
        assert self.reasons(story) == {Reason.BLACKOUT, Reason.NEEDS_FIX}
