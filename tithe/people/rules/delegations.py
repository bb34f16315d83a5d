"""Standing in for a manager: who may, for how long, never along a chain. Source: §1.6 of the scheme's time rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tithe.kernel.calendar import named
from tithe.kernel.errors import Problem
from tithe.people.rules.grades import Grade, rank

MOST_DAYS = 56  # eight weeks
LONGEST_WORDS = 500


class DelegationStatus(StrEnum):
    """Where a delegation stands on a day."""

    WAITING = "waiting"  # for the delegate's answer
    COMING = "coming"  # accepted, not begun
    IN_FORCE = "in_force"
    DECLINED = "declined"
    ENDED = "ended"  # by either side, before its last day
    LAPSED = "lapsed"  # its last day passed without an answer
    OVER = "over"


LIVE = frozenset({DelegationStatus.WAITING, DelegationStatus.COMING, DelegationStatus.IN_FORCE})


@dataclass(frozen=True)
class Stint:
    """The days, the last included, on which a delegate is asked to decide in a manager's place."""

    manager_id: int
    delegate_id: int
    starts_on: date
    ends_on: date
    accepted: bool = False

    def meets(self, other: Stint) -> bool:
        """The two have a day in common."""
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


def status_of(stint: Stint, *, declined: bool, ended: bool, today: date) -> DelegationStatus:
    """Where a delegation stands today."""
    if declined:
        return DelegationStatus.DECLINED
    if ended:
        return DelegationStatus.ENDED
    if stint.ends_on < today:
        return DelegationStatus.OVER if stint.accepted else DelegationStatus.LAPSED
    if not stint.accepted:
        return DelegationStatus.WAITING
    return DelegationStatus.COMING if stint.starts_on > today else DelegationStatus.IN_FORCE


def problems_in_days(starts_on: date, ends_on: date, today: date) -> list[Problem]:
    """What is wrong with the days asked for: gone by, the wrong way round, or more than eight weeks."""
    if starts_on < today:
        return [Problem(f"Nobody stands in on days gone by. Choose {named(today)} or later", "starts_on")]
    if ends_on < starts_on:
        return [Problem(f"Choose {named(starts_on)}, the first day, or a later one", "ends_on")]
    latest = starts_on + timedelta(days=MOST_DAYS - 1)
    if ends_on > latest:
        return [Problem(f"A delegation lasts at most 8 weeks. Choose {named(latest)} or an earlier day", "ends_on")]
    return []


def may_stand_in(delegate: Grade | None, manager: Grade | None) -> bool:
    """The delegate is of the manager's grade or above. Nothing is below an unknown grade."""
    return manager is None or (delegate is not None and rank(delegate) >= rank(manager))


def clash(stint: Stint, others: Sequence[Stint]) -> str | None:
    """Why a delegation cannot stand beside others that wait or are accepted, in words; None if it can.

    One at most for a manager on any day; and no chains: whoever stands in on a day has not given their own decisions
    away for it, and the other way round.
    """
    for other in others:
        if not stint.meets(other):
            continue
        days = f"from {named(other.starts_on)} to {named(other.ends_on)}"
        if other.manager_id == stint.manager_id:
            return f"Somebody is asked to stand in {days} already. End that first, or choose other days"
        if not other.accepted:
            continue
        if other.manager_id == stint.delegate_id:
            return f"Their own decisions are given to somebody else {days}. Choose somebody else or other days"
        if other.delegate_id == stint.manager_id:
            return (
                f"The manager stands in for somebody else {days}, and what is delegated is not passed on. "
                "End that first, or choose other days"
            )
    return None
