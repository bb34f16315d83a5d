"""When the chain is anchored outside the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from apscheduler.triggers.cron import CronTrigger
from flask import current_app

from tithe.audit.anchors import write_anchor
from tithe.kernel.clock import LONDON
from tithe.kernel.jobs import Job


def due_hours(now: datetime) -> Iterator[str]:
    """Every hour, once."""
    yield f"{now:%Y-%m-%dT%H}"


def anchor(period: str, now: datetime) -> None:
    """Write the heads of all streams to the file the settings name."""
    write_anchor(Path(current_app.extensions["tithe"].audit_anchor_file), now)


JOBS = [Job("audit-anchor", CronTrigger(minute=5, timezone=LONDON), anchor, due_hours)]
