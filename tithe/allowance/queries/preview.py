"""What another policy would make of everybody's entitlement at or below a unit. Nothing is written.

People whose quarters are worth the same are worked out once: those with the same hours, place and settings, whatever
their units. Time away sets people apart, so for very many people it is left out, and the answer says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from tithe.allowance.queries.schedules import Known, OnRecord, Post, on_record, schedule_from
from tithe.allowance.rules.effects import Band, Tally, bands, tally
from tithe.allowance.rules.entitlement import entitlement
from tithe.allowance.rules.worktime import Pattern
from tithe.kernel.calendar import Quarter, monday_of
from tithe.people import placed
from tithe.people import queries as people
from tithe.people.queries import UnitBelow
from tithe.policy import queries as policy
from tithe.policy.rules import ABOUT, Change, Span, Version, differences, settings_on, timeline

EXACT = 5_000  # people up to whom time away counts in a preview
AT_ONCE = 1_000  # people read together
LARGEST = 10  # units named
LONGEST_WAIT = timedelta(weeks=ABOUT["qualifying_weeks"].high)
ONE_DAY = timedelta(days=1)

# The versions that bear on a unit, and how far below the unit in question it is, to those that would bear on it.
Revise = Callable[[Sequence[Version], int], Sequence[Version]]


@dataclass(frozen=True)
class UnitEffect:
    """What a unit's own people would gain and lose. Most of it first."""

    code: str
    name: str
    tally: Tally


@dataclass(frozen=True)
class QuarterEffect:
    """Who would gain and lose in a quarter, in all, by how much, and in which units most."""

    quarter: Quarter
    tally: Tally
    bands: list[Band]
    units: list[UnitEffect]


@dataclass(frozen=True)
class UnitChanges:
    """The settings that would change in a unit, on the day the policy does."""

    code: str
    name: str
    changes: list[Change]


@dataclass(frozen=True)
class Preview:
    """What a policy would change, in the unit and in those below that decide something themselves, and for whom.

    Without `exact` the figures leave out time away, single days and shares lent elsewhere.
    """

    starts_on: date
    changes: list[Change]
    below: list[UnitChanges]
    quarters: list[QuarterEffect]
    exact: bool


def adding(starts_on: date, settings: Mapping[str, object]) -> Revise:
    """As if the unit in question had one more version."""
    return lambda versions, depth: [*versions, Version(0, depth, starts_on, settings)]


def removing(policy_id: int) -> Revise:
    """As if one version were not there."""
    return lambda versions, depth: [each for each in versions if each.id != policy_id]


def preview(unit_id: int, starts_on: date, revise: Revise) -> Preview:
    """Compare everybody's entitlement with what it would be, in the quarter the policy changes in and the next."""
    first = Quarter.containing(starts_on)
    units, ids = people.units_at_or_below(unit_id), placed.people_at_or_below(unit_id, first.start)
    exact = len(ids) <= EXACT
    counts = [_Count(quarter, units, revise) for quarter in (first, first.next)]
    for some in (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)):
        record = on_record(some, first.start, first.next.end, days_of_their_own=exact)
        for count in counts:
            count.add(record)
    changes, *below = _changes(unit_id, starts_on, revise)
    apart = [each for each in below if each.changes != changes.changes]
    return Preview(starts_on, changes.changes, apart, [each.result() for each in counts], exact)


def _changes(unit_id: int, day: date, revise: Revise) -> Iterator[UnitChanges]:
    """What would differ on a day in the unit, the first, and in every unit below that decides something itself."""
    for unit in policy.units_at_or_below(unit_id):
        before = settings_on(unit.versions, day)
        after = settings_on(revise(unit.versions, unit.own_depth), day)
        yield UnitChanges(unit.code, unit.name, differences(day, before, after))


