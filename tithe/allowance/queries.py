"""Reading allowances: what somebody may use, what is due to be worked, and the ledger behind both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import SQLColumnExpression, bindparam, func, literal, select

from tithe.access.actor import Actor
from tithe.allowance import rules
from tithe.allowance.calendars import holidays_over
from tithe.allowance.models import LedgerLine, PersonQuarter, WorkingPattern
from tithe.allowance.rules import Entitlement, LedgerKind, Pattern, Stretch
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, table_of
from tithe.people import queries as people
from tithe.people.queries import Post
from tithe.policy import queries as policy
from tithe.policy.rules import Settings, Span

DEFAULT_CALENDAR = "england-and-wales"


@dataclass(frozen=True)
class Schedule:
    """When somebody works over some days, and under which settings. `calendar` is that of the newest post."""

    stretches: tuple[Stretch, ...]
    settings: Settings
    unit_id: int | None
    policy_id: int | None
    calendar: str = DEFAULT_CALENDAR

    def scheduled(self, day: date) -> int:
        return rules.scheduled(day, self.stretches, ())

    def usual(self, day: date) -> int:
        """Minutes of a day by pattern alone, holidays not taken off: what a weekly cap is a share of."""
        return sum(each.pattern.minutes_on(day) for each in self.stretches if each.start <= day < each.end)

    def is_holiday(self, day: date) -> bool:
        return any(day in each.holidays for each in self.stretches if each.start <= day < each.end)

    @property
    def entitlement(self) -> Entitlement:
        return rules.entitlement(
            self.stretches, (), round_to=self.settings.round_to, round_mode=self.settings.round_mode
        )


@dataclass(frozen=True)
class Balance:
    """One person's minutes in one quarter. `left` counts approved time only; what waits for approval is the week's."""

    quarter: Quarter
    accrued: int
    used: int
    other: int

    @property
    def left(self) -> int:
        return self.accrued + self.other - self.used


@dataclass(frozen=True)
class LineRow:
    """A line of the ledger as its owner reads it."""

    id: int
    kind: LedgerKind
    minutes: int
    reason: str
    at: datetime


def schedule_of(person_id: int, start: date, end: date) -> Schedule:
    """One person's schedule over the days from `start` up to but not including `end`."""
    posts = people.posts_of([person_id], start, end)
    timelines = policy.timelines_of({post.unit_id for post in posts}, start, end)
    return schedule_from(posts, patterns_of([person_id]).get(person_id, []), timelines, start, end)


def schedule_from(
    posts: list[Post], patterns: list[Pattern], timelines: Mapping[int, list[Span]], start: date, end: date
) -> Schedule:
    """Join posts, patterns and settings into stretches over which none of them changes."""
    last = posts[-1] if posts else None
    spans = timelines[last.unit_id] if last and last.unit_id in timelines else None
    in_force = spans[-1] if spans else Span(start, end, Settings(), None)
    return Schedule(
        stretches=tuple(
            stretch
            for number, post in enumerate(posts)
            for stretch in _stretches(post, posts[:number], patterns, timelines, start, end)
        ),
        settings=in_force.settings,
        unit_id=last.unit_id if last else None,
        policy_id=in_force.policy_id,
        calendar=last.calendar if last else DEFAULT_CALENDAR,
    )


def _stretches(
    post: Post,
    earlier: list[Post],
    patterns: list[Pattern],
    timelines: Mapping[int, list[Span]],
    start: date,
    end: date,
) -> Iterable[Stretch]:
    """One post cut where its settings, its holder's pattern, or a post held beside it changes.

    A pattern on record is the person's whole week, so it counts for the first of the posts held at once.
    """
    first, after = rules.clipped(post.starts_on, post.ends_on, start, end)
    spans = timelines.get(post.unit_id) or [Span(start, end, Settings(), None)]
    beside = [rules.clipped(each.starts_on, each.ends_on, start, end) for each in earlier]
    changes = (
        {span.start for span in spans} | {pattern.starts_on for pattern in patterns} | {d for s in beside for d in s}
    )
    holidays = holidays_over(post.calendar, start.year, end.year)
    for begins, ends in pairwise(sorted({first, after, *(day for day in changes if first < day < after)})):
        span = next(each for each in reversed(spans) if each.start <= begins)
        known = [pattern for pattern in patterns if pattern.starts_on <= begins]
        if known and any(since <= begins < until for since, until in beside):
            continue
        pattern = known[-1] if known else rules.default_pattern(post.weekly_minutes, begins)
        yield Stretch(begins, ends, pattern, span.settings.rate_bp, holidays, post.unit_id)


PATTERN, TOTALS = table_of(WorkingPattern).c, table_of(PersonQuarter).c
PATTERNS = select(PATTERN.person_id, PATTERN.starts_on, PATTERN.weeks).order_by(PATTERN.starts_on)
PATTERNS_OF = PATTERNS.where(PATTERN.person_id.in_(bindparam("person_ids", expanding=True)))
BALANCES = (
    select(
        TOTALS.quarter,
        func.sum(TOTALS.accrued),
        func.sum(TOTALS.used),
        func.sum(TOTALS.other),
        func.sum(TOTALS.accruing_days),
    )
    .where(TOTALS.person_id == bindparam("person_id"), TOTALS.quarter.in_(bindparam("quarters", expanding=True)))
    .group_by(TOTALS.quarter)
)


