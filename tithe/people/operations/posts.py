"""Changing somebody's post from a day on, joining and leaving. What was true on a past day stays true."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.bulk import insert_rows
from tithe.kernel.calendar import named
from tithe.kernel.clock import local_date
from tithe.kernel.db import LARGEST_ID, atomic, db, lock_table, rehearsal
from tithe.kernel.errors import NotFound, RuleBroken, either
from tithe.people import history, queries
from tithe.people.models import Assignment, Person
from tithe.people.rules import posts_over_time as rules
from tithe.people.rules.posts_over_time import Post, Stretch, Writes


@dataclass(frozen=True)
class Newcomer:
    """Who joins: what the rest of the organisation knows them by, and their first and last day."""

    staff_number: str | None
    name: str
    email: str
    starts_on: date
    leaves_on: date | None = None
    probation_ends_on: date | None = None


@dataclass(frozen=True)
class Outcome:
    """The stretches of a person's posts before and after a change, for a door to show."""

    person_id: int
    before: list[Stretch]
    after: list[Stretch]

    @property
    def writes(self) -> Writes:
        return rules.writes(self.before, self.after)


@atomic
def change_post(
    *,
    actor: Actor,
    person_id: int,
    starts_on: date,
    changes: dict[str, Any],
    calendars: Collection[str],
    now: datetime,
    post_id: int | None = None,
) -> Outcome:
    """Change somebody's post from a day on. `changes` names fields of `Post`; what it leaves out stays.

    Refuses a day before the post on record began, a change when a later one is recorded, a manager who is not
    employed that day, and lines of management that loop or are too long on any later day.
    """
    today = local_date(now)
    lock_table(Assignment)  # two changes at once could close a loop that neither sees
    person = queries.get_person(person_id, by=actor, to=Permission.PERSON_MANAGE, on=max(starts_on, today))
    before = history.stretches_of([person_id])[person_id]
    current = rules.post_on(before, starts_on, post_id)
    if current is None:
        raise RuleBroken(f"They hold no post on {named(starts_on)}. Choose another day", field="starts_on")
    wanted = replace(current.post, **changes)
    if wanted == current.post:
        raise RuleBroken("That is their post already. Say what changes, and from which day")
    after = rules.changed_from(before, current, wanted, starts_on, today=today, last_day=current.ends_on)
    _refuse_post(actor, person_id, current.post, wanted, starts_on, calendars)
    _refuse_lines(person_id, after, wanted.line_manager_id, starts_on)
    save_stretches([(person_id, before, after)])
    facts = {"from": starts_on, "was": _facts(current.post), "is": _facts(wanted)}
    record("person:change", actor=actor, about="person", id=person.id, at=now, **facts)
    return Outcome(person_id, before, after)


@atomic
def leave(*, actor: Actor, person_id: int, last_day: date | None, now: datetime) -> Outcome:
    """Somebody's last day of employment, or none. From the day after it they cannot sign in."""
    today = local_date(now)
    lock_table(Assignment)
    dates = select(Person.starts_on, Person.leaves_on).where(Person.id == person_id)
    stored = db.session.execute(dates).one_or_none() if person_id <= LARGEST_ID else None
    starts_on, was = stored or (today, None)
    queries.get_person(person_id, by=actor, to=Permission.PERSON_MANAGE, on=max(starts_on, today))
    if last_day is None and was is None:
        raise RuleBroken("Enter the last day", field="last_day")
    if last_day == was:
        raise RuleBroken("That is their last day already. Choose another", field="last_day")
    if last_day is not None and last_day < starts_on:
        raise RuleBroken(f"They started on {named(starts_on)}. Choose that day or a later one", field="last_day")
    if was is not None and was < today:
        raise RuleBroken(f"They left on {named(was)}. What is over stays as it was", field="last_day")
    before = history.stretches_of([person_id])[person_id]
    after = rules.left_on(before, last_day, before=was, today=today)
    db.session.execute(update(Person).where(Person.id == person_id).values(leaves_on=last_day))
    save_stretches([(person_id, before, after)])
    record("person:leave", actor=actor, about="person", id=person_id, at=now, last_day=last_day, was=was)
    return Outcome(person_id, before, after)


@atomic
def join(*, actor: Actor, newcomer: Newcomer, post: Post, calendars: Collection[str], now: datetime) -> Outcome:
    """Add somebody new with their first post, from their first day on."""
    lock_table(Assignment)
    if newcomer.leaves_on is not None and newcomer.leaves_on < newcomer.starts_on:
        raise RuleBroken("The last day is before the first. Choose a later one", field="leaves_on")
    _refuse_probation(newcomer.starts_on, newcomer.probation_ends_on)
    for field, taken in (("staff_number", newcomer.staff_number), ("email", newcomer.email)):
        if taken and db.session.scalar(select(Person.id).where(getattr(Person, field) == taken)):
            raise RuleBroken(f"Somebody has {taken[:60]} already. Check it, then try again", field=field)
    _refuse_post(actor, None, None, post, newcomer.starts_on, calendars)
    person_id = int(db.session.execute(insert(Person).values(vars(newcomer)).returning(Person.id)).scalar_one())
    after = [Stretch(None, newcomer.starts_on, newcomer.leaves_on, post)]
    _refuse_lines(person_id, after, post.line_manager_id, newcomer.starts_on)
    save_stretches([(person_id, [], after)])
    record("person:join", actor=actor, about="person", id=person_id, at=now, **_facts(post))
    return Outcome(person_id, [], after)


