"""Opening and changing accounts for an identity provider, in the name of the HR manager its token belongs to.

The token may do this and nothing else, so what it calls is asked with that person's rights rather than its own scopes:
whom it may change is what their HR role covers, and never themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update

from tithe.access.actor import Actor
from tithe.access.grants import HR_MANAGERS, ensure
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, lock_table
from tithe.kernel.errors import RuleBroken
from tithe.people import history, queries
from tithe.people.accounts import AccountRow, get_account
from tithe.people.models import Assignment, Person
from tithe.people.operations import posts
from tithe.people.operations.hr_records import units_by_name
from tithe.people.rules import posts_over_time as rules
from tithe.people.rules.hr_feed import unit_path
from tithe.people.rules.posts_over_time import DEFAULT_CALENDAR, FULL_WEEK, Post
from tithe.people.rules.scim import Told


@atomic
def open_account(*, actor: Actor, told: Told, calendars: Collection[str], now: datetime) -> int:
    """Somebody joins today, full time, in the unit that is told, else in the one at the top of the actor's role.

    An account that comes inactive ends today as well. HR's own file or page says the rest of the post.
    """
    ensure(actor, Permission.PERSON_PROVISION, None)
    today = local_date(now)
    newcomer = posts.Newcomer(told.staff_number, told.name, told.email, today, None if told.active else today)
    post = Post(_unit(actor, told.unit), None, None, FULL_WEEK, DEFAULT_CALENDAR)
    owner = _themselves(actor)
    return posts.join(actor=owner, newcomer=newcomer, post=post, calendars=calendars, now=now).person_id


@atomic
def change_account(
    *, actor: Actor, person_id: int, tell: Callable[[AccountRow], Told], calendars: Collection[str], now: datetime
) -> None:
    """Bring an account in line with what is told of it as it is now; what is so already changes nothing.

    Inactive: today is their last day. Active again: employment goes on, or for who has left begins again today with
    the post they held last. Another unit: they move today; who has left stays where they were.
    """
    today = local_date(now)
    lock_table(Assignment)  # what is told may rest on what is stored, and two may tell at once
    was = get_account(person_id, by=actor, on=today)
    told = tell(was)
    _rename(actor, was, told, now)
    gone = was.leaves_on is not None and was.leaves_on < today
    if gone and not told.active:
        return
    if gone:
        _come_back(actor, was, now)
    if told.unit is not None and (unit_id := _unit(actor, told.unit)) != was.unit_id:
        _move(actor, was, unit_id, calendars, now)
    if not gone and told.active != was.active:
        last_day = None if told.active else max(today, was.starts_on)
        posts.leave(actor=_themselves(actor), person_id=person_id, last_day=last_day, now=now)


def _move(actor: Actor, was: AccountRow, unit_id: int, calendars: Collection[str], now: datetime) -> None:
    starts_on, changes = max(local_date(now), was.starts_on), {"unit_id": unit_id}
    posts.change_post(
        actor=_themselves(actor), person_id=was.id, starts_on=starts_on, changes=changes, calendars=calendars, now=now
    )


def _rename(actor: Actor, was: AccountRow, told: Told, now: datetime) -> None:
    before = {"email": was.email, "staff_number": was.staff_number, "name": was.name}
    after = {name: getattr(told, name) for name in before}
    if after == before:
        return
    for field in ("email", "staff_number"):
        taken = after[field] is not None and after[field] != before[field]
        if taken and db.session.scalar(select(Person.id).where(getattr(Person, field) == after[field])):
            raise RuleBroken(f"Somebody has {after[field]} already. Check it, then try again", field=field)
    db.session.execute(update(Person).where(Person.id == was.id).values(after))
    record("person:rename", actor=actor, about="person", id=was.id, at=now, was=before, **{"is": after})


def _come_back(actor: Actor, was: AccountRow, now: datetime) -> None:
    """Somebody who has left starts again today, under the manager they had if that one is still employed."""
    today = local_date(now)
    before = history.stretches_of([was.id])[was.id]
    post = before[-1].post
    employed = select(Person.id).where(Person.id == post.line_manager_id, queries.employed_on(today))
    if db.session.scalar(employed) is None:
        post = replace(post, line_manager_id=None)
    after = rules.changed_from(before, None, post, today, today=today, last_day=None)
    db.session.execute(update(Person).where(Person.id == was.id).values(leaves_on=None))
    posts.save_stretches([(was.id, before, after)])
    record("person:return", actor=actor, about="person", id=was.id, at=now, was=was.leaves_on)


def _unit(actor: Actor, told: str | None) -> int:
    """The unit of that code or path which the actor's role covers."""
    tops = actor.units_as(*HR_MANAGERS)
    if told is None:
        if len(tops) > 1:
            raise RuleBroken("Map the department: the role covers several units", field="department")
        return next(iter(tops))
    units, covered = units_by_name(tops)
    found = units.get(told) or units.get(unit_path(told))
    if found is None or covered is None or found not in covered:
        words = f"Map the department to the code of a unit the role covers; “{told[:60]}” is none"
        raise RuleBroken(words, field="department")
    return found


def _themselves(actor: Actor) -> Actor:
    return replace(actor, scopes=None)
