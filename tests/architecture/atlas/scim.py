"""The routes of SCIM and who may use them. They answer in an envelope of their own, so tests/people/test_scim.py tries
them rather than the matrix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

PREFIX = "/scim/v2"
READS = ("/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", "/Schemas/<urn>", "/Users")
ONE, ELSEWHERE = "/Users/<int:person_id>", "/<path:elsewhere>"
CALLS = (
    *(("GET", each) for each in READS),
    ("POST", "/Users"),
    ("POST", "/Users/.search"),
    ("POST", "/.search"),
    *((method, ONE) for method in ("GET", "PUT", "PATCH")),
    *((method, ELSEWHERE) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")),
)
ROUTES = {(method, PREFIX + rule): "person:provision" for method, rule in CALLS}
VALUES = {"urn": "urn:ietf:params:scim:schemas:core:2.0:User", "elsewhere": "Groups"}


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, and who may."""
    for method, rule in CALLS:
        yield method, PREFIX + rule, {"hr_manager"}
