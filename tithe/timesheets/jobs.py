"""When quarters are closed and locked, weeks move on, and people are reminded of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

from tithe.access.actor import SYSTEM
from tithe.allowance.operations.closing import lock_quarter
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.queries.periods import oldest_unclosed, unlocked_quarters
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.allowance.rules.ledger import grace_ends, locks_on
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.jobs import Job, period_before
from tithe.timesheets.operations.closing import close_quarter
from tithe.timesheets.operations.escalation import settle_overdue
from tithe.timesheets.operations.fixes import TO_FIX, flag_fixes
from tithe.timesheets.operations.handover import hand_over_orphans
from tithe.timesheets.operations.reminders import WEEKS_MISSING, WEEKS_WAIT, remind_deciders, remind_owners
from tithe.timesheets.operations.timer import TIMER_RUNS, warn_of_capped_timers
from tithe.timesheets.queries.fixes import still_to_fix
from tithe.timesheets.queries.reminders import still_late
from tithe.timesheets.queries.timer import still_running
from tithe.timesheets.queries.unlogged import still_unlogged


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


def every_day(now: datetime) -> Iterator[str]:
    """Every day, once; days that were missed are not made up for one by one."""
    yield local_date(now).isoformat()


def hand_over(period: str, now: datetime) -> None:
    """Hand over the weeks that wait for people who have left."""
    hand_over_orphans(now=now)


def escalate(period: str, now: datetime) -> None:
    """Deal with the weeks nobody decided in time."""
    settle_overdue(now=now)


def remind_who_decides(period: str, now: datetime) -> None:
    """Remind those whose weeks wait, for all days since this was done last."""
    remind_deciders(since=_looked_at("decider-reminders", period), now=now)


def _looked_at(job: str, period: str) -> date:
    """The day up to which a daily job has looked at everything: after an outage that is some days ago."""
    before = period_before(job, period)
    return date.fromisoformat(before) if before else date.fromisoformat(period) - timedelta(days=1)


def look_for_fixes(period: str, now: datetime) -> None:
    """Mark what leave recorded later leaves no room for; tell of what was not put right since this was done last."""
    flag_fixes(since=_looked_at("entry-fixes", period), now=now)


def weeks_to_fix(about: list[tuple[int, int]]) -> set[int]:
    """Which messages still hold: the week each is about still has something to put right."""
    open_weeks = still_to_fix({week_id for _, week_id in about})
    return {notice_id for notice_id, week_id in about if week_id in open_weeks}


def remind_owners_of_weeks(period: str, now: datetime) -> None:
    """Remind those who said nothing of a week, for all days since this was done last."""
    remind_owners(since=_looked_at("owner-reminders", period), now=now)


def weeks_still_missing(about: list[tuple[int, int]]) -> set[int]:
    """Which reminders still hold: the person each is about has still said nothing of a week."""
    missing = still_unlogged({person_id for _, person_id in about}, clock.today())
    return {notice_id for notice_id, person_id in about if person_id in missing}


def weeks_still_wait(about: list[tuple[int, int]]) -> set[int]:
    """Which reminders still hold: weeks still wait for the person each is about."""
    late = still_late({person_id for _, person_id in about}, clock.today())
    return {notice_id for notice_id, person_id in about if person_id in late}


# What reminders of weeks and timers are asked before they go.
RECHECKS = {
    WEEKS_WAIT: weeks_still_wait,
    WEEKS_MISSING: weeks_still_missing,
    TO_FIX: weeks_to_fix,
    TIMER_RUNS: still_running,
}


def warn_of_timers(period: str, now: datetime) -> None:
    """Tell people of timers that count no further. It marks those it told of, so it may run at any time."""
    warn_of_capped_timers(now=now)


def _holidays(quarter: Quarter) -> frozenset[date]:
    return holidays_over(DEFAULT_CALENDAR, quarter.start.year, quarter.end.year + 1)


JOBS = [
    Job("timers", CronTrigger(minute="*/5", timezone=LONDON), warn_of_timers),
    Job("handovers", CronTrigger(hour=0, minute=30, timezone=LONDON), hand_over, every_day),
    Job("entry-fixes", CronTrigger(hour=0, minute=45, timezone=LONDON), look_for_fixes, every_day),
    Job("escalations", CronTrigger(hour=1, minute=0, timezone=LONDON), escalate, every_day),
    Job("decider-reminders", CronTrigger(hour=7, minute=0, timezone=LONDON), remind_who_decides, every_day),
    Job("owner-reminders", CronTrigger(hour=7, minute=10, timezone=LONDON), remind_owners_of_weeks, every_day),
    Job("closings", CronTrigger(hour=3, minute=30, timezone=LONDON), close, due_closings),
    Job("locks", CronTrigger(hour=3, minute=50, timezone=LONDON), lock, due_locks),
]
