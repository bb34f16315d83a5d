"""The demo is dated by the day it is loaded on: whichever that is, it holds and keeps every promise."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from tithe import checks
from tithe.developers import demo
from tithe.kernel.db import db
from tithe.people import queries as people
from tithe.projects.flags import flags_waiting
from tithe.timesheets.models import PlannedBlock, TitheRequest
from tithe.timesheets.rules.agreements import RequestStatus

MONDAY_AND_QUARTER = datetime(2029, 10, 1, 7, tzinfo=UTC)
SUNDAY_NIGHT_OF_A_QUARTER = datetime(2026, 6, 28, 23, 30, tzinfo=UTC)
LAST_DAY_OF_A_YEAR = datetime(2026, 12, 31, 23, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.parametrize("migrated_app", ["sqlite"], indirect=True)
class TestDemo:
    @pytest.mark.parametrize("now", [MONDAY_AND_QUARTER, SUNDAY_NIGHT_OF_A_QUARTER, LAST_DAY_OF_A_YEAR])
    def test_holds_on_any_day(self, app, now):
        assert demo.load(now=now, cost=(1, 8, 1), progress=lambda: None)
        accounts = {each.what: people.actor_by_email(each.email, now) for each in demo.accounts(now)}

        assert [each for each in checks.results(now) if not each.ok] == []
        assert list(accounts) == [
            "Member of staff", "Line manager", "HR analyst", "HR manager", "Another HR manager", "Coordinator",
            "Outside member",
        ]  # fmt: skip
        assert len(flags_waiting(accounts["Coordinator"])[0]) == 1
        mine = TitheRequest.person_id == accounts["Member of staff"].id
        assert db.session.scalars(select(TitheRequest.status).where(mine)).all() == [RequestStatus.AGREED]
        waits = select(func.count()).where(TitheRequest.status == RequestStatus.ASKED)
        assert db.session.scalar(waits) == 1
        assert db.session.scalar(select(func.count()).select_from(PlannedBlock))
