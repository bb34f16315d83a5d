"""Weeks that moved on, as plain rows."""

from __future__ import annotations

from typing import Any

from tithe.timesheets.queries.escalation import MovedRow


def moved_as_json(row: MovedRow) -> dict[str, Any]:
    """A week that moved on, as the API answers it."""
    return {
        "id": row.week_id,
        "owner": row.owner_name,
        "monday": row.starts_on,
        "due_was": row.due_was,
        "moved_at": row.at,
        "to": row.to,
        "status": row.status,
    }
