"""The balances of the people somebody manages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, case, func, select, tuple_

from tithe.access.actor import Actor
from tithe.allowance.models import PersonQuarter
from tithe.allowance.queries.balances import Balance
from tithe.allowance.queries.schedules import schedules_of
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, table_of
from tithe.people.queries import POSTS_HELD, person_names

PAGE = 50
Place = tuple[int, str, int]  # 0 for the overdrawn and 1 for others, name, id: where a page of the list begins

POSTS, TOTALS = POSTS_HELD.subquery("posts"), table_of(PersonQuarter).c
REPORTS = select(POSTS.c.person_id).where(POSTS.c.line_manager_id == bindparam("manager_id"))
SUMS = (
    select(
        TOTALS.person_id,
        func.sum(TOTALS.accrued).label("accrued"),
        func.sum(TOTALS.used).label("used"),
        func.sum(TOTALS.other).label("other"),
        func.sum(TOTALS.accruing_days).label("days"),
    )
    .where(TOTALS.quarter == bindparam("quarter"), TOTALS.person_id.in_(REPORTS))
    .group_by(TOTALS.person_id)
    .subquery("sums")
)
OVERDRAWN = SUMS.c.accrued + SUMS.c.other < SUMS.c.used
KEY = (case((OVERDRAWN, 0), else_=1), person_names.c.name, person_names.c.id)
TEAM: Select[*tuple[Any, ...]] = (
    select(*KEY, *(func.coalesce(SUMS.c[name], 0) for name in ("accrued", "used", "other", "days")))
    .outerjoin(SUMS, SUMS.c.person_id == person_names.c.id)
    .where(person_names.c.id.in_(REPORTS))
    .order_by(*KEY)
)


@dataclass(frozen=True)
class TeamRow:
    """One of those the viewer manages, and their balance."""

    person_id: int
    name: str
    balance: Balance
    place: Place


def team_of(manager: Actor, today: date, *, after: Place | None = None) -> tuple[list[TeamRow], bool]:
    """A page of the balances this quarter of those who report to the manager today, in two statements, and whether
    more follow. Who has used more than they have comes first, then by name.

    Somebody whose accrual has not been posted yet is forecast from the same rule.
    """
    quarter = Quarter.containing(today)
    which = {"manager_id": manager.person_id, "quarter": quarter.code, "start": today, "end": today + timedelta(days=1)}
    found = TEAM.where(tuple_(*KEY) > tuple_(*after)) if after else TEAM
    rows = db.session.execute(found.limit(PAGE + 1), which).all()
    ahead = schedules_of([row[2] for row in rows if not row[6]], quarter.start, quarter.end)
    team = []
    for first, name, person_id, accrued, used, other, days in rows[:PAGE]:
        earned = accrued if days else ahead[person_id].entitlement.minutes
        balance = Balance(quarter, int(earned), int(used), int(other))
        team.append(TeamRow(person_id, name, balance, (first, name, person_id)))
    return team, len(rows) > PAGE
