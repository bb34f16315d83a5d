"""Approving two hundred weeks at once: tithe, one statement a table, and a loop over objects."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Engine, Insert, Select, String, cast, event, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tests.bench import department, population
from tests.bench.databases import ENGINES, Place, inside, tithe_on
from tests.bench.outcome import Findings, median
from tithe.access.actor import Actor
from tithe.allowance.models import LedgerLine, PersonQuarter
from tithe.allowance.rules.ledger import LedgerKind
from tithe.audit.models import AuditEvent, AuditHead
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter, monday_of
from tithe.kernel.db import WRITING, db, unit_of_work
from tithe.notices.models import Notice
from tithe.notices.rules.outbox import NoticeStatus
from tithe.people import queries as people
from tithe.timesheets.models import Decision, TimeEntry, Week
from tithe.timesheets.operations import decisions
from tithe.timesheets.rules.deciding import Outcome
from tithe.timesheets.rules.lifecycle import WeekStatus

MANAGER = department.HEAD + 1
MANY, FEW = 200, 20
REPEATS = 5
STREAM = 15
CROWD = 20_000
Approve = Callable[["Case"], None]


@dataclass(frozen=True)
class Case:
    """Weeks of one Monday that wait for one manager."""

    actor: Actor
    monday: date
    week_ids: list[int]
    now: datetime

    @property
    def quarter(self) -> str:
        return Quarter.containing(self.monday).code


def by_tithe(case: Case) -> None:
    decisions.approve_weeks(actor=case.actor, versions=dict.fromkeys(case.week_ids, 2), now=case.now)


def by_statements(case: Case) -> None:
    """The floor: seven statements, one for each table that tithe writes, all work left to the database."""
    with db.engine.execution_options(**{WRITING: True}).begin() as connection:
        for statement in _statements(case):
            connection.execute(statement)


def _statements(case: Case) -> Iterator[Any]:
    manager, now, quarter = case.actor.id, case.now, case.quarter
    taken = Week.id.in_(case.week_ids)
    decided = {"status": WeekStatus.APPROVED, "decided_at": now, "version": Week.version + 1}
    yield update(Week).where(taken).values(**decided)
    yield _from_weeks(
        Decision, taken, week_id=Week.id, version=Week.version - 1, digest="0" * 64, outcome=Outcome.APPROVED,
        reason="", total_minutes=Week.total_minutes, entries=[], decided_by=manager, decided_at=now,
    )  # fmt: skip
    use = {"kind": LedgerKind.USE, "minutes": -Week.total_minutes, "source": "week", "source_version": 2, "facts": {}}
    who = {"person_id": Week.person_id, "source_id": Week.id, "unit_id": Week.unit_id, "actor_id": manager}
    yield _from_weeks(LedgerLine, taken, **use, **who, quarter=quarter, reason="Week", at=now)
    yield _add_to_summaries(taken, quarter)
    numbered = func.row_number().over(order_by=Week.id)
    last = select(AuditHead.seq).where(AuditHead.stream == STREAM).scalar_subquery()
    place = {"stream": STREAM, "seq": last + numbered, "hash": "0" * 64, "details": "{}"}
    about = {"verb": "week:approve", "actor_id": manager, "subject_type": "week", "subject_id": Week.id, "at": now}
    yield _from_weeks(AuditEvent, taken, **place, **about)
    yield update(AuditHead).where(AuditHead.stream == STREAM).values(seq=AuditHead.seq + len(case.week_ids))
    yield _from_weeks(
        Notice, taken, person_id=Week.person_id, event="week-approved", subject="Approved", body="Approved",
        path="/weeks", status=NoticeStatus.WAITING, message_id=literal("floor-").concat(cast(Week.id, String)),
        created_at=now, next_attempt_at=now, attempts=0, last_error="",
    )  # fmt: skip


def _chosen(table: type[Any], taken: Any, values: dict[str, Any]) -> Select[Any]:
    """A row for each week: columns as they are, everything else as a constant of its column's type."""
    columns = table.__table__.c
    picked = [
        value
        if hasattr(value, "__clause_element__") or hasattr(value, "compile")
        else literal(value, columns[name].type)
        for name, value in values.items()
    ]
    return select(*picked).where(taken)


def _from_weeks(table: type[Any], taken: Any, **values: Any) -> Insert:
    return insert(table).from_select(list(values), _chosen(table, taken, values), include_defaults=False)


def _add_to_summaries(taken: Any, quarter: str) -> Any:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    values = {"quarter": quarter, "person_id": Week.person_id, "unit_id": Week.unit_id, "split": False}
    values |= {"accruing_days": 0, "accrued": 0, "used": Week.total_minutes, "other": 0}
    adding = dialect.insert(PersonQuarter).from_select(list(values), _chosen(PersonQuarter, taken, values))
    return adding.on_conflict_do_update(
        index_elements=["quarter", "person_id", "unit_id"],
        set_={"used": PersonQuarter.used + adding.excluded.used},
    )


def by_objects(case: Case) -> None:
    """What an object mapper invites to: load each week and what hangs on it, change it, add the rest, commit once."""
    with unit_of_work() as session:
        head = session.get_one(AuditHead, STREAM)
        for week in session.scalars(select(Week).where(Week.id.in_(case.week_ids)).order_by(Week.id)).all():
            entries = session.scalars(select(TimeEntry).where(TimeEntry.week_id == week.id)).all()
            minutes = sum(entry.minutes for entry in entries)
            week.status, week.decided_at, week.version = WeekStatus.APPROVED, case.now, week.version + 1
            session.get_one(PersonQuarter, (case.quarter, week.person_id, week.unit_id)).used += minutes
            head.seq += 1
            session.add_all(_objects(case, week, minutes, head.seq))


