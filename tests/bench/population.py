"""A made-up service of any size: the entries of one quarter in DuckDB, the same quarter as tithe would have stored it.

Four levels of units (the service, departments, directorates, teams of about 66), 26 entries a person on average by the
85 % who take part, 83 % of them in approved weeks. Everything follows from row numbers, so two runs are alike. tithe's
summaries are the sums of those very entries: what both reports say must agree.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from tithe.kernel.calendar import Quarter
from tithe.kernel.letters import fold

BATCH = 50_000
ENTRIES_EACH, WEEKS = 26, 13
ACCRUING_DAYS = 60
APPROVED = 2

UNIT_COLUMNS = ("id", "code", "name", "parent_id")
CLOSURE_COLUMNS = ("ancestor_id", "descendant_id", "depth")
PERSON_COLUMNS = ("id", "staff_number", "email", "name", "starts_on")
QUARTER_COLUMNS = ("quarter", "person_id", "unit_id", "split", "accruing_days", "accrued", "used", "other")

MAKE_STAFF = """
CREATE TABLE staff AS
SELECT CAST(i AS INTEGER) AS id,
       CAST(CASE WHEN hash(i, 1) % 100 < 95 THEN {first_leaf} + hash(i, 2) % {leaves} ELSE 2 + hash(i, 3) % {middle} END
            AS INTEGER) AS unit_id,
       CAST(([222, 222, 222, 178, 133, 111])[CAST(1 + hash(i, 4) % 6 AS INTEGER)] * {weeks} AS INTEGER) AS entitled
