"""Roles as plain values for JSON."""

from __future__ import annotations

from typing import Any

from tithe.people.roles import GrantRow, RequestRow

WAITING = "waiting"


def grant_as_json(row: GrantRow) -> dict[str, Any]:
    days = {"starts_on": row.starts_on, "ends_on": row.ends_on}
    return {"id": row.id, "person": row.person, "email": row.email, "role": row.role.value, "unit": row.unit, **days}


def request_as_json(row: RequestRow) -> dict[str, Any]:
    kept = ("id", "person", "unit", "starts_on", "ends_on", "reason", "asked_at", "decided_at", "decision_words")
    names = {"role": row.role.value, "asked_by": row.asker, "decided_by": row.decider}
    return {name: getattr(row, name) for name in kept} | names | {"status": row.outcome or WAITING}
