"""When people work, under which settings, and when not: everything that decides a schedule, read in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    CompoundSelect,
    Date,
    FromClause,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.types import TypeEngine

from tithe.allowance.models import Absence, BlackoutPeriod, OutwardMove, PatternDay, Period, WorkingPattern
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules.schedule import DEFAULTS, Blackout, Schedule
from tithe.allowance.rules.worktime import Away, Move, Pattern, Stretch, Work, clipped, default_pattern
from tithe.kernel.calendar import MONDAY_FIRST, Quarter, Weeks
from tithe.kernel.db import db, table_of
from tithe.kernel.plans import NOTHING, fixed, no_rows
from tithe.kernel.prepared import Prepared
from tithe.people import queries as people
from tithe.people.queries import unit_names, unit_tree
from tithe.policy import queries as policy
from tithe.policy.rules import AtTheTop, Span, Version, timeline, weeks_from

AT_ONCE = 2000  # people read together when everybody is worked out


class Fact(NamedTuple):
    """A row of any of the tables that decide a schedule. `owner` is a person, or a unit for policy and blackouts."""

    kind: str
    owner: int
    starts_on: date
    ends_on: date | None
    first: int | None
    second: int | None
    third: int | None
    words: str | None
    data: Any
    employed_from: date | None
    probation_ends_on: date | None


@dataclass(frozen=True)
class Post:
    """One assignment over the days it held; `ends_on` is the last of them, or None."""

    id: int
    unit_id: int
    weekly_minutes: int
    calendar: str
    starts_on: date
    ends_on: date | None
    employed_from: date
    probation_ends_on: date | None
    holidays: frozenset[date]


@dataclass
class Known:
    """What is on record about one person."""

    posts: list[Post] = field(default_factory=list)
    patterns: list[Pattern] = field(default_factory=list)
    overrides: list[tuple[date, int]] = field(default_factory=list)
    absences: list[Away] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)


@dataclass
class OnRecord:
    """What is on record about some people and the units of their posts, by id, over some days."""

    people: defaultdict[int, Known] = field(default_factory=lambda: defaultdict(Known))
    versions: defaultdict[int, list[Version]] = field(default_factory=lambda: defaultdict(list))
    blackouts: defaultdict[int, list[Blackout]] = field(default_factory=lambda: defaultdict(list))
    closed_before: date = date.min
    at_the_top: list[AtTheTop] = field(default_factory=list)

    @property
    def weeks(self) -> Weeks:
        return weeks_from(self.at_the_top)


START, END = bindparam("start", type_=Date), bindparam("end", type_=Date)
GIVEN: dict[str, type[TypeEngine[Any]]] = {
    "starts_on": Date,
    "ends_on": Date,
    "first": Integer,
    "second": Integer,
    "third": Integer,
    "words": String,
    "data": JSON,
    "employed_from": Date,
    "probation_ends_on": Date,
}
NO_ROWS = no_rows(kind=String, owner=Integer, **GIVEN)
Which = Callable[[ColumnElement[int]], ColumnElement[bool]]


def _rows(kind: str, source: FromClause, owner: ColumnElement[int], **columns: Any) -> Select[*tuple[Any, ...]]:
    return select(literal(kind), owner, *[columns.get(name, NOTHING) for name in GIVEN]).select_from(source)


def _days_of_their_own(which: Which) -> list[Select[*tuple[Any, ...]]]:
    """What sets people apart who work the same hours in the same place: single days, time away, shares lent."""
    override, absence, move = map(table_of, (PatternDay, Absence, OutwardMove))
    return [
        _rows(
            "override", override, override.c.person_id, starts_on=override.c.day, first=override.c.minutes
        ).where(which(override.c.person_id), override.c.day >= START, override.c.day < END),
        _rows(
            "absence", absence, absence.c.person_id, starts_on=absence.c.day, first=absence.c.minutes,
            second=cast(absence.c.reduces_accrual, Integer),
        ).where(which(absence.c.person_id), absence.c.day >= START, absence.c.day < END),
        _rows(
            "move", move, move.c.person_id, starts_on=move.c.starts_on, ends_on=move.c.last_day, first=move.c.share_bp
        ).where(
            which(move.c.person_id), move.c.starts_on < END, or_(move.c.last_day.is_(None), move.c.last_day >= START)
        ),
    ]  # fmt: skip


def _facts(which: Which) -> list[Select[*tuple[Any, ...]]]:
    """All else that decides the schedules of the people `which` chooses, over the days from `start` to `end`."""
    posts = people.POSTS_HELD.subquery("posts")
    pattern = table_of(WorkingPattern)
    blackout = table_of(BlackoutPeriod)
    period = table_of(Period).alias("newest")
    version, top = policy.INHERITED.subquery("inherited"), policy.AT_THE_TOP.subquery("at_the_top")
    held = people.POSTS_HELD.subquery("held")
    units = select(held.c.unit_id).where(which(held.c.person_id))
    return [
        _rows(
            "post", posts, posts.c.person_id, starts_on=posts.c.starts_on, ends_on=posts.c.ends_on,
            first=posts.c.unit_id, second=posts.c.weekly_minutes, third=posts.c.id, words=posts.c.calendar,
            employed_from=posts.c.employed_from, probation_ends_on=posts.c.probation_ends_on,
        ).where(which(posts.c.person_id)),
        _rows(
            "pattern", pattern, pattern.c.person_id, starts_on=pattern.c.starts_on, data=pattern.c.weeks
        ).where(which(pattern.c.person_id), pattern.c.starts_on < END),
        _rows(
            "policy", version, version.c.descendant_id, starts_on=version.c.starts_on, first=version.c.id,
            second=version.c.depth, data=version.c.settings,
        ).where(version.c.descendant_id.in_(units)),
        _rows("top", top, top.c.unit_id, starts_on=top.c.starts_on, data=top.c.settings),
        _rows(
            "blackout",
            blackout.join(unit_tree, blackout.c.unit_id == unit_tree.c.ancestor_id).join(
                unit_names, unit_names.c.id == blackout.c.unit_id
            ),
            unit_tree.c.descendant_id, starts_on=blackout.c.starts_on, ends_on=blackout.c.last_day,
            words=unit_names.c.name,
        ).where(
            unit_tree.c.descendant_id.in_(units),
            blackout.c.lifted_at.is_(None),
            blackout.c.starts_on < END,
            blackout.c.last_day >= START,
        ),
        _rows("closed", period, literal(0), words=period.c.quarter).where(
            period.c.quarter == select(func.max(table_of(Period).c.quarter)).scalar_subquery()
        ),
    ]  # fmt: skip


def _among(person: ColumnElement[int]) -> ColumnElement[bool]:
    return person.in_(bindparam("person_ids", expanding=True))


def of_one(person: ColumnElement[int]) -> ColumnElement[bool]:
    return person == bindparam("person_id")


def _between(person: ColumnElement[int]) -> ColumnElement[bool]:
    return person.between(bindparam("low"), bindparam("high"))


@cache
def _statement(which: Which, *, days_of_their_own: bool) -> CompoundSelect[*tuple[Any, ...]]:
    """What asks for all of it. Each of these is large, and put together when it is first needed."""
    return fixed(union_all(NO_ROWS, *_facts(which), *(_days_of_their_own(which) if days_of_their_own else ())))


@cache
def _asked_of_one() -> Prepared:
    return Prepared(_statement(of_one, days_of_their_own=True))


def schedule_of(person_id: int, start: date, end: date) -> Schedule:
    """One person's schedule over the days from `start` up to but not including `end`."""
    record = _noted(_asked_of_one().all(person_id=person_id, start=start, end=end), start, end)
    return dict(_schedules(record, start, end)).get(person_id) or Schedule(weeks=record.weeks)


