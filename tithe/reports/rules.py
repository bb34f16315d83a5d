"""Utilisation, defined once. Source: the scheme's reporting rules, §6.1.

eligible: people with at least one accruing day. participant: somebody with at least `participant_min` minutes of
approved time. utilisation: used ÷ entitlement of the quarter, carried minutes left out. participation:
participants ÷ eligible. A unit's row holds everything below it.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tithe.allowance.rules import grace_ends
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
class Mover:
    """The minutes of somebody who was in several units in one quarter, in one of them."""

    person_id: int
    unit_id: int
    accruing_days: int
    accrued: int
    used: int


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


def sums_of_movers(
    movers: Iterable[Mover], paths: Mapping[int, Iterable[int]], participant_min: int
) -> dict[int, Sums]:
    """What people with minutes in several units add to every unit above them, each person counted once a unit."""
    inside: defaultdict[tuple[int, int], list[Mover]] = defaultdict(list)
    for mover in movers:
        for ancestor in paths.get(mover.unit_id, ()):
            inside[ancestor, mover.person_id].append(mover)
    sums: defaultdict[int, Sums] = defaultdict(Sums)
    for (ancestor, _), parts in inside.items():
        used = sum(part.used for part in parts)
        sums[ancestor] += Sums(
            eligible=int(any(part.accruing_days for part in parts)),
            participants=int(used >= participant_min),
            entitlement=sum(part.accrued for part in parts),
            used=used,
        )
    return dict(sums)


def digest(lines: Iterable[Line]) -> str:
    """SHA-256 of a report's lines in order: two reports agree exactly when their digests do."""
    return hashlib.sha256(json.dumps([astuple(line) for line in lines], separators=(",", ":")).encode()).hexdigest()


def freezes_on(quarter: Quarter, holidays: Collection[date]) -> date:
    """The day a quarter is frozen: the first after its grace for late entries."""
    return grace_ends(quarter, holidays) + timedelta(days=1)
