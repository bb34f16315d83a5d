"""One person's days: what they are due to work, what they may log, and what they earn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

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

    def usual(self, day: date) -> int:
        """Minutes of a day by pattern, holidays and absences not taken off: what a weekly cap is a share of."""
        minutes = self._usual.get(day)
        if minutes is None:
            minutes = self._usual[day] = self._by_pattern(day)
        return minutes

    def _by_pattern(self, day: date) -> int:
        held = [each for each in self.work.stretches if each.start <= day < each.end]
        if not held:
            return 0
        minutes = self._overrides.get(day)
        if minutes is None:
            minutes = sum(each.pattern.minutes_on(day) for each in held)
        return minutes * self.work.home_share(day) // WHOLE

    def scheduled(self, day: date) -> int:
        """Minutes of tithed time a day can hold at most: none on a holiday or in a blackout, less when away."""
        return 0 if self.blackout_on(day) else self.due(day)

    def due(self, day: date) -> int:
        """Minutes of a day somebody is due at work, tithed or not: none on a holiday, less when away."""
        return 0 if self.is_holiday(day) else max(0, self.usual(day) - self.away(day))

    def holds_post_on(self, day: date) -> bool:
        return any(each.start <= day < each.end for each in self.work.stretches)

    def settings_on(self, day: date) -> Settings:
        """The settings in force on a day, of the first of the posts held; those of the newest where none is."""
        held = (each.settings for each in self.work.stretches if each.start <= day < each.end)
        return next(held, self.settings)

    def is_holiday(self, day: date) -> bool:
        return any(day in each.holidays for each in self.work.stretches if each.start <= day < each.end)

    def away(self, day: date) -> int:
        """Minutes of absence on a day, whether they lower what is earned or not."""
        return sum(each.minutes for each in self.work.absences if each.day == day)

    def blackout_on(self, day: date) -> Blackout | None:
        return next((each for each in self.blackouts if each.starts_on <= day <= each.last_day), None)

    def not_earned_by(self, day: date) -> int:
        """Minutes of the entitlement that may not be used yet on a day: none unless the policy waits for each day.

        Source: §1.2 of the scheme's time rules, "when usable".
        """
        if self.settings.availability == "forecast":
            return 0
        return max(0, self.entitlement.minutes - earned_by(self.work, day))

    @cached_property
    def _overrides(self) -> dict[date, int]:
        return dict(self.work.overrides)

    @cached_property
    def _usual(self) -> dict[date, int]:
        """The days that were asked about: a page asks several times about each of its week."""
        return {}

    @cached_property
    def entitlement(self) -> Entitlement:
        return entitlement(self.work)
