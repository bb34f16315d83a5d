"""Quick logging, the timer, favourites and weeks declared empty: routes, rows of the matrix, rows of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert

from tests.timesheets.weeks import MONDAY
from tithe.kernel.db import db
from tithe.timesheets.models import Favourite
from tithe.timesheets.rules.entries import TimeKind

READ, SAVE = "week:read", "week:save"
FAVOURITE, WEEK = "favourites/<int:favourite_id>", "weeks/<monday>"
ROUTES = {
    ("GET", "/time"): SAVE,
    ("POST", "/time"): SAVE,
    ("POST", "/time/undo"): SAVE,
    ("POST", f"/{WEEK}/nothing"): SAVE,
    ("POST", f"/{WEEK}/nothing/take-back"): SAVE,
    ("GET", "/timer"): SAVE,
    ("POST", "/timer/stop"): SAVE,
    ("POST", "/timer/discard"): SAVE,
    ("GET", "/favourites"): SAVE,
    ("POST", "/favourites"): SAVE,
    ("POST", f"/{FAVOURITE}/log"): SAVE,
    ("POST", f"/{FAVOURITE}/delete"): SAVE,
    ("POST", "/api/v1/time"): SAVE,
    ("POST", "/api/v1/time/undo"): SAVE,
    ("POST", f"/api/v1/{WEEK}/nothing"): SAVE,
    ("DELETE", f"/api/v1/{WEEK}/nothing"): SAVE,
    ("GET", "/api/v1/timer"): READ,
    ("POST", "/api/v1/timer"): SAVE,
    ("DELETE", "/api/v1/timer"): SAVE,
    ("POST", "/api/v1/timer/stop"): SAVE,
    ("GET", "/api/v1/favourites"): READ,
    ("POST", "/api/v1/favourites"): SAVE,
    ("DELETE", f"/api/v1/{FAVOURITE}"): SAVE,
    ("POST", f"/api/v1/{FAVOURITE}/log"): SAVE,
}
OPERATIONS = [
    (method, path.replace("<int:favourite_id>", "{favourite_id}").replace("<monday>", "{monday}"))
    for method, path in ROUTES
    if path.startswith("/api/")
]
NONSENSE = {"nonsense": "1"}
LONG_AGO = "2001-01-01"  # nobody was employed
FAVOURITES: dict[str, set[str]] = {
    "owners_favourite": {"owner"},
    "outsiders_favourite": {"outsider"},
    "absent": set(),
}


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose, query and body."""
    for path in ("/time", "/timer", "/favourites", "/api/v1/timer", "/api/v1/favourites"):
        yield "GET", path, everybody
    for path in ("/time", "/favourites", "/api/v1/time", "/api/v1/timer", "/api/v1/favourites"):
        yield "POST", path, everybody, 422, "", "", {"line": "no length and no name"} | NONSENSE
    for path in ("/time/undo", "/timer/stop", "/timer/discard", f"/{WEEK}/nothing", f"/{WEEK}/nothing/take-back"):
        yield "POST", path, everybody, 422, "", "", NONSENSE
    place = {"row": "help", "date": str(MONDAY), "version": 99, "minutes": 0, "note_length": 0}
    yield "POST", "/api/v1/time/undo", everybody, 409, "", "", place
    yield "POST", f"/api/v1/{WEEK}/nothing", everybody, 409, "", "", {"version": 99}
    yield "DELETE", f"/api/v1/{WEEK}/nothing", everybody, 422
    for method, path in (("POST", "/api/v1/timer/stop"), ("DELETE", "/api/v1/timer")):  # none runs
        yield method, path, set()
    for whose, owners in FAVOURITES.items():
        yield "POST", f"/{FAVOURITE}/log", owners, 422, whose, "", {"day": LONG_AGO}
        yield "POST", f"/api/v1/{FAVOURITE}/log", owners, 422, whose, "", {"date": LONG_AGO}
    yield "POST", f"/{FAVOURITE}/delete", set(), 404, "absent"  # their owner's would be deleted
    yield "DELETE", f"/api/v1/{FAVOURITE}", set(), 404, "absent"


def prepare(people: dict[str, Any], units: dict[str, Any]) -> dict[str, int]:
    """A favourite of somebody's, and one of somebody's elsewhere."""
    row = {"kind": TimeKind.LEARNING, "minutes": 30, "note": "", "used_at": datetime(2026, 8, 7, 15, tzinfo=UTC)}
    found = {}
    for who in ("owner", "outsider"):
        adding = insert(Favourite).values(person_id=people[who].id, **row).returning(Favourite.id)
        found[f"{who}s_favourite"] = db.session.execute(adding).scalar_one()
    db.session.commit()
    return found


VALUES = {"favourite_id": 1}

AT = "'2026-08-07 15:00:00'"

VALID = {
    "timer": {
        "person_id": "{owner}",
        "project_id": "{project}",
        "kind": "'tithe'",
        "note": "''",
        "started_at": AT,
        "runs_until": "'2026-08-07 19:00:00'",
    },
    "favourite": {
        "person_id": "{owner}",
        "project_id": "{project}",
        "kind": "'tithe'",
        "minutes": "60",
        "note": "''",
        "used_at": AT,
    },
}
EMPTY = {"status": "'draft'", "submitted_at": "NULL", "total_minutes": "0", "nothing_since": AT}
VIOLATIONS = [
    ("ck_week_nothing_is_an_empty_draft", "week", {"total_minutes": "0", "nothing_since": AT}),
    ("ck_week_nothing_is_an_empty_draft", "week", EMPTY | {"total_minutes": "60"}),
    ("ck_week_nothing_is_an_empty_draft", "week", EMPTY | {"amends_version": "1", "amend_reason": "'Why'"}),
    ("ck_timer_timekind", "timer", {"kind": "'hobby'", "project_id": "NULL"}),
    ("ck_timer_tithe_has_a_project", "timer", {"project_id": "NULL"}),
    ("ck_timer_tithe_has_a_project", "timer", {"kind": "'help'"}),
    ("ck_timer_runs_for_a_while", "timer", {"runs_until": AT}),
    ("ck_favourite_timekind", "favourite", {"kind": "'hobby'", "project_id": "NULL"}),
    ("ck_favourite_minutes_in_a_day", "favourite", {"minutes": "0"}),
    ("ck_favourite_tithe_has_a_project", "favourite", {"project_id": "NULL"}),
    ("ck_favourite_tithe_has_a_project", "favourite", {"kind": "'help'"}),
]
REPEATABLE = {"favourite"}
