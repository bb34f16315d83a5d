"""When records whose time has ended are erased."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from apscheduler.triggers.cron import CronTrigger

from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.jobs import Job
from tithe.oversight.operations.erasure import erase_due


def due_months(now: datetime) -> Iterator[str]:
    """Every month, once."""
    yield f"{local_date(now):%Y-%m}"


def erase(period: str, now: datetime) -> None:
    """Erase what has been kept long enough."""
    erase_due(now=now)


JOBS = [Job("retention", CronTrigger(day=1, hour=3, minute=30, timezone=LONDON), erase, due_months)]
