"""Who may read and change whose working hours: rows of the matrix in test_matrix.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# whose hours: who may read them, who may set them, who may lend a share of them
HOURS: dict[str, tuple[set[str], set[str], set[str]]] = {
    "owners_hours": ({"owner", "manager", "hr_manager"}, {"manager", "hr_manager"}, {"hr_manager"}),
    "hr_managers_hours": ({"hr_manager", "manager"}, {"manager"}, set()),
    "outsiders_hours": ({"outsider", "boss_of_outsider"}, {"boss_of_outsider"}, set()),
    "absent": (set(), set(), set()),
}
PERSON = "people/<int:person_id>"
TOO_EARLY = "1999-01-01"


def owners(whose: str) -> set[str]:
    return {whose.removesuffix("s_hours")} - {"absent"}


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose hours, query and body."""
    for path in ("/allowance/pattern", "/api/v1/people/me/pattern"):
        yield "GET", path, everybody
    for whose, (readers, setters, lenders) in HOURS.items():
        for path in (f"/{PERSON}/pattern", f"/api/v1/{PERSON}/pattern"):
            yield "GET", path, readers, 200, whose
        for page, allowed in (("weeks", setters), ("days", setters), ("moves", lenders)):
            yield "GET", f"/{PERSON}/pattern/{page}", allowed, 200, whose
            yield "POST", f"/{PERSON}/pattern/{page}", allowed, 422, whose
        yield "GET", f"/api/v1/{PERSON}/posts", lenders | owners(whose), 200, whose
        body = {"starts_on": TOO_EARLY, "unit": "NO-SUCH-UNIT"}
        yield "PATCH", f"/api/v1/{PERSON}/post", lenders, 422, whose, "", body
        pattern = {"starts_on": TOO_EARLY, "weeks": [[0] * 7]}
        yield "POST", f"/api/v1/{PERSON}/pattern", setters, 422, whose, "", pattern
        yield "DELETE", f"/api/v1/{PERSON}/pattern", setters, 422, whose, f"starts_on={TOO_EARLY}"
        days = {"days": [{"date": TOO_EARLY, "minutes": 0}]}
        yield "PUT", f"/api/v1/{PERSON}/pattern/days", setters, 422, whose, "", days
        yield "POST", f"/api/v1/{PERSON}/moves", lenders, 422, whose, "", {"starts_on": TOO_EARLY, "share_bp": 1}
        for method, body in (("PUT", {"last_day": None}), ("DELETE", {})):  # nobody has lent anything
            yield method, f"/api/v1/{PERSON}/moves/<int:move_id>", set(), 404, whose, "", body
