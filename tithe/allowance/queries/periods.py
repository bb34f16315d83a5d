"""Which quarters are open, closed or locked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, select

from tithe.allowance.models import LedgerLine, Period
from tithe.allowance.rules.ledger import LedgerKind
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db


def closed_quarters() -> dict[str, datetime]:
    """The codes of all closed quarters and when each was closed."""
    rows = db.session.execute(select(Period.quarter, Period.closed_at))
    return {row.quarter: row.closed_at for row in rows}


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
