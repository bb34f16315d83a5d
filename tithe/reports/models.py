"""Frozen quarters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tithe.kernel.db import Base


class QuarterReport(Base):
    """A quarter's utilisation, stored once. A correction is a new revision, never an edit."""

    __tablename__ = "quarter_report"
    __table_args__ = (
        UniqueConstraint("quarter", "revision"),
        CheckConstraint("revision >= 1", name="revision_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    quarter: Mapped[str] = mapped_column(String(9))
    revision: Mapped[int]
    frozen_at: Mapped[datetime]
    frozen_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    digest: Mapped[str] = mapped_column(String(64))  # of the lines below, in order


class QuarterLine(Base):
    """One unit of a frozen quarter with everything below it rolled up, as the tree stood then."""

    __tablename__ = "quarter_line"
    __table_args__ = (UniqueConstraint("report_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("quarter_report.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    unit_code: Mapped[str] = mapped_column(String(60))
    unit_name: Mapped[str] = mapped_column(String(200))
    eligible: Mapped[int]
    participants: Mapped[int]
    entitlement_minutes: Mapped[int]
    used_minutes: Mapped[int]
