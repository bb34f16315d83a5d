"""People from outside: routes, rows of the matrix, rows of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.factories.outside import Guest

ONE, CALL = "/outside/<int:person_id>", "/api/v1/outside-members"
ROUTES = {
    ("GET", "/outside"): "outside:read",
    ("GET", "/outside/all"): "outside:oversee",
    ("GET", "/outside/new"): "outside:invite",
    ("POST", "/outside/new"): "outside:invite",
    ("GET", "/outside/terms"): "outside:terms",
    ("POST", "/outside/terms"): "outside:terms",
    ("GET", ONE): "outside:read",
    **{("POST", f"{ONE}/{verb}"): "outside:manage" for verb in ("extend", "projects", "send-again", "end")},
    ("GET", "/terms"): "outside:stay",
    ("POST", "/terms"): "outside:accept",
    ("GET", CALL): "outside:read",
    ("POST", CALL): "outside:invite",
    ("GET", f"{CALL}/all"): "outside:oversee",
    ("GET", f"{CALL}/me"): "outside:stay",
    ("GET", f"{CALL}/me/terms"): "outside:stay",
    ("POST", f"{CALL}/me/terms"): "outside:accept",
    ("GET", f"{CALL}/<int:person_id>"): "outside:read",
    **{("POST", f"{CALL}/<int:person_id>/{verb}"): "outside:manage" for verb in ("extend", "invitation", "end")},
    ("PUT", f"{CALL}/<int:person_id>/projects"): "outside:manage",
    ("GET", "/api/v1/outside-terms"): "outside:terms",
    ("POST", "/api/v1/outside-terms"): "outside:terms",
}
OPERATIONS = [
    (method, rule.replace("<int:", "{").replace(">", "}")) for method, rule in ROUTES if rule.startswith("/api/")
]
# whose stay, ended by now: who may read it, and try to do something about it
STAYS: dict[str, set[str]] = {
    "hosted_by_owner": {"owner", "hr_manager"},
    "hosted_elsewhere": {"outsider"},
    "absent": set(),
}


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose, query and body."""
    keepers = {"hr_manager"}
    for path in ("/outside", "/outside/new", CALL):
        yield "GET", path, everybody
    yield "POST", "/outside/new", everybody, 422
    yield "POST", CALL, everybody, 422
    for path in ("/outside/all", f"{CALL}/all", "/outside/terms", "/api/v1/outside-terms"):
        yield "GET", path, keepers
    yield "POST", "/outside/terms", keepers, 422
    yield "POST", "/api/v1/outside-terms", keepers, 422, "", "", {"words": "Too few"}
    for path in ("/terms", f"{CALL}/me", f"{CALL}/me/terms"):
        yield "GET", path, set()
    yield "POST", "/terms", set(), 422
    yield "POST", f"{CALL}/me/terms", set(), 422, "", "", {"version": 99}
    day, none = {"last_day": "2026-10-01"}, {"projects": []}
    for whose, allowed in STAYS.items():
        yield "GET", ONE, allowed, 200, whose
        yield "POST", f"{ONE}/extend", allowed, 409, whose, "", day
        for verb in ("projects", "send-again", "end"):
            yield "POST", f"{ONE}/{verb}", allowed, 409, whose
        one = f"{CALL}/<int:person_id>"
        yield "GET", one, allowed, 200, whose
        yield "POST", f"{one}/extend", allowed, 409, whose, "", day
        yield "PUT", f"{one}/projects", allowed, 409, whose, "", none
        for verb in ("invitation", "end"):
            yield "POST", f"{one}/{verb}", allowed, 409, whose


def prepare(people: dict[str, Any], units: dict[str, Any]) -> dict[str, int]:
    """A stay in either department, ended by now, so that nothing can be done about it."""
    hosts = {"hosted_by_owner": ("owner", "teams"), "hosted_elsewhere": ("outsider", "others")}
    return {
        whose: Guest(host_id=people[host].id, unit_id=units[unit].id, active=True, ended=True).id
        for whose, (host, unit) in hosts.items()
    }


AT = "'2026-08-07 15:00:00'"
VALID = {
    "outside_member": {
        "person_id": "{owner}", "organisation": "'O'", "sponsor_id": "{manager}", "unit_id": "{unit}",
        "invited_by": "{manager}", "invited_at": AT,
    },
    "outside_terms": {"version": "2", "words": "'W'", "published_by": "{manager}", "published_at": AT},
    "project_guest": {"project_id": "{project}", "person_id": "{owner}", "joined_on": "'2026-01-01'"},
}  # fmt: skip
VIOLATIONS = [
    ("ck_person_outside_has_an_end", "person", {"outside": "true", "staff_number": "NULL"}),
    ("ck_person_outside_has_no_number", "person", {"outside": "true", "leaves_on": "'2026-12-31'"}),
    ("ck_outside_member_hosted_or_handed_on", "outside_member", {"sponsor_id": "NULL"}),
    ("ck_outside_member_nobody_hosts_themselves", "outside_member", {"sponsor_id": "{owner}"}),
    ("ck_outside_member_accepted_has_a_time", "outside_member", {"terms_version": "1"}),
    ("ck_outside_member_accepted_has_a_time", "outside_member", {"accepted_at": AT}),
    ("ck_outside_member_ended_has_a_time", "outside_member", {"ended_by": "{manager}"}),
    ("ck_outside_terms_version_from_two", "outside_terms", {"version": "1"}),
    ("ck_project_guest_left_after_joining", "project_guest", {"left_on": "'2025-12-31'"}),
]
