"""Opening and closing a quarter for a whole service: what everybody earns, worked out and posted.

Sixty thousand people in England, Scotland and Northern Ireland, two in three full-time, half with a pattern of their
own, each away ten days a year. Each step is a process of its own, so that its memory can be told apart:
python -m tests.bench.opening ADDRESS QUARTER STEP
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.bench import population
from tests.bench.databases import ENGINES, Place, inside, tithe_on
from tests.bench.outcome import Findings, markdown
from tests.bench.population import Population
from tests.bench.servers import ROOT
from tithe.access.actor import SYSTEM
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter, days_between
from tithe.kernel.db import db
from tithe.people.models import Unit
from tithe.policy.operations import adopt_policy
from tithe.timesheets.operations.closing import close_quarter

PEOPLE, QUICK_PEOPLE = 60_000, 2_000
SECONDS, MEGABYTES = (60, 30), (300, 200)
DAYS_AWAY = 10
HIRED = "2020-01-01"
HOURS = (2220, 2220, 2220, 2220, 1776, 1332)
CALENDARS = ("england-and-wales",) * 8 + ("scotland", "northern-ireland")
PATTERNS = (
    [[555, 555, 555, 555, 0, 0, 0]],
    [[0, 444, 444, 444, 0, 0, 0]],
    [[493, 493, 493, 494, 493, 0, 0], [493, 493, 493, 494, 0, 0, 0]],
    [[300, 300, 300, 300, 300, 0, 0]],
)

POST = (
    "person_id",
    "unit_id",
    "grade",
    "grade_text",
    "post_title",
    "weekly_minutes",
    "fte_bp",
    "calendar",
    "starts_on",
)
AWAY = ("person_id", "day", "minutes", "reduces_accrual", "source", "source_key")


def measure(findings: Findings, place: Place, *, quick: bool) -> None:
    """Open a quarter, open it again, change everybody's rate, and close it, on each engine."""
    people = QUICK_PEOPLE if quick else PEOPLE
    quarter = Quarter.containing(clock.today()).previous
    details = []
    for engine in ENGINES:
        url = place.database(engine, "bench_opening")
        tithe_on(url)
        for table, columns, rows in _tables(people, quarter):
            population.load(url, table, columns, rows)
        population.settle(url)
        for step, words in STEPS.items():
            taken, peak, lines = _in_a_process(url, quarter, step)
            what = f"{words}, {people:,} people, {engine}"
            findings.at_most(f"{what}: time", taken, *SECONDS, " s")
            findings.at_most(f"{what}: peak memory", peak, *MEGABYTES, " MB")
            details.append([what, f"{taken:.1f}", f"{peak:.0f}", f"{lines:,}"])
    findings.details["Opening and closing a quarter"] = markdown(["", "Seconds", "Peak MB", "Lines or people"], details)


def _tables(people: int, quarter: Quarter) -> Iterator[tuple[str, tuple[str, ...], Iterable[tuple[Any, ...]]]]:
    """Everything that decides the schedules, in an order that keeps foreign keys. Row numbers decide it all."""
    tree = Population(people, quarter, Path())
    numbers = range(1, people + 1)
    units = len(tree.parents)
    named = ((i, f"U{i}", f"Unit {i}", parent) for i, parent in enumerate(tree.parents, 1))
    yield "unit", population.UNIT_COLUMNS, named
    yield "unit_closure", population.CLOSURE_COLUMNS, tree.closure()
    staff = ((i, f"CS{i:07}", f"s{i}@bench.example", f"Person {i}", HIRED) for i in numbers)
    yield "person", population.PERSON_COLUMNS, staff
    yield "assignment", POST, (_post(i, 1 + i % units) for i in numbers)
    own = ((i, HIRED, json.dumps(PATTERNS[i // 2 % len(PATTERNS)])) for i in numbers if i % 2)
    yield "working_pattern", ("person_id", "starts_on", "weeks"), own
    yield "absence", AWAY, ((i, day, 444, True, "csv", "") for i in numbers for day in _days_away(i, quarter.year))


def _post(number: int, unit: int) -> tuple[Any, ...]:
    hours = HOURS[number % len(HOURS)]
    calendar = CALENDARS[number // 7 % len(CALENDARS)]
    return number, unit, "HEO", "", "", hours, round(hours / 2220 * 10_000), calendar, HIRED


def _days_away(number: int, year: int) -> list[str]:
    """Two weeks in a row, in another part of the year for each person."""
    first = date(year, 4, 1) + timedelta(days=number * 37 % 350)
    working = [day for day in days_between(first, first + timedelta(days=14)) if day.weekday() < 5]
    return [day.isoformat() for day in working[:DAYS_AWAY]]


def _in_a_process(url: str, quarter: Quarter, step: str) -> tuple[float, float, int]:
    """Seconds, the peak of memory in MB, and how many lines or people the step says it dealt with."""
    command = [sys.executable, "-m", "tests.bench.opening", url, quarter.code, step]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{step} failed: {done.stderr[-600:]}")
    found = json.loads(done.stdout)
    return found["seconds"], found["peak"], found["count"]


def _opened(quarter: Quarter, now: datetime) -> int:
    return accrue_quarter(actor=SYSTEM, quarter=quarter, now=now)


def _with_another_rate(quarter: Quarter, now: datetime) -> int:
    """A change for everybody from the middle of the quarter, and what it does to what was posted."""
    top = db.session.scalar(select(Unit.id).where(Unit.parent_id.is_(None)))
    assert top is not None
    middle = quarter.start + timedelta(days=45)
    adopt_policy(actor=SYSTEM, unit_id=top, starts_on=middle, settings={"rate_bp": 1000}, reason="Measured", now=now)
    return accrue_quarter(actor=SYSTEM, quarter=quarter, now=now)


def _closed(quarter: Quarter, now: datetime) -> int:
    return close_quarter(actor=SYSTEM, quarter=quarter, now=now)


STEPS = {
    "open": "opening a quarter",
    "again": "opening it a second time",
    "policy": "one policy change for everybody",
    "close": "closing a quarter",
}
WORK: dict[str, Callable[[Quarter, datetime], int]] = {
    "open": _opened,
    "again": _opened,
    "policy": _with_another_rate,
    "close": _closed,
}


def main(url: str, code: str, step: str) -> None:
    """Do one step on a database that is there and print what it took."""
    quarter = Quarter.parse(code)
    now = datetime.combine(quarter.end + timedelta(days=40), datetime.min.time(), UTC)
    with inside(tithe_on(url)):
        began = time.perf_counter()
        count = WORK[step](quarter, now)
        seconds = time.perf_counter() - began
    status = Path("/proc/self/status").read_text()
    peak = re.search(r"^VmHWM:\s+([0-9]+) kB", status, re.MULTILINE)
    print(json.dumps({"seconds": seconds, "peak": int(peak[1]) / 1024 if peak else 0.0, "count": count}))


if __name__ == "__main__":
    main(*sys.argv[1:])
