"""Files of people from an HR system, and reading what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

from sqlalchemy import select

from tithe.access.actor import SYSTEM, Actor
from tithe.kernel.db import db
from tithe.kernel.feeds import Faults
from tithe.people.models import Assignment, Person
from tithe.people.operations.hr_feed import import_people
from tithe.people.rules.hr_feed import COLUMNS, HrRow, Report, read_hr_feed

NOW = datetime(2026, 8, 7, 15, tzinfo=UTC)
TODAY = date(2026, 8, 7)
CALENDARS = ("england-and-wales", "scotland")
HEADINGS = ",".join(COLUMNS)


def line(
    number: str, unit: str = "DEPT-TEAM", manager: str = "", *, name: str = "", email: str = "", grade: str = "HEO",
    hours: str = "37", calendar: str = "", start: str = "2026-01-05", leave: str = "", effective: str = "",
) -> str:  # fmt: skip
    """One row with every column."""
    cells = (
        number, name or f"Name {number}", email or f"{number.lower()}@example.org", unit, grade, hours, calendar,
        manager, start, leave, effective,
    )  # fmt: skip
    return ",".join(cells)


def file_of(*lines: str, headings: str = HEADINGS) -> bytes:
    return "\n".join([headings, *lines, ""]).encode()


def reader(content: bytes) -> Callable[[], Iterable[HrRow | Faults]]:
    return lambda: read_hr_feed(BytesIO(content))


def take(*lines: str, by: Actor = SYSTEM, commit: bool = True, now: datetime = NOW, **options: Any) -> Report:
    """Import some rows."""
    db.session.rollback()
    content = file_of(*lines, headings=options.pop("headings", HEADINGS))
    return import_people(actor=by, read=reader(content), calendars=CALENDARS, now=now, commit=commit, **options)


def counts(report: Report) -> dict[str, int]:
    """The figures of a report that are not zero."""
    return {name: each for name, each in vars(report).items() if name != "errors" and each}


def posts(number: str) -> list[tuple[Any, ...]]:
    """The posts of somebody: first and last day, unit, manager's staff number and weekly minutes."""
    db.session.rollback()
    numbers = {each.id: each.staff_number for each in db.session.scalars(select(Person))}
    found = (
        select(
            Assignment.starts_on, Assignment.ends_on, Assignment.unit_id, Assignment.line_manager_id,
            Assignment.weekly_minutes,
        )
        .join(Person, Person.id == Assignment.person_id)
        .where(Person.staff_number == number)
        .order_by(Assignment.starts_on)
    )  # fmt: skip
    return [
        (first, last, unit, numbers.get(boss), weekly) for first, last, unit, boss, weekly in db.session.execute(found)
    ]


def person(number: str) -> Person:
    db.session.rollback()
    return db.session.scalars(select(Person).where(Person.staff_number == number)).one()
