"""Working patterns, the ledger, and the one stored total."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tithe.allowance.rules import LedgerKind
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


class LedgerLine(Base):
    """Minutes gained or spent in a quarter, never changed once written. `facts` hold the arithmetic."""

    __tablename__ = "ledger_line"
    __table_args__ = (
        CheckConstraint("minutes != 0 OR kind = 'accrual'", name="moves_something"),
        CheckConstraint("kind NOT IN ('use', 'carry_out', 'lapse') OR minutes < 0", name="spending_is_negative"),
        UniqueConstraint("source", "source_id", "source_version", "quarter", "kind", "person_id"),
        Index(None, "person_id", "quarter", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    quarter: Mapped[str] = mapped_column(String(9))
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
        Index("ix_person_quarter_split", "quarter", sqlite_where=text("split"), postgresql_where=text("split")),
    )

    quarter: Mapped[str] = mapped_column(String(9), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    split: Mapped[bool] = mapped_column(default=False)
    accruing_days: Mapped[int] = mapped_column(default=0)
    accrued: Mapped[int] = mapped_column(default=0)
    used: Mapped[int] = mapped_column(default=0)
    other: Mapped[int] = mapped_column(default=0)  # carry, adjustments and holds, signed
