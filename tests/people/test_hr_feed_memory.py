"""The memory that a file of people takes: it does not grow with the rows, whether it is good or bad all through."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories.people import Team
from tests.people.hr_files import HEADINGS, line

FEW, MANY = 4_000, 40_000
MOST_MB_MORE = 7.5  # a dictionary, a set and some arrays of so many rows took twice as much
ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from datetime import UTC, datetime
from tests.conftest import test_settings
from tithe.access.actor import SYSTEM
from tithe.app import create_app
from tithe.people.operations.hr_feed import import_people
from tithe.people.rules.hr_feed import read_hr_feed

url, path, commit = sys.argv[1:]
with create_app(test_settings(url)).app_context():
    print(import_people(
        actor=SYSTEM, read=lambda: read_hr_feed(open(path, "rb")), calendars=("england-and-wales",),
        now=datetime(2026, 8, 7, 15, tzinfo=UTC), commit=commit == "commit", skip_bad_rows=True,
    ).rows)
print(open("/proc/self/status").read())
"""


def peak_mb(url: str, path: Path, step: str) -> tuple[int, float]:
    """The rows of a file, and the most memory that a process of its own holds which takes it in."""
    arguments = [sys.executable, "-c", PROGRAM, url, str(path), step]
    told = subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    peak = re.search(r"^VmHWM:\s+(\d+) kB", told, re.MULTILINE)
    assert peak
    return int(told.split()[0]), int(peak[1]) / 1024


def written(path: Path, prefix: str, rows: int, unit: str) -> Path:
    """A file in which everybody manages eight others."""
    with path.open("w") as file:
        file.write(f"{HEADINGS}\n")
        for each in range(rows):
            manager = f"{prefix}{each // 8}" if each else ""
            file.write(line(f"{prefix}{each}", unit, manager) + "\n")
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "unit"), [("rehearse", "DEPT-TEAM"), ("rehearse", "NOWHERE"), ("commit", "DEPT-TEAM")]
)
def test_does_not_grow_with_the_rows_of_a_file(app, tmp_path, step, unit):
    Team()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    few = written(tmp_path / "few.csv", "F", FEW, unit)
    many = written(tmp_path / "many.csv", "M", MANY, unit)

    (few_rows, before), (many_rows, after) = peak_mb(url, few, step), peak_mb(url, many, step)

    assert (few_rows, many_rows) == (FEW, MANY)
    assert after - before < MOST_MB_MORE
