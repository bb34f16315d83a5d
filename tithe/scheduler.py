"""The timed work of every feature, in one process of its own."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

import click
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app

from tithe.allowance.jobs import JOBS as ALLOWANCE_JOBS
from tithe.audit.jobs import JOBS as AUDIT_JOBS
from tithe.checks import JOBS as CHECK_JOBS
from tithe.kernel import clock
from tithe.kernel.jobs import Job, run_due
from tithe.notices.jobs import JOBS as NOTICE_JOBS
from tithe.outside.jobs import JOBS as OUTSIDE_JOBS
from tithe.oversight.jobs import JOBS as RETENTION_JOBS
from tithe.reports.jobs import JOBS as REPORT_JOBS
from tithe.timesheets.jobs import JOBS as TIMESHEET_JOBS
from tithe.web.cli import CommandGroup
from tithe.web.idempotency import JOBS as RETRY_JOBS

log = logging.getLogger(__name__)

# In the order in which what was missed is done at the start: what verifies everything is last.
JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        *ALLOWANCE_JOBS,
        *AUDIT_JOBS,
        *NOTICE_JOBS,
        *OUTSIDE_JOBS,
        *REPORT_JOBS,
        *RETENTION_JOBS,
        *RETRY_JOBS,
        *TIMESHEET_JOBS,
        *CHECK_JOBS,
    )
}

jobs = CommandGroup("jobs", help="Timed work. Run one scheduler, or several: each period is done once.")


def attempt(app: Flask, job: Job) -> list[str]:
    """Do what a job has due; a failure is logged and left for the next time."""
    with app.app_context():
        try:
            done = run_due(job, clock.now())
        except Exception:  # the scheduler outlives one bad run
            log.exception("job %s failed; it will be tried again", job.name)
            return []
        for period in done:
            if period:
                log.info("job %s did %s", job.name, period)
        return done


@jobs.command("list")
def list_jobs() -> None:
    """Show every job and when it runs."""
    for job in JOBS.values():
        click.echo(f"{job.name:24} {job.trigger}")


@jobs.command("once")
@click.argument("name", type=click.Choice(sorted(JOBS)))
def once(name: str) -> None:
    """Do now whatever one job has due."""
    done = [period for period in run_due(JOBS[name], clock.now()) if period]
    click.echo(f"{name}: did {', '.join(done) or 'what was due'}")


@jobs.command("run")
@click.option("--until-idle", is_flag=True, help="Do what is due now, then stop.")
def run(until_idle: bool) -> None:
    """Run the scheduler until told to stop. What was missed while it was off is done first."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    for job in JOBS.values():
        attempt(app, job)
    if not until_idle:
        _serve(app)


def _serve(app: Flask) -> None:
    stop = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    scheduler = BackgroundScheduler(
        timezone=clock.LONDON, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for job in JOBS.values():
        scheduler.add_job(attempt, job.trigger, args=[app, job], id=job.name)
    scheduler.start()
    click.echo(f"Scheduler running {len(JOBS)} jobs. Stop it with Ctrl-C or SIGTERM")
    stop.wait()
    scheduler.shutdown(wait=True)
