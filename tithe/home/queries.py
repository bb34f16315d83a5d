"""What needs doing, for one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tithe.access.actor import Actor
from tithe.access.grants import permits
from tithe.access.permissions import Permission
from tithe.allowance.queries import balances as allowance
from tithe.allowance.queries.balances import Balance
from tithe.kernel.calendar import Quarter, monday_of
from tithe.projects import queries as projects
from tithe.projects.queries import ProjectRow
from tithe.timesheets import queries as timesheets
from tithe.timesheets.queries import WeekSummary
from tithe.timesheets.rules import WeekStatus

WEEKS_BACK = timedelta(weeks=13)


@dataclass(frozen=True)
class Home:
    """The start page: balance, this week, weeks that came back or lie unsubmitted, projects, and what waits."""

    balance: Balance
    waiting: int
    monday: date
    this_week: WeekSummary | None
    returned: list[WeekSummary]
    unsubmitted: list[WeekSummary]
    projects: list[ProjectRow]
    to_decide: int


def home_of(viewer: Actor, today: date) -> Home:
    """Everything on the start page, in a fixed number of statements."""
    quarter, monday = Quarter.containing(today), monday_of(today)
    weeks = timesheets.list_own(viewer, monday - WEEKS_BACK)
    return Home(
        balance=allowance.balances_of(viewer.person_id, [quarter])[quarter],
        waiting=timesheets.waiting_minutes(viewer.person_id, [quarter])[quarter],
        monday=monday,
        this_week=next((week for week in weeks if week.starts_on == monday), None),
        returned=[week for week in weeks if week.status is WeekStatus.RETURNED],
        unsubmitted=[
            week for week in weeks if week.status is WeekStatus.DRAFT and week.starts_on < monday and week.total_minutes
        ],
        projects=projects.list_mine(viewer)[:5],
        to_decide=timesheets.count_awaiting(viewer) if permits(viewer, Permission.WEEK_DECIDE) else 0,
    )
