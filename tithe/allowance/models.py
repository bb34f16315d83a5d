"""When people work and when they are away, the ledger, the one stored total, and what bounds them both."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tithe.allowance.rules.blackouts import BlackoutGround
from tithe.allowance.rules.holidays import DayKind
from tithe.allowance.rules.ledger import AdjustmentStatus, LedgerKind
from tithe.kernel.db import Base


class WorkingPattern(Base):
    """The minutes somebody works each day, as a cycle of one to four weeks from the Monday of `starts_on`'s week.

    People without one work the standard day from Monday on until their weekly minutes are used up.
    """

    __tablename__ = "working_pattern"
    __table_args__ = (UniqueConstraint("person_id", "starts_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    weeks: Mapped[list[list[int]]] = mapped_column(JSON)


class PatternDay(Base):
    """What somebody works on one date whatever their pattern says: annualised hours, term time, a swapped day."""

    __tablename__ = "pattern_day"
    __table_args__ = (CheckConstraint("minutes BETWEEN 0 AND 1440", name="minutes_in_a_day"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    minutes: Mapped[int]


class Absence(Base):
    """Minutes somebody is away on a day, and whether they lower what is earned. The reason is never kept.

    `source` says who told us (the person, a CSV file, a calendar file) and `source_key` which of its records it was, so
    that the same file read twice adds nothing.
    """

    __tablename__ = "absence"
    __table_args__ = (
        UniqueConstraint("person_id", "day", "source", "source_key"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes_in_a_day"),
        CheckConstraint("source IN ('own', 'csv', 'ical')", name="known_source"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    day: Mapped[date]
    minutes: Mapped[int]
    reduces_accrual: Mapped[bool]
    source: Mapped[str] = mapped_column(String(10))
    source_key: Mapped[str] = mapped_column(String(255), default="")


class OutwardMove(Base):
    """The share of somebody's time that belongs elsewhere (a loan, a part-time move), in basis points."""

    __tablename__ = "outward_move"
    __table_args__ = (
        CheckConstraint("last_day >= starts_on", name="ends_after_starting"),
        CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share_of_the_whole"),
        Index(None, "person_id", "starts_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    last_day: Mapped[date | None]
    share_bp: Mapped[int]


class HolidayCalendar(Base):
    """A calendar of public holidays of one's own: a copy of a national one that may be edited, or an imported one."""

    __tablename__ = "holiday_calendar"

    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    copied_from: Mapped[str | None] = mapped_column(String(30))


class CalendarDay(Base):
    """A holiday of such a calendar."""

    __tablename__ = "calendar_day"

    calendar: Mapped[str] = mapped_column(ForeignKey("holiday_calendar.code"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[DayKind]


class BlackoutPeriod(Base):
    """Dates on which a unit, and all below it, can spare no tithed time. Accrual goes on; minutes are protected."""

    __tablename__ = "blackout_period"
    __table_args__ = (
        CheckConstraint("last_day >= starts_on", name="ends_after_starting"),
        Index(None, "unit_id", "starts_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    starts_on: Mapped[date]
    last_day: Mapped[date]
    ground: Mapped[BlackoutGround]
    reason: Mapped[str] = mapped_column(String(500))
    emergency: Mapped[bool] = mapped_column(default=False)
    set_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class LedgerLine(Base):
    """Minutes gained or spent in a quarter, never changed once written. `facts` hold the arithmetic.

    Once a quarter is closed nothing is posted to it: late use and corrections go to an open quarter and name the one
    they are about in `applies_to`. Minutes carried in die at the end of the quarter `expires`.
    """

    __tablename__ = "ledger_line"
    __table_args__ = (
        CheckConstraint("minutes != 0 OR kind = 'accrual'", name="moves_something"),
        CheckConstraint("kind NOT IN ('use', 'lapse', 'hold') OR minutes < 0", name="spending_is_negative"),
        CheckConstraint("(expires IS NOT NULL) = (kind = 'carry_in' AND minutes > 0)", name="carried_minutes_expire"),
        UniqueConstraint("source", "source_id", "source_version", "quarter", "kind", "person_id"),
        Index(None, "person_id", "quarter", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    quarter: Mapped[str] = mapped_column(String(9))
    applies_to: Mapped[str | None] = mapped_column(String(9))
    expires: Mapped[str | None] = mapped_column(String(9))
    kind: Mapped[LedgerKind]
    minutes: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[int]
    source_version: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("tithe_policy.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


class PersonQuarter(Base):
    """The sum of one person's ledger in one quarter and unit, posted in the same commit as the lines it sums.

    `split` marks people with rows in more than one unit that quarter, so that a report can count them once.
    """

    __tablename__ = "person_quarter"
    __table_args__ = (
        Index("ix_person_quarter_report", "quarter", "unit_id", "split", "accruing_days", "accrued", "used"),
        Index("ix_person_quarter_split", "quarter", sqlite_where=text("split = 1"), postgresql_where=text("split")),
        Index(None, "person_id", "quarter"),
    )

    quarter: Mapped[str] = mapped_column(String(9), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    split: Mapped[bool] = mapped_column(default=False)
    accruing_days: Mapped[int] = mapped_column(default=0)
    accrued: Mapped[int] = mapped_column(default=0)
    used: Mapped[int] = mapped_column(default=0)
    other: Mapped[int] = mapped_column(default=0)  # carry, adjustments and holds, signed


class Period(Base):
    """A quarter whose books are closed. `locked_at` follows once its report is signed."""

    __tablename__ = "period"
    __table_args__ = (CheckConstraint("locked_at >= closed_at", name="locked_after_closing"),)

    quarter: Mapped[str] = mapped_column(String(9), primary_key=True)
    closed_at: Mapped[datetime]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    locked_at: Mapped[datetime | None]


class Adjustment(Base):
    """A correction HR proposes to somebody's minutes about one quarter; a second person posts it or turns it down."""

    __tablename__ = "adjustment"
    __table_args__ = (
        CheckConstraint("minutes != 0", name="moves_something"),
        CheckConstraint("decided_by != proposed_by", name="two_people"),
        CheckConstraint("decided_by != person_id AND proposed_by != person_id", name="nobody_adjusts_their_own"),
        CheckConstraint("(status = 'proposed') = (decided_at IS NULL)", name="decided_has_a_time"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_has_a_person"),
        Index(None, "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    applies_to: Mapped[str] = mapped_column(String(9))
    minutes: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    status: Mapped[AdjustmentStatus] = mapped_column(default=AdjustmentStatus.PROPOSED)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decision_words: Mapped[str] = mapped_column(Text, default="", server_default="")


class Protection(Base):
    """Minutes asked for in time and sent back because the work could not be spared: they carry above the cap."""

    __tablename__ = "protection"
    __table_args__ = (CheckConstraint("minutes >= 0", name="never_negative"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    quarter: Mapped[str] = mapped_column(String(9), primary_key=True)
    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    minutes: Mapped[int]
