"""Processes killed in the middle of submitting and approving: what was acknowledged is there, and nothing by halves."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.timesheets.weeks import NOW, Story
from tithe import checks
from tithe.access.actor import SYSTEM
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.timesheets.models import Decision, Week

ROOT = Path(__file__).parent.parent.parent


def acknowledged_until_killed(url: str, writes: int, moment: float) -> list[str]:
    """What one process says it has written, killed a moment after so many writes."""
    command = [sys.executable, "-m", "tests.timesheets.crashing", url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(writes)]
        time.sleep(moment)
        process.kill()
        return lines + process.stdout.readlines()


def stands(line: str) -> bool:
    """A write that was acknowledged is in the database: its version, and its decision if it was one."""
    verb, monday, version = line.split()
    week = db.session.execute(select(Week.id, Week.version).where(Week.starts_on == date.fromisoformat(monday))).one()
    made = select(Decision.id).where(Decision.week_id == week.id, Decision.version == int(version) - 1)
    decided = verb == "submitted" or db.session.scalar(made) is not None
    return week.version >= int(version) and decided


def kill_while_writing(app, *, writes: int) -> None:
    Story()
    accrue_quarter(actor=SYSTEM, quarter=Quarter.containing(NOW.date()), now=NOW)
    db.session.rollback()
    url = db.engine.url.render_as_string(hide_password=False)
    moments, done = random.Random(7), 0
    while done < writes:
        lines = acknowledged_until_killed(url, moments.randint(2, 12), moments.uniform(0, 0.05))
        whole = [line for line in lines if line.endswith("\n")]
        assert len(whole) >= 2, "it wrote before it was killed"
        db.session.rollback()
        assert [line for line in whole if not stands(line)] == []
        assert [(each.code, each.first) for each in checks.results(NOW) if not each.ok and each.code != "U6"] == []
        done += len(whole)


class TestKilledProcess:
    def test_leaves_every_acknowledged_write_and_nothing_by_halves(self, app):
        kill_while_writing(app, writes=12)

    @pytest.mark.slow
    def test_leaves_them_after_two_hundred_writes(self, app):
        kill_while_writing(app, writes=200)
