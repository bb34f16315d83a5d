"""When hosts who have left are followed by others, and who is reminded of a stay that ends. Stays end without any."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

from tithe.kernel import clock
from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.jobs import Job, period_before
from tithe.outside import operations
from tithe.people.outside import still_ending
from tithe.people.rules.outside import REMIND_BEFORE

REMINDERS = "outside-reminders"


def every_day(now: datetime) -> Iterator[str]:
    """Every day, once; days that were missed are not made up for one by one."""
    yield local_date(now).isoformat()


def hand_on(period: str, now: datetime) -> None:
    """Find hosts for those whose host has gone."""
    operations.hand_on_orphans(now=now)


def remind(period: str, now: datetime) -> None:
    """Remind of the stays that end soon, for all days since this was done last."""
    before = period_before(REMINDERS, period)
    since = date.fromisoformat(before) if before else date.fromisoformat(period) - timedelta(days=1)
    operations.remind(since=since, now=now)


def still_end(about: list[tuple[int, int]]) -> set[int]:
    """Which reminders still hold: the stay each is about was neither extended nor ended."""
    today = clock.today()
    ending = still_ending({guest_id for _, guest_id in about}, today, today + timedelta(days=max(REMIND_BEFORE)))
    return {notice_id for notice_id, guest_id in about if guest_id in ending}


RECHECKS = {operations.ENDING: still_end}
JOBS = [
    Job("outside-hosts", CronTrigger(hour=0, minute=35, timezone=LONDON), hand_on, every_day),
    Job(REMINDERS, CronTrigger(hour=7, minute=20, timezone=LONDON), remind, every_day),
]
