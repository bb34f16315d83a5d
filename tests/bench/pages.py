"""What a page costs the database and the wire: statements, kilobytes, requests."""

from __future__ import annotations

import gzip
import urllib.request
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import insert

from tests.bench import approvals, department
from tests.bench.approvals import MANAGER, statements
from tests.bench.databases import Place, environment, inside, tithe_on
from tests.bench.department import HEAD, Member
from tests.bench.outcome import Findings
from tests.bench.servers import Server, serve
from tests.support.visits import Fetched, first_visit
from tithe.kernel.db import db
from tithe.projects.models import ProjectMember

FEW, MANY = 10, 100
KB = 1024


def measure(findings: Findings, place: Place, *, quick: bool) -> None:
    """Count on SQLite; statements are the same on both engines, bytes come from the templates."""
    url = place.database("SQLite", "bench_pages")
    app = tithe_on(url)
    members = {member.id: member for member in department.found(app)}
    _judge_statements(findings, app, members)
    with serve("wsgi:app", environment(url), place.folder / "pages.log") as server:
        _judge_weight(findings, server, members)


def _judge_statements(findings: Findings, app: Flask, members: dict[int, Member]) -> None:
    """Each page with few rows and with many: as many statements, and not many."""
    week, report = f"/weeks/{department.read_week()}", "/reports/utilisation"
    counts = {"week": [_statements(app, members[9], week)], "report": [_statements(app, members[HEAD], report)]}
    _wait(app, 0, FEW)
    counts["approvals"] = [_statements(app, members[MANAGER], "/approvals")]
    _wait(app, 1, MANY)
    _join(app, 9, range(10, 10 + FEW))
    counts["week"].append(_statements(app, members[9], week))
    counts["approvals"].append(_statements(app, members[MANAGER], "/approvals"))
    for name, (few, *rest) in counts.items():
        findings.at_most(f"statements of the {name} page", max(few, *rest, 0), 8, 5)
        if rest:
            findings.zero(f"statements of the {name} page: more with many rows than with few", rest[0] - few)


def _wait(app: Flask, turn: int, how_many: int) -> None:
    with inside(app):
        days = approvals.mondays()
        monday = next(days) - timedelta(weeks=turn)
        approvals.waiting(monday, how_many)


def _join(app: Flask, person: int, projects: range) -> None:
    with inside(app), db.engine.begin() as connection:
        rows = [{"project_id": each, "person_id": person, "joined_on": department.HIRED} for each in projects]
        connection.execute(insert(ProjectMember), rows)


def _statements(app: Flask, member: Member, path: str) -> int:
    """How many statements one request sends once everything is warm."""
    client = app.test_client(use_cookies=False)
    headers = {"Cookie": f"tithe={member.cookie}"}
    client.get(path, headers=headers)
    with app.app_context():
        engine = db.engine
    with statements(engine) as sent:
        answer = client.get(path, headers=headers)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return len(sent)


def _fetch(address: str, member: Member) -> Fetched:
    headers = {"Cookie": f"tithe={member.cookie}", "Accept-Encoding": "gzip"}
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as answer:  # noqa: S310 our own server on loopback
        body = answer.read()
        encoding = answer.headers.get("Content-Encoding", "identity")
    text = gzip.decompress(body) if encoding == "gzip" else body
    return Fetched(len(body), text.decode(errors="replace"))


def _judge_weight(findings: Findings, server: Server, members: dict[int, Member]) -> None:
    week = f"{server.url}/weeks/{department.read_week()}"
    sizes = first_visit(week, partial(_fetch, member=members[20]))
    findings.at_most(
        "first visit to a week, everything as sent with gzip accepted", sum(sizes.values()) / KB, 60, 35, " KB"
    )
    findings.at_most("requests of a first visit", len(sizes), 5, 5)
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:4]
    heaviest: Any = ", ".join(
        f"{name.rpartition('/')[2].partition('?')[0]} {size / KB:.1f} KB" for name, size in largest
    )
    findings.noted("its largest parts", heaviest)
    findings.at_most("later page of a week, gzip", _fetch(week, members[20]).wire / KB, 12, 6, " KB")
    queue = _fetch(f"{server.url}/approvals", members[MANAGER])
    findings.at_most(f"later page of approvals with {FEW + MANY} weeks waiting, gzip", queue.wire / KB, 15, 8, " KB")