def schedules_of(person_ids: Iterable[int], start: date, end: date) -> dict[int, Schedule]:
    """The schedules of some people, in one statement."""
    person_ids = list(person_ids)
    record = _read(_statement(_among, days_of_their_own=True), {"person_ids": person_ids}, start, end)
    found, nothing = dict(_schedules(record, start, end)), Schedule(weeks=record.weeks)
    return {person_id: found.get(person_id) or nothing for person_id in person_ids}


def schedule_ranges(start: date, end: date) -> Iterator[tuple[int, int, dict[int, Schedule]]]:
    """The schedules of everybody who holds a post on any of these days, range by range of ids: memory stays level."""
    for low in range(1, people.largest_person_id() + 1, AT_ONCE):
        high = low + AT_ONCE - 1
        record = _read(_statement(_between, days_of_their_own=True), {"low": low, "high": high}, start, end)
        yield low, high, dict(_schedules(record, start, end))


def on_record(person_ids: Iterable[int], start: date, end: date, *, days_of_their_own: bool) -> OnRecord:
    """What decides the schedules of some people, before it is put together; in one statement.

    Without `days_of_their_own`, single days, time away and shares lent are left out: there are many of them.
    """
    statement = _statement(_among, days_of_their_own=days_of_their_own)
    return _read(statement, {"person_ids": list(person_ids)}, start, end)


def _schedules(record: OnRecord, start: date, end: date) -> Iterator[tuple[int, Schedule]]:
    weeks = record.weeks
    timelines = {unit_id: timeline(found, start, end) for unit_id, found in record.versions.items()}
    for person_id in sorted(record.people):
        known = record.people[person_id]
        if known.posts:
            found = schedule_from(known, timelines, record.blackouts, record.closed_before, start, end, weeks)
            yield person_id, found


def _read(statement: CompoundSelect[*tuple[Any, ...]], which: Mapping[str, Any], start: date, end: date) -> OnRecord:
    return _noted(db.session.execute(statement, {**which, "start": start, "end": end}), start, end)