@atomic
def set_probation(*, actor: Actor, person_id: int, last_day: date | None, now: datetime) -> Outcome:
    """The last day of somebody's probation, or none. Policies may leave probation out of what is earned."""
    today = local_date(now)
    queries.get_person(person_id, by=actor, to=Permission.PERSON_MANAGE, on=today)
    # Their number stays, so whatever names them in the meantime, as every event of theirs does, need not wait for this.
    person = db.session.get_one(Person, person_id, with_for_update={"key_share": True})
    if last_day == person.probation_ends_on:
        raise RuleBroken("That is on record already. Choose another day", field="last_day")
    _refuse_probation(person.starts_on, last_day, "last_day")
    was, person.probation_ends_on = person.probation_ends_on, last_day
    record("person:probation", actor=actor, about="person", id=person_id, at=now, last_day=last_day, was=was)
    held = history.stretches_of([person_id])[person_id]
    return Outcome(person_id, held, held)


def _refuse_probation(starts_on: date, last_day: date | None, field: str = "probation_ends_on") -> None:
    if last_day is not None and last_day < starts_on:
        words = f"Probation ends after the first day, {named(starts_on)}. Choose that day or a later one"
        raise RuleBroken(words, field=field)


def _facts(post: Post) -> dict[str, Any]:
    return dict(vars(post))


def _refuse_post(
    actor: Actor, person_id: int | None, before: Post | None, wanted: Post, day: date, calendars: Collection[str]
) -> None:
    """Refuse a post that cannot be: a unit the actor does not cover, hours, a calendar or a manager that do not fit."""
    if before is None or wanted.unit_id != before.unit_id:
        try:
            ensure(actor, Permission.PERSON_MANAGE, queries.get_unit_by_id(wanted.unit_id))
        except NotFound:
            raise RuleBroken("Choose a unit that your role covers", field="unit") from None
    if not 0 < wanted.weekly_minutes <= rules.MOST_WEEKLY:
        raise RuleBroken("Weekly hours are more than none and at most 168", field="weekly_minutes")
    if wanted.calendar not in calendars:
        known = either(sorted(calendars)[:8])
        raise RuleBroken(f"There is no calendar {wanted.calendar[:30]}. Choose {known}", field="calendar")
    manager_id = wanted.line_manager_id
    if manager_id is None or (before is not None and manager_id == before.line_manager_id):
        return
    if manager_id == person_id:
        raise RuleBroken("Nobody manages themselves. Choose somebody else", field="manager")
    employed = select(Person.id).where(Person.id == manager_id, queries.employed_on(day))
    if db.session.scalar(employed) is None:
        raise RuleBroken(f"Choose a manager who is employed on {named(day)}", field="manager")


def _refuse_lines(person_id: int, after: Sequence[Stretch], manager_id: int | None, since: date) -> None:
    """Refuse a line of management that loops or is too long on any day from the change on."""
    lines = history.lines_round(person_id, manager_id, since) | {person_id: rules.lines_of(after)}
    fault = next((each for each in rules.faults(lines, {person_id}, since) if each.blamed), None)
    if fault is not None:
        raise RuleBroken(f"Choose {fault.words}", field="manager")


def save_stretches(changed: Sequence[tuple[int, Sequence[Stretch], Sequence[Stretch]]]) -> None:
    """Store what differs between some people's stretches before and after: a statement each for what goes, what
    differs and what is new, in this order, so that a post has one open stretch at most."""
    found = [(person_id, rules.writes(before, after)) for person_id, before, after in changed]
    if gone := [stretch_id for _, each in found for stretch_id in each.removed]:
        db.session.execute(delete(Assignment).where(Assignment.id.in_(gone)))
    if differing := [{"id": each.id, **_columns(each)} for _, group in found for each in group.updated]:
        db.session.execute(update(Assignment), differing)
    insert_rows(Assignment, [{"person_id": who, **_columns(each)} for who, group in found for each in group.added])


def _columns(stretch: Stretch) -> dict[str, Any]:
    kept = ("starts_on", "ends_on", "grade_text", "post_title", "source_key")
    return _facts(stretch.post) | {"fte_bp": stretch.post.fte_bp} | {name: getattr(stretch, name) for name in kept}


def attempt(change: Callable[[], Outcome], *, keep: bool, then: Callable[..., object]) -> Outcome:
    """Run one of the operations above and say what it did; unless `keep`, undo it.

    So a rehearsal refuses whatever saving would, and never says anything else than saving does. `then` is what follows
    from it in features above, in the same transaction: it takes the ids of those concerned, since when, and why.
    """
    with rehearsal(keep=keep):
        outcome = change()
        if stretches := (*outcome.before, *outcome.after):
            since = min(each.starts_on for each in stretches)
            then(person_ids=[outcome.person_id], since=since, why="what HR keeps about the post has changed")
        return outcome
