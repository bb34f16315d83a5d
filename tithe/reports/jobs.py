"""When quarters are frozen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from apscheduler.triggers.cron import CronTrigger

from tithe.access.actor import SYSTEM
from tithe.allowance.calendars import holidays_over
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.jobs import Job
from tithe.reports import operations, rules

CALENDAR = "england-and-wales"


def due_quarters(now: datetime) -> Iterator[str]:
    """Last quarter, from the day its grace for late entries has passed."""
    today = local_date(now)
    last = Quarter.containing(today).previous
    if today >= rules.freezes_on(last, holidays_over(CALENDAR, last.start.year, today.year + 1)):
        yield last.code


def freeze(period: str, now: datetime) -> None:
    """Freeze one quarter. Running it twice changes nothing."""
    operations.freeze_quarter(actor=SYSTEM, quarter=Quarter.parse(period), now=now)


JOBS = [Job("quarterly-report", CronTrigger(hour=3, minute=10, timezone=LONDON), freeze, due_quarters)]
