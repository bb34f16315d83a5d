"""gunicorn as it is run in service, on a free port of this machine, watched through /proc."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKERS, THREADS = 2, 4
WORKER = "tithe.web.workers.EvenThreads"
PATIENCE = 60.0


@dataclass(frozen=True)
class Server:
    """A running gunicorn."""

    port: int
    pid: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def memory(self, what: str) -> float:
        """The largest figure of any worker in MB: `VmRSS` now, or `VmHWM` at its highest so far."""
        return max(_memory(worker, what) for worker in self._workers())

    def seconds(self) -> float:
        """Processor time of the workers so far: unlike the clock, it hardly sees what else the machine does."""
        ticks = (Path(f"/proc/{worker}/stat").read_text().rpartition(") ")[2].split() for worker in self._workers())
        return sum(int(fields[11]) + int(fields[12]) for fields in ticks) / os.sysconf("SC_CLK_TCK")

    def _workers(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(child) for child in children.split()]


def _memory(pid: int, what: str) -> float:
    found = re.search(rf"^{what}:\s+([0-9]+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


@contextmanager
def serve(application: str, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """Run an application with two workers of four threads for the length of a `with` block."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", WORKER]
    command += ["--workers", str(WORKERS), "--threads", str(THREADS), "--no-control-socket", "--log-level", "warning"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, application], cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output
        )
    server = Server(port, process.pid, log)
    try:
        _await(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Wait until the port answers; show the server's own words if it gives up."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)) == 0:
                time.sleep(0.5)  # the second worker may still be importing
                return
        time.sleep(0.1)
    raise SystemExit(f"The server did not start:\n{server.log.read_text()[-3000:]}")
