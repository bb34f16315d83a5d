"""The kinds of line in the ledger, the states of a correction, and when the books of a quarter close."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from tithe.kernel.calendar import Quarter, add_working_days

GRACE_WORKING_DAYS = 10
CHANGES_WORKING_DAYS = 20


class LedgerKind(StrEnum):
    """What a line of the ledger did to somebody's minutes."""

    ACCRUAL = "accrual"
    CARRY_IN = "carry_in"
    HOLD = "hold"
    RELEASE = "release"
    USE = "use"
    REVERSAL = "reversal"
    ADJUSTMENT = "adjustment"
    CARRY_OUT = "carry_out"
    LAPSE = "lapse"


class PeriodState(StrEnum):
    """Where the books of a quarter stand. Source: §1.7."""

    OPEN = "open"
    GRACE = "grace"
    CLOSED = "closed"
    LOCKED = "locked"


STATE_WORDS = {
    PeriodState.OPEN: "Open",
    PeriodState.GRACE: "Open for late time",
    PeriodState.CLOSED: "Closed",
    PeriodState.LOCKED: "Locked",
}


class AdjustmentStatus(StrEnum):
    """Where a correction stands."""

    PROPOSED = "proposed"
    POSTED = "posted"
    REFUSED = "refused"


def quarter_of_use(day: date, newest_closed: str | None) -> Quarter:
    """The quarter whose minutes a day uses: its own, or the first open one when that is closed already."""
    quarter = Quarter.containing(day)
    if newest_closed is None or quarter.code > newest_closed:
        return quarter
    return Quarter.parse(newest_closed).next


def grace_ends(quarter: Quarter, holidays: Collection[date]) -> date:
    """The last day on which late entries for a quarter are taken: ten working days after it. Source: §1.7."""
    return add_working_days(quarter.last_day, GRACE_WORKING_DAYS, holidays)


def locks_on(quarter: Quarter, holidays: Collection[date]) -> date:
    """The last day before a closed quarter is locked: twenty working days after its grace. Source: §1.7."""
    return add_working_days(grace_ends(quarter, holidays), CHANGES_WORKING_DAYS, holidays)
