"""A file as large as a department, with bad rows of every kind all through it: each is named, and no other."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.factories.people import Team
from tests.people.hr_files import line, take
from tithe.kernel.db import db
from tithe.people.models import Person
from tithe.people.rules.hr_feed import FeedRefused

ROWS, EVERY = 60_000, 250
# Kinds of bad row, each as what is wrong about it and the column that is to be named.
KINDS = (
    ({"unit": "NOWHERE"}, "unit"),
    ({"manager": "NOBODY"}, "manager_staff_number"),
    ({"manager": "itself"}, "manager_staff_number"),
    ({"number": "S2"}, "staff_number"),
    ({"number": ""}, "staff_number"),
    ({"email": "s1@example.org"}, "email"),
    ({"email": "ada.owner@example.org"}, "email"),
    ({"email": "nonsense"}, "email"),
    ({"start": "31/02/2026"}, "start"),
    ({"leave": "2026-01-04"}, "leave"),
    ({"effective": "2026-01-04"}, "effective_date"),
    ({"calendar": "mars"}, "calendar"),
    ({"grade": "Wizard"}, "grade"),
    ({"hours": "lots"}, "weekly_hours"),
)


def row(number: int) -> tuple[str, str]:
    """A row, and the column it is wrong in if it is. One in so many is bad, of each kind in turn. Everybody else
    answers to one of the first good people, ten to each, so that no bad row takes others with it."""
    own, boss = f"S{number}", f"S{number // 10 // EVERY * EVERY + 1}" if number > EVERY else ""
    if number % EVERY:
        return line(own, manager="" if boss == own else boss), ""
    wrong, column = KINDS[number // EVERY % len(KINDS)]
    cells = {"number": own, "manager": boss, "email": f"{own.lower()}@example.org", **wrong}
    cells["manager"] = own if cells["manager"] == "itself" else cells["manager"]
    return line(**cells), column


@pytest.mark.slow
def test_names_every_bad_row_of_sixty_thousand_and_takes_the_others(app):
    Team()
    rows = [row(number) for number in range(1, ROWS + 1)]
    bad = [(number, column) for number, (_, column) in enumerate(rows, start=2) if column]
    lines = [text for text, _ in rows]
    told: list[tuple[int, str]] = []
    before = db.session.scalar(select(func.count()).select_from(Person))

    with pytest.raises(FeedRefused) as refusal:
        take(*lines, commit=False, tell=lambda fault: told.append((fault.line, fault.column)))
    report = take(*lines, skip_bad_rows=True)

    assert told == bad
    assert {column for _, column in bad} == {column for _, column in KINDS}
    assert (refusal.value.report.bad, report.bad, report.added) == (len(bad), len(bad), ROWS - len(bad))
    assert db.session.scalar(select(func.count()).select_from(Person)) == (before or 0) + report.added
