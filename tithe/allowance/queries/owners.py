"""What somebody who decides other people's weeks is told of their allowances, for many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import func, select

from tithe.allowance.models import PersonQuarter
from tithe.allowance.queries.blackouts import BLACKOUT, LIVE
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, table_of
from tithe.people.queries import unit_tree

TOTALS = table_of(PersonQuarter).c


def minutes_left(places: Collection[tuple[int, Quarter]]) -> dict[tuple[int, Quarter], int]:
    """What some people have left in some quarters, by person and quarter, in one statement.

    Those whose accrual has not been posted yet are left out: every night posts what is new.
    """
    codes = {quarter.code: quarter for _, quarter in places}
    found = (
        select(TOTALS.person_id, TOTALS.quarter, func.sum(TOTALS.accrued + TOTALS.other - TOTALS.used))
        .where(TOTALS.person_id.in_({person_id for person_id, _ in places}), TOTALS.quarter.in_(codes))
        .group_by(TOTALS.person_id, TOTALS.quarter)
        .having(func.sum(TOTALS.accruing_days) > 0)
    )
    return {(person_id, codes[code]): int(minutes) for person_id, code, minutes in db.session.execute(found)}


def blackouts_over(unit_ids: Iterable[int], first: date, last: date) -> dict[int, list[tuple[date, date]]]:
    """The blackouts that bear on some units on any of these days, by unit, as first and last day; in one statement."""
    found = (
        select(unit_tree.c.descendant_id, BLACKOUT.starts_on, BLACKOUT.last_day)
        .join(unit_tree, unit_tree.c.ancestor_id == BLACKOUT.unit_id)
        .where(
            unit_tree.c.descendant_id.in_(set(unit_ids)), LIVE, BLACKOUT.starts_on <= last, BLACKOUT.last_day >= first
        )
    )
    blackouts: dict[int, list[tuple[date, date]]] = {}
    for unit_id, starts_on, last_day in db.session.execute(found):
        blackouts.setdefault(unit_id, []).append((starts_on, last_day))
    return blackouts
