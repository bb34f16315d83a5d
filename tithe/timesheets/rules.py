"""The states of a week, what a week may hold, and who decides it. Sources: the scheme's time rules, §1.5 and §1.6."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tithe.allowance.rules.ledger import PeriodState
from tithe.kernel.calendar import Quarter, week_days
from tithe.kernel.errors import Problem, RuleBroken
from tithe.kernel.minutes import DAY, spoken
from tithe.projects.rules import Membership

WORDS_NEEDED = 40
WORDS_TO_AMEND = 10
SAY_WHY = f"Say what was wrong, in at least {WORDS_TO_AMEND} characters"


class WeekStatus(StrEnum):
    """Where a week stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"


class WeekMove(StrEnum):
    """What may be done to a week, in the words of its refusal."""

    EDIT = "change"
    SUBMIT = "submit"
    RECALL = "recall"
    AMEND = "amend"
    APPROVE = "approve"
    RETURN = "return"


class Outcome(StrEnum):
    """How a decision ended."""

    APPROVED = "approved"
    RETURNED = "returned"


class ReturnGround(StrEnum):
    """Why a line manager may return a week. Never: dislike of the topic, grade, hours or the person."""

    COVER = "cover"
    SERVICE = "service"
    BLACKOUT = "blackout"
    REORGANISATION = "reorganisation"
    SAFETY = "safety"
    WRONG_ENTRY = "wrong_entry"
    MISSING_NOTE = "missing_note"


GROUNDS = {
    ReturnGround.WRONG_ENTRY: "A date, project or length of time is mistaken",
    ReturnGround.MISSING_NOTE: "A note is missing",
    ReturnGround.COVER: "The work could not be spared",
    ReturnGround.SERVICE: "Harm to a service or a deadline set by ministers or law",
    ReturnGround.BLACKOUT: "The days are in a blackout period",
    ReturnGround.REORGANISATION: "A reorganisation is under way",
    ReturnGround.SAFETY: "Working time or health",
}

# These say that the time could not be spared, not that it was wrong: the minutes asked for carry over whatever the cap.
PROTECTING = {
    ReturnGround.COVER,
    ReturnGround.SERVICE,
    ReturnGround.BLACKOUT,
    ReturnGround.REORGANISATION,
    ReturnGround.SAFETY,
}

MOVES = {
    (WeekStatus.DRAFT, WeekMove.EDIT): WeekStatus.DRAFT,
    (WeekStatus.RETURNED, WeekMove.EDIT): WeekStatus.DRAFT,
    (WeekStatus.DRAFT, WeekMove.SUBMIT): WeekStatus.SUBMITTED,
    (WeekStatus.SUBMITTED, WeekMove.RECALL): WeekStatus.DRAFT,
    (WeekStatus.SUBMITTED, WeekMove.APPROVE): WeekStatus.APPROVED,
    (WeekStatus.SUBMITTED, WeekMove.RETURN): WeekStatus.RETURNED,
    (WeekStatus.APPROVED, WeekMove.AMEND): WeekStatus.DRAFT,
}

NEXT_STEP = {
    WeekStatus.DRAFT: "It has not been submitted yet",
    WeekStatus.SUBMITTED: "It waits for a decision; its owner can recall it first",
    WeekStatus.APPROVED: "It is approved and its minutes are counted; amend it to correct it",
    WeekStatus.RETURNED: "It was returned; its owner can change it and submit it again",
}


def after(status: WeekStatus, move: WeekMove) -> WeekStatus:
    """Return the status that `move` leads to, or refuse the move and say where the week stands."""
    if (status, move) not in MOVES:
        raise RuleBroken(f"You cannot {move} a week that is {status}. {NEXT_STEP[status]}")
    return MOVES[status, move]


@dataclass(frozen=True)
class Entry:
    """Minutes on one project on one day."""

    day: date
    project_id: int
    minutes: int
    note: str = ""


