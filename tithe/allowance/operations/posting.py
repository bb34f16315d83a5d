"""Posting to the ledger. Every line and the summary it adds to are written together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import delete, func, insert, select, tuple_, update

from tithe.allowance.models import LedgerLine, PersonQuarter, Protection
from tithe.allowance.rules.ledger import LedgerKind
from tithe.kernel.db import db, insert_into, table_of

Line = dict[str, Any]
PLACE = itemgetter("quarter", "person_id", "unit_id")  # of a summary


def post(lines: Sequence[Line], *, accruing_days: Sequence[int] | None = None) -> None:
    """Write ledger lines and add them to the summaries: two statements however many lines. Joins the open unit of work.

    Spending is negative in the ledger and positive in the summary's `used`. Summaries are taken in order of quarter,
    person and unit, so that two who post for the same people at once never wait for each other.
    """
    if not lines:
        return
    db.session.execute(insert(table_of(LedgerLine)), list(lines))
    days = accruing_days or [0] * len(lines)
    summaries = [_summary(line, more) for line, more in zip(lines, days, strict=True)]
    db.session.execute(_add_to_summaries(), sorted(summaries, key=PLACE))


def _summary(line: Line, accruing_days: int) -> dict[str, Any]:
    kind, minutes = line["kind"], line["minutes"]
    spending = kind in (LedgerKind.USE, LedgerKind.REVERSAL)
    return {
        "quarter": line["quarter"],
        "person_id": line["person_id"],
        "unit_id": line["unit_id"],
        "split": False,
        "accruing_days": accruing_days,
        "accrued": minutes if kind is LedgerKind.ACCRUAL else 0,
        "used": -minutes if spending else 0,
        "other": 0 if spending or kind is LedgerKind.ACCRUAL else minutes,
    }


def _add_to_summaries() -> Any:
    adding = insert_into(table_of(PersonQuarter))
    sums = {
        name: getattr(PersonQuarter, name) + getattr(adding.excluded, name)
        for name in ("accruing_days", "accrued", "used", "other")
    }
    return adding.on_conflict_do_update(index_elements=["quarter", "person_id", "unit_id"], set_=sums)


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
