"""One's own data: everybody has their own, and nobody another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ROUTES = {
    ("GET", "/account/my-data"): "own-data:read",
    ("POST", "/account/my-data"): "own-data:read",
}

AT = "'2026-08-03 12:00:00'"
VALID = {
    "own_export": {"person_id": "{owner}", "begun_at": AT},
    "erasure": {"person_id": "{owner}", "kept": "'time'", "erased_at": AT},
}
VIOLATIONS = [("ck_erasure_kept", "erasure", {"kept": "'a while'"})]


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose, query and body."""
    yield "GET", "/account/my-data", everybody
    yield "POST", "/account/my-data", everybody, 422, "", "", {"unknown": "field"}
