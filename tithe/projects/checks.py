"""The promises of projects that are flagged, and what checks of features above need to know of projects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, or_, select

from tithe.kernel.checks import Check, stream
from tithe.projects.models import Project, ProjectFlag, ProjectMember
from tithe.projects.rules import HALTING, FlagOutcome, ProjectStatus

# Who may log time to which project, and when: checks of features above join to it.
MEMBERSHIPS = (
    select(ProjectMember.project_id, ProjectMember.person_id, ProjectMember.joined_on, ProjectMember.left_on)
    .join(Project, Project.id == ProjectMember.project_id)
    .where(Project.status != ProjectStatus.DRAFT)
    .subquery("memberships")
)
# From when to when each project was flagged so that it took no time: checks of features above join to it.
HALTS = (
    select(ProjectFlag.project_id, ProjectFlag.raised_at, ProjectFlag.settled_at)
    .where(ProjectFlag.ground.in_(HALTING))
    .subquery("halts")
)
STOPPING = and_(ProjectFlag.project_id == Project.id, ProjectFlag.outcome == FlagOutcome.STOPPED)


def stopped_by_nobody(now: datetime) -> Iterator[str]:
    """Stopped projects that no flag stopped, others that one did, and open flags of what takes no time anyhow."""
    is_stopped, by_flag = Project.status == ProjectStatus.STOPPED, exists().where(STOPPING)
    still_open = exists().where(ProjectFlag.project_id == Project.id, ProjectFlag.outcome.is_(None))
    wrong = or_(and_(is_stopped, ~by_flag), and_(~is_stopped, by_flag))
    idle = and_(Project.status != ProjectStatus.REGISTERED, still_open)
    yield from _named("project", select(Project.id).where(or_(wrong, idle)).order_by(Project.id))


def settled_by_those_concerned(now: datetime) -> Iterator[str]:
    """Flags that somebody settled on a project of their own, or one they were a member of on that day."""
    day = func.date(ProjectFlag.settled_at)
    member = exists().where(
        ProjectMember.project_id == ProjectFlag.project_id,
        ProjectMember.person_id == ProjectFlag.settled_by,
        func.date(ProjectMember.joined_on) <= day,
        or_(ProjectMember.left_on.is_(None), func.date(ProjectMember.left_on) >= day),
    )
    found = select(ProjectFlag.id).join(Project, Project.id == ProjectFlag.project_id)
    own = Project.owner_id == ProjectFlag.settled_by
    yield from _named("flag", found.where(or_(own, member)).order_by(ProjectFlag.id))


def _named(what: str, found: Select[int]) -> Iterator[str]:
    for row in stream(found):
        yield f"{what} {row.id}"


CHECKS = [
    Check(
        "P1", "A project is stopped exactly when a flag stopped it, and no flag stays open on one", stopped_by_nobody
    ),
    Check("P2", "Nobody settles a flag on a project of their own", settled_by_those_concerned),
]
