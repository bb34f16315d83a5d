"""How somebody's allowance stands in a test, and what changes it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert

from tests.allowance.ledgers import a_line, post
from tests.home.conftest import QUARTER
from tests.timesheets.weeks import NOW, actor
from tithe.allowance.models import Absence
from tithe.allowance.rules.ledger import LedgerKind
from tithe.home import queries
from tithe.kernel import clock
from tithe.kernel.db import unit_of_work
from tithe.policy.models import TithePolicy


def mine(story, quarter=QUARTER, now=NOW, who=None):
    return queries.mine_of(actor(who or story.team.owner, now), quarter, clock.local_date(now))


def carried_in(story, minutes, expires=QUARTER, version=1):
    changes = {"expires": expires.code} if minutes > 0 else {}
    post(a_line(story.team.owner, story.team.unit, LedgerKind.CARRY_IN, minutes, version, **changes))


def adjusted(story, minutes):
    post(a_line(story.team.owner, story.team.unit, LedgerKind.ADJUSTMENT, minutes))


def policy(unit, starts_on=date(2026, 1, 1), **settings):
    with unit_of_work() as session:
        values = {"unit_id": unit.id, "version": 1, "starts_on": starts_on, "settings": settings}
        session.execute(insert(TithePolicy).values(**values, reason="A test", adopted_at=NOW))


def away(story, day, minutes=444):
    with unit_of_work() as session:
        values = {"person_id": story.team.owner.id, "day": day, "minutes": minutes}
        session.execute(insert(Absence).values(**values, reduces_accrual=True, source="own", source_key=""))
