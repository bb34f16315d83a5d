"""What a week may hold. Source: §1.5 of the scheme's time rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tithe.kernel.calendar import Quarter, Weeks, named
from tithe.kernel.errors import Problem
from tithe.kernel.minutes import DAY, clock, spoken
from tithe.projects.rules import Membership
from tithe.timesheets.rules.entries import KINDS, NEEDS_NOTE, Entry, TimeKind, tithed_minutes


@dataclass(frozen=True)
class Limits:
    """What bounds one person's week: days, schedule, policy, and the minutes left in each quarter.

    `blackouts` name the unit that can spare nobody on a day, `away` the minutes of absence; days before `closed_before`
    belong to quarters whose books are closed: only a week that is being amended may hold them. With `own_time` a policy
    lets people log on days off and beyond their hours; a blackout it does not lift. `usual_burst` are the minutes of
    the usual week on days of a burst the manager agreed to: these are not capped. All the time of the week counts in
    the quarter of the day it `counts_on`, or each day in its own.
    """

    scheduled: Mapping[date, int]
    usual_week: int
    min_entry_min: int
    week_cap_pct: int
    left: Mapping[Quarter, int]
    closed_before: date = date.min
    amending: bool = False
    own_time: bool = False
    usual_burst: int = 0
    blackouts: Mapping[date, str] = field(default_factory=dict)
    away: Mapping[date, int] = field(default_factory=dict)
    holidays: Collection[date] = frozenset()
    counts_on: date | None = None

    @property
    def week_cap(self) -> int:
        """The most tithed minutes the week may hold."""
        return week_cap(self.usual_week, self.usual_burst, self.week_cap_pct)


def week_cap(usual: int, on_burst_days: int, pct: int) -> int:
    """The most tithed minutes of a week: a share of its usual minutes, and all of those of a burst. Source: §1.5."""
    return (usual - on_burst_days) * pct // 100 + on_burst_days


def misplaced(
    entries: Sequence[Entry],
    monday: date,
    *,
    weeks: Weeks,
    today: date,
    employed: tuple[date, date | None],
    memberships: Iterable[Membership],
    held: Iterable[Entry] = (),
) -> list[Problem]:
    """What can never be recorded, even in a draft: the wrong week, the future, days outside employment, other
    people's projects, those that wait for a coordinator or were stopped, the same day and project twice, or more than
    a day in a day.

    What such a project `held` in the week before may stay; without it everything on them is named.
    """
    open_to = {each.project_id: each for each in memberships}
    before = {each.place: each.minutes for each in held}
    problems: list[Problem] = []
    seen: set[tuple[date, int, str]] = set()
    by_day: defaultdict[date, int] = defaultdict(int)
    for number, entry in enumerate(entries):
        place = entry.place
        by_day[entry.day] += entry.minutes
        membership = open_to.get(entry.project_id or 0)
        words = _elsewhere(entry, monday, weeks) or _misplaced(entry, today, employed, membership)
        if not words and membership and entry.minutes > before.get(place, 0):
            words = membership.refusal_on(entry.day)
        if not words and place in seen:
            words = f"{_day(entry.day)} has {_row(entry)} twice. Add the two together", "Twice"
        if not words and by_day[entry.day] > DAY:
            words = f"{_day(entry.day)} would have more than 24 hours", "Over 24:00"
        seen.add(place)
        if words:
            problems.append(Problem(words[0], f"entries.{number}", words[1]))
    return problems


def _elsewhere(entry: Entry, monday: date, weeks: Weeks) -> tuple[str, str] | None:
    """Why an entry is not in a week, if it is not."""
    if weeks.monday_of(entry.day) == monday:
        return None
    days = weeks.days_of(monday)
    runs = f"{_day(days[0])} to {_day(days[-1])}"
    return f"{_day(entry.day)} is not in the week of {named(monday)}, which runs from {runs}", "Other week"


def _misplaced(
    entry: Entry, today: date, employed: tuple[date, date | None], membership: Membership | None
) -> tuple[str, str] | None:
    """Why an entry can never be recorded, in a sentence and in a word or two."""
    starts_on, leaves_on = employed
    if not 1 <= entry.minutes <= DAY:
        return "An entry is from 1 minute to 24 hours", "Over 24:00" if entry.minutes > DAY else "Too short"
    if entry.day > today:
        return f"{_day(entry.day)} has not come yet. Log time on the day or after it", "Not yet"
    if entry.day < starts_on or (leaves_on and entry.day > leaves_on):
        return f"{_day(entry.day)} is outside your employment", "Not employed"
    if entry.kind is not TimeKind.TITHE:
        words = f"{KINDS[entry.kind]} is not logged to a project. Leave the project out"
        return (words, "No project") if entry.project_id else None
    if membership is None:
        return "You can log time only to a registered project you are a member of", "Not a member"
    if not membership.joined(entry.day):
        return f"You were not a member of {membership.title} on {_day(entry.day)}", "Not a member"
    return None


def held_up(entries: Iterable[Entry], memberships: Iterable[Membership]) -> list[Problem]:
    """The time of a week that cannot be submitted, because its project waits for a coordinator or was stopped."""
    theirs = {each.project_id: each for each in memberships}
    found = []
    for number, entry in enumerate(entries):
        membership = theirs.get(entry.project_id or 0)
        if membership and (words := membership.refusal_on(entry.day)):
            found.append(Problem(words[0], f"entries.{number}", words[1]))
    return found


def in_the_way(entries: Sequence[Entry], limits: Limits, wrong: Sequence[Problem]) -> list[Problem]:
    """Everything that keeps a week from being submitted: what is `wrong` whatever the limits are, then the limits that
    the rest breaks."""
    blamed = {problem.field for problem in wrong}
    numbers = [number for number in range(len(entries)) if f"entries.{number}" not in blamed]
    fields = {f"entries.{at}": f"entries.{number}" for at, number in enumerate(numbers)}
    over = over_limits([entries[number] for number in numbers], limits)
    return [*wrong, *(replace(each, field=fields.get(each.field or "", each.field)) for each in over)]


def over_limits(entries: Sequence[Entry], limits: Limits) -> list[Problem]:
    """Every limit a week breaks, together, each with the entry to change. Source: §1.5.

    A day takes no more than its scheduled minutes, a week no more than its cap, a quarter no more than what is left.
    """
    problems: list[Problem] = []
    by_day: defaultdict[date, int] = defaultdict(int)
    by_quarter: defaultdict[Quarter, int] = defaultdict(int)
    for number, entry in enumerate(entries):
        by_day[entry.day] += entry.minutes
        if entry.tithed:
            by_quarter[Quarter.containing(max(limits.counts_on or entry.day, limits.closed_before))] += entry.minutes
        if over := _over_day(entry, by_day[entry.day], limits):
            problems.append(Problem(over[0], f"entries.{number}", over[1]))
    total, cap = tithed_minutes(entries), limits.week_cap
    if total > cap:
        bound = f"{limits.week_cap_pct}% of your week is {spoken(cap)}"
        words = f"The week has {spoken(total)} of tithed time; {bound}. Take {spoken(total - cap)} away"
        problems.append(Problem(words, "entries"))
    for quarter, minutes in by_quarter.items():
        if minutes > limits.left[quarter]:
            left = max(limits.left[quarter], 0)
            asked = f"You have {spoken(left)} left in {quarter.label} and this week asks for {spoken(minutes)}"
            problems.append(Problem(f"{asked}. Take {spoken(minutes - left)} away", "entries"))
    return problems


def _over_day(entry: Entry, so_far: int, limits: Limits) -> tuple[str, str] | None:
    """Which limit of its day an entry breaks, in a sentence and in a word or two."""
    room = limits.scheduled.get(entry.day, 0)
    counts_on = limits.counts_on or entry.day
    if counts_on < limits.closed_before and not limits.amending:
        words = f"{Quarter.containing(counts_on).label} is closed. Take this time away and ask HR for a correction"
        return words, "Closed"
    if room == 0 and (entry.day in limits.blackouts or not limits.own_time):
        words, short = _why_no_room(entry.day, limits)
        return f"{words}. Move this time to a day you worked", short
    if entry.minutes < limits.min_entry_min:
        return f"The shortest entry is {spoken(limits.min_entry_min)}", f"Under {clock(limits.min_entry_min)}"
    if entry.kind in NEEDS_NOTE and not entry.note:
        return f"{KINDS[entry.kind]} needs a note: say who it was for", "Needs a note"
    if so_far > room and not limits.own_time:
        due = f"You were due to work {spoken(room)} on {_day(entry.day)}"
        away = f", {spoken(limits.away[entry.day])} of absence taken off" if entry.day in limits.away else ""
        return f"{due}{away}. Take {spoken(so_far - room)} away", f"{clock(so_far - room)} over"
    return None


def _row(entry: Entry) -> str:
    return KINDS[entry.kind].lower() if entry.kind in KINDS else "this project"


def _why_no_room(day: date, limits: Limits) -> tuple[str, str]:
    if day in limits.holidays:
        return f"{_day(day)} was a public holiday", "Holiday"
    if day in limits.blackouts:
        return f"{limits.blackouts[day]} could spare nobody on {_day(day)}: it was in a blackout", "Blackout"
    if day in limits.away:
        return f"You were away on {_day(day)}", "Away"
    return f"You were not due to work on {_day(day)}", "Not worked"


def _day(day: date) -> str:
    return f"{day:%A %-d %B}"
