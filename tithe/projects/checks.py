"""What checks of features above need to know of projects."""

from __future__ import annotations

from sqlalchemy import select

from tithe.projects.models import Project, ProjectMember
from tithe.projects.rules import ProjectStatus

# Who may log time to which project, and when: checks of features above join to it.
MEMBERSHIPS = (
    select(ProjectMember.project_id, ProjectMember.person_id, ProjectMember.joined_on, ProjectMember.left_on)
    .join(Project, Project.id == ProjectMember.project_id)
    .where(Project.status == ProjectStatus.REGISTERED)
    .subquery("memberships")
)
