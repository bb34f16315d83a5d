"""Exports of one's own data while they are made, and which records of a leaver have been erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tithe.kernel.db import Base
from tithe.kernel.privacy import Kept


class OwnExport(Base):
    """The last export of somebody's own data. While it has no end, it is being made."""

    __tablename__ = "own_export"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Erasure(Base):
    """A class of records of a leaver's that was erased. Their rows are theirs under a number alone since."""

    __tablename__ = "erasure"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kept: Mapped[Kept] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime]
