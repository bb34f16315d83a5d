"""Bringing the stored units and people in line with two published files.

What differs is worked out first, by reading only; a rehearsal stops there. Saving then writes in bulk, a
thousand rows at a time. Units are known by their place and name, people by their staff number and posts by
their key, so the same files change nothing twice. People the files do not name are left as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import insert, select, update

from tithe.access.actor import Actor
from tithe.audit.operations import record
from tithe.kernel.db import allow_long_statements, atomic, db
from tithe.people.models import Assignment, Person, Unit, UnitClosure
from tithe.people.rules.names import staff_number_for
from tithe.people.rules.organogram import Plan, PlannedPerson, PlannedUnit

BATCH = 1000
PATIENCE_SECONDS = 300
NAMES_OF_A_POST = {"grade_text", "post_title"}
"""These are put right where they stand; a change of anything else closes the row and opens the next."""

POST = (
    Assignment.unit_id, Assignment.line_manager_id, Assignment.grade, Assignment.grade_text,
    Assignment.post_title, Assignment.weekly_minutes, Assignment.fte_bp,
)  # fmt: skip

Progress = Callable[[int], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """How many people were new, and how many known people's posts differed."""

    created: int
    changed: int


@dataclass(frozen=True)
class _Held:
    """A stored post that goes on, and what is stored of it under the names of `_post`."""

    id: int
    starts_on: date
    columns: dict[str, Any]


@dataclass(frozen=True)
class _Stored:
    """What the database holds of the things in a plan. Units by planned code, posts by source key."""

    unit_ids: dict[str, int]
    unit_codes: set[str]
    person_ids: dict[str, int]
    posts: dict[str, _Held]


def import_organogram(
    *,
    actor: Actor,
    plan: Plan,
    now: datetime,
    today: date,
    since: date,
    commit: bool,
    progress: Progress | None = None,
) -> Outcome:
    """Make units and people as planned. Without `commit` say what would be new or differ, and write nothing.

    New people start on `since`. A post that changed is held as it was up to yesterday, as planned from today.
    `progress` is told how many people were dealt with, each time some were.
    """
    if not commit:
        return _outcome(plan, _stored(plan))
    return _save(actor=actor, plan=plan, now=now, today=today, since=since, progress=progress or (lambda count: None))


@atomic
def _save(*, actor: Actor, plan: Plan, now: datetime, today: date, since: date, progress: Progress) -> Outcome:
    allow_long_statements(PATIENCE_SECONDS)
    stored = _stored(plan)
    outcome = _outcome(plan, stored)
    new_units = [unit for unit in plan.units if unit.code not in stored.unit_ids]
    if not new_units and outcome == Outcome(0, 0):
        progress(len(plan.people))
        return outcome
    _add_units(new_units, stored)
    first_days = dict.fromkeys(_add_people(plan.people, stored, since), since)
    _write_posts(plan, stored, first_days, today, progress)
    top = stored.unit_ids[plan.units[0].code]
    facts = {"units": len(new_units), "created": outcome.created, "changed": outcome.changed}
    record("organogram:import", actor=actor, about="unit", id=top, at=now, people=len(plan.people), **facts)
    return outcome


def _outcome(plan: Plan, stored: _Stored) -> Outcome:
    known = [person for person in plan.people if person.staff_number in stored.person_ids]
    changed = sum(bool(_differing(stored.posts.get(person.key), _post(person, stored))) for person in known)
    return Outcome(len(plan.people) - len(known), changed)


def _stored(plan: Plan) -> _Stored:
    units = db.session.execute(select(Unit.id, Unit.code, Unit.name, Unit.parent_id).order_by(Unit.id)).all()
    return _Stored(
        unit_ids=_known_units(plan.units, units),
        unit_codes={unit.code for unit in units},
        person_ids=_known_people([person.staff_number for person in plan.people]),
        posts=_held_posts([person.key for person in plan.people]),
    )


def _known_people(staff_numbers: Sequence[str]) -> dict[str, int]:
    found = select(Person.staff_number, Person.id)
    known: dict[str, int] = {}
    for batch in _batches(staff_numbers):
        rows = db.session.execute(found.where(Person.staff_number.in_(batch)))
        known.update((number, person_id) for number, person_id in rows if number)
    return known


