"""Reading the people an HR system sends: a CSV file, a person to a row, with every fault named. Pure.

A person is known by staff number. A column the file lacks leaves what is stored; a blank cell says there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import BinaryIO

from tithe.kernel import minutes
from tithe.kernel.errors import RuleBroken
from tithe.kernel.feeds import (
    Cells,
    Faults,
    NamesFaults,
    RowError,
    RowsRefused,
    expected_date,
    read_date,
    read_rows,
    unprintable,
)
from tithe.people.rules.grades import Grade, reference_grade
from tithe.people.rules.posts_over_time import MOST_WEEKLY

COLUMNS = (
    "staff_number", "name", "email", "unit", "grade", "weekly_hours", "calendar", "manager_staff_number", "start",
    "leave", "effective_date", "probation_end",
)  # fmt: skip
NEEDED = (("staff_number",), ("name",), ("email",), ("unit",), ("weekly_hours",))
LONGEST = {"staff_number": 40, "name": 120, "email": 254, "manager_staff_number": 40}
FIRST_YEAR = 1940  # in which somebody employed now may have started
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
DATES = ("start", "leave", "effective_date", "probation_end")


@dataclass(frozen=True)
class HrRow:
    """One person as the file tells it. `unit` is a code or a path of names; `given` are the columns of the file.

    A row with `faults` may be judged further, but never taken: what they name is blank, none or no use.
    """

    line: int
    given: frozenset[str]
    staff_number: str
    name: str
    email: str
    unit: str
    weekly_minutes: int
    grade: Grade | None
    calendar: str
    manager: str
    start: date | None
    leave: date | None
    effective: date | None
    probation_end: date | None
    faults: Faults = ()


@dataclass(frozen=True)
class Report(NamesFaults):
    """What reading a file found: each row counts once. The same for a rehearsal and for the real thing.

    `left` are people whose last day is new; `errors` are the first faults of the `bad` rows, in order of line and
    column.
    """

    rows: int
    added: int
    changed: int
    left: int
    unchanged: int
    bad: int
    errors: tuple[RowError, ...]

    @property
    def changes(self) -> int:
        """How many rows there are to take in."""
        return self.added + self.changed + self.left


class FeedRefused(RowsRefused):
    """Rows of a file are wrong, so nothing of it was taken."""

    report: Report


def read_hr_feed(file: BinaryIO) -> Iterator[HrRow | Faults]:
    """Read a file row by row, then close it; memory does not grow. Refuses what is no CSV or has other columns."""
    for row in read_rows(file, COLUMNS, NEEDED):
        yield (row,) if isinstance(row, RowError) else _read(row)


def read_hr_row(line: int, given: dict[str, str]) -> HrRow | Faults:
    """One person as a program tells it: words under the names of the columns, those it leaves out not being given."""
    row = dict.fromkeys(COLUMNS, "") | {name: cell.strip() for name, cell in given.items()}
    wrong = unprintable(line, row)
    return (wrong,) if wrong else _read(Cells(line, frozenset(given), row))


def unit_path(text: str) -> str:
    """A path of names of units from the top down, folded for comparison: “Dept / Part / Team”."""
    return " / ".join(part.strip().casefold() for part in text.split("/"))


def _read(row: Cells) -> HrRow:
    """One row, with all that is wrong with it."""
    days = {column: read_date(row[column], FIRST_YEAR) if row[column] else None for column in DATES}
    grade = _grade(row["grade"])
    weekly = _weekly_minutes(row["weekly_hours"])
    wrong = _wrong_words(row) | _wrong_order(*(days[column] for column in DATES))
    for column in DATES:
        if row[column] and days[column] is None:
            wrong[column] = expected_date(row.line, column, row[column]).message
    if row["grade"] and grade is None:
        wrong["grade"] = f"expected a grade like {', '.join(Grade)}, found “{row['grade'][:20]}”"
    if weekly is None:
        hours = row["weekly_hours"][:20]
        wrong["weekly_hours"] = f"expected hours a week like 37, 37.0 or 37:00, at most 168, found “{hours}”"
    faults = tuple(RowError(row.line, column, wrong[column]) for column in COLUMNS if column in wrong)
    who = row["staff_number"], row["name"], row["email"].lower(), row["unit"]
    what = weekly or 0, grade, row["calendar"], row["manager_staff_number"]
    start, leave, effective, probation = (days[column] for column in DATES)
    return HrRow(row.line, row.given, *who, *what, start, leave, effective, probation, faults)


def _wrong_words(row: Cells) -> dict[str, str]:
    """What is wrong with the words of a row, by column."""
    wrong = {}
    for column, thing in (("staff_number", "a staff number"), ("name", "a name"), ("unit", "the code of a unit")):
        if not row[column]:
            wrong[column] = f"expected {thing}, found nothing"
    if not ADDRESS.fullmatch(row["email"]):
        wrong["email"] = f"expected an address like name@example.org, found “{row['email'][:60]}”"
    if row["staff_number"] and row["manager_staff_number"] == row["staff_number"]:
        wrong["manager_staff_number"] = "expected somebody else: nobody manages themselves"
    for column, longest in LONGEST.items():
        if len(row[column]) > longest:
            wrong[column] = f"expected at most {longest} characters"
    return wrong


def _wrong_order(
    start: date | None, leave: date | None, effective: date | None, probation: date | None
) -> dict[str, str]:
    """What is wrong with the order of the days of a row, by column."""
    later = {"leave": leave, "effective_date": effective, "probation_end": probation}
    return {
        column: f"expected the start, {start}, or a later day, found {day}"
        for column, day in later.items()
        if start and day and day < start
    }


@lru_cache(256)
def _grade(text: str) -> Grade | None:
    return reference_grade(text) if text else None


@lru_cache(256)  # files have few grades and few hours, and many rows
def _weekly_minutes(text: str) -> int | None:
    """Contracted minutes a week: 37, 37.0 and 37:00 are hours. None for what is no such thing, or no time at all."""
    try:
        return minutes.parse(text, most=MOST_WEEKLY) or None
    except RuleBroken:
        return None