def patterns_of(person_ids: Iterable[int] | None) -> dict[int, list[Pattern]]:
    """The working patterns on record of some people, or of all, each person's in order of start."""
    if person_ids is None:
        rows = db.session.execute(PATTERNS)
    else:
        rows = db.session.execute(PATTERNS_OF, {"person_ids": list(person_ids)})
    patterns: defaultdict[int, list[Pattern]] = defaultdict(list)
    for person_id, starts_on, weeks in rows:
        patterns[person_id].append(Pattern(starts_on, tuple(tuple(week) for week in weeks)))
    return patterns


def balances_of(person_id: int, quarters: Iterable[Quarter]) -> dict[Quarter, Balance]:
    """Somebody's balances. A quarter whose accrual has not been posted yet is forecast from the same rule."""
    quarters = list(quarters)
    found = db.session.execute(BALANCES, {"person_id": person_id, "quarters": [each.code for each in quarters]})
    sums = {row[0]: row for row in found}
    return {each: _balance(person_id, each, sums.get(each.code)) for each in quarters}


def _balance(person_id: int, quarter: Quarter, sums: Any) -> Balance:
    _, accrued, used, other, days = sums or (None, 0, 0, 0, 0)
    if not days:
        accrued = schedule_of(person_id, quarter.start, quarter.end).entitlement.minutes
    return Balance(quarter, int(accrued), int(used), int(other))


def ledger_of(by: Actor, quarter: Quarter) -> list[LineRow]:
    """The viewer's own ledger lines of a quarter, in the order they were written."""
    found = (
        select(LedgerLine.id, LedgerLine.kind, LedgerLine.minutes, LedgerLine.reason, LedgerLine.at)
        .where(LedgerLine.person_id == by.id, LedgerLine.quarter == quarter.code)
        .order_by(LedgerLine.id)
        .limit(500)
    )
    return [LineRow(*row) for row in db.session.execute(found)]


@dataclass
class Accrued:
    """What has been posted to somebody in a quarter: minutes and days by unit, and the number of accrual lines."""

    lines: int = 0
    by_unit: dict[int, tuple[int, int]] = field(default_factory=dict)


def accruals_in(quarter: Quarter) -> dict[int, Accrued]:
    """What has been posted so far to each person who has a summary in a quarter."""
    lines = (
        select(LedgerLine.person_id, func.count().label("lines"))
        .where(LedgerLine.quarter == quarter.code, LedgerLine.kind == LedgerKind.ACCRUAL)
        .group_by(LedgerLine.person_id)
        .subquery()
    )
    found = (
        select(
            PersonQuarter.person_id,
            PersonQuarter.unit_id,
            PersonQuarter.accrued,
            PersonQuarter.accruing_days,
            func.coalesce(lines.c.lines, 0),
        )
        .outerjoin(lines, lines.c.person_id == PersonQuarter.person_id)
        .where(PersonQuarter.quarter == quarter.code)
    )
    posted: defaultdict[int, Accrued] = defaultdict(Accrued)
    for person_id, unit_id, minutes, days, count in db.session.execute(found):
        posted[person_id].lines = count
        posted[person_id].by_unit[unit_id] = (minutes, days)
    return posted


def drift(quarter: Quarter) -> list[int]:
    """The people whose stored totals differ from the sum of their ledger in a quarter. It should be nobody."""
    lines = (
        select(LedgerLine.person_id, func.sum(LedgerLine.minutes).label("minutes"))
        .where(LedgerLine.quarter == quarter.code)
        .group_by(LedgerLine.person_id)
        .subquery()
    )
    totals = (
        select(
            PersonQuarter.person_id,
            func.sum(PersonQuarter.accrued + PersonQuarter.other - PersonQuarter.used).label("minutes"),
        )
        .where(PersonQuarter.quarter == quarter.code)
        .group_by(PersonQuarter.person_id)
        .subquery()
    )
    apart = (
        select(func.coalesce(lines.c.person_id, totals.c.person_id))
        .select_from(lines.join(totals, lines.c.person_id == totals.c.person_id, full=True))
        .where(func.coalesce(lines.c.minutes, 0) != func.coalesce(totals.c.minutes, 0))
    )
    return sorted(db.session.scalars(apart))


def has_summary_elsewhere(
    person_id: SQLColumnExpression[int], unit_id: SQLColumnExpression[Any], quarters: Iterable[str]
) -> SQLColumnExpression[bool]:
    """A person has minutes in these quarters in a unit other than this: a question to put inside another statement."""
    elsewhere = select(literal(1)).where(
        TOTALS.quarter.in_(list(quarters)), TOTALS.person_id == person_id, TOTALS.unit_id != unit_id
    )
    return elsewhere.correlate_except(table_of(PersonQuarter)).exists()
