"""Keeping time that is logged often, logging it, and letting it go."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete, insert, update

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, lock_table
from tithe.kernel.errors import RuleBroken
from tithe.projects import queries as projects
from tithe.timesheets.models import Favourite
from tithe.timesheets.operations.quick import Logged, log_time
from tithe.timesheets.queries.favourites import MOST, FavouriteRow, get_favourite, own_favourites
from tithe.timesheets.rules.quick import read_line


@atomic
def keep_favourite(*, actor: Actor, line: str, now: datetime, row: str | None = None) -> FavouriteRow:
    """Keep what one line of words says as a favourite; `row` where they leave open which row of the week is meant.

    Its day does not count. A dozen is the most, and the same is not kept twice.
    """
    read = read_line(line, local_date(now), projects.memberships_of(actor.person_id))
    entry = read.entry(row)
    lock_table(Favourite)
    kept = own_favourites(actor)
    if any(each.entry(entry.day) == entry for each in kept):
        raise RuleBroken("This is among your favourites already", field="line")
    if len(kept) >= MOST:
        raise RuleBroken(f"You have {MOST} favourites, and more would be hard to find. Delete one first", field="line")
    values = {"project_id": entry.project_id, "kind": entry.kind, "minutes": entry.minutes, "note": entry.note}
    adding = insert(Favourite).values(person_id=actor.id, **values, used_at=now).returning(Favourite.id)
    favourite_id = db.session.execute(adding).scalar_one()
    record("favourite:keep", actor=actor, about="favourite", id=favourite_id, at=now, minutes=entry.minutes)
    return get_favourite(favourite_id, by=actor, to=Permission.WEEK_SAVE)


@atomic
def log_favourite(*, actor: Actor, favourite_id: int, day: date, now: datetime) -> Logged:
    """Add a favourite to a day of one's own week; it stands first among them from then on."""
    favourite = get_favourite(favourite_id, by=actor, to=Permission.WEEK_SAVE)
    db.session.execute(update(Favourite).where(Favourite.id == favourite_id).values(used_at=now))
    return log_time(actor=actor, entry=favourite.entry(day), now=now)


@atomic
def delete_favourite(*, actor: Actor, favourite_id: int, now: datetime) -> None:
    """Let a favourite go. What was logged with it stays."""
    favourite = get_favourite(favourite_id, by=actor, to=Permission.WEEK_SAVE)
    db.session.execute(delete(Favourite).where(Favourite.id == favourite.id))
    record("favourite:delete", actor=actor, about="favourite", id=favourite.id, at=now)
