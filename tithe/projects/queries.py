"""Reading projects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, bindparam, func, literal, or_, select, tuple_

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound
from tithe.kernel.prepared import Prepared
from tithe.people import queries as people
from tithe.people.queries import person_names, unit_names
from tithe.projects.guests import guest_ids
from tithe.projects.models import Project, ProjectFlag, ProjectMember
from tithe.projects.rules import HALTING, Membership, ProjectStatus

PAGE = 25

Place = tuple[datetime, int]  # in the register: when a project joined it, and its id

# What features above may join to, so that a list takes one statement and the table stays private.
project_titles = select(Project.id, Project.title).subquery("project_titles")


@dataclass(frozen=True)
class ProjectRow:
    """A project as pages and the API show it. `unit_path` is filled when one is loaded: the units it belongs to."""

    id: int
    title: str
    problem: str
    beneficiaries: str
    hypothesis: str
    status: ProjectStatus
    owner_id: int
    owner_name: str
    unit_name: str | None
    created_at: datetime
    registered_at: datetime | None
    version: int
    unit_id: int | None
    closed_on: date | None
    halted: bool
    member_ids: frozenset[int] = frozenset()
    guest_ids: frozenset[int] = frozenset()
    unit_path: frozenset[int] = frozenset()

    @property
    def is_draft(self) -> bool:
        return self.status is ProjectStatus.DRAFT


def waits_for_a_coordinator(project_id: SQLColumnExpression[Any]) -> SQLColumnExpression[bool]:
    """A project is flagged, so that it takes no time for now: a question to put inside another statement."""
    flag = table_of(ProjectFlag)
    still_open = (flag.c.project_id == project_id, flag.c.outcome.is_(None), flag.c.ground.in_(HALTING))
    return select(literal(1)).where(*still_open).correlate_except(flag).exists()


def takes_no_time(project_id: SQLColumnExpression[Any], day: SQLColumnExpression[Any]) -> SQLColumnExpression[bool]:
    """A project is flagged, or was stopped by a day: a question to put inside another statement."""
    stopped = select(literal(1)).where(Project.id == project_id, Project.closed_on <= day)
    return or_(waits_for_a_coordinator(project_id), stopped.correlate_except(Project).exists())


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Project.id,
            Project.title,
            Project.problem,
            Project.beneficiaries,
            Project.hypothesis,
            Project.status,
            Project.owner_id,
            person_names.c.name,
            unit_names.c.name,
            Project.created_at,
            Project.registered_at,
            Project.version,
            Project.unit_id,
            Project.closed_on,
            waits_for_a_coordinator(Project.id),
        )
        .join(person_names, person_names.c.id == Project.owner_id)
        .outerjoin(unit_names, unit_names.c.id == Project.unit_id)
    )


def get_project(project_id: int, *, by: Actor, to: Permission) -> ProjectRow:
    """One project, if it exists and the actor may do `to` with it."""
    if project_id > LARGEST_ID:
        raise NotFound
    row = db.session.execute(_rows().where(Project.id == project_id)).first()
    if row is None:
        raise NotFound
    members = db.session.scalars(select(ProjectMember.person_id).where(ProjectMember.project_id == project_id))
    project = replace(ProjectRow(*row), member_ids=frozenset(members))
    if by.outside:
        project = replace(project, guest_ids=guest_ids(project_id))
    if project.unit_id is not None:
        project = replace(project, unit_path=people.get_unit_by_id(project.unit_id).unit_path)
    ensure(by, to, project)
    return project


def list_mine(viewer: Actor) -> list[ProjectRow]:
    """The projects the viewer takes part in, drafts first, then the newest."""
    mine = select(ProjectMember.project_id).where(ProjectMember.person_id == viewer.id)
    found = _rows().where(Project.id.in_(mine)).order_by(Project.status, Project.id.desc()).limit(100)
    return [ProjectRow(*row) for row in db.session.execute(found)]


def list_registered(*, text: str = "", after: Place | None = None) -> tuple[list[ProjectRow], Place | None]:
    """A page of registered projects, newest first, and the place to read on from when more follow."""
    found = _rows().where(Project.status == ProjectStatus.REGISTERED)
    for word in text.split()[:5]:
        like = f"%{word.replace('%', '').replace('_', '')}%"
        found = found.where(or_(Project.title.ilike(like), Project.problem.ilike(like)))
    if after:
        found = found.where(tuple_(Project.registered_at, Project.id) < after)
    rows = db.session.execute(found.order_by(Project.registered_at.desc(), Project.id.desc()).limit(PAGE + 1)).all()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return [ProjectRow(*row) for row in rows[:PAGE]], (last.registered_at, last.id) if last else None


PROJECT, MEMBER = table_of(Project).c, table_of(ProjectMember).c
# Who is in which registered project, with the columns of a Membership. Features above put it into statements of their
# own.
memberships = (
    select(
        MEMBER.person_id, PROJECT.id, PROJECT.title, MEMBER.joined_on, MEMBER.left_on, PROJECT.closed_on,
        waits_for_a_coordinator(PROJECT.id).label("halted"),
    )
    .select_from(table_of(ProjectMember).join(table_of(Project), MEMBER.project_id == PROJECT.id))
    .where(PROJECT.status != ProjectStatus.DRAFT)
    .subquery("memberships")
)  # fmt: skip
MEMBERSHIPS = Prepared(
    select(*[each for each in memberships.c if each is not memberships.c.person_id])
    .where(memberships.c.person_id == bindparam("person_id"))
    .order_by(func.lower(memberships.c.title), memberships.c.id)
)
MEMBERS = select(MEMBER.person_id).where(
    MEMBER.project_id.in_(bindparam("project_ids", expanding=True)), MEMBER.left_on.is_(None)
)


def memberships_of(person_id: int) -> list[Membership]:
    """The registered projects somebody may log time to, or could, with the days; those that were stopped too, by
    title."""
    return [Membership(*row) for row in MEMBERSHIPS.all(person_id=person_id)]


def people_with_a_project() -> set[int]:
    """The ids of everybody who is a member of a registered project."""
    found = select(ProjectMember.person_id).join(Project, Project.id == ProjectMember.project_id)
    still = (ProjectMember.left_on.is_(None), Project.status == ProjectStatus.REGISTERED)
    return set(db.session.scalars(found.where(*still).distinct()))


def members_of(project_ids: Iterable[int]) -> set[int]:
    """Everybody who is a member of any of these projects."""
    if not (wanted := list(project_ids)):
        return set()
    return set(db.session.scalars(MEMBERS, {"project_ids": wanted}))


def titles_of(project_ids: Iterable[int]) -> dict[int, str]:
    """The titles of some projects by id."""
    rows = db.session.execute(select(Project.id, Project.title).where(Project.id.in_(list(project_ids))))
    return {row[0]: row[1] for row in rows}


def is_member(
    project_id: SQLColumnExpression[Any], person_id: int | SQLColumnExpression[Any] | None
) -> SQLColumnExpression[bool]:
    """Somebody is a member of a project: a question to put inside another statement."""
    members = table_of(ProjectMember)
    of_project = (members.c.project_id == project_id, members.c.person_id == person_id, members.c.left_on.is_(None))
    return select(literal(1)).where(*of_project).correlate_except(members).exists()
