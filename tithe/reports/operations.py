"""Freezing a quarter."""

from __future__ import annotations

from datetime import datetime

from tithe.access.actor import Actor
from tithe.access.grants import REPORT_SIGNERS
from tithe.audit.operations import record
from tithe.kernel.bulk import insert_rows
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import local_date
from tithe.kernel.db import allow_long_statements, atomic, db
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.notices import operations as notices
from tithe.people.roles import holders_of
from tithe.reports import queries, rules
from tithe.reports.models import QuarterLine, QuarterReport


@atomic
def freeze_quarter(*, actor: Actor, quarter: Quarter, now: datetime) -> bool:
    """Store the utilisation of every unit for a quarter that has ended. Run again it finds the quarter and stops.

    Returns whether anything was stored. It is for HR of the whole organisation, since what is frozen is every unit.
    """
    if not queries.may_freeze(actor):
        raise NotFound
    if local_date(now) < quarter.end:
        raise RuleBroken(
            f"{quarter.label} has not ended yet. It can be frozen from {quarter.end:%-d %B %Y}",
            field="quarter",
        )
    allow_long_statements(60)
    if queries.frozen(quarter):
        return False
    report = _store(quarter, actor, now)
    facts = {"quarter": quarter.code, "digest": report.digest}
    record("report:freeze", actor=actor, about="quarter_report", id=report.id, at=now, **facts)
    path = f"/reports/utilisation?quarter={quarter.code}"
    notices.queue(
        [
            notices.compose("quarter-frozen", to=reader, path=path, at=now, quarter=quarter.label)
            for reader in holders_of(REPORT_SIGNERS, local_date(now))
        ]
    )
    return True


def _store(quarter: Quarter, actor: Actor, now: datetime) -> QuarterReport:
    lines = queries.utilisation_of_all(quarter)
    report = QuarterReport(
        quarter=quarter.code, revision=1, frozen_at=now, frozen_by=actor.id, digest=rules.digest(lines)
    )
    db.session.add(report)
    db.session.flush()  # the lines name its id
    insert_rows(QuarterLine, [{"report_id": report.id, **vars(line)} for line in lines])
    return report
