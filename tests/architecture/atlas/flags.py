"""Projects that are flagged: routes, rows of the matrix, rows of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.factories.flags import WORDS, FlagFactory
from tests.factories.projects import ProjectFactory
from tithe.kernel.db import db

RAISE, SETTLE = "projects/<int:project_id>/flag", "flags/<int:flag_id>"
ROUTES = {
    ("GET", f"/{RAISE}"): "flag:raise",
    ("POST", f"/{RAISE}"): "flag:raise",
    ("GET", "/flags"): "flag:settle",
    ("GET", f"/{SETTLE}"): "flag:settle",
    ("POST", f"/{SETTLE}"): "flag:settle",
    ("GET", f"/api/v1/{RAISE}s"): "flag:raise",
    ("POST", f"/api/v1/{RAISE}s"): "flag:raise",
    ("GET", "/api/v1/flags"): "flag:settle",
    ("POST", f"/api/v1/{SETTLE}"): "flag:settle",
}
OPERATIONS = [
    ("GET", "/api/v1/projects/{project_id}/flags"),
    ("POST", "/api/v1/projects/{project_id}/flags"),
    ("GET", "/api/v1/flags"),
    ("POST", "/api/v1/flags/{flag_id}"),
]
VALUES = {"flag_id": 1}

COORDINATOR = {"coordinator"}
# whose project: who may flag it
PROJECTS: dict[str, set[str]] = {
    "owners_checked": {"owner"} | COORDINATOR,
    "coordinators_checked": COORDINATOR,
    "outsiders_checked": {"outsider"},
    "owners_draft": set(),
    "absent": set(),
}
# a flag on whose project: who may settle it
FLAGS: dict[str, set[str]] = {
    "owners_checked_flag": COORDINATOR,
    "coordinators_checked_flag": set(),
    "outsiders_checked_flag": set(),
    "absent": set(),
}


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose, query and body."""
    for prefix in ("", "/api/v1"):
        yield "GET", f"{prefix}/flags", COORDINATOR
    for whose, raisers in PROJECTS.items():
        yield "GET", f"/{RAISE}", raisers, 200, whose
        yield "POST", f"/{RAISE}", raisers, 422, whose
        yield "GET", f"/api/v1/{RAISE}s", raisers, 200, whose
        yield "POST", f"/api/v1/{RAISE}s", raisers, 422, whose, "", {"ground": "conflict", "words": "Short"}
    for whose, settlers in FLAGS.items():
        yield "GET", f"/{SETTLE}", settlers, 200, whose
        yield "POST", f"/{SETTLE}", settlers, 422, whose
        yield "POST", f"/api/v1/{SETTLE}", settlers, 422, whose, "", {"outcome": "cleared", "reason": "Short"}


def prepare(people: dict[str, Any], units: dict[str, Any]) -> dict[str, int]:
    """A registered project of three people, each with an open flag."""
    found = {}
    for whose, unit in (("owner", "teams"), ("coordinator", "teams"), ("outsider", "others")):
        owner_id, unit_id = people[whose].id, units[unit].id
        project = ProjectFactory(owner_id=owner_id, owner=None, unit_id=unit_id, title=f"Checked, of {whose}")
        found[f"{whose}s_checked"] = project.id
        found[f"{whose}s_checked_flag"] = FlagFactory(project_id=project.id, raised_by=owner_id).id
    db.session.rollback()
    return found


AT, LATER = "'2026-08-07 15:00:00'", "'2026-08-07 16:00:00'"
VALID = {
    "project_flag": {
        "project_id": "{project}",
        "ground": "'conflict'",
        "words": f"'{WORDS}'",
        "raised_by": "{owner}",
        "raised_at": AT,
    },
}
SETTLED = {"outcome": "'cleared'", "settled_by": "{director}", "settled_at": LATER, "reason": f"'{WORDS}'"}
VIOLATIONS = [
    ("ck_project_projectstatus", "project", {"status": "'paused'"}),
    ("ck_project_stopped_has_a_day", "project", {"status": "'stopped'"}),
    ("ck_project_stopped_has_a_day", "project", {"closed_on": "'2026-08-07'"}),
    ("ck_project_flag_flagground", "project_flag", {"ground": "'taste'"}),
    ("ck_project_flag_flagoutcome", "project_flag", SETTLED | {"outcome": "'kept'"}),
    ("ck_project_flag_says_why", "project_flag", {"words": "'Short'"}),
    ("ck_project_flag_raised_by_somebody", "project_flag", {"raised_by": "NULL"}),
    ("ck_project_flag_raised_by_somebody", "project_flag", {"ground": "'first_look'"}),
    ("ck_project_flag_settled_has_a_time", "project_flag", SETTLED | {"settled_at": "NULL"}),
    ("ck_project_flag_settled_has_a_person", "project_flag", SETTLED | {"settled_by": "NULL"}),
    ("ck_project_flag_settled_has_words", "project_flag", SETTLED | {"reason": "'Short'"}),
    ("ck_project_flag_settled_after_it_was_raised", "project_flag", SETTLED | {"settled_at": "'2026-08-07 14:00:00'"}),
]
