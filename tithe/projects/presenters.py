"""Projects as plain values for JSON."""

from __future__ import annotations

from typing import Any

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
        "version": project.version,
    }
