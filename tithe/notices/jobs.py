"""When waiting messages are sent."""

from __future__ import annotations

from datetime import datetime

from apscheduler.triggers.interval import IntervalTrigger
from flask import current_app

from tithe.kernel.jobs import Job
from tithe.notices import mail, operations


def send(period: str, now: datetime) -> None:
    """Send what waits, if a mail server is configured."""
    server = current_app.extensions["tithe_mail"]
    if server.host:
        operations.send_waiting(deliver=mail.deliverer(server), now=now)


JOBS = [Job("send-notices", IntervalTrigger(seconds=30), send)]