def _objects(case: Case, week: Week, minutes: int, seq: int) -> Sequence[Any]:
    manager, now = case.actor.id, case.now
    return (
        Decision(
            week_id=week.id, version=week.version - 1, digest="0" * 64, outcome=Outcome.APPROVED, reason="",
            total_minutes=minutes, entries=[], decided_by=manager, decided_at=now,
        ),
        LedgerLine(
            person_id=week.person_id, quarter=case.quarter, kind=LedgerKind.USE, minutes=-minutes, reason="Week",
            source="week", source_id=week.id, source_version=2, unit_id=week.unit_id, actor_id=manager,
            at=now, facts={},
        ),
        AuditEvent(
            stream=STREAM, seq=seq, at=now, verb="week:approve", actor_id=manager, subject_type="week",
            subject_id=week.id, details="{}", hash="0" * 64,
        ),
        Notice(
            person_id=week.person_id, event="week-approved", subject="Approved", body="Approved", path="/weeks",
            message_id=f"objects-{week.id}", created_at=now, next_attempt_at=now,
        ),
    )  # fmt: skip


def mondays() -> Iterator[date]:
    """Mondays nobody else measures on, going back from a year ago."""
    first = monday_of(clock.today()) - timedelta(weeks=52)
    return (first - timedelta(weeks=back) for back in itertools.count())


def crowd() -> Iterator[tuple[Any, ...]]:
    """Summaries of people elsewhere: what an approval must not have to look through."""
    quarter = Quarter.containing(clock.today()).code
    return ((quarter, person, 2, False, 60, 2886, 0, 0) for person in range(10_000, 10_000 + CROWD))


def waiting(monday: date, how_many: int) -> Case:
    """Submit the weeks of so many of the manager's people, as they would be after `submit_week`."""
    now = clock.now()
    manager = f"person.{MANAGER}@bench.example"
    team = department.team_of(MANAGER)[:how_many]
    week = {"starts_on": monday, "status": WeekStatus.SUBMITTED, "total_minutes": 225, "unit_id": 2}
    week |= {"approver_id": MANAGER, "submitted_at": now, "due_on": monday + timedelta(days=14), "version": 2}
    with db.engine.begin() as connection:
        quarter = {"quarter": Quarter.containing(monday).code, "unit_id": 2, "accruing_days": 60, "accrued": 2886}
        known = select(PersonQuarter.person_id).where(PersonQuarter.quarter == quarter["quarter"])
        already = set(connection.scalars(known))
        rows = [{"person_id": person, **quarter} for person in team if person not in already]
        if rows:
            connection.execute(insert(PersonQuarter), rows)
    ids = department.add_weeks([{"person_id": person, **week} for person in team], minutes=45)
    return Case(people.actor_by_email(manager, now), monday, ids, now)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Note every statement sent, beginnings and ends of transactions left out."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def measure(findings: Findings, place: Place, *, quick: bool) -> None:
    """Time the three ways in turn on each engine, and count tithe's statements for few and for many weeks."""
    for engine in ENGINES:
        url = place.database(engine, "bench_approve")
        app = tithe_on(url)
        department.found(app)
        population.load(url, "person_quarter", population.QUARTER_COLUMNS, crowd())
        _measure(findings, engine, app, 1 if quick else REPEATS)


def _measure(findings: Findings, engine: str, app: Flask, repeats: int) -> None:
    ways: dict[str, Approve] = {"tithe": by_tithe, "floor": by_statements, "objects": by_objects}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    free = mondays()
    with inside(app):
        for repeat in range(-1, repeats):
            for name, approve in ways.items():
                taken = _seconds(approve, waiting(next(free), MANY))
                if repeat >= 0:
                    seconds[name].append(taken)
        counts = {many: _count(waiting(next(free), many)) for many in (FEW, MANY)}
    middle = {name: median(taken) for name, taken in seconds.items()}
    what = f"approve {MANY} weeks, {engine}"
    findings.at_most(f"{what}: statements", counts[MANY], 8, 8)
    findings.zero(f"{what}: statements more than for {FEW}", counts[MANY] - counts[FEW])
    findings.at_most(f"{what}: time ÷ one statement a table", middle["tithe"] / middle["floor"], 3, 2, "x")
    findings.at_least(f"{what}: times as fast as a loop over objects", middle["objects"] / middle["tithe"], 6, 10, "x")
    findings.noted(f"{what}: tithe; floor; objects", "; ".join(f"{1000 * each:.0f} ms" for each in middle.values()))


def _seconds(approve: Approve, case: Case) -> float:
    began = time.perf_counter()
    approve(case)
    taken = time.perf_counter() - began
    db.session.remove()
    approved = select(func.count()).where(Week.id.in_(case.week_ids), Week.status == WeekStatus.APPROVED)
    if db.session.scalar(approved) != len(case.week_ids):
        raise SystemExit(f"{approve.__name__} did not approve all of {len(case.week_ids)} weeks")
    db.session.remove()
    return taken


def _count(case: Case) -> int:
    with statements(db.engine) as sent:
        by_tithe(case)
    return len(sent)