FROM range(1, {people} + 1) AS numbers(i)
"""
MAKE_ENTRIES = """
CREATE TABLE entry AS
WITH rolled AS (
  SELECT r, hash(r, 5) % ({people} * 17 // 20) AS k, r // (2 * {people}) AS week FROM range({rows}) AS numbers(r)
), placed AS (SELECT r, week, CAST(1 + 20 * (k // 17) + k % 17 AS INTEGER) AS staff_id FROM rolled)
SELECT r AS id, staff_id, CAST(1 + hash(r, 6) % {projects} AS INTEGER) AS project_id,
       DATE '{start}' + CAST(7 * week + hash(r, 7) % 5 AS INTEGER) AS day,
       CAST(([15, 30, 45, 60, 75, 90, 120, 150])[CAST(1 + hash(r, 8) % 8 AS INTEGER)] AS SMALLINT) AS minutes,
       CAST(CASE WHEN hash(staff_id, week) % 100 < 83 THEN {approved} ELSE hash(staff_id, week) % 2 END AS TINYINT)
         AS status
FROM placed
"""
SUMMARIES = """
SELECT s.id, s.unit_id, s.entitled, COALESCE(p.used, 0)
FROM staff s
LEFT JOIN (SELECT staff_id, SUM(minutes) AS used FROM entry WHERE status = {approved} GROUP BY staff_id) p
  ON p.staff_id = s.id
ORDER BY s.id
"""
ROLL_UP = """
WITH p AS (
  SELECT staff_id, SUM(minutes) AS used FROM entry
  WHERE day >= DATE '{start}' AND day < DATE '{end}' AND status = {approved} GROUP BY staff_id
), u AS (
  SELECT s.unit_id, COUNT(*) AS eligible, SUM(CASE WHEN p.used >= {least} THEN 1 ELSE 0 END) AS participants,
         SUM(s.entitled) AS entitled, SUM(COALESCE(p.used, 0)) AS used
  FROM staff s LEFT JOIN p ON p.staff_id = s.id GROUP BY s.unit_id
)
SELECT c.ancestor_id, SUM(eligible), SUM(participants), SUM(entitled), SUM(used)
FROM u JOIN closure c ON c.descendant_id = u.unit_id GROUP BY c.ancestor_id ORDER BY 1
"""


@dataclass
class Population:
    """A service of so many people in one quarter."""

    people: int
    quarter: Quarter
    file: Path
    parents: list[int | None] = field(init=False)  # of unit 1, 2, ...

    def __post_init__(self) -> None:
        leaves = max(4, self.people // 66)
        directorates = max(2, leaves // 19)
        departments = max(1, directorates // 20)
        self.parents = [None, *(1 for _ in range(departments))]
        self.parents += [2 + number % departments for number in range(directorates)]
        self.parents += [2 + departments + number % directorates for number in range(leaves)]
        self._leaves = leaves

    def make(self) -> None:
        """Write the entries, the people and the tree into a DuckDB file of its own."""
        units = len(self.parents)
        values = {
            "people": self.people,
            "rows": self.people * ENTRIES_EACH,
            "weeks": WEEKS,
            "projects": max(20, self.people // 100),
            "start": self._monday,
            "approved": APPROVED,
            "leaves": self._leaves,
            "first_leaf": units - self._leaves + 1,
            "middle": units - self._leaves - 1,
        }
        with duckdb.connect(str(self.file)) as connection:
            connection.execute(MAKE_STAFF.format(**values))
            connection.execute(MAKE_ENTRIES.format(**values))
            connection.execute("CREATE TABLE closure (ancestor_id INTEGER, descendant_id INTEGER)")
            pairs = list(self.closure())
            connection.execute(
                "INSERT INTO closure SELECT unnest(?), unnest(?)", [[a for a, _, _ in pairs], [d for _, d, _ in pairs]]
            )
            connection.execute("CHECKPOINT")

    @property
    def _monday(self) -> Any:
        """The first Monday of the quarter. Thirteen weeks from there may reach into the next; the sums are the same."""
        return self.quarter.start + timedelta(days=-self.quarter.start.weekday() % 7)

    def roll_up(self, least: int) -> list[tuple[int, ...]]:
        """The floor: connect, group the entries, roll them up the tree, read every row."""
        query = ROLL_UP.format(
            start=self._monday, end=self._monday + timedelta(weeks=WEEKS), least=least, approved=APPROVED
        )
        with duckdb.connect(str(self.file), read_only=True) as connection:
            return [tuple(int(value) for value in row) for row in connection.execute(query).fetchall()]

    def closure(self) -> Iterator[tuple[int, int, int]]:
        """Every unit with each unit above it and itself, and how far up that is."""
        for unit in range(1, len(self.parents) + 1):
            above: int | None = unit
            depth = 0
            while above is not None:
                yield above, unit, depth
                above, depth = self.parents[above - 1], depth + 1

    def tables(self) -> Iterator[tuple[str, tuple[str, ...], Iterable[tuple[Any, ...]]]]:
        """What tithe would hold: name, columns and rows of each table, in an order that keeps foreign keys."""
        units = ((i, f"U{i}", f"Unit {i}", parent) for i, parent in enumerate(self.parents, 1))
        yield "unit", UNIT_COLUMNS, units
        yield "unit_closure", CLOSURE_COLUMNS, self.closure()
        people = (
            (i, f"CS{i:07}", f"s{i}@bench.example", f"Given{i % 9973} Family{i % 7919}", "2020-01-01")
            for i in range(1, self.people + 1)
        )
        yield "person", PERSON_COLUMNS, people
        yield "person_quarter", QUARTER_COLUMNS, self.summaries()

    def summaries(self, quarter: Quarter | None = None) -> Iterator[tuple[Any, ...]]:
        """A summary a person, of this quarter or with the same sums under the name of another."""
        code = (quarter or self.quarter).code
        with duckdb.connect(str(self.file), read_only=True) as connection:
            found = connection.execute(SUMMARIES.format(approved=APPROVED))
            while rows := found.fetchmany(BATCH):
                for person, unit, entitled, used in rows:
                    yield code, person, unit, False, ACCRUING_DAYS, entitled, int(used), 0


def load(url: str, table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Put rows into a table by the quickest way an engine has."""
    if url.startswith("sqlite"):
        marks = ", ".join("?" for _ in columns)
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file, file:
            file.create_function("fold", 1, fold, deterministic=True)  # triggers keep the words of names by it
            file.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608 names come from the models, not from outside
        return
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SET session_replication_role = replica")  # these foreign keys hold; checking takes minutes
        with connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def settle(url: str) -> None:
    """What a running database does in quiet hours: PostgreSQL's own vacuum and statistics. SQLite is left alone."""
    if not url.startswith("sqlite"):
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
