"""Weeks, their entries, and the decisions made on them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tithe.kernel.db import Base
from tithe.timesheets.rules.deciding import Outcome, ReturnGround
from tithe.timesheets.rules.entries import TimeKind
from tithe.timesheets.rules.lifecycle import WeekStatus


class Week(Base):
    """One person's tithed time over the seven days from the Monday `starts_on`.

    `version` rises by one with every accepted change; a decision names the version it was made on. A submitted week
    waits for `approver_id`, or, when that is empty, in the HR queue of `unit_id`. `amends_version` is the version of
    the decision that an amendment replaces: until the amendment is approved, what that decision approved counts.
    """

    __tablename__ = "week"
    __table_args__ = (
        UniqueConstraint("person_id", "starts_on"),
        CheckConstraint("approver_id != person_id", name="nobody_approves_their_own"),
        CheckConstraint("(status IN ('approved', 'returned')) = (decided_at IS NOT NULL)", name="decided_has_a_time"),
        CheckConstraint("(status = 'draft') = (submitted_at IS NULL)", name="submitted_has_a_time"),
        CheckConstraint("total_minutes BETWEEN 0 AND 10080", name="total_in_a_week"),
        CheckConstraint("(amends_version IS NULL) = (amend_reason = '')", name="amended_has_a_reason"),
        Index("ix_week_queue", "approver_id", "status", "submitted_at", "id"),
        Index("ix_week_unit_queue", "unit_id", "status", "submitted_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    status: Mapped[WeekStatus] = mapped_column(default=WeekStatus.DRAFT)
    total_minutes: Mapped[int] = mapped_column(default=0)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    decided_at: Mapped[datetime | None]
    version: Mapped[int]
    amends_version: Mapped[int | None]
    amend_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")


class TimeEntry(Base):
    """Minutes one person gave one project on one day, or gave to something that is no project."""

    __tablename__ = "time_entry"
    __table_args__ = (
        UniqueConstraint("week_id", "day", "project_id"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes_in_a_day"),
        CheckConstraint("(kind = 'tithe') = (project_id IS NOT NULL)", name="tithe_has_a_project"),
        Index(
            "uq_time_entry_week_id_day_kind",
            "week_id",
            "day",
            "kind",
            unique=True,
            sqlite_where=text("project_id IS NULL"),
            postgresql_where=text("project_id IS NULL"),
        ),
        Index(None, "person_id", "day", "minutes"),
        Index(None, "project_id", "day"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    week_id: Mapped[int] = mapped_column(ForeignKey("week.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[TimeKind] = mapped_column(default=TimeKind.TITHE, server_default="tithe")
    day: Mapped[date]
    minutes: Mapped[int]
    note: Mapped[str] = mapped_column(String(500), default="")


class Decision(Base):
    """What somebody decided on one version of a week, and exactly what they were shown (`digest`, `entries`)."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("week_id", "version"),
        CheckConstraint("(outcome = 'returned') = (ground IS NOT NULL)", name="returned_has_a_ground"),
        CheckConstraint("outcome != 'returned' OR length(reason) >= 40", name="returned_has_words"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    week_id: Mapped[int] = mapped_column(ForeignKey("week.id"))
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[Outcome]
    ground: Mapped[ReturnGround | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    total_minutes: Mapped[int]
    entries: Mapped[list[Any]] = mapped_column(JSON)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    decided_at: Mapped[datetime]
