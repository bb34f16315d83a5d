"""Projects as plain values for JSON."""

from __future__ import annotations

from typing import Any

from tithe.projects.flags import FlagRow
from tithe.projects.queries import ProjectRow


def as_json(project: ProjectRow) -> dict[str, Any]:
    return {
        "id": project.id,
        "title": project.title,
        "problem": project.problem,
        "beneficiaries": project.beneficiaries,
        "hypothesis": project.hypothesis,
        "status": project.status.value,
        "owner": project.owner_name,
        "unit": project.unit_name,
        "registered_at": project.registered_at,
        "waits_for_coordinator": project.halted,
        "closed_on": project.closed_on,
        "version": project.version,
    }


def flag_as_json(flag: FlagRow) -> dict[str, Any]:
    return {
        "id": flag.id,
        "project_id": flag.project_id,
        "title": flag.title,
        "owner": flag.owner_name,
        "unit": flag.unit_name,
        "ground": flag.ground.value,
        "words": flag.words,
        "raised_by": flag.raised_by_name,
        "raised_at": flag.raised_at,
        "halts": flag.halts,
        "outcome": flag.outcome.value if flag.outcome else None,
        "reason": flag.reason,
        "settled_by": flag.settled_by_name,
        "settled_at": flag.settled_at,
    }
