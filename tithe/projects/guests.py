"""Projects and the people from outside who may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from tithe.kernel.db import db, table_of
from tithe.kernel.plans import unsearched
from tithe.people.outside import live_guests
from tithe.projects.models import Project, ProjectGuest, ProjectMember
from tithe.projects.registered import Title
from tithe.projects.rules import ProjectStatus

PROJECT, MEMBER, GUEST = (table_of(each).c for each in (Project, ProjectMember, ProjectGuest))


@dataclass(frozen=True)
class GuestRow:
    """Somebody from outside on a project."""

    name: str
    organisation: str
    last_day: date


def guest_ids(project_id: int) -> frozenset[int]:
    """Those from outside who may see a project while their stay lasts."""
    found = select(GUEST.person_id).where(GUEST.project_id == project_id, GUEST.left_on.is_(None))
    return frozenset(db.session.scalars(found))


def guests_of(project_id: int, today: date) -> list[GuestRow]:
    """The same with names, of those whose stay goes on, by name."""
    live = live_guests(today).subquery("live")
    found = (
        select(live.c.name, live.c.organisation, live.c.leaves_on)
        .join(table_of(ProjectGuest), GUEST.person_id == live.c.id)
        .where(GUEST.project_id == project_id, GUEST.left_on.is_(None))
        .order_by(live.c.name, live.c.id)
    )
    return [GuestRow(*row) for row in db.session.execute(found)]


def projects_of_guests(person_ids: Iterable[int]) -> dict[int, list[Title]]:
    """The projects that each of some people from outside may see, by title."""
    found = (
        select(GUEST.person_id, PROJECT.id, PROJECT.title)
        .select_from(table_of(ProjectGuest).join(table_of(Project), PROJECT.id == GUEST.project_id))
        .where(GUEST.person_id.in_(list(person_ids)), GUEST.left_on.is_(None))
        .where(unsearched(PROJECT.status) == ProjectStatus.REGISTERED)
        .order_by(PROJECT.title, PROJECT.id)
    )
    titles: defaultdict[int, list[Title]] = defaultdict(list)
    for person_id, project_id, title in db.session.execute(found):
        titles[person_id].append(Title(project_id, title))
    return dict(titles)


def fellows_of(person_ids: Iterable[int], today: date) -> dict[int, set[int]]:
    """The members of staff who work today on a project that each of some people from outside may see."""
    found = (
        select(GUEST.person_id, MEMBER.person_id)
        .select_from(table_of(ProjectGuest).join(table_of(ProjectMember), MEMBER.project_id == GUEST.project_id))
        .where(GUEST.person_id.in_(list(person_ids)), GUEST.left_on.is_(None), _takes_part(today))
    )
    fellows: defaultdict[int, set[int]] = defaultdict(set)
    for guest_id, member_id in db.session.execute(found):
        fellows[guest_id].add(member_id)
    return dict(fellows)


def projects_to_share(person_id: int | None, today: date) -> list[Title]:
    """The registered projects somebody works on today, by title: to these they may invite."""
    found = (
        select(PROJECT.id, PROJECT.title)
        .join(table_of(ProjectMember), MEMBER.project_id == PROJECT.id)
        .where(MEMBER.person_id == person_id, PROJECT.status == ProjectStatus.REGISTERED, _takes_part(today))
        .order_by(PROJECT.title, PROJECT.id)
    )
    return [Title(*row) for row in db.session.execute(found)]


def _takes_part(today: date) -> ColumnElement[Any]:
    return (MEMBER.joined_on <= today) & or_(MEMBER.left_on.is_(None), MEMBER.left_on >= today)
