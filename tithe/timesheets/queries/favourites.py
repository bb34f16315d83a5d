"""What somebody logs again and again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import LARGEST_ID, db
from tithe.kernel.errors import NotFound
from tithe.projects import queries as projects
from tithe.timesheets.models import Favourite
from tithe.timesheets.rules.entries import KINDS, Entry, TimeKind

MOST = 12  # of one person


@dataclass(frozen=True)
class FavouriteRow:
    """A row of the week, minutes and a note, to be logged with one click."""

    id: int
    owner_id: int
    project_id: int | None
    kind: TimeKind
    minutes: int
    note: str
    project: str | None

    @property
    def title(self) -> str:
        return self.project or KINDS[self.kind]

    def entry(self, day: date) -> Entry:
        return Entry(day, self.project_id, self.minutes, self.note, self.kind)


def own_favourites(owner: Actor) -> list[FavouriteRow]:
    """Somebody's favourites, the one used last first. There are at most a dozen."""
    titles = projects.project_titles
    found = (
        select(
            Favourite.id,
            Favourite.person_id,
            Favourite.project_id,
            Favourite.kind,
            Favourite.minutes,
            Favourite.note,
            titles.c.title,
        )
        .outerjoin(titles, titles.c.id == Favourite.project_id)
        .where(Favourite.person_id == owner.id)
        .order_by(Favourite.used_at.desc(), Favourite.id.desc())
        .limit(MOST)
    )
    return [FavouriteRow(*row) for row in db.session.execute(found)]


def get_favourite(favourite_id: int, *, by: Actor, to: Permission) -> FavouriteRow:
    """One favourite, if it exists and the actor may do `to` with it."""
    found = None if favourite_id > LARGEST_ID else db.session.get(Favourite, favourite_id)
    if found is None:
        raise NotFound
    title = projects.titles_of([found.project_id]).get(found.project_id) if found.project_id else None
    facts = (found.project_id, found.kind, found.minutes, found.note, title)
    row = FavouriteRow(found.id, found.person_id, *facts)
    ensure(by, to, row)
    return row
