"""Entries on days that turned out to be days away."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from tests.factories.absences import AbsenceFactory
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.allowance.models import Absence
from tithe.kernel.db import db
from tithe.kernel.jobs import run_due
from tithe.notices.models import Notice
from tithe.timesheets.jobs import JOBS, RECHECKS
from tithe.timesheets.models import TimeEntry
from tithe.timesheets.operations.amending import amend_week
from tithe.timesheets.operations.fixes import flag_fixes
from tithe.timesheets.operations.weeks import save_week
from tithe.timesheets.queries.fixes import fixes_in
from tithe.timesheets.rules.fixes import Logged, overfull

TUESDAY = MONDAY + timedelta(days=1)
FIX_BY = date(2026, 8, 21)


@pytest.fixture
def story(app):
    return Story()


def look(now=NOW, since=None):
    db.session.rollback()
    return flag_fixes(since=since or now.date() - timedelta(days=1), now=now)


def marks():
    db.session.rollback()
    return dict(db.session.execute(select(TimeEntry.day, TimeEntry.fix_by)).all())


def told(event):
    return list(db.session.scalars(select(Notice).where(Notice.event == event).order_by(Notice.id)))


class TestFlagFixes:
    @pytest.mark.parametrize("how", ["saved", "submitted", "approved"])
    def test_asks_the_owner_to_put_a_day_away_right_within_ten_working_days(self, story, how):
        week = getattr(story, how)(story.entry(day=1), story.entry(day=2))
        AbsenceFactory(person_id=story.owner.id, day=TUESDAY)

        assert look() == (1, 0)
        assert marks() == {TUESDAY: FIX_BY, TUESDAY + timedelta(days=1): None}
        assert story.week().version == week.version
        [notice] = told("week-fix")
        assert (notice.person_id, notice.path) == (story.owner.id, f"/weeks/{MONDAY}")
        assert "Tuesday 4 August 2026" in notice.body

    def test_leaves_a_day_that_has_room_for_both(self, story):
        story.submitted()
        AbsenceFactory(person_id=story.owner.id, day=TUESDAY, minutes=444 - 90)

        assert look() == (0, 0)

    def test_asks_once_and_keeps_the_day(self, story):
        story.submitted()
        AbsenceFactory(person_id=story.owner.id, day=TUESDAY)
        look()

        assert look(NOW + timedelta(days=3)) == (0, 0)
        assert marks() == {TUESDAY: FIX_BY}
        assert len(told("week-fix")) == 1

    def test_takes_the_mark_back_when_the_time_away_is_corrected(self, story):
        story.submitted()
        AbsenceFactory(person_id=story.owner.id, day=TUESDAY)
        look()
        db.session.execute(delete(Absence))
        db.session.commit()

        assert look() == (0, 1)
        assert marks() == {TUESDAY: None}

    def test_takes_the_mark_back_when_the_week_is_amended(self, story):
        week = story.approved()
        AbsenceFactory(person_id=story.owner.id, day=TUESDAY, minutes=400)
        look()
        amend_week(actor=story.owner, week_id=week.id, reason="I was away that day", now=NOW)
        save_week(actor=story.owner, monday=MONDAY, entries=[story.entry(30, day=1)], now=NOW)

        assert look() == (0, 1)

    def test_tells_the_manager_once_when_the_time_is_over(self, story):
        week = story.approved()
        AbsenceFactory(person_id=story.owner.id, day=TUESDAY)
        look()
        for days in (14, 15, 16):
            look(NOW + timedelta(days=days))

        [notice] = told("week-not-fixed")
        assert (notice.person_id, notice.path) == (story.team.manager.id, f"/approvals/{week.id}")
        assert "away" not in notice.body

    def test_tells_of_what_ran_out_while_nobody_looked(self, story):
        story.approved()
        AbsenceFactory(person_id=story.owner.id, day=TUESDAY)
        look()
        look(NOW + timedelta(days=30), since=NOW.date() + timedelta(days=1))

        assert len(told("week-not-fixed")) == 1

    def test_is_asked_about_again_before_the_message_goes(self, story):
        week = story.submitted()
        AbsenceFactory(person_id=story.owner.id, day=TUESDAY)
        look()
        [notice] = told("week-fix")
        assert RECHECKS["week-fix"]([(notice.id, notice.about_id)]) == {notice.id}
        db.session.execute(delete(Absence))
        db.session.commit()
        look()

        assert notice.about_id == week.id
        assert RECHECKS["week-fix"]([(notice.id, notice.about_id)]) == set()

    def test_is_done_every_night(self, story):
        story.submitted()
        AbsenceFactory(person_id=story.owner.id, day=TUESDAY)
        [job] = [each for each in JOBS if each.name == "entry-fixes"]

        db.session.rollback()
        assert run_due(job, NOW) == ["2026-08-07"]
        assert run_due(job, NOW) == []
        assert fixes_in(story.week().id) == {(TUESDAY, str(story.project.id)): FIX_BY}


ENTRIES = st.lists(
    st.builds(
        Logged,
        id=st.integers(1, 10**6),
        week_id=st.just(1),
        owner_id=st.integers(1, 2),
        day=st.dates(MONDAY, MONDAY + timedelta(days=2)),
        minutes=st.integers(1, 600),
        fix_by=st.none(),
    ),
    unique_by=lambda entry: entry.id,
    max_size=8,
)


class TestOverfull:
    @given(entries=ENTRIES, room=st.integers(0, 1440))
    def test_names_all_of_a_day_or_nothing_of_it(self, entries, room):
        found = overfull(entries, lambda owner, day: room)

        for entry in entries:
            same_day = [each for each in entries if (each.owner_id, each.day) == (entry.owner_id, entry.day)]
            assert (entry.id in found) == (sum(each.minutes for each in same_day) > room)

    @given(entries=ENTRIES)
    def test_names_nothing_where_room_is_without_end(self, entries):
        assert overfull(entries, lambda owner, day: None) == set()
