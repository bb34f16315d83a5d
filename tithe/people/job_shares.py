"""Reading the job shares of somebody, with names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, or_, select

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound
from tithe.people.models import JobShare, Person
from tithe.people.queries import get_person
from tithe.people.rules.job_shares import Share
from tithe.people.sharing import SHARE, SIDES
from tithe.people.standing import nearest_day

SHARER = table_of(Person).alias("sharer")


@dataclass(frozen=True)
class ShareRow:
    """A job share as one of the two has it, with the other's name and address; `ends_on` is the last day, if any."""

    id: int
    sharer_id: int
    sharer: str
    email: str
    starts_on: date
    ends_on: date | None


def list_shares(person_id: int, *, by: Actor, to: Permission, on: date) -> list[ShareRow]:
    """Every job share somebody has, had or will have, the newest first, if the actor may do `to` about them."""
    get_person(person_id, by=by, to=to, on=on)
    other = case((SHARE.first_id == person_id, SHARE.second_id), else_=SHARE.first_id)
    found = (
        select(SHARE.id, SHARER.c.id, SHARER.c.name, SHARER.c.email, SHARE.starts_on, SHARE.ends_on)
        .select_from(table_of(JobShare).join(SHARER, SHARER.c.id == other))
        .where(or_(SHARE.first_id == person_id, SHARE.second_id == person_id))
        .order_by(SHARE.starts_on.desc(), SHARE.id.desc())
    )
    return [ShareRow(*row) for row in db.session.execute(found)]


def get_share(share_id: int, *, by: Actor, to: Permission, today: date) -> Share:
    """One share as that of the two has it about whom the actor may do `to`."""
    known = share_id <= LARGEST_ID
    row = db.session.execute(select(*SIDES).where(SHARE.id == share_id)).one_or_none() if known else None
    if row is None:
        raise NotFound
    share = Share(*row)
    try:
        get_person(share.person_id, by=by, to=to, on=nearest_day(share.person_id, today))
    except NotFound:
        get_person(share.sharer_id, by=by, to=to, on=nearest_day(share.sharer_id, today))
        return share.turned
    return share
