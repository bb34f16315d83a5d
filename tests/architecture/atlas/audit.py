"""The audit: its routes, which auditors alone may use, and the table of who was shown whose record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ROUTES = {
    ("GET", "/audit"): "audit:read",
    ("POST", "/audit/export"): "audit:read",
    ("GET", "/audit/reads"): "audit:read",
    ("GET", "/api/v1/audit"): "audit:read",
    ("GET", "/api/v1/audit/reads"): "audit:read",
}
OPERATIONS = [(method, path) for method, path in ROUTES if path.startswith("/api/")]
AUDITORS = {"auditor"}

AT = "'2026-08-03 12:00:00'"
VALID = {
    "record_read": {
        "reader_id": "{manager}", "person_id": "{owner}", "kind": "'week'", "day": "'2026-08-03'", "first_at": AT,
    },
    "refusal": {"key": f"'{'k' * 64}'", "bucket": "'an hour'", "noted_at": AT},
}  # fmt: skip
VIOLATIONS = [
    ("ck_record_read_somebody_elses", "record_read", {"reader_id": "{owner}"}),
    ("ck_refusal_key_is_a_hash", "refusal", {"key": "'short'"}),
    ("ck_record_read_readkind", "record_read", {"kind": "'diary'"}),
]


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose, query and body."""
    for method, path in ROUTES:
        yield method, path, AUDITORS, 422 if method == "POST" else 200, "", "", {"shape": "pdf"}
