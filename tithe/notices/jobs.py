"""When waiting messages are sent, and when digests are put together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import current_app

from tithe.kernel.clock import LONDON
from tithe.kernel.jobs import Job
from tithe.notices import mail
from tithe.notices.operations import sending
from tithe.notices.operations.sending import Recheck
from tithe.notices.rules.outbox import digest_day


def send(period: str, now: datetime) -> None:
    """Send what waits, if a mail server is configured."""
    server = current_app.extensions["tithe_mail"]
    if server.host:
        sending.send_waiting(deliver=mail.deliverer(server), now=now, rechecks=_rechecks())


def due_digests(now: datetime) -> list[str]:
    """The latest day whose digests are due. One made up for late holds all that was held since."""
    return [digest_day(now).isoformat()]


def write_digests(period: str, now: datetime) -> None:
    """Put together the digests of the latest day."""
    base_url = current_app.extensions["tithe_mail"].base_url
    sending.write_digests(day=digest_day(now), base_url=base_url, now=now, rechecks=_rechecks())


def _rechecks() -> Mapping[str, Recheck]:
    """What features above can be asked about, by name."""
    found: Mapping[str, Recheck] = current_app.extensions["tithe_rechecks"]
    return found


JOBS = [
    Job("send-notices", IntervalTrigger(seconds=30), send),
    Job("digests", CronTrigger(minute="*/10", timezone=LONDON), write_digests, due_digests),
]
