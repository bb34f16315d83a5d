"""Time from files of other tools: who may load it, and what the database refuses of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ROUTES = {
    ("GET", "/weeks/import"): "week:save",
    ("POST", "/weeks/import"): "week:save",
    ("POST", "/api/v1/time/import"): "week:save",
}
OPERATIONS = [("POST", "/api/v1/time/import")]
VALID = {
    "import_name": {"person_id": "{owner}", "name": "'Letters'", "project_id": "{project}", "kind": "'tithe'"},
    "imported_row": {
        "person_id": "{owner}",
        "key": f"'{'k' * 40}'",
        "source": "'toggl'",
        "day": "'2026-08-05'",
        "project_id": "{project}",
        "kind": "'tithe'",
        "seconds": "60",
        "loaded_at": "'2026-08-07 15:00:00'",
    },
}
VIOLATIONS = [
    ("ck_import_name_timekind", "import_name", {"kind": "'hobby'", "project_id": "NULL"}),
    ("ck_import_name_tithe_has_a_project", "import_name", {"project_id": "NULL"}),
    ("ck_import_name_tithe_has_a_project", "import_name", {"kind": "NULL"}),
    ("ck_import_name_name_fits", "import_name", {"name": "''"}),
    ("ck_imported_row_timekind", "imported_row", {"kind": "'hobby'", "project_id": "NULL"}),
    ("ck_imported_row_format", "imported_row", {"source": "'abacus'"}),
    ("ck_imported_row_tithe_has_a_project", "imported_row", {"kind": "'help'"}),
    ("ck_imported_row_seconds_in_a_week", "imported_row", {"seconds": "0"}),
    ("ck_imported_row_key_fits", "imported_row", {"key": "'short'"}),
]


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose, query and body."""
    yield "GET", "/weeks/import", everybody
    yield "POST", "/weeks/import", everybody, 422
    yield "POST", "/api/v1/time/import", everybody, 422
