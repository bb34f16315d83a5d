"""What somebody may do: roles, who stands in for whom, and people from outside with the terms they accept."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tithe.access.permissions import Role
from tithe.kernel.db import Base
from tithe.people.rules.roles import RoleOutcome


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


class RoleRequest(Base):
    """A role that one person proposed for another and that a second has to confirm before it counts.

    Once confirmed there is a `RoleGrant`; this row keeps both names.
    """

    __tablename__ = "role_request"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_starting"),
        CheckConstraint("asked_by != person_id AND decided_by != person_id", name="nobody_grants_their_own"),
        CheckConstraint("decided_by != asked_by", name="two_people"),
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="decided_has_a_time"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_has_a_person"),
        Index(
            "uq_role_request_waiting",
            "person_id",
            "role",
            "unit_id",
            unique=True,
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
        Index(None, "unit_id", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(500))
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    outcome: Mapped[RoleOutcome | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decision_words: Mapped[str] = mapped_column(String(500), default="", server_default="")


class Delegation(Base):
    """A manager asks somebody to decide in their place from one day to another, the last included.

    Nothing follows from it until the delegate accepts, and nothing more once either side ends it.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_starting"),
        CheckConstraint("delegate_id != manager_id", name="to_somebody_else"),
        CheckConstraint("accepted_at IS NULL OR declined_at IS NULL", name="answered_once"),
        CheckConstraint("ended_by IS NULL OR ended_at IS NOT NULL", name="ended_has_a_time"),
        CheckConstraint("ended_at IS NULL OR declined_at IS NULL", name="declined_never_ends"),
        Index(None, "manager_id", "ends_on"),
        Index(None, "delegate_id", "ends_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    manager_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    delegate_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]  # the last day
    words: Mapped[str] = mapped_column(String(500), default="")
    asked_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # before its last day
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class OutsideMember(Base):
    """What is kept of somebody from outside besides the account, whose last day is `Person.leaves_on`.

    `sponsor_id` is who hosts them today: who invited them, or whoever came after; nobody while HR of `unit_id` does.
    """

    __tablename__ = "outside_member"
    __table_args__ = (
        CheckConstraint("sponsor_id IS NOT NULL OR handed_on_at IS NOT NULL", name="hosted_or_handed_on"),
        CheckConstraint("sponsor_id != person_id", name="nobody_hosts_themselves"),
        CheckConstraint("(terms_version IS NULL) = (accepted_at IS NULL)", name="accepted_has_a_time"),
        CheckConstraint("ended_by IS NULL OR ended_at IS NOT NULL", name="ended_has_a_time"),
        Index(None, "sponsor_id", "person_id"),
        Index(None, "unit_id", "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(120))
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # the sponsor's, when they invited them
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # none if a command did
    invited_at: Mapped[datetime]
    handed_on_at: Mapped[datetime | None]  # when it last went from a sponsor to another, or to HR
    terms_version: Mapped[int | None]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # before the last day
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class OutsideTerms(Base):
    """A version of the terms of use for people from outside, from 2 on; the first is in `rules.outside`."""

    __tablename__ = "outside_terms"
    __table_args__ = (CheckConstraint("version >= 2", name="version_from_two"),)

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    words: Mapped[str] = mapped_column(Text)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # none if a command did
    published_at: Mapped[datetime]
