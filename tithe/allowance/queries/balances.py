"""What somebody may still use, the ledger behind it, and whether the stored totals equal it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)  # fmt: skip

from tithe.allowance.models import LedgerLine, PersonQuarter, Protection
from tithe.allowance.queries.schedules import schedule_of
from tithe.allowance.rules.carry import Books, Lot
from tithe.allowance.rules.ledger import LedgerKind
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, table_of
from tithe.kernel.plans import unsearched


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


SPENDING = (LedgerKind.USE, LedgerKind.REVERSAL)
TOTALS = table_of(PersonQuarter).c
# The totals of each person, quarter and unit. Features above put them into statements of their own.
quarter_totals = select(
    TOTALS.person_id, TOTALS.quarter, TOTALS.accrued, TOTALS.used, TOTALS.other, TOTALS.accruing_days
).subquery("quarter_totals")


Posted = tuple[int, int, int, int]  # the sums of a person's accrued, used and other minutes in a quarter, and of days


def balance_from(person_id: int, quarter: Quarter, posted: Posted | None) -> Balance:
    """Somebody's balance by what was posted, if anything was. A quarter whose accrual has not been posted yet is
    forecast from the same rule."""
    accrued, used, other, days = posted or (0, 0, 0, 0)
    if not days:
        accrued = schedule_of(person_id, quarter.start, quarter.end).entitlement.minutes
    return Balance(quarter, int(accrued), int(used), int(other))


@dataclass
class Accrued:
    """What has been posted to somebody in a quarter: minutes and days by unit, and the number of accrual lines."""

    lines: int = 0
    by_unit: dict[int, tuple[int, int]] = field(default_factory=dict)


def accruals_of(quarter: Quarter, person_ids: Iterable[int]) -> dict[int, Accrued]:
    """What has been posted so far to those of some people who have a summary in a quarter."""
    return _accruals(quarter, PersonQuarter.person_id.in_(list(person_ids)))


def accruals_between(quarter: Quarter, low: int, high: int) -> dict[int, Accrued]:
    """The same for everybody in a range of ids."""
    return _accruals(quarter, PersonQuarter.person_id.between(low, high))


def _accruals(quarter: Quarter, whose: ColumnElement[bool]) -> dict[int, Accrued]:
    """Lines are counted by index for each summary: a plan that does not hang on statistics of a quarter just opened."""
    lines = select(func.count()).where(
        LedgerLine.person_id == PersonQuarter.person_id,
        LedgerLine.quarter == quarter.code,
        LedgerLine.kind == LedgerKind.ACCRUAL,
    )
    found = select(
        PersonQuarter.person_id,
        PersonQuarter.unit_id,
        PersonQuarter.accrued,
        PersonQuarter.accruing_days,
        lines.correlate(PersonQuarter).scalar_subquery(),
    ).where(PersonQuarter.quarter == quarter.code, whose)
    posted: defaultdict[int, Accrued] = defaultdict(Accrued)
    for person_id, unit_id, minutes, days, count in db.session.execute(found):
        posted[person_id].lines = count
        posted[person_id].by_unit[unit_id] = (minutes, days)
    return posted


@dataclass
class Ledger:
    """The sums of one person's lines in a quarter, by kind; minutes carried in by the quarter they die with."""

    unit_id: int = 0
    sums: dict[LedgerKind, int] = field(default_factory=dict)
    lots: list[Lot] = field(default_factory=list)

    def books(self, protected: int) -> Books:
        """The quarter as closing takes it. A debt carried in is spent already."""
        spending = (LedgerKind.USE, LedgerKind.REVERSAL, LedgerKind.CARRY_IN)
        return Books(
            accrued=self.sums.get(LedgerKind.ACCRUAL, 0),
            lots=tuple(self.lots),
            spent=-sum(self.sums.get(kind, 0) for kind in spending),
            adjusted=self.sums.get(LedgerKind.ADJUSTMENT, 0),
            protected=protected,
        )


# The minutes of each line about a week, by the quarter they were posted to. Features above put it into statements of
# their own.
week_use = (
    select(
        LedgerLine.source_id.label("week_id"),
        LedgerLine.person_id,
        LedgerLine.quarter,
        (-LedgerLine.minutes).label("minutes"),
    )
    .where(LedgerLine.source == "week")
    .subquery("week_use")
)


