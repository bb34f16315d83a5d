"""Reading stays with the projects they are for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.people import outside
from tithe.people.outside import Place, StayRow
from tithe.projects.guests import projects_of_guests, projects_to_share
from tithe.projects.registered import Title


@dataclass(frozen=True)
class Stay:
    """Somebody from outside and the projects they may see, by title."""

    row: StayRow
    projects: list[Title]


def get_stay(person_id: int, *, by: Actor, to: Permission, today: date) -> Stay:
    """One stay, if the actor may do `to` about it."""
    row = outside.get_stay(person_id, by=by, to=to, today=today)
    return Stay(row, projects_of_guests([row.id]).get(row.id, []))


def list_stays(
    viewer: Actor, *, overseen: bool, over: bool, after: Place | None, today: date
) -> tuple[list[Stay], Place | None]:
    """A page of the stays the viewer hosts, or of all that their HR role covers: two statements."""
    read = outside.list_overseen if overseen else outside.list_hosted
    rows, following = read(viewer, over=over, after=after, today=today)
    projects = projects_of_guests([each.id for each in rows])
    return [Stay(each, projects.get(each.id, [])) for each in rows], following


def own_stay(actor: Actor, today: date) -> Stay:
    """The stay of somebody from outside, for themselves."""
    return get_stay(actor.person_id, by=actor, to=Permission.OUTSIDE_STAY, today=today)


def projects_on_offer(actor: Actor, today: date) -> list[Title]:
    """The projects the actor may invite to."""
    return projects_to_share(actor.id, today)