def _noted(rows: Iterable[Sequence[Any]], start: date, end: date) -> OnRecord:
    """What the rows of such a statement say, put in order."""
    record = OnRecord()
    holidays = cache(lambda calendar: holidays_over(calendar, start.year, end.year))
    for row in rows:
        fact = Fact(*row)
        if fact.kind == "policy":
            version = Version(fact.first or 0, fact.second or 0, fact.starts_on, fact.data)
            record.versions[fact.owner].append(version)
        elif fact.kind == "top":
            record.at_the_top.append((fact.owner, fact.starts_on, fact.data))
        elif fact.kind == "closed":
            record.closed_before = Quarter.parse(fact.words or "").end
        elif fact.kind == "blackout":
            blackout = Blackout(fact.starts_on, fact.ends_on or fact.starts_on, fact.words or "")
            record.blackouts[fact.owner].append(blackout)
        else:
            _note(record.people[fact.owner], fact, holidays)
    for known in record.people.values():
        known.posts.sort(key=lambda post: (post.starts_on, post.id))
        known.patterns.sort(key=lambda pattern: pattern.starts_on)
    return record


def _note(known: Known, fact: Fact, holidays: Callable[[str], frozenset[date]]) -> None:
    if fact.kind == "post":
        known.posts.append(
            Post(
                id=fact.third or 0,
                unit_id=fact.first or 0,
                weekly_minutes=fact.second or 0,
                calendar=fact.words or "",
                starts_on=fact.starts_on,
                ends_on=fact.ends_on,
                employed_from=fact.employed_from or fact.starts_on,
                probation_ends_on=fact.probation_ends_on,
                holidays=holidays(fact.words or ""),
            )
        )
    elif fact.kind == "pattern":
        known.patterns.append(Pattern(fact.starts_on, tuple(tuple(week) for week in fact.data)))
    elif fact.kind == "override":
        known.overrides.append((fact.starts_on, fact.first or 0))
    elif fact.kind == "absence":
        minutes = fact.first or 0
        known.absences.append(Away(fact.starts_on, minutes, minutes if fact.second else 0))
    else:
        known.moves.append(Move(fact.starts_on, fact.ends_on, fact.first or 0))


def schedule_from(
    known: Known,
    timelines: Mapping[int, list[Span]],
    blackouts: Mapping[int, list[Blackout]],
    closed_before: date,
    start: date,
    end: date,
    weeks: Weeks = MONDAY_FIRST,
) -> Schedule:
    """Join what is on record about a person into stretches over which nothing changes."""
    last = max(known.posts, key=lambda post: (post.ends_on or date.max, post.starts_on, post.id))
    in_force = (timelines.get(last.unit_id) or [Span(start, end, DEFAULTS, None)])[-1]
    stretches = tuple(
        stretch
        for number, post in enumerate(known.posts)
        for stretch in _stretches(post, known.posts[:number], known.patterns, timelines, start, end)
    )
    waits = any(each.settings.qualifying_weeks for each in stretches)
    leaves_out = any(each.settings.exclude_probation for each in stretches)
    work = Work(
        stretches=stretches,
        overrides=tuple(sorted(known.overrides)),
        absences=tuple(sorted(known.absences, key=lambda each: (each.day, each.minutes, each.reducing))),
        moves=tuple(sorted(known.moves, key=lambda each: (each.starts_on, each.share_bp))),
        employed_from=last.employed_from if waits else None,
        probation_ends=last.probation_ends_on if leaves_out else None,
    )
    return Schedule(
        work=work,
        settings=in_force.settings,
        unit_id=last.unit_id,
        policy_id=in_force.policy_id,
        calendar=last.calendar,
        blackouts=tuple(blackouts.get(last.unit_id, ())),
        closed_before=closed_before,
        weeks=weeks,
    )


def _stretches(
    post: Post,
    earlier: list[Post],
    patterns: list[Pattern],
    timelines: Mapping[int, list[Span]],
    start: date,
    end: date,
) -> Iterator[Stretch]:
    """One post cut where its settings, its holder's pattern, or a post held beside it changes.

    A pattern on record is the person's whole week, so it counts for the first of the posts held at once.
    """
    first, after = clipped(post.starts_on, post.ends_on, start, end)
    spans = timelines.get(post.unit_id) or [Span(start, end, DEFAULTS, None)]
    beside = [clipped(each.starts_on, each.ends_on, start, end) for each in earlier]
    changes = (
        {span.start for span in spans} | {pattern.starts_on for pattern in patterns} | {d for s in beside for d in s}
    )
    for begins, ends in pairwise(sorted({first, after, *(day for day in changes if first < day < after)})):
        settings = next(each for each in reversed(spans) if each.start <= begins).settings
        known = [pattern for pattern in patterns if pattern.starts_on <= begins]
        if known and any(since <= begins < until for since, until in beside):
            continue
        pattern = known[-1] if known else default_pattern(post.weekly_minutes, begins, settings.std_week_min)
        yield Stretch(begins, ends, pattern, settings, post.holidays, post.unit_id)