@dataclass(frozen=True)
class Limits:
    """What bounds one person's week: days, schedule, policy, and the minutes left in each quarter.

    `blackouts` name the unit that can spare nobody on a day, `away` the minutes of absence; days before `closed_before`
    belong to quarters whose books are closed: only a week that is being amended may hold them. With `own_time` a policy
    lets people log on days off and beyond their hours; a blackout it does not lift.
    """

    scheduled: Mapping[date, int]
    usual_week: int
    min_entry_min: int
    week_cap_pct: int
    left: Mapping[Quarter, int]
    closed_before: date = date.min
    amending: bool = False
    own_time: bool = False
    blackouts: Mapping[date, str] = field(default_factory=dict)
    away: Mapping[date, int] = field(default_factory=dict)
    holidays: Collection[date] = frozenset()


def misplaced(
    entries: Sequence[Entry],
    monday: date,
    *,
    today: date,
    employed: tuple[date, date | None],
    memberships: Iterable[Membership],
) -> list[Problem]:
    """What can never be recorded, even in a draft: the wrong week, the future, days outside employment, other
    people's projects, the same day and project twice, or more than a day in a day."""
    open_to = {each.project_id: each for each in memberships}
    problems: list[Problem] = []
    seen: set[tuple[date, int]] = set()
    by_day: defaultdict[date, int] = defaultdict(int)
    for number, entry in enumerate(entries):
        by_day[entry.day] += entry.minutes
        words = _misplaced(entry, monday, today, employed, open_to.get(entry.project_id))
        if not words and (entry.day, entry.project_id) in seen:
            words = f"{_day(entry.day)} has this project twice. Add the two together"
        if not words and by_day[entry.day] > DAY:
            words = f"{_day(entry.day)} would have more than 24 hours"
        seen.add((entry.day, entry.project_id))
        if words:
            problems.append(Problem(words, f"entries.{number}"))
    return problems


def _misplaced(
    entry: Entry, monday: date, today: date, employed: tuple[date, date | None], membership: Membership | None
) -> str | None:
    starts_on, leaves_on = employed
    if entry.day not in week_days(monday):
        return f"{_day(entry.day)} is not in the week of {monday:%-d %B %Y}"
    if not 1 <= entry.minutes <= DAY:
        return "An entry is from 1 minute to 24 hours"
    if entry.day > today:
        return f"{_day(entry.day)} has not come yet. Log time on the day or after it"
    if entry.day < starts_on or (leaves_on and entry.day > leaves_on):
        return f"{_day(entry.day)} is outside your employment"
    if membership is None:
        return "You can log time only to a registered project you are a member of"
    if not membership.open_on(entry.day):
        return f"You were not a member of {membership.title} on {_day(entry.day)}"
    return None


def over_limits(entries: Sequence[Entry], limits: Limits) -> list[Problem]:
    """Every limit a week breaks, together, each with the entry to change. Source: §1.5.

    A day takes no more than its scheduled minutes, a week no more than its cap, a quarter no more than what is left.
    """
    problems: list[Problem] = []
    by_day: defaultdict[date, int] = defaultdict(int)
    by_quarter: defaultdict[Quarter, int] = defaultdict(int)
    for number, entry in enumerate(entries):
        by_day[entry.day] += entry.minutes
        by_quarter[Quarter.containing(max(entry.day, limits.closed_before))] += entry.minutes
        if words := _over_day(entry, by_day[entry.day], limits):
            problems.append(Problem(words, f"entries.{number}"))
    total, cap = sum(by_day.values()), limits.usual_week * limits.week_cap_pct // 100
    if total > cap:
        bound = f"{limits.week_cap_pct}% of your week is {spoken(cap)}"
        words = f"The week has {spoken(total)}; {bound}. Take {spoken(total - cap)} away"
        problems.append(Problem(words, "entries"))
    for quarter, minutes in by_quarter.items():
        if minutes > limits.left[quarter]:
            left = max(limits.left[quarter], 0)
            asked = f"You have {spoken(left)} left in {quarter.label} and this week asks for {spoken(minutes)}"
            problems.append(Problem(f"{asked}. Take {spoken(minutes - left)} away", "entries"))
    return problems


