"""Projects and their members."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tithe.kernel.db import Base
from tithe.projects.rules import FlagGround, FlagOutcome, ProjectStatus


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
        CheckConstraint("(status = 'stopped') = (closed_on IS NOT NULL)", name="stopped_has_a_day"),
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
    closed_on: Mapped[date | None]  # the first day that takes no time any more
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


class ProjectFlag(Base):
    """Somebody asks for a project to be looked at, and what a coordinator said. It is never changed after that.

    `raised_by` is nobody where the scheme itself asks, for the first look at a new project.
    """

    __tablename__ = "project_flag"
    __table_args__ = (
        CheckConstraint("length(words) BETWEEN 40 AND 2000", name="says_why"),
        CheckConstraint("(ground = 'first_look') = (raised_by IS NULL)", name="raised_by_somebody"),
        CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled_has_a_time"),
        CheckConstraint("(outcome IS NULL) = (settled_by IS NULL)", name="settled_has_a_person"),
        CheckConstraint("outcome IS NULL OR length(reason) BETWEEN 40 AND 2000", name="settled_has_words"),
        CheckConstraint("settled_at >= raised_at", name="settled_after_it_was_raised"),
        Index(
            "uq_project_flag_open", "project_id", "ground", unique=True,
            sqlite_where=text("outcome IS NULL"), postgresql_where=text("outcome IS NULL"),
        ),
        Index(None, "project_id", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    ground: Mapped[FlagGround]
    words: Mapped[str] = mapped_column(Text)
    raised_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    raised_at: Mapped[datetime]
    outcome: Mapped[FlagOutcome | None]
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
