"""The kinds of line in the ledger, the states of a correction, and when the books of a quarter close."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from tithe.kernel.calendar import Quarter, add_working_days

GRACE_WORKING_DAYS = 10


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


class AdjustmentStatus(StrEnum):
    """Where a correction stands."""

    PROPOSED = "proposed"
    POSTED = "posted"
    REFUSED = "refused"


def grace_ends(quarter: Quarter, holidays: Collection[date]) -> date:
    """The last day on which late entries for a quarter are taken: ten working days after it. Source: §1.7."""
    return add_working_days(quarter.last_day, GRACE_WORKING_DAYS, holidays)
