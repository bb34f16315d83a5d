"""The directory, units, teams and posts over time: routes, rows of the matrix, rows of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ROUTES = {
    ("GET", "/people"): "directory:read",
    ("GET", "/people/<int:person_id>"): "directory:read",
    ("GET", "/people/<int:person_id>/history"): "person:history",
    ("GET", "/people/<int:person_id>/leave"): "person:manage",
    ("POST", "/people/<int:person_id>/leave"): "person:manage",
    ("GET", "/people/<int:person_id>/post"): "person:manage",
    ("POST", "/people/<int:person_id>/post"): "person:manage",
    ("GET", "/people/new"): "person:manage",
    ("POST", "/people/new"): "person:manage",
    ("GET", "/people/orphans"): "person:manage",
    ("GET", "/units"): "directory:read",
    ("GET", "/units/<code>"): "directory:read",
    ("GET", "/team"): "team:read",
    ("GET", "/account"): "profile:edit",
    ("POST", "/account"): "profile:edit",
    ("GET", "/api/v1/people"): "directory:read",
    ("GET", "/api/v1/people/<int:person_id>"): "directory:read",
    ("GET", "/api/v1/people/orphans"): "person:manage",
    ("PUT", "/api/v1/people/me/skills"): "profile:edit",
    ("GET", "/api/v1/team"): "team:read",
    ("GET", "/api/v1/units"): "directory:read",
    ("GET", "/api/v1/units/<code>"): "directory:read",
}
OPERATIONS = [
    ("GET", "/api/v1/people"),
    ("GET", "/api/v1/people/{person_id}"),
    ("GET", "/api/v1/people/orphans"),
    ("PUT", "/api/v1/people/me/skills"),
    ("GET", "/api/v1/team"),
    ("GET", "/api/v1/units"),
    ("GET", "/api/v1/units/{code}"),
]

VALID = {
    "name_word": {"word": "'zz'", "person_id": "{owner}"},
    "person_skill": {"person_id": "{owner}", "key": "'maps'", "skill": "'Maps'"},
}

MANAGERS = {"manager", "director", "boss_of_outsider"}
KEEPERS = {"hr_manager"}
# whose history: who may read it, who may change their post
PEOPLE: dict[str, tuple[set[str], set[str]]] = {
    "owners_hours": ({"owner", "hr_manager"}, KEEPERS),
    "hr_managers_hours": ({"hr_manager"}, set()),
    "outsiders_hours": ({"outsider"}, set()),
    "absent": (set(), set()),
}
UNITS = ("DEPT", "DEPT-TEAM", "OTHER")


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose, query and body."""
    for path in ("/people", "/units", "/api/v1/people", "/api/v1/units", "/account"):
        yield "GET", path, everybody
    yield "POST", "/account", everybody, 422, "", "", {"unknown": "field"}
    yield "PUT", "/api/v1/people/me/skills", everybody, 422, "", "", {"skills": ["x" * 61]}
    for prefix in ("", "/api/v1"):
        yield "GET", f"{prefix}/team", MANAGERS
        yield "GET", f"{prefix}/people/orphans", KEEPERS
        for code in (*UNITS, "NO-SUCH-UNIT"):
            yield "GET", f"{prefix}/units/<code>", everybody if code in UNITS else set(), 200, code
    yield "GET", "/people/new", KEEPERS
    yield "POST", "/people/new", KEEPERS, 422
    for whose, (readers, keepers) in PEOPLE.items():
        for path in ("/people/<int:person_id>", "/api/v1/people/<int:person_id>"):
            yield "GET", path, set() if whose == "absent" else everybody, 200, whose
        yield "GET", "/people/<int:person_id>/history", readers, 200, whose
        for page in ("post", "leave"):
            yield "GET", f"/people/<int:person_id>/{page}", keepers, 200, whose
            body = {"starts_on": "1999-01-01"} if page == "post" else {"last_day": "1999-01-01"}
            yield "POST", f"/people/<int:person_id>/{page}", keepers, 422, whose, "", body