def _over_day(entry: Entry, so_far: int, limits: Limits) -> str | None:
    room = limits.scheduled.get(entry.day, 0)
    if entry.day < limits.closed_before and not limits.amending:
        return f"{Quarter.containing(entry.day).label} is closed. Take this time away and ask HR for a correction"
    if room == 0 and (entry.day in limits.blackouts or not limits.own_time):
        return f"{_why_no_room(entry.day, limits)}. Move this time to a day you worked"
    if entry.minutes < limits.min_entry_min:
        return f"The shortest entry is {spoken(limits.min_entry_min)}"
    if so_far > room and not limits.own_time:
        due = f"You were due to work {spoken(room)} on {_day(entry.day)}"
        away = f", {spoken(limits.away[entry.day])} of absence taken off" if entry.day in limits.away else ""
        return f"{due}{away}. Take {spoken(so_far - room)} away"
    return None


def _why_no_room(day: date, limits: Limits) -> str:
    if day in limits.holidays:
        return f"{_day(day)} was a public holiday"
    if day in limits.blackouts:
        return f"{limits.blackouts[day]} could spare nobody on {_day(day)}: it was in a blackout"
    if day in limits.away:
        return f"You were away on {_day(day)}"
    return f"You were not due to work on {_day(day)}"


def _day(day: date) -> str:
    return f"{day:%A %-d %B}"


def digest(version: int, entries: Iterable[Entry]) -> str:
    """SHA-256 of what a decider is shown: the version and every entry, in one order and spelling."""
    shown = sorted((entry.day.isoformat(), entry.project_id, entry.minutes, entry.note) for entry in entries)
    return hashlib.sha256(json.dumps([version, shown], separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True)
class Chain:
    """The people above the owner of a week on its Monday, nearest first."""

    line_manager: int | None
    countersigner: int | None


def approver(owner: int, chain: Chain, fellow_members: Collection[int]) -> int | None:
    """Who decides a week: the line manager, or the countersigning manager when the line manager works on one of its
    projects too. None sends it to the unit's HR queue, never to everybody. Source: §1.6."""
    for candidate in (chain.line_manager, chain.countersigner):
        if candidate is not None and candidate != owner and candidate not in fellow_members:
            return candidate
    return None


def says_enough(words: str) -> bool:
    return len(words.strip()) >= WORDS_TO_AMEND


def problem_with_return(ground: str | None, reason: str) -> list[Problem]:
    """What is missing from a return: a ground from the list and words of at least forty characters."""
    problems = []
    if ground not in list(ReturnGround):
        problems.append(Problem("Choose why the week goes back", "ground"))
    if len(reason.strip()) < WORDS_NEEDED:
        problems.append(Problem(f"Say what needs to change, in at least {WORDS_NEEDED} characters", "reason"))
    return problems


def use_by_quarter(entries: Iterable[Entry]) -> dict[Quarter, int]:
    """Minutes of a week in each quarter it touches: a straddling week is split by day."""
    minutes: dict[Quarter, int] = defaultdict(int)
    for entry in entries:
        minutes[Quarter.containing(entry.day)] += entry.minutes
    return dict(minutes)


def problem_with_amending(days: Iterable[date], books: Mapping[str, PeriodState], *, by_owner: bool) -> str | None:
    """Why an approved week may not be reopened: its owner may until the quarter is closed, whoever decides it from then
    on until the quarter is locked, nobody after that. Source: §1.7."""
    quarters = sorted({Quarter.containing(day) for day in days})
    for quarter in quarters:
        if books.get(quarter.code) is PeriodState.LOCKED:
            return f"{quarter.label} is locked. Ask HR for a correction instead"
    closed = [quarter for quarter in quarters if quarter.code in books]
    if closed and by_owner:
        return f"{closed[0].label} is closed. Ask your manager to reopen this week"
    if not closed and not by_owner:
        return "Its owner can amend this week until its quarter is closed. Ask them to"
    return None


@dataclass(frozen=True)
class Change:
    """Minutes on one project on one day, as approved before and as they are asked for now."""

    day: date
    project_id: int
    before: int
    after: int


def changes_between(approved: Iterable[Entry], asked: Iterable[Entry]) -> list[Change]:
    """What an amendment changes, by day and project."""
    before = {(entry.day, entry.project_id): entry.minutes for entry in approved}
    after = {(entry.day, entry.project_id): entry.minutes for entry in asked}
    return [
        Change(*place, before.get(place, 0), after.get(place, 0))
        for place in sorted({*before, *after})
        if before.get(place) != after.get(place)
    ]
