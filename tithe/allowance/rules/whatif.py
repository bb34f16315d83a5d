"""What a quarter would be worth if hours, leave or a share lent elsewhere were different. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from math import lcm

from tithe.allowance.rules.entitlement import day_figures
from tithe.allowance.rules.worktime import Away, DayMinutes, Move, Pattern, Stretch, Work
from tithe.kernel.calendar import monday_of, week_days
from tithe.kernel.errors import RuleBroken
from tithe.kernel.minutes import DAY

DAYS_OF_A_WEEK = 7


@dataclass(frozen=True)
class Change:
    """What might be different from a day on: the hours (None leaves them), and a share lent, in basis points.

    Leave is given as dates, or as a number of days, which are then the last ones due.
    """

    since: date
    pattern: Pattern | None = None
    share_bp: int = 0
    leave: tuple[date, ...] = ()
    leave_days: int = 0


def changed(work: Work, change: Change) -> Work:
    """Somebody's work as it would be. Hours put on record for single dates stay as they are."""
    stretches = _with_pattern(work, change.since, change.pattern) if change.pattern else work.stretches
    lent = (Move(change.since, None, change.share_bp),) if change.share_bp else ()
    after = replace(work, stretches=stretches, moves=work.moves + lent)
    after = _away_on(after, change.leave)
    return _away_on(after, _last_days(after, change.leave_days)) if change.leave_days else after


def _with_pattern(work: Work, since: date, pattern: Pattern) -> tuple[Stretch, ...]:
    """A pattern is the person's whole week, so from `since` on it holds in the first of the posts held at once."""
    before = [replace(each, end=min(each.end, since)) for each in work.stretches if each.start < since]
    cuts = sorted({max(day, since) for each in work.stretches for day in (each.start, each.end)})
    later = []
    for start, end in pairwise(cuts):
        first = next((each for each in work.stretches if each.start <= start < each.end), None)
        if first:
            later.append(replace(first, start=start, end=end, pattern=pattern))
    return (*before, *later)


def _away_on(work: Work, days: tuple[date, ...]) -> Work:
    """Whole days away: the day's sum takes no more than was due."""
    return replace(work, absences=work.absences + tuple(Away(day, DAY, DAY) for day in days))


def _last_days(work: Work, count: int) -> tuple[date, ...]:
    due = sorted({figure.day for figure in day_figures(work) if figure.available})
    if count > len(due):
        raise RuleBroken(f"There are only {len(due)} days to work. Type a smaller number", field="leave")
    return tuple(due[-count:])


def pattern_on(work: Work, day: date) -> Pattern | None:
    """The whole week of all posts held on a day, as a cycle that starts in the week of that day."""
    held = [each.pattern for each in work.stretches if each.start <= day < each.end]
    if not held:
        return None
    length = lcm(*(len(each.weeks) for each in held))
    cycles = [_cycle(each, day, length) for each in held]
    return Pattern(day, tuple(tuple(map(sum, zip(*days, strict=True))) for days in zip(*cycles, strict=True)))


def _cycle(pattern: Pattern, day: date, length: int) -> tuple[DayMinutes, ...]:
    """The weeks of a pattern from the week of a day on."""
    mondays = [monday_of(day) + timedelta(weeks=number) for number in range(length)]
    return tuple(tuple(map(pattern.minutes_on, week_days(monday))) for monday in mondays)


def patterns_over(work: Work, end: date) -> list[Pattern]:
    """The weeks of all posts as patterns one after the other, each from the day on which it begins.

    Between two posts nothing is due.
    """
    found: list[Pattern] = []
    for day in sorted({day for each in work.stretches for day in (each.start, each.end) if day < end}):
        pattern = pattern_on(work, day) or Pattern(day, ((0,) * DAYS_OF_A_WEEK,))
        if not found or _cycle(found[-1], day, len(found[-1].weeks)) != pattern.weeks:
            found.append(pattern)
    return found
