"""Load by wrk, several targets in turn, so that whatever disturbs one run disturbs its neighbours as well."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.outcome import median
from tests.bench.servers import Server

SCRIPT = Path(__file__).with_name("replay.lua")


@dataclass(frozen=True)
class Request:
    """One request as it goes over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: str = ""

    def line(self) -> str:
        heads = "||".join(f"{name}: {value}" for name, value in self.headers.items())
        return f"{self.method}\t{self.path}\t{heads}\t{self.body}\n"


@dataclass(frozen=True)
class Target:
    """Something to load. `requests` makes the next run's requests from what is stored now; `written` counts rows."""

    name: str
    server: Server
    status: int
    requests: Callable[[], Sequence[Request]]
    text: str = ""
    written: Callable[[], int] | None = None


@dataclass(frozen=True)
class Run:
    """What one run of wrk found; times in milliseconds."""

    good: int
    bad: int
    broken: int
    seconds: float
    bytes: int
    p50: float
    p95: float
    p99: float
    processor: float = 0.0  # of the workers, an answer
    sample: str = ""

    @property
    def rate(self) -> float:
        return self.good / self.seconds


@dataclass(frozen=True)
class Load:
    """All runs of one target at one number of connections."""

    target: Target
    connections: int
    runs: list[Run]

    def middle(self, what: str) -> float:
        """The median of a figure over the runs."""
        return median(getattr(run, what) for run in self.runs)


def require_wrk() -> None:
    """Stop with a way out when the load generator is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("The benchmark needs wrk to make load. On Debian or Ubuntu: apt-get install wrk")


def load(target: Target, connections: int, seconds: int, folder: Path) -> Run:
    """Run wrk once and check that what was answered as good was also written."""
    before = target.written() if target.written else 0
    requests = target.requests()
    replay = folder / "requests.tsv"
    replay.write_text("".join(request.line() for request in requests))
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--timeout",
        "60s",
        "-s",
        str(SCRIPT),
        target.server.url,
    ]
    command += ["--", str(replay), str(target.status), *([target.text] if target.text else [])]
    began = target.server.seconds()
    ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 90, check=False)
    found = re.search(r"^RESULT (\{.*\})$", ended.stdout, re.MULTILINE)
    if not found:
        raise SystemExit(f"wrk failed on {target.name}:\n{ended.stdout}{ended.stderr}")
    sample = re.search(r"^SAMPLE (.*)$", ended.stdout, re.MULTILINE)
    figures = json.loads(found[1])
    processor = 1000 * (target.server.seconds() - began) / max(1, figures["good"])
    run = Run(**figures, processor=processor, sample=sample[1] if sample else "")
    if target.written:
        _compare(target, run, target.written() - before, connections)
    if run.good + run.bad > len(requests):
        raise SystemExit(f"{target.name} went through all {len(requests)} requests and began again; make more")
    return run


def _compare(target: Target, run: Run, written: int, connections: int) -> None:
    """Every good answer is a row; at the end of a run a connection may have one more unanswered and one unread."""
    if not run.good <= written <= run.good + run.bad + 2 * connections:
        raise SystemExit(f"{target.name}: {run.good} good answers but {written} rows. {run.sample}")


def interleaved(
    targets: Sequence[Target], *, connections: int, seconds: int, repeats: int, folder: Path
) -> dict[str, Load]:
    """Warm every target up, then load A B C A B C. Any bad answer stops the run."""
    loads = {target.name: Load(target, connections, []) for target in targets}
    for repeat in range(-1, repeats):
        for target in targets:
            run = load(target, connections, seconds if repeat >= 0 else 1, folder)
            if run.bad or run.broken:
                raise SystemExit(f"{target.name}: {run.bad} bad answers, {run.broken} broken. {run.sample}")
            if repeat >= 0:
                loads[target.name].runs.append(run)
    return loads
