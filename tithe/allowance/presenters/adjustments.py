"""Corrections as plain values for JSON."""

from __future__ import annotations

from typing import Any

from tithe.allowance.queries.adjustments import AdjustmentRow


def as_json(row: AdjustmentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "person": row.person,
        "unit": row.unit,
        "quarter": row.quarter.code,
        "minutes": row.minutes,
        "reason": row.reason,
        "status": row.status.value,
        "proposed_by": row.proposer,
        "proposed_at": row.proposed_at,
        "decided_by": row.decider,
        "decided_at": row.decided_at,
        "decision_words": row.decision_words,
    }
