"""Where a week goes that nobody decides in time, when silence approves it, and when its decider is reminded.

Source: §1.6 of the scheme's time rules.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tithe.kernel.calendar import working_days_between

COUNTERSIGN_WD = 5  # the working days a countersigning manager has
REMIND_ON = (5, 8)  # the working days of the clock on which its decider is reminded
DEEMED_MOST = 444  # minutes of tithed time in a week that silence may approve
DEEMED = "deemed_if_guarded"
OWNERS_CALENDAR = "owner"
QUEUE = "the coordinators and HR managers of the unit"  # for whom a week waits that waits for nobody by name


class Stage(StrEnum):
    """How far a week has moved since it was submitted."""

    MANAGER = "manager"
    COUNTERSIGNER = "countersigner"
    COORDINATOR = "coordinator"


@dataclass(frozen=True)
class Silence:
    """What is known of a week whose time is over.

    `limits_broken` counts what stands against it within balance and caps; `blacked_out` says that an entry is on a day
    of a blackout, `flagged` that a project in it waits for a coordinator or was stopped, `decider_active` that its
    manager was at work on the day it was due or somebody stands in for them.
    """

    stage: Stage
    minutes: int
    amends: bool
    asked: bool
    to_fix: bool
    decider_active: bool
    blacked_out: bool = False
    flagged: bool = False
    limits_broken: int = 0


def silence_approves(week: Silence) -> bool:
    """Every guard holds, so that a week nobody decided counts as approved. Source: §1.6, "At expiry"."""
    return (
        week.stage is Stage.MANAGER
        and 0 <= week.minutes <= DEEMED_MOST
        and week.decider_active
        and not (week.amends or week.asked or week.to_fix or week.blacked_out or week.flagged or week.limits_broken)
    )


def next_stage(stage: Stage, heir: int | None) -> Stage:
    """The stage after a step: the countersigning manager where one is fit to decide, else the coordinators' queue."""
    return Stage.COUNTERSIGNER if stage is Stage.MANAGER and heir is not None else Stage.COORDINATOR


def clock_day(stage: Stage, decide_wd: int, due_on: date, today: date, holidays: Collection[date]) -> int:
    """Which working day of its clock a week is on; the last one, once it is overdue. A day the clock stands still
    moves the due day, so it is not counted."""
    given = COUNTERSIGN_WD if stage is Stage.COUNTERSIGNER else decide_wd
    return given - working_days_between(today, due_on, holidays)


def reminds(before: int, now: int) -> bool:
    """A day on which the decider is reminded has come since the clock stood at `before`."""
    return any(before < mark <= now for mark in REMIND_ON)