@dataclass
class _Count:
    """A quarter while it is being counted: the timelines of units as they are and would be, and people by unit and by
    minutes gained."""

    quarter: Quarter
    units: Mapping[int, UnitBelow]
    revise: Revise
    before: dict[int, list[Span]] = field(default_factory=dict)
    after: dict[int, list[Span]] = field(default_factory=dict)
    numbers: dict[Hashable, int] = field(default_factory=dict)
    kinds: dict[int, int] = field(default_factory=dict)
    changing: set[int] = field(default_factory=set)
    known: dict[Hashable, int] = field(default_factory=dict)
    found: defaultdict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, record: OnRecord) -> None:
        """Count the people on record who hold a post at or below the unit in this quarter."""
        for known in record.people.values():
            posts = [each for each in known.posts if self._holds(each)]
            unit_id = next((each.unit_id for each in reversed(posts) if each.unit_id in self.units), None)
            if unit_id is not None:
                self._learn(posts, record.versions)
                self.found[unit_id][self._gain(replace(known, posts=posts))] += 1

    def _holds(self, post: Post) -> bool:
        return post.starts_on < self.quarter.end and (post.ends_on is None or post.ends_on >= self.quarter.start)

    def _learn(self, posts: Sequence[Post], versions: Mapping[int, Sequence[Version]]) -> None:
        """Work out the settings of units not met before. Those with the same on the same days are of one kind."""
        start, end = self.quarter.start, self.quarter.end
        for unit_id in {each.unit_id for each in posts} - self.kinds.keys():
            now = versions.get(unit_id, ())
            then = self.revise(now, self.units[unit_id].depth) if unit_id in self.units else now
            self.before[unit_id], self.after[unit_id] = timeline(now, start, end), timeline(then, start, end)
            before, after = _in_force(self.before[unit_id]), _in_force(self.after[unit_id])
            self.kinds[unit_id] = self.numbers.setdefault((before, after), len(self.numbers))
            if before != after:
                self.changing.add(unit_id)

    def _gain(self, known: Known) -> int:
        """The minutes somebody gains. Alike people share one computation."""
        if not any(post.unit_id in self.changing for post in known.posts):
            return 0
        if known.overrides or known.absences or known.moves:
            return self._difference(known)
        alike = self._alike(known)
        if alike not in self.known:
            self.known[alike] = self._difference(known)
        return self.known[alike]

    def _difference(self, known: Known) -> int:
        start, end = self.quarter.start, self.quarter.end
        now, then = (
            entitlement(schedule_from(known, timelines, {}, date.min, start, end).work).minutes
            for timelines in (self.before, self.after)
        )
        return then - now

    def _alike(self, known: Known) -> Hashable:
        """All that decides what this quarter is worth to somebody without days of their own."""
        start, end = self.quarter.start, self.quarter.end
        posts = tuple(
            (
                self.kinds[post.unit_id],
                post.weekly_minutes,
                post.calendar,
                max(post.starts_on, start),
                min(post.ends_on or end, end),
                max(post.employed_from, start - LONGEST_WAIT),
                max(post.probation_ends_on or date.min, start - ONE_DAY),
            )
            for post in known.posts
        )
        return posts, _weeks_from(start, known.patterns)

    def result(self) -> QuarterEffect:
        everybody: Counter[int] = Counter()
        for found in self.found.values():
            everybody.update(found)
        units = [UnitEffect(self.units[u].code, self.units[u].name, tally(found)) for u, found in self.found.items()]
        changed = [each for each in units if each.tally.gaining or each.tally.losing]
        changed.sort(key=lambda each: (-each.tally.gained - each.tally.lost, each.code))
        return QuarterEffect(self.quarter, tally(everybody), bands(everybody), changed[:LARGEST])


def _in_force(spans: Sequence[Span]) -> Hashable:
    return tuple((each.start, each.end, each.settings) for each in spans)


def _weeks_from(start: date, patterns: Sequence[Pattern]) -> Hashable:
    """The weeks somebody works from a day on. Of the pattern in force it matters only where in its cycle it is."""
    begun = [each for each in patterns if each.starts_on <= start]
    later = tuple(each for each in patterns if each.starts_on > start)
    if not begun:
        return (), later
    weeks, since = begun[-1].weeks, monday_of(start) - monday_of(begun[-1].starts_on)
    turn = since.days // 7 % len(weeks)
    return weeks[turn:] + weeks[:turn], later
