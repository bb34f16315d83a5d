"""What the people who run the scheme have done in the demo: closed quarters, leave, hours, a blackout, a correction."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from tithe.access.actor import SYSTEM, Actor
from tithe.allowance.operations.absences import enter_absence
from tithe.allowance.operations.adjustments import propose_adjustment
from tithe.allowance.operations.blackouts import set_blackout
from tithe.allowance.operations.closing import lock_quarter
from tithe.allowance.operations.patterns import set_pattern
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules.absences import Spell
from tithe.allowance.rules.adjustments import Proposal
from tithe.allowance.rules.blackouts import Plan
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.allowance.rules.ledger import grace_ends, locks_on
from tithe.kernel.calendar import Quarter, monday_of
from tithe.kernel.clock import LONDON, local_date
from tithe.timesheets.operations.closing import close_quarter

FOUR_DAYS = ((444, 444, 444, 444, 0, 0, 0),)
WHY_BLACKOUT = "Placement reviews for the whole country fall due in these two weeks"
WHY_CORRECTION = "An afternoon at the conference was logged on the wrong project and never approved"


def run_the_scheme(*, manager: Actor, unit: str, members: list[Actor], now: datetime) -> None:
    """Close what can be closed, give two members some leave and one of them fewer days, plan a blackout, and leave a
    correction for a second person to decide."""
    today = local_date(now)
    this = Quarter.containing(today)
    first, second, third, *_ = members
    for actor, weeks in ((first, 5), (second, 3)):
        monday = monday_of(today) + timedelta(weeks=weeks)
        enter_absence(actor=actor, spell=Spell(monday, monday + timedelta(days=4)), now=now)
    set_pattern(actor=SYSTEM, person_id=third.person_id, starts_on=this.start, weeks=FOUR_DAYS, now=now)
    far = monday_of(today) + timedelta(weeks=9)
    plan = Plan(far, far + timedelta(days=11), "deadline", WHY_BLACKOUT)
    set_blackout(actor=manager, unit=unit, plan=plan, now=now)
    _close([this.previous.previous, this.previous], today)
    proposal = Proposal(this, 180, WHY_CORRECTION)
    propose_adjustment(actor=manager, person=second.email, proposal=proposal, now=now)


def _close(quarters: list[Quarter], today: date) -> None:
    """Close those whose days of grace are over and lock those whose time for changes is, the morning after each."""
    for quarter in quarters:
        holidays = holidays_over(DEFAULT_CALENDAR, quarter.start.year, quarter.end.year + 1)
        if grace_ends(quarter, holidays) < today:
            close_quarter(actor=SYSTEM, quarter=quarter, now=_morning_after(grace_ends(quarter, holidays)))
        if locks_on(quarter, holidays) < today:
            lock_quarter(actor=SYSTEM, quarter=quarter, now=_morning_after(locks_on(quarter, holidays)))


def _morning_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(4), LONDON)
