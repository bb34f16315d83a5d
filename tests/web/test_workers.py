"""New connections go to the process that holds the fewest."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time

import pytest
from gunicorn.workers.gthread import ThreadWorker

from tithe.web import workers
from tithe.web.workers import MOST, STEP, EvenThreads

COMMAND = [sys.executable, "-m", "gunicorn", "--worker-class", "tithe.web.workers.EvenThreads", "--workers", "2"]
PATIENCE = 30  # seconds


@pytest.fixture
def place(tmp_path):
    """A socket behind which two processes answer."""
    place = tmp_path / "server"
    options = ["--no-control-socket", "--log-level", "error", "--bind", f"unix:{place}"]
    with subprocess.Popen([*COMMAND, *options, "wsgiref.simple_server:demo_app"]) as server:
        ends = time.monotonic() + PATIENCE
        while not _listens(str(place)) and server.poll() is None and time.monotonic() < ends:
            time.sleep(0.05)
        yield str(place)
        server.terminate()


def _listens(place: str) -> bool:
    """The socket is there, and somebody behind it: it is made a moment before it can be reached."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(place) == 0


class TestAWorker:
    @pytest.mark.parametrize(("held", "waits"), [(0, 0), (3, 3 * STEP), (MOST, MOST * STEP), (1000, MOST * STEP)])
    def test_waits_the_longer_before_it_accepts_the_more_it_holds(self, monkeypatch, held, waits):
        done = []
        monkeypatch.setattr(workers.time, "sleep", done.append)
        monkeypatch.setattr(ThreadWorker, "accept", lambda self, listener: done.append(listener))
        worker = EvenThreads.__new__(EvenThreads)
        worker.nr_conns = held

        worker.accept("listener")

        assert done == [waits, "listener"]

    def test_counts_what_it_holds_and_answers_over_all_of_it(self, place):
        held = []
        for _ in range(12):
            connection = http.client.HTTPConnection("localhost", timeout=PATIENCE)
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(PATIENCE)
            connection.sock.connect(place)
            held.append(connection)
        for connection in held * 2:
            connection.request("GET", "/")
            assert connection.getresponse().read().startswith(b"Hello world!")
        for connection in held:
            connection.close()
