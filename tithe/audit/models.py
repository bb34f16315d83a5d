"""The chain of events, the head of each stream, who looked at whose record, and which refusals the chain has had.

Triggers made by the migrations refuse any change to an event or to a note that somebody looked.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tithe.audit.rules import ReadKind
from tithe.kernel.db import Base


class AuditEvent(Base):
    """One accepted change: ids, field names and figures only, never anybody's words."""

    __tablename__ = "audit_event"
    __table_args__ = (
        UniqueConstraint("stream", "seq"),
        CheckConstraint("seq >= 1", name="seq_from_one"),
        Index(None, "at", "id"),
        Index(None, "actor_id", "at", "id"),
        Index(None, "verb", "at", "id"),
        Index(None, "subject_type", "subject_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    stream: Mapped[int]
    seq: Mapped[int]
    at: Mapped[datetime]
    verb: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    details: Mapped[str] = mapped_column(Text, default="{}")
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The newest number and hash of a stream: the row that makes writers of one stream take turns."""

    __tablename__ = "audit_head"

    stream: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class RecordRead(Base):
    """Somebody was shown a record of somebody else's. Once a reader, person, kind and day, however often they look."""

    __tablename__ = "record_read"
    __table_args__ = (
        UniqueConstraint("person_id", "day", "reader_id", "kind"),
        CheckConstraint("reader_id != person_id", name="somebody_elses"),
        Index(None, "reader_id", "id"),
        Index(None, "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[ReadKind]
    day: Mapped[date]
    first_at: Mapped[datetime]


class Refusal(Base):
    """A refusal that is on the chain already, under the hash of what it was about, so that it is not put there again.

    `bucket` is what a bound is kept for. Rows are forgotten after two days; what is on the chain stays.
    """

    __tablename__ = "refusal"
    __table_args__ = (CheckConstraint("length(key) = 64", name="key_is_a_hash"), Index(None, "bucket"))

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    bucket: Mapped[str] = mapped_column(String(64))
    noted_at: Mapped[datetime] = mapped_column(index=True)
