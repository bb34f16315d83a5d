"""Timed work: each period is done once, whoever else tries, and a failure leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import insert, select

from tests.factories.people import Team
from tests.support.threads import at_once, errors_in
from tithe.access.actor import SYSTEM
from tithe.allowance.models import LedgerLine
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.audit.models import AuditEvent
from tithe.audit.queries import first_broken_link
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.kernel.errors import RuleBroken
from tithe.kernel.jobs import Job, JobRun, run_due
from tithe.notices.models import Notice
from tithe.reports import jobs as report_jobs
from tithe.reports.models import QuarterReport
from tithe.scheduler import JOBS, attempt

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)  # Jul to Sep 2026 was due to be frozen on 15 October
EIGHT = 8
NEVER = IntervalTrigger(days=1, timezone=UTC)


def a_job(run, due=("p1", "p2")):
    """A job whose two periods are due."""
    return Job("test", NEVER, run, None if due is None else lambda now: due)


def note(period, now):
    """Work that leaves one row a time: one run twice would show."""
    db.session.execute(insert(JobRun).values(job="work", period=f"{period} {len(rows('work'))}", finished_at=now))


def rows(job):
    return list(db.session.scalars(select(JobRun.period).where(JobRun.job == job).order_by(JobRun.id)))


class TestRunDue:
    def test_does_every_due_period_once_and_says_which(self, app):
        job = a_job(note)

        assert run_due(job, NOW) == ["p1", "p2"]
        assert run_due(job, NOW) == []
        assert rows("test") == ["p1", "p2"]
        assert len(rows("work")) == 2

    def test_does_only_what_became_due_since(self, app):
        run_due(a_job(note, due=("p1",)), NOW)

        assert run_due(a_job(note, due=("p1", "p2")), NOW) == ["p2"]

    def test_leaves_no_trace_of_a_run_that_failed_and_does_it_next_time(self, app):
        def fail(period, now):
            note(period, now)
            raise RuleBroken("not today")

        with pytest.raises(RuleBroken):
            run_due(a_job(fail), NOW)
        db.session.rollback()
        assert rows("test") == rows("work") == []

        assert run_due(a_job(note), NOW) == ["p1", "p2"]

    def test_keeps_the_periods_done_before_one_that_failed(self, app):
        def fail_second(period, now):
            note(period, now)
            if period == "p2":
                raise RuleBroken("not today")

        with pytest.raises(RuleBroken):
            run_due(a_job(fail_second), NOW)

        assert rows("test") == ["p1"]
        assert len(rows("work")) == 1

    def test_runs_a_job_without_periods_every_time_and_claims_nothing(self, app):
        calls = []
        job = a_job(lambda period, now: calls.append((period, now)), due=None)

        run_due(job, NOW)
        run_due(job, NOW)

        assert calls == [("", NOW)] * 2
        assert rows("test") == []

    def test_keeps_the_periods_of_different_jobs_apart(self, app):
        run_due(a_job(note), NOW)
        other = Job("other", NEVER, note, lambda now: ["p1"])

        assert run_due(other, NOW) == ["p1"]

    def test_does_each_period_once_when_eight_start_at_the_same_moment(self, app):
        job = a_job(note, due=[f"p{n:02}" for n in range(20)])

        results = at_once(app, [lambda: run_due(job, NOW)] * EIGHT)

        assert errors_in(results) == []
        assert sorted(period for done in results for period in done) == rows("test")
        assert len(rows("work")) == 20

    def test_freezes_a_quarter_once_when_eight_start_at_the_same_moment(self, app):
        job, due = JOBS["quarterly-report"], list(report_jobs.due_quarters(NOW))
        a_team_with_figures_in("2026-27Q2")

        results = at_once(app, [lambda: run_due(job, NOW)] * EIGHT)

        assert errors_in(results) == []
        assert sorted(quarter for done in results for quarter in done) == sorted(due)
        assert_frozen_once(["2026-27Q2"], due)


def a_team_with_figures_in(quarter):
    """Five people who earned something in a quarter that has ended: there is a report to freeze."""
    Team()
    accrue_quarter(actor=SYSTEM, quarter=Quarter.parse(quarter), now=NOW)


def assert_frozen_once(quarters, due):
    """One run for each quarter due; one report, audit event and message to the one HR analyst for each with figures."""
    db.session.rollback()
    assert rows("quarterly-report") == due
    assert list(db.session.scalars(select(QuarterReport.quarter).order_by(QuarterReport.id))) == quarters
    frozen = select(AuditEvent.id).where(AuditEvent.verb == "report:freeze")
    assert len(db.session.scalars(frozen).all()) == len(quarters)
    told = select(Notice.id).where(Notice.event == "quarter-frozen")
    assert len(db.session.scalars(told).all()) == len(quarters)
    assert first_broken_link() is None


class TestProcesses:
    def test_started_together_do_each_period_once(self, app):
        """The real command, eight times, on today's real date: what is due then is asked of the job itself."""
        due = list(report_jobs.due_quarters(clock.now()))
        last = due[-1] if due else Quarter.containing(clock.today()).code
        a_team_with_figures_in(last)
        db.session.rollback()
        environment = {
            "PATH": os.environ["PATH"],
            "TITHE_ENV": "testing",
            "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
            "SECRET_KEY": "a key for tests only " * 3,
        }
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run", "--until-idle"]
        schedulers = [
            subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
            for _ in range(EIGHT)
        ]
        said = [scheduler.communicate(timeout=100)[1] for scheduler in schedulers]

        assert [scheduler.returncode for scheduler in schedulers] == [0] * EIGHT, said
        assert not [words for words in said if "failed" in words]
        assert_frozen_once(due[-1:], due)
        (day,) = rows("accruals")
        found = select(LedgerLine.quarter, LedgerLine.person_id, LedgerLine.kind)
        posted = [tuple(row) for row in db.session.execute(found)]
        assert len(posted) == len(set(posted)), f"one accrual a person and quarter, closed once, on {day}"
        assert len({person for _, person, _ in posted}) == 5
        assert len([words for words in said if "job accruals did" in words]) == 1


