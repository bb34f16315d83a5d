"""When accruals are brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from apscheduler.triggers.cron import CronTrigger

from tithe.access.actor import SYSTEM
from tithe.allowance import operations
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.jobs import Job


def due_days(now: datetime) -> Iterator[str]:
    """Every day, once: joiners, leavers and changed hours show the next morning."""
    yield local_date(now).isoformat()


def accrue(period: str, now: datetime) -> None:
    """Post what this quarter's entitlement differs from what was posted."""
    operations.accrue_quarter(actor=SYSTEM, quarter=Quarter.containing(local_date(now)), now=now)


JOBS = [Job("accruals", CronTrigger(hour=1, minute=30, timezone=LONDON), accrue, due_days)]
