"""What somebody who decides a week should look at before they approve it with the others. Pure.

Nothing here is wrong: what breaks a limit is refused before a week is submitted. Source: §1.5 and §1.6 of the scheme's
time rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tithe.kernel.minutes import spoken
from tithe.timesheets.rules.entries import KINDS, Entry, TimeKind, changes_between
from tithe.timesheets.rules.job_shares import for_decider

STANDARD_DAY = 444  # minutes
HALF_A_DAY = STANDARD_DAY // 2


class Reason(StrEnum):
    """Why a week is worth a look."""

    LONG_DAY = "long_day"
    LONG_WEEK = "long_week"
    NEW_PROJECT = "new_project"
    CHANGED_AFTER_RETURN = "changed_after_return"
    AMENDMENT = "amendment"
    FLAGGED = "flagged"
    NEEDS_FIX = "needs_fix"
    BLACKOUT = "blackout"
    COVER = "cover"
    OTHER_KIND = "other_kind"


@dataclass(frozen=True)
class Unusual:
    """One thing to look at, in words."""

    reason: Reason
    words: str


@dataclass(frozen=True)
class Facts:
    """What is known of a week: its entries with the titles of their rows by `Entry.line`, the projects its owner never
    logged time to before it, those that wait for a coordinator or were stopped, what was returned or approved of it
    before, the days that are not as they should be, and those that leave a shared post without cover, with the name of
    whoever shares it where it is shown.

    `returned` and `approved` are None where it was not. `needs_fix` are days that have less room now than they hold.
    """

    entries: Collection[Entry]
    total_minutes: int
    titles: Mapping[str, str]
    new_projects: Collection[int] = ()
    flagged: Collection[int] = ()
    returned: Collection[Entry] | None = None
    approved: Collection[Entry] | None = None
    needs_fix: Collection[date] = ()
    blackouts: Collection[date] = field(default_factory=frozenset)
    uncovered: Mapping[date, str | None] = field(default_factory=dict)


def unusual_in(facts: Facts) -> list[Unusual]:
    """Everything to look at in a week, what concerns it as a whole first, then day by day."""
    return [*_history(facts), *_whole(facts), *_days(facts)]


def _history(facts: Facts) -> Iterator[Unusual]:
    if facts.approved is not None:
        words = "Amends what was approved" + _changed(facts.approved, facts, "; the times are the same")
        yield Unusual(Reason.AMENDMENT, words)
    if facts.returned is not None:
        words = "Changed after it was returned" + _changed(facts.returned, facts, ", but not in its times")
        yield Unusual(Reason.CHANGED_AFTER_RETURN, words)


def _changed(before: Collection[Entry], facts: Facts, same: str) -> str:
    changes = [
        f"{_day(each.day)} {_title(each.project_id, each.kind, facts)} {spoken(each.before)} to {spoken(each.after)}"
        for each in changes_between(before, facts.entries)
    ]
    return f": {'; '.join(changes)}" if changes else same


def _whole(facts: Facts) -> Iterator[Unusual]:
    for project_id in dict.fromkeys(entry.project_id for entry in facts.entries if entry.project_id):
        if project_id in facts.new_projects:
            words = f"First week on {facts.titles.get(str(project_id), 'this project')}"
            yield Unusual(Reason.NEW_PROJECT, words)
        if project_id in facts.flagged:
            words = f"{facts.titles.get(str(project_id), 'A project')} waits for a coordinator or was stopped"
            yield Unusual(Reason.FLAGGED, words)
    if facts.total_minutes > STANDARD_DAY:
        words = f"{spoken(facts.total_minutes)} in the week, more than a day of {spoken(STANDARD_DAY)}"
        yield Unusual(Reason.LONG_WEEK, words)
    by_kind: defaultdict[TimeKind, int] = defaultdict(int)
    for entry in facts.entries:
        if entry.kind is not TimeKind.TITHE:
            by_kind[entry.kind] += entry.minutes
    for kind, minutes in by_kind.items():
        counts = "" if kind is TimeKind.HELP else ", which uses no allowance"
        yield Unusual(Reason.OTHER_KIND, f"{KINDS[kind]}: {spoken(minutes)}{counts}")


def _days(facts: Facts) -> Iterator[Unusual]:
    by_day: defaultdict[date, int] = defaultdict(int)
    for entry in facts.entries:
        by_day[entry.day] += entry.minutes
    for day, minutes in sorted(by_day.items()):
        if minutes > HALF_A_DAY:
            words = f"{_day(day)} has {spoken(minutes)}, more than half a day of {spoken(STANDARD_DAY)}"
            yield Unusual(Reason.LONG_DAY, words)
        if day in facts.needs_fix:
            yield Unusual(Reason.NEEDS_FIX, f"{_day(day)} has less room now than it holds: its owner is to correct it")
        if day in facts.blackouts:
            yield Unusual(Reason.BLACKOUT, f"{_day(day)} is in a blackout of the unit")
        if day in facts.uncovered:
            yield Unusual(Reason.COVER, for_decider(_day(day), facts.uncovered[day]))


def _title(project_id: int | None, kind: TimeKind, facts: Facts) -> str:
    return KINDS.get(kind) or facts.titles.get(str(project_id), "another project")


def _day(day: date) -> str:
    return f"{day:%a} {day.day}"
