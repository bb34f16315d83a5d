"""Units and their tree, people, the posts they held over time, the roles they hold and how they sign in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tithe.access.permissions import Role
from tithe.kernel.db import Base
from tithe.people.rules.grades import Grade


class Unit(Base):
    """A department, or a part of one."""

    __tablename__ = "unit"
    __table_args__ = (CheckConstraint("parent_id != id", name="not_its_own_parent"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)


class UnitClosure(Base):
    """Every pair of a unit and one at or below it, `depth` steps down (0 is the unit itself)."""

    __tablename__ = "unit_closure"

    ancestor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    descendant_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, index=True)
    depth: Mapped[int]


class Person(Base):
    """An account. Where somebody works, for whom and how long is on their assignments."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("leaves_on >= starts_on", name="leaves_after_starting"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_number: Mapped[str | None] = mapped_column(String(40), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date]
    leaves_on: Mapped[date | None]  # the last day of employment
    probation_ends_on: Mapped[date | None]  # the last day of probation


class Assignment(Base):
    """A post somebody holds from one day to another (the last day included; none while it goes on).

    A change of unit, grade, hours or manager closes one row and opens the next, so that what was true on a past day
    stays true. `source_key` says which published or imported post the row came from.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_starting"),
        CheckConstraint("line_manager_id != person_id", name="nobody_manages_themselves"),
        CheckConstraint("weekly_minutes BETWEEN 0 AND 10080", name="weekly_minutes_in_a_week"),
        CheckConstraint("fte_bp >= 0", name="fte_not_negative"),
        Index(
            "uq_assignment_current_source_key",
            "source_key",
            unique=True,
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
        Index(None, "person_id", "starts_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    line_manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    grade: Mapped[Grade | None]
    grade_text: Mapped[str] = mapped_column(String(80), default="")  # as published
    post_title: Mapped[str] = mapped_column(String(200), default="")
    weekly_minutes: Mapped[int]
    fte_bp: Mapped[int]  # ten-thousandths of full time, for display: 0.6 FTE is 6000
    calendar: Mapped[str] = mapped_column(String(30), default="england-and-wales")
    source_key: Mapped[str | None] = mapped_column(String(80))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class RoleGrant(Base):
    """A role given to a person for a unit and all below it, between two dates."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("person_id", "role", "unit_id", "starts_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class Password(Base):
    """The argon2id hash of a local account. People who sign in elsewhere have no row."""

    __tablename__ = "password"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime]


class SignIn(Base):
    """One sign-in of one person in one browser. Ending the row ends the session at the next request."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ApiToken(Base):
    """A bearer token: only its hash is kept, with what it may do (`scopes`, separated by spaces) and until when."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    scopes: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
