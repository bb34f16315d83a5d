"""Who shares a post with whom: routes, rows of the matrix, rows of the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.factories.job_shares import JobShareFactory

OF_PERSON, ONE = "/people/<int:person_id>/job-shares", "/job-shares/<int:share_id>"
ROUTES = {
    ("GET", OF_PERSON): "person:manage",
    ("POST", OF_PERSON): "person:manage",
    ("GET", ONE): "person:manage",
    ("POST", ONE): "person:manage",
    ("GET", f"/api/v1{OF_PERSON}"): "person:history",
    ("POST", f"/api/v1{OF_PERSON}"): "person:manage",
    ("PATCH", f"/api/v1{ONE}"): "person:manage",
}
OPERATIONS = [
    ("GET", "/api/v1/people/{person_id}/job-shares"),
    ("POST", "/api/v1/people/{person_id}/job-shares"),
    ("PATCH", "/api/v1/job-shares/{share_id}"),
]
VALUES = {"share_id": 1}

KEEPERS = {"hr_manager"}
# whose shares: who may read them, who may change them
PEOPLE: dict[str, tuple[set[str], set[str]]] = {
    "owners_hours": ({"owner", "hr_manager"}, KEEPERS),
    "hr_managers_hours": ({"hr_manager"}, set()),
    "outsiders_hours": ({"outsider"}, set()),
    "absent": (set(), set()),
}
SHARES: dict[str, set[str]] = {"teams_share": KEEPERS, "others_share": set(), "absent": set()}


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose, query and body."""
    body = {"sharer": "nobody", "starts_on": "2026-01-05"}
    for whose, (readers, keepers) in PEOPLE.items():
        yield "GET", OF_PERSON, keepers, 200, whose
        yield "POST", OF_PERSON, keepers, 422, whose, "", body
        yield "GET", f"/api/v1{OF_PERSON}", readers, 200, whose
        yield "POST", f"/api/v1{OF_PERSON}", keepers, 422, whose, "", body
    for whose, keepers in SHARES.items():
        yield "GET", ONE, keepers, 200, whose
        yield "POST", ONE, keepers, 422, whose, "", {"ends_on": "1999-01-01"}
        yield "PATCH", f"/api/v1{ONE}", keepers, 422, whose, "", {"ends_on": "1999-01-01"}


def prepare(people: dict[str, Any], units: dict[str, Any]) -> dict[str, int]:
    """The things those rows name."""

    def share(one: str, other: str) -> int:
        first, second = sorted((people[one].id, people[other].id))
        return JobShareFactory(first_id=first, second_id=second).id

    return {"teams_share": share("owner", "manager"), "others_share": share("outsider", "boss_of_outsider")}


VALID = {"job_share": {"first_id": "{manager}", "second_id": "{owner}", "starts_on": "'2026-08-10'"}}
VIOLATIONS = [
    ("ck_job_share_two_people_in_order", "job_share", {"second_id": "{manager}"}),
    ("ck_job_share_ends_after_starting", "job_share", {"ends_on": "'2026-08-09'"}),
]
