"""When quarters are frozen."""

from __future__ import annotations

from datetime import datetime

from apscheduler.triggers.cron import CronTrigger

from tithe.access.actor import SYSTEM
from tithe.allowance.queries.calendars import holidays_over
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.jobs import Job
from tithe.reports import operations, queries, rules

CALENDAR = "england-and-wales"
YEAR = 4  # quarters


def past_grace(now: datetime) -> list[Quarter]:
    """The quarters of the last year whose grace for late entries has passed, the oldest first."""
    today = local_date(now)
    quarters = [Quarter.containing(today).previous]
    while len(quarters) < YEAR:
        quarters.insert(0, quarters[0].previous)
    return [
        quarter
        for quarter in quarters
        if today >= rules.freezes_on(quarter, holidays_over(CALENDAR, quarter.start.year, quarter.end.year))
    ]


def due_quarters(now: datetime) -> list[str]:
    """The newest of those, and the earlier ones that hold figures: before tithe was here there is nothing to freeze."""
    quarters = past_grace(now)
    return [each.code for each in quarters if each == quarters[-1] or queries.has_figures(each)]


def freeze(period: str, now: datetime) -> None:
    """Freeze one quarter. Running it twice changes nothing."""
    operations.freeze_quarter(actor=SYSTEM, quarter=Quarter.parse(period), now=now)


JOBS = [Job("quarterly-report", CronTrigger(hour=3, minute=10, timezone=LONDON), freeze, due_quarters)]
