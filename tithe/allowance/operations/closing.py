"""Closing a quarter: what nobody used is carried on or lapses, once, for everybody. Source: §1.4 and §1.7.

Nothing is posted to a closed quarter. Weeks that still wait for a decision when it closes carry their minutes on above
the cap; once approved they are used in the quarter then open, which names the closed one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

from sqlalchemy import insert, update

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.allowance.models import LedgerLine, Period
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.allowance.operations.posting import Line, mark_split, post
from tithe.allowance.queries.balances import Ledger, ledgers_between, protected_between
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.queries.periods import closed_quarters, oldest_unclosed
from tithe.allowance.queries.schedules import schedule_ranges
from tithe.allowance.rules import carry
from tithe.allowance.rules.carry import Closing
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.allowance.rules.ledger import LedgerKind, grace_ends
from tithe.allowance.rules.schedule import Schedule
from tithe.audit.operations import record
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import local_date
from tithe.kernel.db import allow_long_statements, atomic, db, lock_table, table_of
from tithe.kernel.errors import Conflict, RuleBroken
from tithe.people import queries as people

NOBODY = Schedule()
Waiting = Callable[[Quarter, int, int], Mapping[int, int]]


@atomic
def close_quarter(
    *,
    actor: Actor,
    quarter: Quarter,
    waiting: Waiting,
    now: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Close the books of a quarter for everybody; return how many people had minutes to settle.

    `waiting` gives, for a quarter and a range of ids, the minutes each person has waiting for a decision. Refuses
    before the days of grace are over, out of order, and a second time.
    """
    ensure(actor, Permission.QUARTER_CLOSE, None)
    lock_table(LedgerLine)  # what others are posting is settled too; from here on they wait, then find it closed
    _refuse_untimely(quarter, local_date(now))
    allow_long_statements(600)
    accrue_quarter(actor=actor, quarter=quarter, now=now)
    settled = 0
    for low, high, schedules in schedule_ranges(quarter.start, quarter.end):
        settled += _settle(quarter, low, high, schedules, waiting(quarter, low, high), actor, now)
        progress(settled)
    db.session.execute(insert(table_of(Period)), {"quarter": quarter.code, "closed_at": now, "closed_by": actor.id})
    record("quarter:close", actor=actor, about="quarter", id=None, at=now, quarter=quarter.code, people=settled)
    return settled


def _settle(
    quarter: Quarter,
    low: int,
    high: int,
    schedules: Mapping[int, Schedule],
    undecided: Mapping[int, int],
    actor: Actor,
    now: datetime,
) -> int:
    """Settle everybody in a range of ids; return how many had minutes to settle."""
    protected, next_units = protected_between(quarter, low, high), people.units_on(quarter.end, low, high)
    lines = []
    for person_id, ledger in ledgers_between(quarter, low, high).items():
        above_cap = protected.get(person_id, 0) + undecided.get(person_id, 0)
        schedule = schedules.get(person_id, NOBODY)
        closing = carry.close(quarter, ledger.books(above_cap), schedule.settings, stays=person_id in next_units)
        about = _about(person_id, quarter, schedule, next_units.get(person_id), ledger, actor, now)
        lines += list(_lines(quarter, closing, above_cap, about))
    post(lines)
    concerned = {line["person_id"] for line in lines}
    mark_split([quarter.next.code], concerned)
    return len(concerned)


def _refuse_untimely(quarter: Quarter, today: date) -> None:
    if quarter.code in closed_quarters():
        raise Conflict(f"{quarter.label} is closed already. A mistake in it is put right by a correction")
    over = grace_ends(quarter, holidays_over(DEFAULT_CALENDAR, quarter.start.year, quarter.end.year + 1))
    if today <= over:
        raise RuleBroken(f"{quarter.label} can be closed after {over:%-d %B %Y}, when the days of grace are over")
    oldest = oldest_unclosed()
    if oldest is not None and oldest < quarter:
        raise RuleBroken(f"Close {oldest.label} first: what it carries over belongs to {oldest.next.label}")


def _about(
    person_id: int,
    quarter: Quarter,
    schedule: Schedule,
    next_unit: int | None,
    ledger: Ledger,
    actor: Actor,
    now: datetime,
) -> dict[bool, Line]:
    """What every line of one person's closing has in common: False for the closed quarter, True for the next."""
    common = {
        "person_id": person_id,
        "applies_to": None,
        "expires": None,
        "source": "close",
        "source_id": person_id,
        "source_version": 1,
        "policy_id": schedule.policy_id,
        "actor_id": actor.id,
        "at": now,
    }
    unit_id = schedule.unit_id or ledger.unit_id
    closed = common | {"quarter": quarter.code, "unit_id": unit_id}
    return {False: closed, True: common | {"quarter": quarter.next.code, "unit_id": next_unit or unit_id}}


def _lines(quarter: Quarter, closing: Closing, above_cap: int, about: Mapping[bool, Line]) -> Iterator[Line]:
    """The lines that bring a closed quarter to nothing, and those that open the next with what was carried."""
    facts = {"cap": closing.cap, "above_cap": above_cap, "carried": closing.carried_minutes, "lapsed": closing.lapsed}
    ended, begun = about[False] | {"facts": facts}, about[True] | {"facts": facts}
    if closing.lapsed:
        yield ended | _line(LedgerKind.LAPSE, -closing.lapsed, f"Not used in {quarter.label} and not carried over")
    if closing.written_off:
        yield ended | _line(LedgerKind.ADJUSTMENT, closing.written_off, "Used beyond what may be owed: written off")
    if moved := closing.carried_minutes + closing.debt:
        yield ended | _line(LedgerKind.CARRY_OUT, -moved, f"Carried over to {quarter.next.label}")
    if closing.debt:
        yield begun | _line(LedgerKind.CARRY_IN, closing.debt, f"Used in {quarter.label} beyond what was earned")
    for number, lot in enumerate(closing.carried, 1):
        words = f"Carried over from {quarter.label}, to be used by the end of {lot.expires.label}"
        numbered = {"source_version": number, "expires": lot.expires.code}
        yield begun | _line(LedgerKind.CARRY_IN, lot.minutes, words) | numbered


def _line(kind: LedgerKind, minutes: int, reason: str) -> Line:
    return {"kind": kind, "minutes": minutes, "reason": reason}


@atomic
def lock_quarter(*, actor: Actor, quarter: Quarter, now: datetime) -> None:
    """Lock a closed quarter once its report is signed: from then on HR alone may correct it."""
    ensure(actor, Permission.QUARTER_CLOSE, None)
    if quarter.code not in closed_quarters():
        raise RuleBroken(f"{quarter.label} is not closed yet. Close it before locking it")
    db.session.execute(
        update(Period).where(Period.quarter == quarter.code, Period.locked_at.is_(None)).values(locked_at=now)
    )
    record("quarter:lock", actor=actor, about="quarter", id=None, at=now, quarter=quarter.code)