class TestDueQuarters:
    @pytest.mark.parametrize(
        ("now", "quarter", "due"),
        [
            (datetime(2026, 9, 30, 12, tzinfo=UTC), "2026-27Q2", False),
            (datetime(2026, 10, 14, 12, tzinfo=UTC), "2026-27Q2", False),
            (datetime(2026, 10, 14, 22, 59, tzinfo=UTC), "2026-27Q2", False),
            (datetime(2026, 10, 14, 23, 1, tzinfo=UTC), "2026-27Q2", True),  # 15 October in London
            (datetime(2026, 10, 15, 12, tzinfo=UTC), "2026-27Q2", True),
            (datetime(2026, 12, 31, 12, tzinfo=UTC), "2026-27Q2", True),
            (datetime(2027, 1, 15, 12, tzinfo=UTC), "2026-27Q3", False),  # 1 January is not a working day
            (datetime(2027, 1, 16, 12, tzinfo=UTC), "2026-27Q3", True),
        ],
        ids=str,
    )
    def test_name_last_quarter_once_ten_working_days_have_passed(self, now, quarter, due):
        assert (quarter in [each.code for each in report_jobs.past_grace(now)]) == due

    def test_name_every_quarter_that_could_still_be_missing_after_a_long_outage(self):
        """Off from 1 October to 20 January: the freeze of Jul to Sep is still to be done, before that of Oct to Dec."""
        assert [each.code for each in report_jobs.past_grace(datetime(2027, 1, 20, 12, tzinfo=UTC))][-2:] == [
            "2026-27Q2",
            "2026-27Q3",
        ]


class TestJobs:
    @pytest.mark.parametrize("job", JOBS.values(), ids=lambda job: job.name)
    def test_have_names_and_periods_that_fit_their_columns(self, job):
        assert 0 < len(job.name) <= 40
        for days in range(0, 400, 7):
            for period in job.due(NOW + timedelta(days=days)) if job.due else ():
                assert 0 < len(period) <= 40

    # Closing and locking refuse a second time instead: tests/timesheets/test_closing.py.
    REPEATABLE = [job for job in JOBS.values() if job.name not in ("closings", "locks")]

    @pytest.mark.parametrize("job", REPEATABLE, ids=lambda job: job.name)
    def test_change_nothing_when_they_run_again(self, app, job, tmp_path, monkeypatch):
        settings = replace(app.extensions["tithe"], audit_anchor_file=str(tmp_path / "anchors.jsonl"))
        monkeypatch.setitem(app.extensions, "tithe", settings)
        Team()
        run_due(job, NOW)
        events = len(db.session.scalars(select(AuditEvent.id)).all())

        job.run(Quarter(2026, 2).code if job.name == "quarterly-report" else "again", NOW)

        assert len(db.session.scalars(select(AuditEvent.id)).all()) == events


class TestAttempt:
    def test_outlives_a_bad_run_and_logs_it(self, app, caplog):
        def fail(period, now):
            raise ZeroDivisionError

        assert attempt(app, a_job(fail)) == []
        assert "job test failed" in caplog.text

    def test_says_what_was_done(self, app, caplog):
        caplog.set_level("INFO")

        assert attempt(app, a_job(note)) == ["p1", "p2"]
        assert "job test did p1" in caplog.text
