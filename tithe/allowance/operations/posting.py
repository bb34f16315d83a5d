"""Posting to the ledger. Every line and the summary it adds to are written together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any

from sqlalchemy import delete, func, insert, select, tuple_, update

from tithe.allowance.models import LedgerLine, PersonQuarter, Protection
from tithe.allowance.queries.balances import SPENDING
from tithe.allowance.rules.ledger import LedgerKind
from tithe.kernel.bulk import insert_rows
from tithe.kernel.db import db, table_of

Line = dict[str, Any]
PLACES = ("quarter", "person_id", "unit_id")  # of a summary
PLACE = itemgetter(*PLACES)
SUMS = ("accruing_days", "accrued", "used", "other")


def post(lines: Sequence[Line], *, accruing_days: Sequence[int] | None = None) -> None:
    """Write ledger lines and add them to the summaries: two statements however many lines. Joins the open unit of work.

    Spending is negative in the ledger and positive in the summary's `used`. Summaries are taken in order of quarter,
    person and unit, so that two who post for the same people at once never wait for each other.
    """
    insert_rows(LedgerLine, lines)
    summaries: dict[Any, dict[str, int]] = {}
    for line, days in zip(lines, accruing_days or repeat(0, len(lines)), strict=True):
        kind, minutes = line["kind"], line["minutes"]
        summary = summaries.setdefault(PLACE(line), dict.fromkeys(SUMS, 0))
        summary["accruing_days"] += days
        if kind is LedgerKind.ACCRUAL:
            summary["accrued"] += minutes
        elif kind in SPENDING:
            summary["used"] -= minutes
        else:
            summary["other"] += minutes
    rows = [dict(zip(PLACES, place, strict=True)) | {"split": False} | summaries[place] for place in sorted(summaries)]
    insert_rows(PersonQuarter, rows, sums=SUMS)


def mark_split(quarters: Iterable[str], person_ids: Iterable[int]) -> None:
    """Flag the summaries of people who have them in more than one unit, so that reports count each person once.

    Those people are found first, in one pass: asked row by row, a quarter that has just begun to fill takes PostgreSQL,
    which has no statistics of it yet, a look at all of it for each.
    """
    quarters, person_ids = list(quarters), list(person_ids)
    if not person_ids:
        return
    place = (PersonQuarter.quarter, PersonQuarter.person_id)
    held = (PersonQuarter.quarter.in_(quarters), PersonQuarter.person_id.in_(person_ids))
    several = select(*place).where(*held).group_by(*place).having(func.count() > 1)
    db.session.execute(
        update(PersonQuarter)
        .where(*held, PersonQuarter.split.is_(False), tuple_(*place).in_(several))
        .values(split=True)
        .execution_options(synchronize_session=False)
    )


def protect(person_id: int, minutes: Mapping[str, int], source: str, source_id: int) -> None:
    """Remember minutes asked for in time and not granted, by code of quarter: they carry over above the cap.

    Asked for again and sent back again, they count as they were asked for last. Joins the open unit of work.
    """
    about = {"person_id": person_id, "source": source, "source_id": source_id}
    protections = table_of(Protection)
    db.session.execute(delete(protections).where(*(protections.c[name] == value for name, value in about.items())))
    if minutes:
        rows = [about | {"quarter": quarter, "minutes": each} for quarter, each in minutes.items()]
        db.session.execute(insert(protections), rows)
