"""When quarters are closed and locked, and when weeks that wait for leavers are handed over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from apscheduler.triggers.cron import CronTrigger

from tithe.access.actor import SYSTEM
from tithe.allowance.operations.closing import lock_quarter
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.queries.periods import oldest_unclosed, unlocked_quarters
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.allowance.rules.ledger import grace_ends, locks_on
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.jobs import Job
from tithe.timesheets.operations.closing import close_quarter
from tithe.timesheets.operations.handover import hand_over_orphans


def due_closings(now: datetime) -> Iterator[str]:
    """The quarters whose days of grace are over and whose books are open, the oldest first."""
    today, quarter = local_date(now), oldest_unclosed()
    while quarter is not None and today > grace_ends(quarter, _holidays(quarter)):
        yield quarter.code
        quarter = quarter.next


def close(period: str, now: datetime) -> None:
    """Close one quarter."""
    close_quarter(actor=SYSTEM, quarter=Quarter.parse(period), now=now)


def due_locks(now: datetime) -> list[str]:
    """The closed quarters whose time for changes by managers is over, the oldest first."""
    today = local_date(now)
    return [quarter.code for quarter in unlocked_quarters() if today > locks_on(quarter, _holidays(quarter))]


def lock(period: str, now: datetime) -> None:
    """Lock one quarter."""
    lock_quarter(actor=SYSTEM, quarter=Quarter.parse(period), now=now)


def due_handovers(now: datetime) -> Iterator[str]:
    """Every day, once: what waited for somebody who left yesterday waits for another this morning."""
    yield local_date(now).isoformat()


def hand_over(period: str, now: datetime) -> None:
    """Hand over the weeks that wait for people who have left."""
    hand_over_orphans(now=now)


def _holidays(quarter: Quarter) -> frozenset[date]:
    return holidays_over(DEFAULT_CALENDAR, quarter.start.year, quarter.end.year + 1)


JOBS = [
    Job("handovers", CronTrigger(hour=0, minute=30, timezone=LONDON), hand_over, due_handovers),
    Job("closings", CronTrigger(hour=3, minute=30, timezone=LONDON), close, due_closings),
    Job("locks", CronTrigger(hour=3, minute=50, timezone=LONDON), lock, due_locks),
]
