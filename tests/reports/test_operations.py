"""Freezing a quarter, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.factories.people import RoleGrantFactory, UnitFactory
from tests.support.contents import contents
from tests.timesheets.weeks import MONDAY, Story, actor
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.allowance.operations import accrual as allowance
from tithe.audit.models import AuditEvent
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.notices.models import Notice
from tithe.people.models import Unit
from tithe.reports import jobs, operations, queries, rules
from tithe.reports.models import QuarterLine, QuarterReport

QUARTER = Quarter.parse("2026-27Q2")
ENDED = datetime(2026, 10, 20, 9, tzinfo=UTC)


@pytest.fixture
def story(app) -> Story:
    story = Story()
    allowance.accrue_quarter(actor=SYSTEM, quarter=QUARTER, now=ENDED)
    story.approved()
    return story


def freeze(now: datetime = ENDED, by=SYSTEM) -> bool:
    return operations.freeze_quarter(actor=by, quarter=QUARTER, now=now)


def lines() -> list[tuple[object, ...]]:
    found = select(QuarterLine.unit_code, QuarterLine.eligible, QuarterLine.participants, QuarterLine.used_minutes)
    return [tuple(row) for row in db.session.execute(found.order_by(QuarterLine.unit_code))]


class TestFreezeQuarter:
    def test_stores_the_live_figures_of_every_unit(self, story):
        live = queries.utilisation_of_all(QUARTER)
        db.session.rollback()

        assert freeze() is True

        assert lines() == [("DEPT", 5, 1, 90), ("DEPT-TEAM", 3, 1, 90)]
        report = db.session.scalars(select(QuarterReport)).one()
        assert (report.quarter, report.revision, report.frozen_at) == ("2026-27Q2", 1, ENDED)
        assert report.digest == rules.digest(live)
        shown = queries.report_for(actor(story.team.hr), QUARTER, None)
        assert shown.lines(all_below=True) == live
        assert rules.digest(shown.lines(all_below=True)) == report.digest

    def test_is_done_once(self, story):
        freeze()
        before = contents()

        assert freeze(ENDED + timedelta(days=1)) is False

        assert contents() == before

    def test_does_not_change_when_a_week_is_approved_later(self, story):
        freeze()
        before = lines()

        story.approved(monday=MONDAY - timedelta(weeks=1))

        analyst = actor(story.team.hr)
        assert lines() == before
        frozen = queries.report_for(analyst, QUARTER, "DEPT").lines(all_below=True)
        assert [line.used_minutes for line in frozen] == [90, 90]
        assert [line.used_minutes for line in queries.utilisation_of_all(QUARTER)] == [180, 180]

    def test_keeps_the_names_and_the_tree_of_its_time(self, story):
        freeze()
        top = UnitFactory(code="NEW-TOP")
        db.session.execute(update(Unit).where(Unit.code == "DEPT-TEAM").values(name="Renamed", parent_id=top.id))
        db.session.commit()

        frozen = queries.report_for(actor(story.team.hr), QUARTER, "DEPT").lines(all_below=True)
        assert {line.unit_name for line in frozen} == {"Department of Tests", "Team"}

    @pytest.mark.parametrize("now", [datetime(2026, 9, 30, 12, tzinfo=UTC), datetime(2026, 9, 30, 22, 59, tzinfo=UTC)])
    def test_is_refused_before_the_quarter_has_ended(self, story, now):
        before = contents()
        with pytest.raises(RuleBroken, match="It can be frozen from 1 October 2026"):
            freeze(now)
        assert contents() == before

    def test_is_allowed_from_midnight_in_london(self, story):
        assert freeze(datetime(2026, 9, 30, 23, 0, tzinfo=UTC)) is True

    def test_is_recorded_and_told_to_hr(self, story):
        freeze()

        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "report:freeze")).one()
        assert event.actor_id is None
        told = db.session.scalars(select(Notice.person_id).where(Notice.event == "quarter-frozen"))
        assert list(told) == [story.team.hr.id]

    @pytest.mark.parametrize("role", [Role.HR_ANALYST, Role.HR_MANAGER, Role.AUDITOR, Role.COORDINATOR, None])
    def test_is_for_hr_and_the_system(self, story, role):
        if role:
            RoleGrantFactory(person_id=story.team.colleague.id, unit_id=story.team.department.id, role=role)
        by = actor(story.team.colleague, ENDED)

        if role in (Role.HR_ANALYST, Role.HR_MANAGER):
            assert freeze(by=by) is True
        else:
            with pytest.raises(NotFound):
                freeze(by=by)

    def test_is_not_for_hr_of_one_team(self, story):
        """What is frozen is every unit, for good: HR of a part must not be able to close it for the whole."""
        RoleGrantFactory(person_id=story.team.colleague.id, unit_id=story.team.unit.id, role=Role.HR_ANALYST)
        with pytest.raises(NotFound):
            freeze(by=actor(story.team.colleague, ENDED))


class TestJob:
    def test_is_due_when_the_grace_has_passed(self, app):
        def due(day: date) -> bool:
            return "2026-27Q2" in jobs.due_quarters(datetime(day.year, day.month, day.day, 3, 10, tzinfo=UTC))

        assert not due(date(2026, 10, 14))
        assert due(date(2026, 10, 15))
        assert due(date(2026, 12, 31))

    def test_freezes(self, story):
        jobs.freeze("2026-27Q2", ENDED)
        assert len(lines()) == 2
