"""Weeks, their entries, and the decisions made on them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tithe.kernel.db import Base
from tithe.timesheets.rules.agreements import RefusalGround, RequestShape, RequestStatus
from tithe.timesheets.rules.deciding import DecisionHow, Outcome, ReturnGround
from tithe.timesheets.rules.entries import TimeKind
from tithe.timesheets.rules.escalation import Stage
from tithe.timesheets.rules.imports.layouts import Format
from tithe.timesheets.rules.lifecycle import WeekStatus
from tithe.timesheets.rules.plans import BlockStatus, PlanShape
from tithe.timesheets.rules.reviews import PanelSeat, ReviewOutcome, ReviewStage

WITHOUT_PROJECT: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), text("project_id IS NULL"))


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
        CheckConstraint(
            "nothing_since IS NULL OR (status = 'draft' AND total_minutes = 0 AND amends_version IS NULL)",
            name="nothing_is_an_empty_draft",
        ),
        CheckConstraint("status != 'draft' OR stage = 'manager'", name="drafts_begin_again"),
        CheckConstraint("stage != 'coordinator' OR approver_id IS NULL", name="coordinators_share_a_queue"),
        CheckConstraint("counts_on >= starts_on", name="counts_on_one_of_its_days"),
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
    nothing_since: Mapped[datetime | None]  # when its owner declared that nothing was done; nobody decides that
    stage: Mapped[Stage] = mapped_column(default=Stage.MANAGER, server_default="manager")
    counts_on: Mapped[date | None]  # in the quarter of this day all of it counts; none: each day in its own


class TimeEntry(Base):
    """Minutes one person gave one project on one day, or gave to something that is no project."""

    __tablename__ = "time_entry"
    __table_args__ = (
        UniqueConstraint("week_id", "day", "project_id"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes_in_a_day"),
        CheckConstraint("(kind = 'tithe') = (project_id IS NOT NULL)", name="tithe_has_a_project"),
        Index("uq_time_entry_week_id_day_kind", "week_id", "day", "kind", unique=True, **WITHOUT_PROJECT),
        Index(None, "person_id", "day", "minutes"),
        Index(None, "project_id", "day"),
        Index(None, "fix_by", sqlite_where=text("fix_by IS NOT NULL"), postgresql_where=text("fix_by IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    week_id: Mapped[int] = mapped_column(ForeignKey("week.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[TimeKind] = mapped_column(default=TimeKind.TITHE, server_default="tithe")
    day: Mapped[date]
    minutes: Mapped[int]
    note: Mapped[str] = mapped_column(String(500), default="")
    fix_by: Mapped[date | None]  # the day holds more than it has room for since: its owner is to put that right by then


class Decision(Base):
    """What somebody decided on one version of a week, and exactly what they were shown (`digest`, `entries`)."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("week_id", "version"),
        CheckConstraint("(outcome = 'returned') = (ground IS NOT NULL)", name="returned_has_a_ground"),
        CheckConstraint("outcome != 'returned' OR length(reason) >= 40", name="returned_has_words"),
        CheckConstraint("decided_by IS NULL OR how NOT IN ('deemed', 'agreement')", name="rules_are_nobody"),
        CheckConstraint("(how = 'delegate') = (on_behalf_of IS NOT NULL)", name="delegate_has_a_manager"),
        CheckConstraint("on_behalf_of != decided_by", name="nobody_stands_in_for_themselves"),
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
    how: Mapped[DecisionHow] = mapped_column(default=DecisionHow.MANAGER, server_default="manager")
    on_behalf_of: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # the manager whose delegate decided


class Question(Base):
    """What somebody who is to decide a week asks its owner about one version of it.

    While it is open the clock stands still, for so many working days at most: `due_was` is the day the decision was
    due before. A version that has moved on closes its question by itself.
    """

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("week_id", "version"),
        CheckConstraint("length(words) BETWEEN 1 AND 1000", name="words_fit"),
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answered_has_words"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    week_id: Mapped[int] = mapped_column(ForeignKey("week.id"))
    version: Mapped[int]
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(String(1000))
    due_was: Mapped[date]
    answer: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    answered_at: Mapped[datetime | None]


