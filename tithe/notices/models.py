"""The outbox, which is the inbox too, and what people chose about mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tithe.kernel.db import Base
from tithe.notices.rules.choices import How
from tithe.notices.rules.outbox import NoticeStatus
from tithe.notices.rules.wording import Group


class Notice(Base):
    """One message to one person. `message_id` stays the same on every attempt, so a repeat can be recognised.

    `created_at` is when it begins to concern its reader: neither mail nor inbox has it before. A message with a
    `collapse_key` replaces an older unsent one of the same key. One with a `recheck` goes only if the function of that
    name says that it still holds for `about_id`.
    """

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_has_a_time"),
        CheckConstraint("(status = 'digested') = (digest_id IS NOT NULL)", name="digested_has_a_digest"),
        CheckConstraint("recheck = '' OR about_id IS NOT NULL", name="rechecked_is_about_something"),
        Index("ix_notice_due", "status", "next_attempt_at"),
        Index(None, "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    event: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(String(200))  # the page it is about, below the site's address
    status: Mapped[NoticeStatus] = mapped_column(default=NoticeStatus.WAITING)
    message_id: Mapped[str] = mapped_column(String(100), unique=True)
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(200), default="")
    read_at: Mapped[datetime | None]
    collapse_key: Mapped[str] = mapped_column(String(100), default="", server_default="")
    recheck: Mapped[str] = mapped_column(String(40), default="", server_default="")
    about_id: Mapped[int | None] = mapped_column(BigInteger)
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))


class NoticeChoice(Base):
    """When a person wants mail of one group of messages. No row means the default of the group."""

    __tablename__ = "notice_choice"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    group: Mapped[Group] = mapped_column("message_group", primary_key=True)
    how: Mapped[How]
