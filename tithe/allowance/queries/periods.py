"""Which quarters are open, closed or locked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from tithe.allowance.models import LedgerLine, Period, PersonQuarter
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.allowance.rules.ledger import LedgerKind, PeriodState, grace_ends, locks_on
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, table_of
from tithe.kernel.plans import stepped

# For statements above that must know how far the books are closed: a code, or nothing.
NEWEST_CLOSED = select(func.max(table_of(Period).c.quarter)).scalar_subquery()


@dataclass(frozen=True)
class PeriodRow:
    """A quarter and where its books stand; `closes_after` is the last day of grace, `locks_after` of changes."""

    quarter: Quarter
    state: PeriodState
    closes_after: date
    locks_after: date
    closed_at: datetime | None
    locked_at: datetime | None


def periods(today: date) -> list[PeriodRow]:
    """Every quarter anything was posted to, the newest first, in two statements."""
    posted = set(posted_quarters())
    books = {row.quarter: row for row in db.session.execute(select(Period.quarter, Period.closed_at, Period.locked_at))}
    return [_period(Quarter.parse(code), books.get(code), today) for code in sorted(posted | set(books), reverse=True)]


def posted_quarters() -> list[str]:
    """The codes of the quarters anything was posted to, the oldest first."""
    return [code for code in db.session.scalars(stepped(PersonQuarter.quarter)) if code is not None]


def _period(quarter: Quarter, books: Any, today: date) -> PeriodRow:
    closed_at, locked_at = (books.closed_at, books.locked_at) if books else (None, None)
    holidays = holidays_over(DEFAULT_CALENDAR, quarter.start.year, quarter.end.year + 1)
    if closed_at:
        state = PeriodState.LOCKED if locked_at else PeriodState.CLOSED
    else:
        state = PeriodState.OPEN if today < quarter.end else PeriodState.GRACE
    return PeriodRow(quarter, state, grace_ends(quarter, holidays), locks_on(quarter, holidays), closed_at, locked_at)


def unlocked_quarters() -> list[Quarter]:
    """The closed quarters that are not locked yet, the oldest first."""
    found = select(Period.quarter).where(Period.locked_at.is_(None)).order_by(Period.quarter)
    return [Quarter.parse(code) for code in db.session.scalars(found)]


def closed_quarters() -> dict[str, PeriodState]:
    """The codes of all closed quarters, and whether each is locked."""
    rows = db.session.execute(select(Period.quarter, Period.locked_at))
    return {row.quarter: PeriodState.LOCKED if row.locked_at else PeriodState.CLOSED for row in rows}


def oldest_unclosed() -> Quarter | None:
    """The oldest quarter anything was posted to that is not closed; None when nothing was posted yet."""
    closed = closed_quarters()
    return next((Quarter.parse(code) for code in posted_quarters() if code not in closed), None)


def is_closed(quarter: Quarter) -> bool:
    return db.session.scalar(select(Period.quarter).where(Period.quarter == quarter.code)) is not None


def first_open_day() -> date:
    """The first day that belongs to no closed quarter: what happened before it is corrected, not changed."""
    newest = db.session.scalar(select(func.max(Period.quarter)))
    return Quarter.parse(newest).end if newest else date.min


def open_quarters_of(person_ids: Iterable[int], since: Quarter) -> list[Quarter]:
    """The quarters from `since` on that are open and have an accrual of one of these people."""
    closed = select(Period.quarter)
    found = (
        select(LedgerLine.quarter)
        .where(
            LedgerLine.person_id.in_(list(person_ids)),
            LedgerLine.kind == LedgerKind.ACCRUAL,
            LedgerLine.quarter >= since.code,
            LedgerLine.quarter.not_in(closed),
        )
        .distinct()
        .order_by(LedgerLine.quarter)
    )
    return [Quarter.parse(code) for code in db.session.scalars(found)]
