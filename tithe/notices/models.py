"""The outbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tithe.kernel.db import Base
from tithe.notices.rules import NoticeStatus


class Notice(Base):
    """One message to one person. `message_id` stays the same on every attempt, so a repeat can be recognised."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_has_a_time"),
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