class Escalation(Base):
    """A week that was not decided in time and went from `from_id` to another, or to the queue of its unit.

    `version` is the one the week had from then on, `due_was` the day the decision had been due.
    """

    __tablename__ = "escalation"
    __table_args__ = (
        UniqueConstraint("week_id", "version"),
        CheckConstraint("from_id != to_id", name="goes_to_another"),
        CheckConstraint("(stage = 'coordinator') = (to_id IS NULL)", name="coordinators_share_a_queue"),
        CheckConstraint("stage != 'manager'", name="never_goes_down"),
        Index(None, "from_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    week_id: Mapped[int] = mapped_column(ForeignKey("week.id"))
    version: Mapped[int]
    from_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    stage: Mapped[Stage]
    due_was: Mapped[date]
    at: Mapped[datetime]


class ReviewRequest(Base):
    """An owner asks for a decision that returned their week to be looked at again: by `reviewer_id`, or by a panel."""

    __tablename__ = "review_request"
    __table_args__ = (
        UniqueConstraint("week_id", "version", "stage"),
        CheckConstraint("length(words) >= 40", name="says_why"),
        CheckConstraint("(stage = 'panel') = (reviewer_id IS NULL)", name="panels_have_no_reviewer"),
        CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled_has_a_time"),
        CheckConstraint("outcome IS NULL OR length(reason) >= 40", name="settled_has_words"),
        Index(None, "reviewer_id", "settled_at"),
        Index(None, "unit_id", "settled_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    week_id: Mapped[int] = mapped_column(ForeignKey("week.id"))
    version: Mapped[int]  # of the decision
    stage: Mapped[ReviewStage]
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    words: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    outcome: Mapped[ReviewOutcome | None]
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    settled_at: Mapped[datetime | None]


class PanelOpinion(Base):
    """What one of the two on a panel says of a decision."""

    __tablename__ = "panel_opinion"
    __table_args__ = (
        UniqueConstraint("week_id", "version", "person_id"),
        CheckConstraint("length(reason) >= 40", name="says_why"),
    )

    week_id: Mapped[int] = mapped_column(ForeignKey("week.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)  # of the decision
    seat: Mapped[PanelSeat] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[ReviewOutcome]
    reason: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime]


class Timer(Base):
    """A clock that somebody lets run on a row of their week, one each. Nothing is added after `runs_until`.

    `warned_at` is when its owner was told that it had reached that.
    """

    __tablename__ = "timer"
    __table_args__ = (
        CheckConstraint("(kind = 'tithe') = (project_id IS NOT NULL)", name="tithe_has_a_project"),
        CheckConstraint("runs_until > started_at", name="runs_for_a_while"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[TimeKind]
    note: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[datetime]
    runs_until: Mapped[datetime] = mapped_column(index=True)
    warned_at: Mapped[datetime | None]


class Favourite(Base):
    """Time that somebody logs again and again: a row of their week, minutes and a note."""

    __tablename__ = "favourite"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes_in_a_day"),
        CheckConstraint("(kind = 'tithe') = (project_id IS NOT NULL)", name="tithe_has_a_project"),
        Index(None, "person_id", "used_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[TimeKind]
    minutes: Mapped[int]
    note: Mapped[str] = mapped_column(String(500))
    used_at: Mapped[datetime]  # logged or saved last: the order they are shown in


class Plan(Base):
    """A rhythm or a burst somebody planned for themselves; its blocks say what became of each day.

    `weekdays` holds the days of the week as bits, Monday the lowest. A single day needs no plan, only a block.
    """

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("last_day >= starts_on", name="ends_after_starting"),
        CheckConstraint("weekdays BETWEEN 0 AND 127", name="weekdays_of_a_week"),
        CheckConstraint("every_weeks BETWEEN 1 AND 4", name="every_few_weeks"),
        CheckConstraint("shape != 'rhythm' OR weekdays > 0", name="rhythm_has_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    shape: Mapped[PlanShape]
    starts_on: Mapped[date]
    last_day: Mapped[date]
    weekdays: Mapped[int]
    every_weeks: Mapped[int]
    made_at: Mapped[datetime]


class PlannedBlock(Base):
    """Minutes somebody plans to give to a project, or to something that is no project, on one day to come."""

    __tablename__ = "planned_block"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes_in_a_day"),
        CheckConstraint("(kind = 'tithe') = (project_id IS NOT NULL)", name="tithe_has_a_project"),
        CheckConstraint("(status = 'planned') = (settled_at IS NULL)", name="settled_has_a_time"),
        Index(None, "person_id", "day"),
        Index(
            "uq_planned_block_project",
            "person_id",
            "day",
            "project_id",
            unique=True,
            sqlite_where=text("status = 'planned'"),
            postgresql_where=text("status = 'planned'"),
        ),
        Index(
            "uq_planned_block_kind",
            "person_id",
            "day",
            "kind",
            unique=True,
            sqlite_where=text("status = 'planned' AND project_id IS NULL"),
            postgresql_where=text("status = 'planned' AND project_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[TimeKind] = mapped_column(default=TimeKind.TITHE)
    day: Mapped[date]
    minutes: Mapped[int]
    note: Mapped[str] = mapped_column(String(500), default="")
    status: Mapped[BlockStatus] = mapped_column(default=BlockStatus.PLANNED)
    settled_at: Mapped[datetime | None]


class TitheRequest(Base):
    """What somebody asks their line manager to agree to in advance: a rhythm with a cap a week, or a burst.

    `project_ids` are the projects it is for; none means any. Ended, it counts until the day before `ended_from`.
    """

    __tablename__ = "tithe_request"
    __table_args__ = (
        CheckConstraint("last_day >= starts_on", name="ends_after_starting"),
        CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays_of_a_week"),
        CheckConstraint("week_minutes BETWEEN 1 AND 10080", name="minutes_in_a_week"),
        CheckConstraint("decided_by != person_id", name="nobody_agrees_with_themselves"),
        CheckConstraint("(status IN ('agreed', 'refused', 'ended')) = (decided_at IS NOT NULL)", name="decided_at"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_has_a_person"),
        CheckConstraint("(status = 'refused') = (ground IS NOT NULL)", name="refused_has_a_ground"),
        CheckConstraint("status != 'refused' OR length(reason) >= 40", name="refused_has_words"),
        CheckConstraint("(status = 'ended') = (ended_from IS NOT NULL)", name="ended_has_a_day"),
        CheckConstraint("(ended_from IS NULL) = (ended_by IS NULL)", name="ended_has_a_person"),
        Index(None, "person_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    shape: Mapped[RequestShape]
    starts_on: Mapped[date]
    last_day: Mapped[date]
    weekdays: Mapped[int]
    week_minutes: Mapped[int]
    project_ids: Mapped[list[Any]] = mapped_column(JSON)
    duties: Mapped[str] = mapped_column(String(500), default="")
    status: Mapped[RequestStatus] = mapped_column(default=RequestStatus.ASKED)
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ground: Mapped[RefusalGround | None]
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    ended_from: Mapped[date | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ImportName(Base):
    """Where somebody sends the rows of a project or tag of another tool; a kind of null leaves them out."""

    __tablename__ = "import_name"
    __table_args__ = (
        CheckConstraint("(kind IS NOT NULL AND kind = 'tithe') = (project_id IS NOT NULL)", name="tithe_has_a_project"),
        CheckConstraint("length(name) BETWEEN 1 AND 201", name="name_fits"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(201), primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[TimeKind | None]


class ImportedRow(Base):
    """A row of another tool's file that somebody loaded, so that it is never loaded twice."""

    __tablename__ = "imported_row"
    __table_args__ = (
        CheckConstraint("(kind = 'tithe') = (project_id IS NOT NULL)", name="tithe_has_a_project"),
        CheckConstraint("seconds BETWEEN 1 AND 604800", name="seconds_in_a_week"),
        CheckConstraint("length(key) = 40", name="key_fits"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    source: Mapped[Format]
    day: Mapped[date]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[TimeKind]
    seconds: Mapped[int]
    loaded_at: Mapped[datetime]
