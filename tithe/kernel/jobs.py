"""Timed work: what runs when, and the row that makes each period run once however many schedulers there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from sqlalchemy import Connection, Row, String, Table, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from tithe.kernel.db import Base, db, insert_into, table_of, unit_of_work


class JobRun(Base):
    """One finished period of a job, inserted in the transaction that did its work."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(40))
    finished_at: Mapped[datetime]


@dataclass(frozen=True)
class Job:
    """Work to do on a timetable.

    `due` names the periods whose work is due at an instant, the oldest first, finished ones included; `run` does one
    of them. A job that may run any number of times a period (sending mail) names none and claims its own rows.
    """

    name: str
    trigger: BaseTrigger
    run: Callable[[str, datetime], None]
    due: Callable[[datetime], Iterable[str]] | None = None


def run_due(job: Job, now: datetime) -> list[str]:
    """Do every due period that nobody has done; return those done here. Safe in any number of processes at once."""
    if job.due is None:
        job.run("", now)
        return [""]
    return [period for period in job.due(now) if _run_once(job, period, now)]


def period_before(job: str, period: str) -> str | None:
    """The last period of a job that was done before one: what happened since then nobody has looked at yet."""
    found = select(func.max(JobRun.period)).where(JobRun.job == job, JobRun.period < period)
    return db.session.scalar(found)


def _run_once(job: Job, period: str, now: datetime) -> bool:
    """Claim the period and do it in one transaction: a second claimant waits, then finds it taken."""
    with unit_of_work() as session:
        if not insert_once(session.connection(), table_of(JobRun), job=job.name, period=period, finished_at=now):
            return False
        job.run(period, now)
        return True


def insert_once(connection: Connection, table: Table, **values: object) -> bool:
    """Insert a row unless its unique key is taken; say whether it was inserted."""
    adding = insert_into(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(adding).first() is not None


def locked_or_inserted(connection: Connection, table: Table, **values: object) -> Row[Any]:
    """The row with this primary key, kept from changing until the transaction ends; made of `values` if it is new."""
    key = [column.name for column in table.primary_key]
    adding = insert_into(table).values(**values)
    holding = adding.on_conflict_do_update(index_elements=key, set_={name: adding.excluded[name] for name in key})
    return connection.execute(holding.returning(table)).one()
