"""One person's days: what they are due to work, what they may log, and what they earn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from tithe.allowance.rules.entitlement import Entitlement, entitlement
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.allowance.rules.standing import earned_by
from tithe.allowance.rules.worktime import WHOLE, Work
from tithe.kernel.calendar import MONDAY_FIRST, Weeks
from tithe.policy.rules import Settings

NO_WORK, DEFAULTS = Work(), Settings()


@dataclass(frozen=True)
class Blackout:
    """Dates, both included, on which a unit can spare no tithed time."""

    starts_on: date
    last_day: date
    unit: str


class Day(NamedTuple):
    """What is known of a day: minutes by pattern, minutes of absence, and whether it is a holiday or in a blackout.

    `due` are the minutes somebody is due at work, tithed or not: none on a holiday, less when away. `scheduled` are the
    minutes of tithed time it can hold at most: those, and none in a blackout.
    """

    usual: int
    away: int
    holiday: bool
    blackout: Blackout | None
    due: int
    scheduled: int


@dataclass(frozen=True)
class Schedule:
    """When somebody works over some days, and under which settings: those of the newest post at the end of the days.

    `calendar` is that of the newest post. Days before `closed_before` belong to quarters whose books are closed.
    `weeks` say which week each day belongs to.
    """

    work: Work = NO_WORK
    settings: Settings = DEFAULTS
    unit_id: int | None = None
    policy_id: int | None = None
    calendar: str = DEFAULT_CALENDAR
    blackouts: tuple[Blackout, ...] = ()
    closed_before: date = date.min
    weeks: Weeks = MONDAY_FIRST

    def holds_post_on(self, day: date) -> bool:
        return any(each.start <= day < each.end for each in self.work.stretches)

    def settings_on(self, day: date) -> Settings:
        """The settings in force on a day, of the first of the posts held; those of the newest where none is."""
        held = (each.settings for each in self.work.stretches if each.start <= day < each.end)
        return next(held, self.settings)

    def not_earned_by(self, day: date) -> int:
        """Minutes of the entitlement that may not be used yet on a day: none unless the policy waits for each day.

        Source: §1.2 of the scheme's time rules, "when usable".
        """
        if self.settings.availability == "forecast":
            return 0
        return max(0, self.entitlement.minutes - earned_by(self.work, day))

    def on(self, day: date) -> Day:
        """What is known of a day."""
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = self._work_out(day)
        return found

    def _work_out(self, day: date) -> Day:
        held = [each for each in self.work.stretches if each.start <= day < each.end]
        minutes = self._overrides.get(day)
        if minutes is None or not held:
            minutes = sum(each.pattern.minutes_on(day) for each in held)
        usual = minutes * self.work.home_share(day) // WHOLE
        away = self._absent.get(day, 0)
        holiday = any(day in each.holidays for each in held)
        blackout = next((each for each in self.blackouts if each.starts_on <= day <= each.last_day), None)
        due = 0 if holiday else max(0, usual - away)
        return Day(usual, away, holiday, blackout, due, scheduled=0 if blackout else due)

    @cached_property
    def _overrides(self) -> dict[date, int]:
        return dict(self.work.overrides)

    @cached_property
    def _absent(self) -> dict[date, int]:
        minutes: dict[date, int] = {}
        for each in self.work.absences:
            minutes[each.day] = minutes.get(each.day, 0) + each.minutes
        return minutes

    @cached_property
    def _days(self) -> dict[date, Day]:
        """The days that were asked about: a page asks several times about each of its week."""
        return {}

    @cached_property
    def entitlement(self) -> Entitlement:
        return entitlement(self.work)
