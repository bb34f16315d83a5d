"""Saving, submitting and deciding weeks, on both databases."""

from __future__ import annotations

from datetime import date, datetime, UTC

import pytest

from tests.factories.people import Team
from tests.factories.projects import ProjectFactory
from tithe.allowance import queries as allowance
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import now as now_
from tithe.people import queries as people
from tithe.timesheets import decisions, operations, queries
from tithe.timesheets.rules import Entry, WeekStatus

MONDAY = date(2026, 8, 3)
NOW = datetime(2026, 8, 7, 15, tzinfo=UTC)


def test_journey(app):
    team = Team()
    project = ProjectFactory(owner_id=team.owner.id, owner=None)
    owner = people.actor_by_email(team.owner.email, NOW)
    manager = people.actor_by_email(team.manager.email, NOW)
    operations.save_week(actor=owner, monday=MONDAY, entries=[Entry(MONDAY, project.id, 90)], now=NOW)
    operations.submit_week(actor=owner, monday=MONDAY, now=NOW)
    weeks, more = queries.weeks_awaiting(manager)
    assert len(weeks) == 1 and not more
    decisions.approve_weeks(actor=manager, versions={weeks[0].id: weeks[0].version}, now=NOW)
    assert queries.own_week(owner, MONDAY).status is WeekStatus.APPROVED
    q = Quarter.containing(MONDAY)
    assert allowance.balances_of(owner.id, [q])[q].used == 90
