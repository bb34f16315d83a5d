"""Who may say by program who joins, moves and leaves: rows of the matrix in test_matrix.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

LEADERS = {"hr_manager"}
PERSON = "/api/v1/people/<int:person_id>"
LEAVERS = {"owners_hours": LEADERS, "hr_managers_hours": set(), "outsiders_hours": set(), "absent": set()}

ROUTES = {
    ("POST", "/api/v1/people"): "person:manage",
    ("POST", "/api/v1/people/import"): "person:manage",
    ("POST", "/api/v1/people/<int:person_id>/leave"): "person:manage",
}
OPERATIONS = [
    ("POST", "/api/v1/people"),
    ("POST", "/api/v1/people/import"),
    ("POST", "/api/v1/people/{person_id}/leave"),
]


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose, query and body."""
    yield "POST", "/api/v1/people", LEADERS, 422
    yield "POST", "/api/v1/people/import", LEADERS, 422, "", "", {"rows": []}
    for whose, leaders in LEAVERS.items():
        yield "POST", f"{PERSON}/leave", leaders, 422, whose, "", {"last_day": "1999-01-01"}
