"""Projects and their members."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tithe.kernel.db import Base
from tithe.projects.rules import ProjectStatus


class Project(Base):
    """Work somebody chose for themselves: the problem, who benefits, and what they expect to find."""

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("(status = 'draft') = (registered_at IS NULL)", name="registered_has_a_time"),
        CheckConstraint(
            "status = 'draft' OR (problem != '' AND beneficiaries != '' AND hypothesis != '')",
            name="registered_is_answered",
        ),
        CheckConstraint("title != ''", name="has_a_title"),
        Index(None, "status", "registered_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)  # the owner's, when registered
    title: Mapped[str] = mapped_column(String(120))
    problem: Mapped[str] = mapped_column(Text, default="")
    beneficiaries: Mapped[str] = mapped_column(Text, default="")
    hypothesis: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[ProjectStatus] = mapped_column(default=ProjectStatus.DRAFT)
    created_at: Mapped[datetime]
    registered_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class ProjectGuest(Base):
    """Somebody from outside who may see a project while their stay lasts, from one day to another. They log no time."""

    __tablename__ = "project_guest"
    __table_args__ = (CheckConstraint("left_on >= joined_on", name="left_after_joining"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    joined_on: Mapped[date]
    left_on: Mapped[date | None]


class ProjectMember(Base):
    """Somebody who may log time to a project, from one day to another (the last included)."""

    __tablename__ = "project_member"
    __table_args__ = (CheckConstraint("left_on >= joined_on", name="left_after_joining"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
