"""Logging time and reading one's week over HTTP, against the floor."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, select

from tests.bench import department, floor
from tests.bench.databases import ENGINES, Place, environment, inside, tithe_on
from tests.bench.department import PEOPLE, Member
from tests.bench.outcome import Findings, markdown
from tests.bench.population import settle
from tests.bench.servers import Server, serve
from tests.bench.wrk import Load, Request, Target, interleaved, load, require_wrk
from tithe.kernel.db import db
from tithe.timesheets.models import TimeEntry, Week

FLOOR_RATE, TITHE_RATE = 5000, 1800  # requests a second that no run will exceed: how many to write down beforehand
BROWSER = {"Accept": "text/html", "Accept-Encoding": "gzip, deflate, br, zstd"}
FORM = {**BROWSER, "Content-Type": "application/x-www-form-urlencoded"}
BODY = {"Content-Type": "application/json", "Accept": "application/json"}
MANY = 32


@dataclass
class Site:
    """A served tithe with its department: makes requests that fit what is stored at the moment."""

    app: Flask
    server: Server
    members: list[Member]
    seconds: int
    turn: int = 0

    def saved(self) -> int:
        """How many saves there have been: each puts one week one version on."""
        with inside(self.app):
            return int(db.session.scalar(select(func.sum(Week.version))) or 0)

    def posts(self) -> list[Request]:
        """The week's form sent with one more entry, or one changed when the week is full."""
        made = []
        for member, monday, version, cells in self._next_saves():
            names = {f"m-{member.id}-{day}": str(minutes) + "m" for day, minutes in cells.items()}
            fields = {"csrf_token": member.csrf, "version": version, "action": "save", **names}
            headers = {**FORM, "Cookie": f"tithe={member.cookie}"}
            made.append(Request("POST", f"/weeks/{monday}", headers, urlencode(fields)))
        return made

    def puts(self) -> list[Request]:
        """The same by the API."""
        made = []
        for member, monday, version, cells in self._next_saves():
            entries = [
                {"date": day.isoformat(), "project_id": member.id, "minutes": minutes} for day, minutes in cells.items()
            ]
            headers = {**BODY, "Authorization": f"Bearer {member.token}"}
            body = json.dumps({"entries": entries, "version": version})
            made.append(Request("PUT", f"/api/v1/weeks/{monday}", headers, body))
        return made

    def reads(self) -> list[Request]:
        """One's week as a page, for everybody in turn."""
        path = f"/weeks/{department.read_week()}"
        made = [Request("GET", path, {**BROWSER, "Cookie": f"tithe={each.cookie}"}) for each in self._people()]
        return list(islice(cycle(made), TITHE_RATE * self.seconds))

    def _people(self) -> list[Member]:
        self.members = department.fresh(self.app, self.members)
        return random.sample(self.members, len(self.members))

    def _next_saves(self) -> Iterator[tuple[Member, date, int, dict[date, int]]]:
        """Saves of one week a person, then of another, each fitting the version and entries it will find."""
        weeks, people = department.log_weeks(), self._people()
        self.turn += 1
        stored: dict[date, dict[int, tuple[int, dict[date, int]]]] = {}
        for number in range(TITHE_RATE * self.seconds):
            member, monday = people[number % PEOPLE], weeks[(self.turn + number // PEOPLE) % len(weeks)]
            if monday not in stored:
                stored[monday] = self._stored(monday)
            version, cells = stored[monday].get(member.id, (0, {}))
            cells = _one_more(cells, monday)
            yield member, monday, version, cells
            stored[monday][member.id] = version + 1, cells

    def _stored(self, monday: date) -> dict[int, tuple[int, dict[date, int]]]:
        found = (
            select(Week.person_id, Week.version, TimeEntry.day, TimeEntry.minutes)
            .join(TimeEntry, TimeEntry.week_id == Week.id)
            .where(Week.starts_on == monday)
        )
        weeks: dict[int, tuple[int, dict[date, int]]] = {}
        with inside(self.app):
            for person, version, day, minutes in db.session.execute(found):
                weeks.setdefault(person, (version, {}))[1][day] = minutes
        return weeks


def _one_more(cells: dict[date, int], monday: date) -> dict[date, int]:
    """The same cells with another day filled, or the first changed when Monday to Friday are."""
    days = [monday + timedelta(days=offset) for offset in range(5)]
    empty = next((day for day in days if day not in cells), None)
    changed = empty or days[0]
    return {**cells, changed: 45 if empty else 75 - cells[changed]}


def _floor_posts(monday: date, seconds: int) -> list[Request]:
    made = []
    for _ in range(FLOOR_RATE * seconds):
        person, day = random.randint(1, PEOPLE), monday + timedelta(days=random.randint(0, 4))
        body = json.dumps({"staff": person, "project": person, "day": day.isoformat(), "minutes": 45})
        made.append(Request("POST", "/txn/log", BODY, body))
    return made


def _floor_reads(seconds: int) -> list[Request]:
    path = f"/html/week?d={department.read_week()}&s="
    return [Request("GET", f"{path}{random.randint(1, PEOPLE)}", BROWSER) for _ in range(FLOOR_RATE * seconds)]


@dataclass(frozen=True)
class Pair:
    """Floor and tithe on one engine."""

    engine: str
    site: Site
    targets: list[Target]


@contextmanager
def served_pair(place: Place, engine: str, seconds: int, name: str = "log") -> Iterator[Pair]:
    """Serve the floor and tithe on one engine, filled."""
    floor_url, url = place.database(engine, f"floor_{name}"), place.database(engine, f"tithe_{name}")
    floor.fill(floor_url, PEOPLE, department.read_week())
    app = tithe_on(url)
    members = department.found(app)
    for each in (floor_url, url):
        settle(each)
    with (
        serve("tests.bench.floor:app", {"FLOOR_DATABASE": floor_url}, place.folder / "floor.log") as low,
        serve("wsgi:app", environment(url), place.folder / "tithe.log") as high,
    ):
        site = Site(app, high, members, seconds)
        yield Pair(engine, site, _targets(engine, low, floor_url, site))


def _targets(engine: str, low: Server, floor_url: str, site: Site) -> list[Target]:
    floor_engine = floor.engine_on(floor_url)

    def entries() -> int:
        with floor_engine.connect() as connection:
            return int(connection.scalar(select(func.count()).select_from(floor.Entry)) or 0)

    monday, seconds = department.log_weeks()[0], site.seconds
    log = Target(f"{engine}: floor log", low, 201, lambda: _floor_posts(monday, seconds), written=entries)
    page = Target(f"{engine}: floor page", low, 200, lambda: _floor_reads(seconds), "Week of")
    return [
        log,
        Target(f"{engine}: week form POST", site.server, 303, site.posts, "/weeks/", site.saved),
        Target(f"{engine}: week API PUT", site.server, 200, site.puts, '"version"', site.saved),
        page,
        Target(f"{engine}: week page", site.server, 200, site.reads),
    ]


def measure(findings: Findings, place: Place, *, quick: bool) -> None:
    """Load floor and tithe on both engines in one interleaved run; write down ratios and what they were made of."""
    require_wrk()
    seconds, repeats = (1, 1) if quick else (2, 5)
    with ExitStack() as stack:
        pairs = [stack.enter_context(served_pair(place, engine, seconds)) for engine in ENGINES]
        targets = [target for pair in pairs for target in pair.targets]
        loads = {
            each: interleaved(targets, connections=each, seconds=seconds, repeats=repeats, folder=place.folder)
            for each in (1, 8)
        }
        for engine in ENGINES:
            _judge(findings, engine, loads[8])
        _judge_locking(findings, pairs[0], seconds, place.folder)
    findings.details["Requests"] = _detail(loads)


def _judge(findings: Findings, engine: str, loads: dict[str, Load]) -> None:
    log, page = loads[f"{engine}: floor log"], loads[f"{engine}: floor page"]
    for what in ("week form POST", "week API PUT"):
        ours = loads[f"{engine}: {what}"]
        rate = ours.middle("rate") / log.middle("rate")
        findings.at_least(f"{what}, {engine}: requests a second ÷ floor, 8 connections", rate, 0.5, 0.65, "x")
        slowest = ours.middle("p95") / log.middle("p95")
        findings.at_most(f"{what}, {engine}: p95 ÷ floor’s p95, 8 connections", slowest, 2.5, 1.8, "x")
    rate = loads[f"{engine}: week page"].middle("rate") / page.middle("rate")
    findings.at_least(f"week page, {engine}: pages a second ÷ floor page, 8 connections", rate, 0.45, 0.65, "x")


def _judge_locking(findings: Findings, pair: Pair, seconds: int, folder: Path) -> None:
    """Everybody at once on SQLite: no answer may be an error, locked or other."""
    target = next(each for each in pair.targets if each.name.endswith("week form POST"))
    run = load(target, MANY, seconds, folder)
    findings.zero(
        f"week form POST, SQLite: errors and “database is locked” at {MANY} connections", run.bad + run.broken
    )
    findings.noted("the same: requests a second; p99", f"{run.rate:.0f}; {run.p99:.0f} ms")


def _detail(loads: dict[int, dict[str, Load]]) -> str:
    heads = ("Target", "Connections", "Requests a second", "÷ floor", "p50 ms", "p95 ms", "p99 ms", "Worker ms", "KB")
    rows = [_line(each, by_name) for by_name in loads.values() for each in by_name.values()]
    return markdown(heads, rows)


def _line(one: Load, by_name: dict[str, Load]) -> Sequence[str]:
    engine, what = one.target.name.split(": ")
    base = by_name[f"{engine}: floor {'page' if what.endswith('page') else 'log'}"]
    times = [f"{one.middle(name):.1f}" for name in ("p50", "p95", "p99")]
    times.append(f"{one.middle('processor'):.2f}")
    size = one.middle("bytes") / max(1, one.middle("good")) / 1024
    share = one.middle("rate") / base.middle("rate")
    return one.target.name, str(one.connections), f"{one.middle('rate'):.0f}", f"{share:.2f}", *times, f"{size:.1f}"
