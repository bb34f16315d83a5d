"""Rows that are easy to find again, for tests of transactions."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import insert, select

from tithe.kernel.db import atomic, db
from tithe.kernel.jobs import JobRun

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=UTC)


@atomic
def mark(period: str) -> None:
    """Write one row that is easy to find again."""
    db.session.execute(insert(JobRun).values(job="test", period=period, finished_at=NOW))


def marks() -> list[str]:
    """What every other connection sees written."""
    db.session.rollback()
    return list(db.session.scalars(select(JobRun.period).where(JobRun.job == "test").order_by(JobRun.period)))
