"""Units and their tree, people, the words they are found by, their posts over time, and who shares one."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

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
    """An account. Where somebody works, for whom and how long is on their assignments. Whoever is from `outside` has
    none of these, as triggers see to."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("leaves_on >= starts_on", name="leaves_after_starting"),
        CheckConstraint("NOT outside OR leaves_on IS NOT NULL", name="outside_has_an_end"),
        CheckConstraint("NOT outside OR staff_number IS NULL", name="outside_has_no_number"),
        Index(None, "name", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_number: Mapped[str | None] = mapped_column(String(40), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date]
    leaves_on: Mapped[date | None]  # the last day of employment
    probation_ends_on: Mapped[date | None]  # the last day of probation
    outside: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # never staff; never changes


# Searched by how they begin, so they are compared by their bytes: SQLite does so anyway, PostgreSQL when told.
WORDS = String(120).with_variant(String(120, collation="C"), "postgresql")


class NameWord(Base):
    """A word of somebody's name in small letters without marks. Triggers keep these rows, whoever changes a name."""

    __tablename__ = "name_word"

    word: Mapped[str] = mapped_column(WORDS, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class PersonSkill(Base):
    """What somebody says they can do or would like to, as they wrote it; `key` is the same in small letters."""

    __tablename__ = "person_skill"
    __table_args__ = (Index(None, "key", "person_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    key: Mapped[str] = mapped_column(WORDS, primary_key=True)
    skill: Mapped[str] = mapped_column(String(120))


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
        Index(None, "person_id", "starts_on", "ends_on"),
        Index(None, "unit_id", "starts_on", "ends_on", "person_id"),  # who works where on a day, from it alone
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
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


class JobShare(Base):
    """Two people who hold one post together, from one day to another, the last included. Each keeps a post, hours and
    an allowance of their own. Who of the two stands first says nothing: the smaller id does."""

    __tablename__ = "job_share"
    __table_args__ = (
        CheckConstraint("first_id < second_id", name="two_people_in_order"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_starting"),
        UniqueConstraint("first_id", "second_id", "starts_on"),
        Index(None, "second_id", "starts_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
