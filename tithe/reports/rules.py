"""Utilisation, defined once. Source: the scheme's reporting rules, §6.1.

eligible: people with at least one accruing day. participant: somebody with at least `participant_min` minutes of
approved time, by the policy in force in their unit on the last day of the quarter. utilisation: used ÷ entitlement of
the quarter, carried minutes left out. participation: participants ÷ eligible. A unit's row holds everything below it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tithe.allowance.rules.ledger import grace_ends
from tithe.kernel.calendar import Quarter


@dataclass(frozen=True)
class Sums:
    """People and minutes of a part of the organisation."""

    eligible: int = 0
    participants: int = 0
    entitlement: int = 0
    used: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.eligible + other.eligible,
            self.participants + other.participants,
            self.entitlement + other.entitlement,
            self.used + other.used,
        )


@dataclass(frozen=True)
class Line:
    """One unit of a utilisation report with everything below it rolled up. Minutes are whole minutes."""

    unit_id: int
    parent_id: int | None
    unit_code: str
    unit_name: str
    eligible: int
    participants: int
    entitlement_minutes: int
    used_minutes: int

    @property
    def utilisation(self) -> Decimal | None:
        """Used ÷ entitlement in per cent to one place; None when nothing was due."""
        return _share(self.used_minutes, self.entitlement_minutes)

    @property
    def participation(self) -> Decimal | None:
        return _share(self.participants, self.eligible)


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def digest(lines: Iterable[Line]) -> str:
    """SHA-256 of a report's lines in order: two reports agree exactly when their digests do."""
    return hashlib.sha256(json.dumps([astuple(line) for line in lines], separators=(",", ":")).encode()).hexdigest()


def freezes_on(quarter: Quarter, holidays: Collection[date]) -> date:
    """The day a quarter is frozen: the first after its grace for late entries."""
    return grace_ends(quarter, holidays) + timedelta(days=1)
