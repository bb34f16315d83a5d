"""Reading flags: those of one project, those that wait for a coordinator, and one with its project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_

from tithe.access.actor import Actor
from tithe.access.grants import COORDINATORS
from tithe.access.permissions import Permission
from tithe.kernel.db import LARGEST_ID, db
from tithe.kernel.errors import NotFound
from tithe.people.queries import person_names, unit_names, unit_tree
from tithe.projects.models import Project, ProjectFlag, ProjectMember
from tithe.projects.queries import ProjectRow, get_project
from tithe.projects.rules import FLAGS, HALTING, FlagGround, FlagOutcome

PAGE = 50

Place = tuple[datetime, int]  # in the queue: when a flag was raised, and its id


@dataclass(frozen=True)
class FlagRow:
    """A flag with its project and the names of the people. Without a name the scheme itself raised it."""

    id: int
    project_id: int
    title: str
    owner_name: str
    unit_name: str | None
    ground: FlagGround
    words: str
    raised_by: int | None
    raised_by_name: str | None
    raised_at: datetime
    outcome: FlagOutcome | None
    reason: str
    settled_by_name: str | None
    settled_at: datetime | None

    @property
    def what(self) -> str:
        """Its ground in words."""
        return FLAGS[self.ground]

    @property
    def halts(self) -> bool:
        """While it is open the project takes no time."""
        return self.outcome is None and self.ground in HALTING


OWNER, RAISER, SETTLER = (person_names.alias(name) for name in ("owner", "raiser", "settler"))
ROWS: Select[*tuple[Any, ...]] = (
    select(
        ProjectFlag.id, ProjectFlag.project_id, Project.title, OWNER.c.name, unit_names.c.name, ProjectFlag.ground,
        ProjectFlag.words, ProjectFlag.raised_by, RAISER.c.name, ProjectFlag.raised_at, ProjectFlag.outcome,
        ProjectFlag.reason, SETTLER.c.name, ProjectFlag.settled_at,
    )
    .join(Project, Project.id == ProjectFlag.project_id)
    .join(OWNER, OWNER.c.id == Project.owner_id)
    .outerjoin(unit_names, unit_names.c.id == Project.unit_id)
    .outerjoin(RAISER, RAISER.c.id == ProjectFlag.raised_by)
    .outerjoin(SETTLER, SETTLER.c.id == ProjectFlag.settled_by)
)  # fmt: skip


def flags_of(project_id: int) -> list[FlagRow]:
    """The flags of a project, the newest first; fifty at most."""
    found = ROWS.where(ProjectFlag.project_id == project_id).order_by(ProjectFlag.id.desc()).limit(PAGE)
    return [FlagRow(*row) for row in db.session.execute(found)]


def get_flag(flag_id: int, *, by: Actor, to: Permission, lock: bool = False) -> tuple[FlagRow, ProjectRow]:
    """One flag with its project, if it exists and the actor may do `to` with that."""
    found = ROWS.where(ProjectFlag.id == flag_id)
    if lock:
        found = found.with_for_update(of=(ProjectFlag, Project))
    row = db.session.execute(found).first() if flag_id <= LARGEST_ID else None
    if row is None:
        raise NotFound
    flag = FlagRow(*row)
    return flag, get_project(flag.project_id, by=by, to=to)


def flags_waiting(viewer: Actor, *, after: Place | None = None) -> tuple[list[FlagRow], Place | None]:
    """A page of the open flags that wait for a coordinator, the oldest first, and the place to read on from when more
    follow. Never of a project the viewer works on."""
    place = tuple_(ProjectFlag.raised_at, ProjectFlag.id)
    found = ROWS.where(*_waits_for(viewer)).order_by(ProjectFlag.raised_at, ProjectFlag.id)
    if after:
        found = found.where(place > after)
    rows = [FlagRow(*row) for row in db.session.execute(found.limit(PAGE + 1))]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last.raised_at, last.id) if last else None


def count_flags(viewer: Actor) -> int:
    """How many flags wait for a coordinator."""
    found = select(func.count()).select_from(ProjectFlag).join(Project, Project.id == ProjectFlag.project_id)
    return db.session.scalar(found.where(*_waits_for(viewer))) or 0


def all_open() -> list[FlagRow]:
    """Every open flag, the oldest first, for the people who run the server."""
    found = ROWS.where(ProjectFlag.outcome.is_(None)).order_by(ProjectFlag.raised_at, ProjectFlag.id)
    return [FlagRow(*row) for row in db.session.execute(found)]


def _waits_for(viewer: Actor) -> tuple[Any, ...]:
    below = select(unit_tree.c.descendant_id).where(unit_tree.c.ancestor_id.in_(viewer.units_as(*COORDINATORS)))
    mine = select(ProjectMember.project_id).where(ProjectMember.person_id == viewer.id)
    return ProjectFlag.outcome.is_(None), Project.unit_id.in_(below), Project.id.not_in(mine)
