"""The promises of accruals, the ledger, stored totals, closed quarters and corrections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select

from tithe.allowance.models import Adjustment, LedgerLine, PersonQuarter
from tithe.allowance.operations.accrual import differences
from tithe.allowance.queries.balances import APART, SPENDING
from tithe.allowance.queries.periods import NEWEST_CLOSED, closed_quarters
from tithe.allowance.rules.ledger import AdjustmentStatus, LedgerKind
from tithe.kernel.calendar import Quarter
from tithe.kernel.checks import Check, stream

# What each decision on a week took from its owner's minutes, and what each week takes of a quarter now, amendments
# included: checks of features above join to these.
USED_BY_WEEK = (
    select(LedgerLine.source_id, LedgerLine.source_version, func.sum(-LedgerLine.minutes).label("used"))
    .where(LedgerLine.source == "week", LedgerLine.kind == LedgerKind.USE)
    .group_by(LedgerLine.source_id, LedgerLine.source_version)
    .subquery("used_by_week")
)
COUNTED = (
    select(LedgerLine.source_id, LedgerLine.quarter, func.sum(-LedgerLine.minutes).label("minutes"))
    .where(LedgerLine.source == "week")
    .group_by(LedgerLine.source_id, LedgerLine.quarter)
    .subquery("counted")
)
# What somebody used of a quarter, and the most they ever had to use: credits summed line by line.
GAINED = case((LedgerLine.kind.in_(SPENDING), 0), else_=LedgerLine.minutes)
SO_FAR = select(
    LedgerLine.quarter,
    LedgerLine.person_id,
    (GAINED - LedgerLine.minutes).label("used"),
    func.sum(GAINED)
    .over(partition_by=(LedgerLine.quarter, LedgerLine.person_id), order_by=LedgerLine.id)
    .label("so_far"),
).subquery("so_far")
CREDIT = (
    select(
        SO_FAR.c.quarter,
        SO_FAR.c.person_id,
        func.sum(SO_FAR.c.used).label("used"),
        func.max(SO_FAR.c.so_far).label("most"),
    )
    .group_by(SO_FAR.c.quarter, SO_FAR.c.person_id)
    .subquery("credit")
)


def open_quarters() -> list[Quarter]:
    """The quarters that have been opened and not closed, the oldest first."""
    found = (
        select(PersonQuarter.quarter)
        .where(PersonQuarter.accruing_days > 0, PersonQuarter.quarter > func.coalesce(NEWEST_CLOSED, ""))
        .distinct()
        .order_by(PersonQuarter.quarter)
    )
    return [Quarter.parse(row.quarter) for row in stream(found)]


def accruals_out_of_date(now: datetime) -> Iterator[str]:
    """What working every open quarter out again would post."""
    for quarter in open_quarters():
        for line in differences(quarter):
            yield f"person {line['person_id']} in {quarter}, unit {line['unit_id']}: {line['minutes']:+} minutes"


def totals_unlike_the_ledger(now: datetime) -> Iterator[str]:
    """Stored totals that are not the sums of their ledger lines, or are wrong about people in several units."""
    for row in stream(select(APART)):
        yield f"person {row.person_id} in {row.quarter}, unit {row.unit_id}"
    yield from _wrongly_split()


def _wrongly_split() -> Iterator[str]:
    several = func.count() > 1
    marked = func.sum(case((PersonQuarter.split, 1), else_=0))
    found = (
        select(PersonQuarter.quarter, PersonQuarter.person_id)
        .group_by(PersonQuarter.quarter, PersonQuarter.person_id)
        .having(or_(and_(several, marked < func.count()), and_(~several, marked > 0)))
    )
    for row in stream(found):
        yield f"person {row.person_id} in {row.quarter}: the mark of several units"


def unsettled_quarters(now: datetime) -> Iterator[str]:
    """Closed quarters that do not come to nothing, were settled twice, or did not hand on what they carried out."""
    for code in sorted(closed_quarters()):
        yield from _unsettled(Quarter.parse(code))


def _unsettled(quarter: Quarter) -> Iterator[str]:
    closing = and_(LedgerLine.source == "close", LedgerLine.quarter == quarter.code)
    ended = and_(closing, LedgerLine.kind == LedgerKind.CARRY_OUT)
    lapsed = and_(closing, LedgerLine.kind == LedgerKind.LAPSE)
    begun = and_(
        LedgerLine.source == "close",
        LedgerLine.quarter == quarter.next.code,
        LedgerLine.kind == LedgerKind.CARRY_IN,
    )
    left = func.sum(case((LedgerLine.quarter == quarter.code, LedgerLine.minutes), else_=0))
    moved = func.sum(case((or_(ended, begun), LedgerLine.minutes), else_=0))
    found = (
        select(LedgerLine.person_id)
        .where(or_(LedgerLine.quarter == quarter.code, begun))
        .group_by(LedgerLine.person_id)
        .having(
            or_(
                left != 0,
                moved != 0,
                func.sum(case((ended, 1), else_=0)) > 1,
                func.sum(case((lapsed, 1), else_=0)) > 1,
            )
        )
    )
    for row in stream(found.order_by(LedgerLine.person_id)):
        yield f"person {row.person_id} in {quarter}"


def lonely_corrections(now: datetime) -> Iterator[str]:
    """Posted corrections without a reason, a second person, or exactly their minutes in the ledger; and lines of the
    ledger that correct something without one."""
    line = and_(LedgerLine.source == "adjustment", LedgerLine.source_id == Adjustment.id)
    posted = Adjustment.status == AdjustmentStatus.POSTED
    lonely = or_(
        func.trim(Adjustment.reason) == "",
        Adjustment.decided_by.is_(None),
        Adjustment.decided_by.in_((Adjustment.proposed_by, Adjustment.person_id)),
        Adjustment.proposed_by == Adjustment.person_id,
    )
    apart = or_(
        func.count(LedgerLine.id) != 1,
        func.min(LedgerLine.minutes) != Adjustment.minutes,
        func.min(LedgerLine.person_id) != Adjustment.person_id,
    )
    found = select(Adjustment.id).outerjoin(LedgerLine, line).where(posted).group_by(Adjustment.id)
    for row in stream(found.having(or_(lonely, apart)).order_by(Adjustment.id)):
        yield f"correction {row.id}"
    unfounded = (
        select(LedgerLine.id)
        .outerjoin(Adjustment, and_(line, posted))
        .where(LedgerLine.kind == LedgerKind.ADJUSTMENT, LedgerLine.source != "close", Adjustment.id.is_(None))
    )
    for row in stream(unfounded.order_by(LedgerLine.id)):
        yield f"ledger line {row.id}"


CHECKS = [
    Check(
        "B1",
        "What was accrued is what the rule gives today, for everybody and every open quarter",
        accruals_out_of_date,
    ),
    Check("B2", "Every stored total equals its ledger", totals_unlike_the_ledger),
    Check("B4", "A closed quarter comes to nothing and hands on what it carried out, once", unsettled_quarters),
    Check(
        "B5", "A correction has a reason, an author, a second person and its own line in the ledger", lonely_corrections
    ),
]
