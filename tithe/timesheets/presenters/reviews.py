"""Reviews, as plain rows."""

from __future__ import annotations

from typing import Any

from tithe.projects.queries import titles_of
from tithe.timesheets.queries.reviews import ReviewRow
from tithe.timesheets.rules.entries import KINDS, Entry, from_shown


def lines_of(row: ReviewRow) -> list[tuple[Entry, str]]:
    """What was returned, as its decider saw it, each entry with the title of its row."""
    entries = [from_shown(each) for each in row.entries]
    titles = titles_of({entry.project_id for entry in entries if entry.project_id})
    return [(entry, titles.get(entry.project_id or 0) or KINDS[entry.kind]) for entry in entries]


def review_as_json(row: ReviewRow) -> dict[str, Any]:
    """A review as the API answers it."""
    return {
        "id": row.id,
        "owner": row.owner_name,
        "monday": row.starts_on,
        "stage": row.stage,
        "words": row.words,
        "asked_at": row.asked_at,
        "due_on": row.due_on,
        "ground": row.ground,
        "decision_reason": row.decision_reason,
        "total_minutes": row.total_minutes,
        "outcome": row.outcome,
        "reason": row.reason,
        "settled_at": row.settled_at,
    }