def used_by_weeks(week_ids: Iterable[int]) -> dict[int, dict[Quarter, int]]:
    """The minutes some weeks have used so far, reversals taken off, by week and the quarter they were posted to."""
    found = (
        select(LedgerLine.source_id, LedgerLine.quarter, func.sum(-LedgerLine.minutes))
        .where(LedgerLine.source == "week", LedgerLine.source_id.in_(list(week_ids)))
        .group_by(LedgerLine.source_id, LedgerLine.quarter)
    )
    used: defaultdict[int, dict[Quarter, int]] = defaultdict(dict)
    for week_id, quarter, minutes in db.session.execute(found):
        if minutes:
            used[week_id][Quarter.parse(quarter)] = int(minutes)
    return used


def ledgers_between(quarter: Quarter, low: int, high: int) -> dict[int, Ledger]:
    """The ledgers of a quarter of everybody in a range of ids who has one."""
    found = (
        select(
            LedgerLine.person_id,
            LedgerLine.kind,
            LedgerLine.expires,
            func.sum(LedgerLine.minutes),
            func.max(LedgerLine.unit_id),
        )
        .where(LedgerLine.quarter == quarter.code, LedgerLine.person_id.between(low, high))
        .group_by(LedgerLine.person_id, LedgerLine.kind, LedgerLine.expires)
        .order_by(LedgerLine.person_id)
    )
    ledgers: defaultdict[int, Ledger] = defaultdict(Ledger)
    for person_id, kind, expires, minutes, unit_id in db.session.execute(found):
        ledger = ledgers[person_id]
        ledger.unit_id = max(ledger.unit_id, unit_id)
        if expires:
            ledger.lots.append(Lot(Quarter.parse(expires), int(minutes)))
        else:
            ledger.sums[kind] = int(minutes)
    return ledgers


def protected_between(quarter: Quarter, low: int, high: int) -> dict[int, int]:
    """Minutes of a quarter sent back because the work could not be spared, less what was approved of them later."""
    weekly = (
        select(LedgerLine.source_id, func.sum(-LedgerLine.minutes).label("used"))
        .where(
            LedgerLine.person_id.between(low, high),
            unsearched(LedgerLine.source) == "week",
            func.coalesce(LedgerLine.applies_to, LedgerLine.quarter) == quarter.code,
        )
        .group_by(LedgerLine.source_id)
        .subquery()
    )
    rest = Protection.minutes - func.coalesce(weekly.c.used, 0)
    found = (
        select(Protection.person_id, func.sum(case((rest > 0, rest), else_=0)))
        .outerjoin(weekly, and_(Protection.source == "week", weekly.c.source_id == Protection.source_id))
        .where(Protection.quarter == quarter.code, Protection.person_id.between(low, high))
        .group_by(Protection.person_id)
    )
    return {person_id: int(minutes) for person_id, minutes in db.session.execute(found)}


def _apart() -> Subquery:
    """Each quarter, person and unit whose stored total is not the sum of its ledger, or lacks one of the two."""
    place = (LedgerLine.quarter, LedgerLine.person_id, LedgerLine.unit_id)
    accruing, spending = LedgerLine.kind == LedgerKind.ACCRUAL, LedgerLine.kind.in_(SPENDING)
    lines = (
        select(
            *place,
            func.sum(case((accruing, LedgerLine.minutes), else_=0)).label("accrued"),
            func.sum(case((spending, -LedgerLine.minutes), else_=0)).label("used"),
            func.sum(case((or_(accruing, spending), 0), else_=LedgerLine.minutes)).label("other"),
        )
        .group_by(*place)
        .subquery()
    )
    same = and_(*(lines.c[each.key] == TOTALS[each.key] for each in place))
    unlike = (func.coalesce(lines.c[name] != TOTALS[name], True) for name in ("accrued", "used", "other"))
    named = (func.coalesce(lines.c[each.key], TOTALS[each.key]).label(each.key) for each in place)
    both = lines.join(table_of(PersonQuarter), same, full=True)
    return select(*named).select_from(both).where(or_(*unlike)).subquery()


APART = _apart()


def drift(quarter: Quarter) -> list[int]:
    """The people whose stored totals differ from the sums of their ledger in a quarter. It should be nobody."""
    return sorted(db.session.scalars(select(APART.c.person_id).where(APART.c.quarter == quarter.code).distinct()))


def has_summary_elsewhere(
    person_id: SQLColumnExpression[int], unit_id: SQLColumnExpression[Any], quarters: BindParameter[Any]
) -> SQLColumnExpression[bool]:
    """A person has minutes in these quarters in a unit other than this: a question to put inside another statement."""
    elsewhere = select(literal(1)).where(
        TOTALS.quarter.in_(quarters), TOTALS.person_id == person_id, TOTALS.unit_id != unit_id
    )
    return elsewhere.correlate_except(table_of(PersonQuarter)).exists()
