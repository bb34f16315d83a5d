"""The quarter report from tithe's summaries, against DuckDB grouping the same quarter's entries."""

from __future__ import annotations

import gc
import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert, update

from tests.bench import population
from tests.bench.beside import measure_beside
from tests.bench.databases import ENGINES, Place, environment, inside, tithe_on
from tests.bench.department import Member, keys
from tests.bench.outcome import Findings, markdown, median
from tests.bench.population import Population
from tests.bench.servers import Server, serve
from tithe.access.permissions import Role
from tithe.allowance.models import PersonQuarter
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.people.models import RoleGrant, SignIn
from tithe.people.rules.secrets import hashed
from tithe.policy.rules import Settings
from tithe.reports import queries

SMALL, LARGE = 50_000, 500_000
QUICK_SMALL, QUICK_LARGE = 1_000, 5_000
REPEATS = 5
QUERY_BARS = {"SQLite": (0.75, 0.6), "PostgreSQL": (0.4, 0.3)}
ANALYST = 1
Timed = dict[str, Callable[[], object]]


@dataclass(frozen=True)
class Service:
    """A population in tithe's tables on one engine, served, with an analyst who may read all of it."""

    engine: str
    url: str
    app: Flask
    quarter: Quarter
    server: Server
    analyst: Member

    def rest(self) -> float:
        """Megabytes of a worker once both have answered something small."""
        for _ in range(10):
            self._get("/sign-in")
        return self.server.memory("VmRSS")

    def query(self) -> list[Any]:
        """Every unit's line, from opening the connection to the last row."""
        with inside(self.app):
            return list(queries.utilisation_of_all(self.quarter))

    def page(self) -> str:
        """The page of the top unit and the level below it, over HTTP."""
        status, text = self._get(f"/reports/utilisation?quarter={self.quarter.code}")
        if status != 200:
            raise SystemExit(f"The report answered {status}: {text[:300]}")
        return text

    def download(self) -> int:
        """Every unit's line as a file, over HTTP; its length in bytes."""
        status, text = self._get(f"/reports/utilisation.csv?quarter={self.quarter.code}")
        if status != 200:
            raise SystemExit(f"The report's file answered {status}: {text[:300]}")
        return len(text)

    def _get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)
        connection.request("GET", path, headers={"Cookie": f"tithe={self.analyst.cookie}"})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text


def measure(findings: Findings, place: Place, *, quick: bool) -> None:
    """Report on both populations, DuckDB and both engines in turn."""
    quarter = Quarter.containing(clock.today()).previous
    sizes = (QUICK_SMALL, QUICK_LARGE) if quick else (SMALL, LARGE)
    medians: dict[int, dict[str, float]] = {}
    for people in sizes:
        service = Population(people, quarter, place.folder / f"entries-{people}.duckdb")
        service.make()
        with ExitStack() as stack:
            served = [stack.enter_context(_served(place, engine, service)) for engine in ENGINES]
            resting = {each.engine: each.rest() for each in served}
            _agree(service, served)
            medians[people] = _timed(service, served)
            if people == sizes[0]:
                _measure_history(findings, service, served)
            else:
                _judge_memory(findings, served, resting)
                measure_beside(findings, place, served[-1].download, quick=quick)
                _measure_movers(findings, service, served)
    _judge(findings, sizes, medians)
    findings.details["Quarter report, seconds"] = _detail(medians)


@contextmanager
def _served(place: Place, engine: str, service: Population) -> Iterator[Service]:
    url = place.database(engine, f"bench_report_{service.people}")
    app = tithe_on(url)
    for table, columns, rows in service.tables():
        population.load(url, table, columns, rows)
    now = clock.now()
    with inside(app), db.engine.begin() as connection:
        analyst = {"person_id": ANALYST, "role": Role.HR_ANALYST, "unit_id": 1, "starts_on": date(2020, 1, 1)}
        connection.execute(insert(RoleGrant).values(analyst))
        sign_in = {"started_at": now, "expires_at": now + timedelta(hours=12)}
        connection.execute(
            insert(SignIn).values(secret_hash=hashed(f"browser-{ANALYST}"), person_id=ANALYST, **sign_in)
        )
    population.settle(url)
    with serve("wsgi:app", environment(url), place.folder / f"{engine}.log") as server:
        yield Service(engine, url, app, service.quarter, server, keys(app, ANALYST))