def _held_posts(keys: Sequence[str]) -> dict[str, _Held]:
    found = select(Assignment.source_key, Assignment.id, Assignment.starts_on, *POST)
    held: dict[str, _Held] = {}
    for batch in _batches(keys):
        going_on = found.where(Assignment.source_key.in_(batch), Assignment.ends_on.is_(None))
        for key, post_id, starts_on, *values in db.session.execute(going_on):
            columns = {column.key: value for column, value in zip(POST, values, strict=True)}
            held[str(key)] = _Held(post_id, starts_on, columns)
    return held


def _known_units(planned: Iterable[PlannedUnit], units: Sequence[Any]) -> dict[str, int]:
    """Find planned units among the stored ones: by name under the same parent, or anywhere for a top one."""
    by_place = {(unit.parent_id, unit.name.casefold()): unit.id for unit in units}
    by_code = {(unit.code, unit.name.casefold()): unit.id for unit in units}
    known: dict[str, int] = {}
    for unit in planned:
        name = unit.name.casefold()
        if unit.parent_code is None:
            found = by_code.get((unit.code, name)) or by_place.get((None, name))
        else:
            found = by_place.get((known.get(unit.parent_code, 0), name))
        if found is not None:
            known[unit.code] = found
    return known


def _post(person: PlannedPerson, stored: _Stored) -> dict[str, Any]:
    """Write a planned post as the columns it is stored in. A unit or manager still to be made has id 0."""
    manager = staff_number_for(person.manager_key) if person.manager_key else None
    return {
        "unit_id": stored.unit_ids.get(person.unit_code, 0),
        "line_manager_id": stored.person_ids.get(manager, 0) if manager else None,
        "grade": person.grade,
        "grade_text": person.grade_text,
        "post_title": person.post_title,
        "weekly_minutes": person.weekly_minutes,
        "fte_bp": person.fte_bp,
    }


def _differing(held: _Held | None, wanted: dict[str, Any]) -> set[str]:
    """Name the columns that differ from what is stored: all of them when nothing is."""
    return {column for column, value in wanted.items() if held is None or held.columns[column] != value}


def _add_units(new_units: Iterable[PlannedUnit], stored: _Stored) -> None:
    """Add units, parents first, and for each the pairs with itself and with all above it."""
    for unit in new_units:
        parent_id = stored.unit_ids[unit.parent_code] if unit.parent_code else None
        code = unit.spare_code if unit.code in stored.unit_codes else unit.code
        values = {"code": code, "name": unit.name, "parent_id": parent_id}
        unit_id = db.session.scalars(insert(Unit).values(**values).returning(Unit.id)).one()
        stored.unit_ids[unit.code] = unit_id
        stored.unit_codes.add(code)
        above = select(UnitClosure.ancestor_id, UnitClosure.depth).where(UnitClosure.descendant_id == parent_id)
        pairs = [(unit_id, 0), *((ancestor, depth + 1) for ancestor, depth in db.session.execute(above))]
        rows = [{"ancestor_id": each, "descendant_id": unit_id, "depth": depth} for each, depth in pairs]
        db.session.execute(insert(UnitClosure), rows)


def _add_people(people: Iterable[PlannedPerson], stored: _Stored, since: date) -> set[str]:
    """Add the people not yet known and return their staff numbers."""
    rows = [
        {"staff_number": each.staff_number, "email": each.email, "name": each.name, "starts_on": since}
        for each in people
        if each.staff_number not in stored.person_ids
    ]
    for batch in _batches(rows):
        added = db.session.execute(insert(Person).returning(Person.staff_number, Person.id), batch)
        stored.person_ids.update((number, person_id) for number, person_id in added if number is not None)
    return {str(row["staff_number"]) for row in rows}


def _write_posts(plan: Plan, stored: _Stored, first_days: dict[str, date], today: date, progress: Progress) -> None:
    """Open the posts that are new and change those that differ. Posts not in `first_days` open today."""
    for batch in _batches(plan.people):
        opened, closed, put_right = [], [], []
        for person in batch:
            wanted, held = _post(person, stored), stored.posts.get(person.key)
            differing = _differing(held, wanted)
            if held and differing and (held.starts_on >= today or differing <= NAMES_OF_A_POST):
                put_right.append({"id": held.id, **wanted})
            elif differing:
                starts_on = first_days.get(person.staff_number, today)
                who = {"person_id": stored.person_ids[person.staff_number], "source_key": person.key}
                opened.append({**wanted, **who, "starts_on": starts_on})
                if held:
                    closed.append({"id": held.id, "ends_on": today - timedelta(days=1)})
        _execute(update(Assignment), put_right)
        _execute(update(Assignment), closed)
        _execute(insert(Assignment), opened)
        progress(len(batch))


def _execute(statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(statement, rows)


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
