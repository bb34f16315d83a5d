"""Inviting people from outside to projects, extending and ending their stays, and never leaving one without a host."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from tithe.access.actor import SYSTEM, Actor
from tithe.access.grants import HR_MANAGERS
from tithe.access.permissions import Permission
from tithe.kernel.calendar import named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic
from tithe.kernel.errors import Conflict, RuleBroken
from tithe.notices import operations as notices
from tithe.people import around, outside
from tithe.people import queries as people
from tithe.people.leavers import last_managers
from tithe.people.operations import outside as accounts
from tithe.people.operations.outside import Invitee
from tithe.people.outside import Hosted
from tithe.people.rules.outside import LIVE, REMIND_BEFORE, must_be_handed_on
from tithe.policy.queries import in_force
from tithe.projects.guests import fellows_of, projects_of_guests
from tithe.projects.operations import place_guest

ENDING = "outside-ending"


def longest_stay(unit_id: int | None, today: date) -> int:
    """How many months ahead a stay may end by the policy of a unit; 0 for who belongs to none."""
    return 0 if unit_id is None else in_force(unit_id, today).settings.outside_months


@atomic
def invite(*, actor: Actor, invitee: Invitee, project_ids: Collection[int], last_day: date, now: datetime) -> int:
    """Invite somebody from outside to projects the actor works on, until a day, by a mailed link. Returns whose it is.

    The actor hosts them. Refuses whoever has no unit, an address of staff, and a day later than the policy lets.
    """
    today = local_date(now)
    if actor.unit_id is None:
        raise RuleBroken("You hold no post today, so you can invite nobody")
    months = longest_stay(actor.unit_id, today)
    person_id = accounts.open_stay(
        actor=actor, invitee=invitee, last_day=last_day, months=months, unit_id=actor.unit_id, now=now
    )
    place_guest(actor=actor, person_id=person_id, project_ids=project_ids, again=True, now=now)
    stay = outside.get_stay(person_id, by=actor, to=Permission.OUTSIDE_MANAGE, today=today)
    accounts.mail_invitation(stay=stay, host=actor.name, projects=_titles(person_id), now=now)
    return person_id


def send_again(*, actor: Actor, person_id: int, now: datetime) -> str:
    """Mail somebody from outside a new link; return its handle."""
    return accounts.send_again(actor=actor, person_id=person_id, projects=_titles(person_id), now=now)


@atomic
def extend(*, actor: Actor, person_id: int, last_day: date, now: datetime) -> None:
    """Set another last day of a stay, as far from today as the policy of its unit lets."""
    today = local_date(now)
    stay = outside.get_stay(person_id, by=actor, to=Permission.OUTSIDE_MANAGE, today=today)
    months = longest_stay(stay.unit_id, today)
    accounts.extend_stay(actor=actor, person_id=person_id, last_day=last_day, months=months, now=now)


@atomic
def choose_projects(*, actor: Actor, person_id: int, project_ids: Collection[int], now: datetime) -> None:
    """Let somebody from outside see exactly these of the projects the actor works on."""
    stay = outside.get_stay(person_id, by=actor, to=Permission.OUTSIDE_MANAGE, today=local_date(now))
    if stay.status not in LIVE:
        raise Conflict(accounts.DECIDED)
    place_guest(actor=actor, person_id=person_id, project_ids=project_ids, again=False, now=now)


def _titles(person_id: int) -> list[str]:
    return [each.title for each in projects_of_guests([person_id]).get(person_id, [])]


@atomic
def hand_on_orphans(*, now: datetime) -> int:
    """Give every stay whose host has left, or works on none of its projects any more, to the host's line manager, or
    where none is employed to HR of its unit; return how many. Whoever gets one is told. Twice changes nothing.
    """
    today = local_date(now)
    stays = [each for each in outside.list_live(today) if each.sponsor_id is not None]
    here = around.employed_among({each.sponsor_id for each in stays if each.sponsor_id}, today)
    fellows = fellows_of([each.id for each in stays], today)
    alone = [
        each
        for each in stays
        if must_be_handed_on(
            host_is_here=each.sponsor_id in here,
            host_takes_part=each.sponsor_id in fellows.get(each.id, ()),
            handed_on=each.handed_on,
        )
    ]
    heirs = last_managers({each.sponsor_id for each in alone if each.sponsor_id}, today)
    return sum(_hand_on(each, heirs.get(each.sponsor_id or 0), now) for each in alone)


def _hand_on(stay: Hosted, heir: int | None, now: datetime) -> bool:
    was = stay.sponsor_id
    if not accounts.hand_on(person_id=stay.id, heir=heir, actor=SYSTEM, was=was, now=now):
        return False
    keepers = around.keepers_of([stay.unit_id], local_date(now), HR_MANAGERS).get(stay.unit_id, [])
    facts: dict[str, Any] = {
        "guest": stay.name, "organisation": stay.organisation, "day": named(stay.last_day),
        "decider": people.names_of([was or 0]).get(was or 0, "somebody"),
    }  # fmt: skip
    path = f"/outside/{stay.id}"
    readers = keepers if heir is None else [heir]
    notices.queue([notices.compose("outside-handed-on", to=each, path=path, at=now, **facts) for each in readers])
    return True


@atomic
def remind(*, since: date, now: datetime) -> int:
    """Remind members and hosts of stays that end 14 or 3 days on, for every day since one; return how many stays."""
    today = local_date(now)
    ending = {}
    for days in REMIND_BEFORE:
        first, last = since + timedelta(days=days + 1), today + timedelta(days=days)
        ending.update({each.id: each for each in outside.ending_between(first, last, today)})
    for stay in ending.values():
        facts: dict[str, Any] = {"guest": stay.name, "day": named(stay.last_day)}
        facts |= {"recheck": ENDING, "about_id": stay.id, "collapse_key": f"{ENDING}-{stay.id}"}
        readers = {stay.id: "/"} | ({stay.sponsor_id: f"/outside/{stay.id}"} if stay.sponsor_id is not None else {})
        notices.queue([notices.compose(ENDING, to=to, path=path, at=now, **facts) for to, path in readers.items()])
    return len(ending)
