"""Somebody's own quarter written as a scenario, to try changes on."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from tithe.allowance.rules.entitlement import ONE_DAY
from tithe.allowance.rules.schedule import Schedule
from tithe.allowance.rules.whatif import patterns_over
from tithe.allowance.rules.worktime import Work
from tithe.kernel.calendar import Quarter
from tithe.policy.rules import Settings

NUMBERS = re.compile(r"\[[\s0-9,]+\]")


def as_scenario(schedule: Schedule, quarter: Quarter) -> dict[str, Any]:
    """A schedule as a scenario. A scenario has one policy and one calendar: those at the end of the quarter.

    Somebody without a post gets a full-time week to begin with.
    """
    work = schedule.work
    scenario: dict[str, Any] = {
        "period": {"start": quarter.start.isoformat(), "end": quarter.end.isoformat()},
        "policy": _chosen(schedule.settings),
        "calendar": schedule.calendar,
    }
    patterns = patterns_over(work, quarter.end)
    if patterns:
        scenario["patterns"] = [{"from": each.starts_on.isoformat(), "weeks": each.weeks} for each in patterns]
        scenario["employment"] = _employment(work, quarter)
    if work.overrides:
        scenario["overrides"] = [{"date": day.isoformat(), "minutes": minutes} for day, minutes in work.overrides]
    scenario["absences"] = [
        {"date": each.day.isoformat(), "minutes": each.minutes, "reduces_accrual": bool(each.reducing)}
        for each in work.absences
    ]
    scenario["moves"] = [
        {"from": each.starts_on.isoformat(), "to": _iso(each.last_day), "share_bp": each.share_bp}
        for each in work.moves
    ]
    return scenario


def as_text(scenario: dict[str, Any]) -> str:
    """A scenario as people edit it: indented, a week on one line."""
    text = json.dumps(scenario, indent=2)
    return NUMBERS.sub(lambda found: " ".join(found[0].split()).replace("[ ", "[").replace(" ]", "]"), text)


def _chosen(settings: Settings) -> dict[str, Any]:
    """The share and the basis, and whatever else is not the default."""
    names = ["rate_bp", "accrual_basis"]
    names += [name for name in Settings.__slots__ if name not in names and _differs(settings, name)]
    return {name: getattr(settings, name) for name in names}


def _differs(settings: Settings, name: str) -> bool:
    return bool(getattr(settings, name) != getattr(Settings(accrual_basis=settings.accrual_basis), name))


def _employment(work: Work, quarter: Quarter) -> dict[str, Any]:
    """Employment as far as it decides this quarter: the days before a first post have no pattern anyway."""
    first = work.employed_from or min(each.start for each in work.stretches)
    last = max(each.end for each in work.stretches) - ONE_DAY
    employment: dict[str, Any] = {"start": first.isoformat()}
    employment["end"] = last.isoformat() if last < quarter.last_day else None
    if work.probation_ends and work.probation_ends >= first:
        employment["probation_end"] = work.probation_ends.isoformat()
    return employment


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
