"""When accruals are brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from apscheduler.triggers.cron import CronTrigger

from tithe.access.actor import SYSTEM
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.allowance.rules.ledger import grace_ends
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.jobs import Job


def due_days(now: datetime) -> Iterator[str]:
    """Every day, once: joiners, leavers and changed hours show the next morning."""
    yield local_date(now).isoformat()


def accrue(period: str, now: datetime) -> None:
    """Post what entitlement differs from what was posted: this quarter's, and last quarter's until its grace ends."""
    today = local_date(now)
    quarter = Quarter.containing(today)
    last = quarter.previous
    if today <= grace_ends(last, holidays_over(DEFAULT_CALENDAR, last.start.year, today.year)):
        accrue_quarter(actor=SYSTEM, quarter=last, now=now)
    accrue_quarter(actor=SYSTEM, quarter=quarter, now=now)


JOBS = [Job("accruals", CronTrigger(hour=1, minute=30, timezone=LONDON), accrue, due_days)]
