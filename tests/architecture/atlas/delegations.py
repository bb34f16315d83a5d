"""Who stands in for whom and who gives which role: routes, rows of the matrix, rows of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.factories.delegations import DelegationFactory, RoleRequestFactory
from tests.factories.people import RoleGrantFactory
from tithe.access.permissions import Role

ROUTES = {
    ("GET", "/delegations"): "delegation:read",
    ("POST", "/delegations"): "delegation:ask",
    ("POST", "/delegations/<int:delegation_id>/accept"): "delegation:answer",
    ("POST", "/delegations/<int:delegation_id>/decline"): "delegation:answer",
    ("POST", "/delegations/<int:delegation_id>/end"): "delegation:end",
    ("GET", "/api/v1/delegations"): "delegation:read",
    ("POST", "/api/v1/delegations"): "delegation:ask",
    ("POST", "/api/v1/delegations/<int:delegation_id>/accept"): "delegation:answer",
    ("POST", "/api/v1/delegations/<int:delegation_id>/decline"): "delegation:answer",
    ("POST", "/api/v1/delegations/<int:delegation_id>/end"): "delegation:end",
    ("GET", "/roles"): "role:read",
    ("GET", "/roles/new"): "role:grant",
    ("POST", "/roles/new"): "role:grant",
    ("GET", "/roles/<int:grant_id>/end"): "role:grant",
    ("POST", "/roles/<int:grant_id>/end"): "role:grant",
    ("GET", "/roles/requests"): "role:read",
    ("GET", "/roles/requests/<int:request_id>"): "role:read",
    ("POST", "/roles/requests/<int:request_id>"): "role:confirm",
    ("GET", "/api/v1/roles"): "role:read",
    ("POST", "/api/v1/roles"): "role:grant",
    ("POST", "/api/v1/roles/<int:grant_id>/end"): "role:grant",
    ("GET", "/api/v1/role-requests"): "role:read",
    ("POST", "/api/v1/role-requests/<int:request_id>"): "role:confirm",
}
OPERATIONS = [
    ("GET", "/api/v1/delegations"),
    ("POST", "/api/v1/delegations"),
    ("POST", "/api/v1/delegations/{delegation_id}/accept"),
    ("POST", "/api/v1/delegations/{delegation_id}/decline"),
    ("POST", "/api/v1/delegations/{delegation_id}/end"),
    ("GET", "/api/v1/roles"),
    ("POST", "/api/v1/roles"),
    ("POST", "/api/v1/roles/{grant_id}/end"),
    ("GET", "/api/v1/role-requests"),
    ("POST", "/api/v1/role-requests/{request_id}"),
]
VALUES = {"delegation_id": 1, "grant_id": 1, "request_id": 1}

MANAGERS = {"manager", "director", "boss_of_outsider"}
READERS = {"administrator", "hr_manager", "auditor"}
# whose delegation, declined by now: who answers it, who may end it
DELEGATIONS: dict[str, tuple[set[str], set[str]]] = {
    "managers_delegation": ({"director"}, {"director", "manager"}),
    "outsiders_delegation": ({"outsider"}, {"outsider", "boss_of_outsider"}),
    "absent": (set(), set()),
}
# whose role: who may end it
GRANTS: dict[str, set[str]] = {
    "owners_role": {"administrator"},
    "administrators_role": set(),
    "others_role": set(),
    "absent": set(),
}
# whose proposed role: who may read it, who may decide it
REQUESTS: dict[str, tuple[set[str], set[str]]] = {
    "for_owner": (READERS, {"hr_manager"}),
    "for_hr_manager": (READERS, set()),
    "for_outsider": (set(), set()),
    "absent": (set(), set()),
}


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose it is, query and body."""
    for prefix in ("", "/api/v1"):
        yield "GET", f"{prefix}/delegations", everybody
        body = {"delegate": "nobody", "starts_on": "1999-01-01", "ends_on": "1999-01-02"}
        yield "POST", f"{prefix}/delegations", MANAGERS, 422, "", "", body
        for whose, (delegates, sides) in DELEGATIONS.items():
            for verb, allowed in (("accept", delegates), ("decline", delegates), ("end", sides)):
                yield "POST", f"{prefix}/delegations/<int:delegation_id>/{verb}", allowed, 409, whose
        yield "GET", f"{prefix}/roles", READERS
    yield "GET", "/roles/requests", READERS
    yield "GET", "/api/v1/role-requests", READERS
    yield "GET", "/roles/new", {"administrator"}
    yield "POST", "/roles/new", {"administrator"}, 422
    yield "POST", "/api/v1/roles", {"administrator"}, 422
    for whose, enders in GRANTS.items():
        yield "GET", "/roles/<int:grant_id>/end", enders, 200, whose
        body = {"last_day": "1999-01-01"}
        yield "POST", "/roles/<int:grant_id>/end", enders, 422, whose, "", body
        yield "POST", "/api/v1/roles/<int:grant_id>/end", enders, 422, whose, "", body
    for whose, (readers, deciders) in REQUESTS.items():
        yield "GET", "/roles/requests/<int:request_id>", readers, 200, whose
        yield "POST", "/roles/requests/<int:request_id>", deciders, 422, whose, "", {"action": "refuse"}
        yield "POST", "/api/v1/role-requests/<int:request_id>", deciders, 422, whose, "", {"decision": "refuse"}


