"""Registered projects by who takes part in them: what the directory shows beside people and units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select

from tithe.kernel.db import db, table_of
from tithe.kernel.plans import unsearched
from tithe.people.directory import holders_in
from tithe.projects.models import Project, ProjectMember
from tithe.projects.rules import ProjectStatus

MOST = 50

PROJECT, MEMBER = table_of(Project).c, table_of(ProjectMember).c


@dataclass(frozen=True)
class Title:
    """A project by its title."""

    id: int
    title: str


def projects_of(person_id: int, today: date) -> list[Title]:
    """The registered projects somebody is a member of today, the newest first; fifty at most."""
    return _titles(select(MEMBER.project_id).where(MEMBER.person_id == person_id), today)


def projects_in(unit_id: int, today: date) -> list[Title]:
    """The registered projects of those who work in this very unit today, the newest first; fifty at most."""
    theirs = MEMBER.person_id.in_(holders_in(unit_id, today))
    return _titles(select(MEMBER.project_id).where(theirs), today)


def _titles(which: Select[Any], today: date) -> list[Title]:
    member = which.where(MEMBER.joined_on <= today, or_(MEMBER.left_on.is_(None), MEMBER.left_on >= today))
    is_registered = unsearched(PROJECT.status) == ProjectStatus.REGISTERED
    found = select(PROJECT.id, PROJECT.title).where(PROJECT.id.in_(member), is_registered)
    rows = db.session.execute(found.order_by(PROJECT.registered_at.desc(), PROJECT.id.desc()).limit(MOST))
    return [Title(*row) for row in rows]
