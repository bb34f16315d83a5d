"""When somebody works: patterns, stretches of days over which nothing changes, absences, and shares lent elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from tithe.kernel.calendar import monday_of
from tithe.policy.rules import Settings

STANDARD_WEEK = 2220
DAYS_A_WEEK = 5
WHOLE = 10_000  # basis points

DayMinutes = tuple[int, ...]


@dataclass(frozen=True)
class Pattern:
    """Minutes for each day of a cycle of one to four weeks that starts in the week of `starts_on`."""

    starts_on: date
    weeks: tuple[DayMinutes, ...]

    def minutes_on(self, day: date) -> int:
        weeks_in = (monday_of(day) - monday_of(self.starts_on)).days // 7
        return self.weeks[weeks_in % len(self.weeks)][day.weekday()]

    @property
    def cycle_minutes(self) -> int:
        """Minutes of the whole cycle."""
        return sum(map(sum, self.weeks))


@dataclass(frozen=True)
class Stretch:
    """Days over which nothing about a post changes: `start` up to but not including `end`.

    `holidays` are those of the place of work over these days; `settings` are the policy in force; `unit_id` is the
    unit the post is in.
    """

    start: date
    end: date
    pattern: Pattern
    settings: Settings = field(default_factory=Settings)
    holidays: frozenset[date] = frozenset()
    unit_id: int | None = None


@dataclass(frozen=True)
class Away:
    """Minutes away on a day, and how many of them lower what is earned."""

    day: date
    minutes: int
    reducing: int


@dataclass(frozen=True)
class Move:
    """A share of somebody's time that belongs elsewhere, in basis points; `last_day` is included, None is open."""

    starts_on: date
    last_day: date | None
    share_bp: int


@dataclass(frozen=True)
class Work:
    """Everything about one person that decides what their days are worth.

    `overrides` replace the pattern on single dates. `employed_from` matters only where a policy makes starters wait,
    `probation_ends` only where it leaves probation out.
    """

    stretches: tuple[Stretch, ...] = ()
    overrides: tuple[tuple[date, int], ...] = ()
    absences: tuple[Away, ...] = ()
    moves: tuple[Move, ...] = ()
    employed_from: date | None = None
    probation_ends: date | None = None

    @property
    def last(self) -> Stretch | None:
        """The stretch in force at the end; of several, that of the newest post."""
        return max(reversed(self.stretches), key=lambda each: each.end, default=None)

    def home_share(self, day: date) -> int:
        """Basis points of a day that stay with the home unit."""
        if not self.moves:
            return WHOLE
        lent = sum(
            each.share_bp
            for each in self.moves
            if each.starts_on <= day and (each.last_day is None or day <= each.last_day)
        )
        return max(0, WHOLE - lent)

    def counts(self, stretch: Stretch, day: date) -> bool:
        """Whether a day earns anything under a policy that makes starters wait or leaves probation out."""
        settings = stretch.settings
        waits_until = (self.employed_from or date.min) + timedelta(weeks=settings.qualifying_weeks)
        on_probation = self.probation_ends is not None and day <= self.probation_ends
        return day >= waits_until and not (settings.exclude_probation and on_probation)


def default_pattern(weekly_minutes: int, starts_on: date, standard_week: int = STANDARD_WEEK) -> Pattern:
    """The pattern of somebody who has none on record: standard days from Monday until the weekly minutes are used.

    More than five standard days spreads the week evenly over Monday to Friday, an odd minute each from Monday on.
    """
    standard_day = standard_week // DAYS_A_WEEK
    if weekly_minutes > standard_day * DAYS_A_WEEK:
        even, odd = divmod(weekly_minutes, DAYS_A_WEEK)
        return Pattern(starts_on, ((*(even + (n < odd) for n in range(DAYS_A_WEEK)), 0, 0),))
    days = [min(standard_day, max(0, weekly_minutes - standard_day * n)) for n in range(DAYS_A_WEEK)]
    return Pattern(starts_on, ((*days, 0, 0),))


def clipped(start: date, last_day: date | None, first: date, end: date) -> tuple[date, date]:
    """The part of `start`…`last_day` (included) that lies in [first, end), as a half-open pair."""
    return max(start, first), min(last_day + timedelta(days=1), end) if last_day else end