def prepare(people: dict[str, Any], units: dict[str, Any]) -> dict[str, int]:
    """The things those rows name. The administrator proposed the roles of the department."""
    ids = {name: each.id for name, each in people.items()}
    declined = {"declined": True}
    sides = {"managers": ("manager", "director"), "outsiders": ("boss_of_outsider", "outsider")}
    found = {
        f"{whose}_delegation": DelegationFactory(manager_id=ids[asks], delegate_id=ids[asked], **declined).id
        for whose, (asks, asked) in sides.items()
    }
    for whose, unit in (("owner", "department"), ("administrator", "department"), ("other", "others")):
        person_id = ids.get(whose, ids["outsider"])
        grant = RoleGrantFactory(person_id=person_id, role=Role.STAFF_REP, unit_id=units[unit].id)
        found[f"{whose}s_role"] = grant.id
    for whose, unit in (("owner", "department"), ("hr_manager", "teams"), ("outsider", "others")):
        asked = {"person_id": ids[whose], "unit_id": units[unit].id, "asked_by": ids["administrator"]}
        found[f"for_{whose}"] = RoleRequestFactory(**asked).id
    return found


AT = "'2026-08-07 15:00:00'"

VALID = {
    "delegation": {
        "manager_id": "{manager}",
        "delegate_id": "{director}",
        "starts_on": "'2026-08-10'",
        "ends_on": "'2026-08-14'",
        "words": "''",
        "asked_at": AT,
    },
    "role_request": {
        "person_id": "{owner}",
        "role": "'finance'",
        "unit_id": "{unit}",
        "starts_on": "'2026-08-10'",
        "reason": "'Why'",
        "asked_by": "{manager}",
        "asked_at": AT,
    },
}
CONFIRMED = {"outcome": "'confirmed'", "decided_at": AT, "decided_by": "{director}"}
VIOLATIONS = [
    ("ck_delegation_ends_after_starting", "delegation", {"ends_on": "'2026-08-09'"}),
    ("ck_delegation_to_somebody_else", "delegation", {"delegate_id": "{manager}"}),
    ("ck_delegation_answered_once", "delegation", {"accepted_at": AT, "declined_at": AT}),
    ("ck_delegation_ended_has_a_time", "delegation", {"ended_by": "{manager}"}),
    ("ck_delegation_declined_never_ends", "delegation", {"declined_at": AT, "ended_at": AT}),
    ("ck_role_request_role", "role_request", {"role": "'king'"}),
    ("ck_role_request_roleoutcome", "role_request", CONFIRMED | {"outcome": "'maybe'"}),
    ("ck_role_request_ends_after_starting", "role_request", {"ends_on": "'2026-08-09'"}),
    ("ck_role_request_nobody_grants_their_own", "role_request", {"asked_by": "{owner}"}),
    ("ck_role_request_nobody_grants_their_own", "role_request", CONFIRMED | {"decided_by": "{owner}"}),
    ("ck_role_request_two_people", "role_request", CONFIRMED | {"decided_by": "{manager}"}),
    ("ck_role_request_decided_has_a_time", "role_request", {"outcome": "'confirmed'"}),
    ("ck_role_request_decided_has_a_person", "role_request", CONFIRMED | {"decided_by": "NULL"}),
]
REPEATABLE = {"delegation"}
