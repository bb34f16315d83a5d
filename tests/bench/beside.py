"""Logging time while somebody reads the report of a large service over and over: what each save waits longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from tests.bench.databases import Place
from tests.bench.logging_time import served_pair
from tests.bench.outcome import Findings, median
from tests.bench.wrk import Run, load

CONNECTIONS = 8
SECONDS, REPEATS = 2, 5


def measure_beside(findings: Findings, place: Place, report: Callable[[], object], *, quick: bool) -> None:
    """Save weeks on a PostgreSQL server that has nothing else to do, then while its report is read, in turn."""
    seconds, repeats = (1, 1) if quick else (SECONDS, REPEATS)
    with served_pair(place, "PostgreSQL", seconds, name="beside") as pair:
        saves = next(each for each in pair.targets if each.name.endswith("week form POST"))
        quiet: list[Run] = []
        beside: list[Run] = []
        read: list[int] = []
        load(saves, CONNECTIONS, 1, place.folder)
        for _ in range(repeats):
            quiet.append(load(saves, CONNECTIONS, seconds, place.folder))
            with read_over_and_over(report) as times:
                beside.append(load(saves, CONNECTIONS, seconds, place.folder))
            read.append(len(times))
    wrong = sum(run.bad + run.broken for run in quiet + beside)
    if wrong:
        raise SystemExit(f"{wrong} saves failed beside the report. {beside[-1].sample}")
    slowed = median(run.p95 for run in beside) / median(run.p95 for run in quiet)
    findings.at_most("week form POST, PostgreSQL: p95 while the report loops ÷ alone", slowed, 2.2, 1.8, "x")
    findings.noted("the same: reports read a second", f"{median(read) / seconds:.1f}")


@contextmanager
def read_over_and_over(report: Callable[[], object]) -> Iterator[list[object]]:
    """Ask for a report again as soon as it is there, until the block ends; yields what came."""
    ended, came = Event(), list[object]()

    def read() -> None:
        while not ended.is_set():
            came.append(report())

    reader = Thread(target=read)
    reader.start()
    try:
        yield came
    finally:
        ended.set()
        reader.join()