def _agree(service: Population, served: list[Service]) -> None:
    """Refuse to compare reports that say different things."""
    expected = {row[0]: row[1:] for row in service.roll_up(Settings().participant_min)}
    for each in served:
        lines = {
            line.unit_id: (line.eligible, line.participants, line.entitlement_minutes, line.used_minutes)
            for line in each.query()
        }
        if {unit: sums for unit, sums in lines.items() if any(sums)} != expected:
            raise SystemExit(f"tithe on {each.engine} and DuckDB disagree about {service.people} people")


def _timed(service: Population, served: list[Service]) -> dict[str, float]:
    what: Timed = {"DuckDB": lambda: service.roll_up(Settings().participant_min)}
    what |= {f"{each.engine} query": each.query for each in served}
    what |= {f"{each.engine} page": each.page for each in served}
    return interleaved_seconds(what)


def interleaved_seconds(what: Timed, repeats: int = REPEATS) -> dict[str, float]:
    """The median seconds of each, run in turn after one warm-up."""
    taken: dict[str, list[float]] = {name: [] for name in what}
    for repeat in range(-1, repeats):
        for name, run in what.items():
            gc.collect()
            began = time.perf_counter()
            run()
            if repeat >= 0:
                taken[name].append(time.perf_counter() - began)
    return {name: median(seconds) for name, seconds in taken.items()}


def _judge(findings: Findings, sizes: tuple[int, int], medians: dict[int, dict[str, float]]) -> None:
    small, large = (medians[people] for people in sizes)
    for people, found in medians.items():
        for engine in ENGINES:
            what = f"quarter report, {people:,} people, {engine}: query ÷ DuckDB on the entries"
            ratio = found[f"{engine} query"] / found["DuckDB"]
            if people == sizes[1]:
                findings.at_most(what, ratio, *QUERY_BARS[engine], "x")
                page = found[f"{engine} page"] / found["DuckDB"]
                findings.at_most(f"the whole page over HTTP, one level, {engine} ÷ DuckDB", page, 1.0, 0.6, "x")
            else:
                findings.noted(what, f"{ratio:.2f}x")
    for engine in ENGINES:
        growth = large[f"{engine} query"] / small[f"{engine} query"]
        findings.at_most(f"quarter report, {engine}: time at ten times the people", growth, 12, 11, "x")


def _judge_memory(findings: Findings, served: list[Service], resting: dict[str, float]) -> None:
    for each in served:
        rest = resting[each.engine]
        findings.at_most(f"memory of a worker at rest, {each.engine}", rest, 100, 80, " MB")
        more = each.server.memory("VmHWM") - rest
        findings.at_most(f"memory added by the report, {each.engine}", more, 30, 15, " MB")


def _measure_history(findings: Findings, service: Population, served: list[Service]) -> None:
    """Put three more quarters behind the measured one and time the report before and after."""
    before = interleaved_seconds({each.engine: each.query for each in served})
    for each in served:
        earlier = each.quarter
        for _ in range(3):
            earlier = earlier.previous
            rows = service.summaries(earlier)
            population.load(each.url, "person_quarter", population.QUARTER_COLUMNS, rows)
        population.settle(each.url)
    after = interleaved_seconds({each.engine: each.query for each in served})
    for engine in before:
        grown = after[engine] / before[engine]
        findings.at_most(f"quarter report, {engine}: time with four quarters stored", grown, 1.3, 1.1, "x")


def _measure_movers(findings: Findings, service: Population, served: list[Service]) -> None:
    """Let one person in a hundred have worked in two units, and time the report before and after."""
    before = interleaved_seconds({each.engine: each.query for each in served}, 3)
    units = len(service.parents)
    moved = [row for row in service.summaries() if row[1] % 100 == 0]
    second = [(code, person, unit % units + 1, True, 5, 20, 0, 0) for code, person, unit, *_ in moved]
    for each in served:
        with inside(each.app), db.engine.begin() as connection:
            connection.execute(update(PersonQuarter).where(PersonQuarter.person_id % 100 == 0).values(split=True))
        population.load(each.url, "person_quarter", population.QUARTER_COLUMNS, second)
        population.settle(each.url)
    after = interleaved_seconds({each.engine: each.query for each in served}, 3)
    for engine in before:
        ratio = after[engine] / before[engine]
        findings.noted(f"quarter report, {engine}: time when 1 % worked in two units ÷ nobody", f"{ratio:.2f}x")


def _detail(medians: dict[int, dict[str, float]]) -> str:
    names = list(next(iter(medians.values())))
    rows = [[f"{people:,} people", *(f"{found[name]:.3f}" for name in names)] for people, found in medians.items()]
    return markdown(["", *names], rows)
