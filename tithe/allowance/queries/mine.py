"""One person's quarter whole: its ledger line by line, the days behind it, and how far the books are closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from tithe.access.actor import Actor
from tithe.allowance.models import LedgerLine, Period, PersonQuarter
from tithe.allowance.queries.balances import Balance, Ledger, protected_between
from tithe.allowance.queries.calendars import days_of
from tithe.allowance.queries.schedules import schedule_of
from tithe.allowance.rules.carry import Lot
from tithe.allowance.rules.ledger import LedgerKind
from tithe.allowance.rules.schedule import Schedule
from tithe.allowance.rules.standing import DayWorth, day_table
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, table_of
from tithe.people.queries import person_names, unit_names


@dataclass(frozen=True)
class LedgerRow:
    """A line of the ledger with all that explains it. Without an actor it was the system that posted it."""

    id: int
    kind: LedgerKind
    minutes: int
    reason: str
    at: datetime
    applies_to: str | None
    expires: str | None
    unit_id: int
    actor: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class UnitName:
    """A unit as a line or a day names it."""

    code: str
    name: str


@dataclass(frozen=True)
class PeriodRow:
    """How far the books of a quarter are closed: a moment for each step taken."""

    closed_at: datetime | None = None
    locked_at: datetime | None = None


@dataclass(frozen=True)
class Account:
    """One person's quarter: the balance, every line behind it, and the schedule its entitlement follows from.

    `is_posted` is false while the accrual is a forecast. `protected` minutes carry over above the cap. `history` is
    every quarter with something posted, the newest first.
    """

    balance: Balance
    is_posted: bool
    lines: list[LedgerRow]
    schedule: Schedule
    holidays: Mapping[date, str]
    protected: int
    periods: Mapping[str, PeriodRow]
    units: Mapping[int, UnitName]
    history: list[Balance]

    @property
    def quarter(self) -> Quarter:
        return self.balance.quarter

    @property
    def state(self) -> PeriodRow:
        return self.periods.get(self.quarter.code, PeriodRow())

    @property
    def carried_in(self) -> int:
        """Minutes carried in, less a debt carried in."""
        return self.ledger.sums.get(LedgerKind.CARRY_IN, 0) + sum(lot.minutes for lot in self.ledger.lots)

    @cached_property
    def days(self) -> list[DayWorth]:
        return day_table(self.schedule.work)

    @cached_property
    def ledger(self) -> Ledger:
        """The sums of the lines. A forecast counts as earned."""
        ledger = Ledger()
        for line in self.lines:
            if line.expires:
                ledger.lots.append(Lot(Quarter.parse(line.expires), line.minutes))
            else:
                ledger.sums[line.kind] = ledger.sums.get(line.kind, 0) + line.minutes
        ledger.sums[LedgerKind.ACCRUAL] = self.balance.accrued
        return ledger


TOTALS, LINE, UNIT = table_of(PersonQuarter).c, table_of(LedgerLine).c, unit_names.c
HISTORY = (
    select(
        TOTALS.quarter,
        func.sum(TOTALS.accrued),
        func.sum(TOTALS.used),
        func.sum(TOTALS.other),
        func.sum(TOTALS.accruing_days),
    )
    .where(TOTALS.person_id == bindparam("person_id"))
    .group_by(TOTALS.quarter)
    .order_by(TOTALS.quarter.desc())
)
LINES: Select[*tuple[Any, ...]] = (
    select(
        LINE.id,
        LINE.kind,
        LINE.minutes,
        LINE.reason,
        LINE.at,
        LINE.applies_to,
        LINE.expires,
        LINE.unit_id,
        person_names.c.name,
        LINE.facts,
    )
    .select_from(table_of(LedgerLine).outerjoin(person_names, person_names.c.id == LINE.actor_id))
    .where(LINE.person_id == bindparam("person_id"), LINE.quarter == bindparam("quarter"))
    .order_by(LINE.id)
)
NAMES = select(UNIT.id, UNIT.code, UNIT.name).where(UNIT.id.in_(bindparam("unit_ids", expanding=True)))


def account_of(owner: Actor, quarter: Quarter) -> Account:
    """The owner's own quarter, in six statements, and one more where their calendar is not a national one."""
    person_id = owner.person_id
    schedule = schedule_of(person_id, quarter.start, quarter.end)
    rows = db.session.execute(HISTORY, {"person_id": person_id}).all()
    posted = {row[0] for row in rows if row[4]}
    history = [
        Balance(Quarter.parse(code), int(accrued), int(used), int(other)) for code, accrued, used, other, _ in rows
    ]
    lines = [LedgerRow(*row) for row in db.session.execute(LINES, {"person_id": person_id, "quarter": quarter.code})]
    unit_ids = {line.unit_id for line in lines} | {each.unit_id for each in schedule.work.stretches}
    names = db.session.execute(NAMES, {"unit_ids": [each for each in unit_ids if each is not None]})
    found = next((each for each in history if each.quarter == quarter), Balance(quarter, 0, 0, 0))
    if quarter.code not in posted:
        found = Balance(quarter, schedule.entitlement.minutes, found.used, found.other)
    return Account(
        balance=found,
        is_posted=quarter.code in posted,
        lines=lines,
        schedule=schedule,
        holidays={each.day: each.name for each in days_of(schedule.calendar, quarter.start.year, quarter.start.year)},
        protected=protected_between(quarter, person_id, person_id).get(person_id, 0),
        periods={
            row[0]: PeriodRow(*row[1:])
            for row in db.session.execute(select(Period.quarter, Period.closed_at, Period.locked_at))
        },
        units={row[0]: UnitName(*row[1:]) for row in names},
        history=history,
    )
