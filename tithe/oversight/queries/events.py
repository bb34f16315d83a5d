"""The audit as an auditor may see it: events of the people in the units their role covers, with names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select

from tithe.access.actor import Actor
from tithe.access.grants import AUDITORS, ensure
from tithe.access.permissions import Permission
from tithe.audit import events, reads
from tithe.audit.anchors import newest_anchor
from tithe.audit.events import Choice, EventRow, Place
from tithe.audit.reads import ReadRow
from tithe.kernel.clock import LONDON
from tithe.kernel.errors import RuleBroken
from tithe.people import queries as people
from tithe.people.lookup import called, ever_in

SYSTEM_NAME = "The system"
CHECKED = "invariants:check"
CHAIN_CHECKS = {"U2", "U4"}


@dataclass(frozen=True)
class Asked:
    """What an auditor chose: a person in words, a thing and its id, a verb, and days from and up to, both included."""

    person: str = ""
    thing: str = ""
    thing_id: int | None = None
    verb: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Event:
    """An event with the name of who did it, and of the person it is about where it is about one."""

    row: EventRow
    actor: str
    person: str | None

    @property
    def people(self) -> set[int]:
        """The ids of who did it and of the person it is about; who was asked for may be nobody."""
        about = self.row.subject_id if self.person is not None else None
        return {each for each in (self.row.actor_id, about) if each is not None}


@dataclass(frozen=True)
class Read:
    """Somebody was shown somebody else's record."""

    row: ReadRow
    reader: str
    person: str

    @property
    def people(self) -> set[int]:
        """The ids of who looked and of whom they looked at."""
        return {self.row.reader_id, self.row.person_id}


@dataclass(frozen=True)
class Proof:
    """When the chain was verified last and whether it held, and when it was anchored outside the database last."""

    verified_at: datetime | None
    held: bool
    anchored_at: datetime | None


def covered(viewer: Actor) -> Select[int] | None:
    """The people whose events a viewer may see; None for everything, which takes a role over every top unit."""
    ensure(viewer, Permission.AUDIT_READ, None)
    units = viewer.units_as(*AUDITORS)
    if viewer.id is None or set(people.top_units()) <= units:
        return None
    return ever_in(units)


def choice_of(viewer: Actor, asked: Asked) -> Choice:
    """What the auditor asked for, within what they may see."""
    if asked.first and asked.last and asked.last < asked.first:
        raise RuleBroken("The last day is before the first. Change one of them", field="last")
    within = covered(viewer)
    return Choice(
        person_id=person_called(asked.person, within, "person"),
        thing=asked.thing,
        thing_id=asked.thing_id,
        verb=asked.verb,
        since=_midnight(asked.first),
        until=_midnight(asked.last + timedelta(days=1)) if asked.last and asked.last < date.max else None,
        within=within,
    )


def person_called(words: str, within: Select[int] | None, field: str) -> int | None:
    """The one person with exactly this address, staff number or name; None if nobody was asked for."""
    if not words:
        return None
    found = called(words, within)
    if not found:
        raise RuleBroken("Nobody you may look at has that address, staff number or name. Check it", field=field)
    if len(found) > 1:
        raise RuleBroken("More than one person has that name. Use an address or a staff number", field=field)
    return found[0]


def list_events(choice: Choice, *, after: Place | None = None) -> tuple[list[Event], Place | None]:
    """A page of events with names, in two statements."""
    rows, following = events.list_events(choice, after=after)
    return list(_named(rows)), following


def people_in(found: Iterable[Event | Read]) -> set[int]:
    """Whom a page of events, or of who looked, says something about."""
    return {person_id for each in found for person_id in each.people}


def every_event(choice: Choice) -> Iterator[Event]:
    """All events a choice names, in memory a few thousand at a time."""
    for rows in events.every_page(choice):
        yield from _named(rows)


def _named(rows: Iterable[EventRow]) -> Iterator[Event]:
    rows = list(rows)
    about = {row.id: row.subject_id for row in rows if row.subject_type == "person" and row.subject_id}
    names = people.names_of({*about.values(), *(row.actor_id for row in rows if row.actor_id is not None)})
    for row in rows:
        who = SYSTEM_NAME if row.actor_id is None else names.get(row.actor_id, str(row.actor_id))
        yield Event(row, who, names.get(about[row.id]) if row.id in about else None)


def list_reads(
    viewer: Actor, *, person: str = "", reader: str = "", before: int | None = None
) -> tuple[list[Read], int | None]:
    """A page of who was shown whose record, for an auditor."""
    within = covered(viewer)
    rows, following = reads.list_reads(
        of=person_called(person, within, "person"),
        by=person_called(reader, within, "reader"),
        within=within,
        before=before,
    )
    return with_names(rows), following


def with_names(rows: Iterable[ReadRow]) -> list[Read]:
    """The names of who was shown whose record."""
    rows = list(rows)
    names: dict[int, Any] = people.names_of({each for row in rows for each in (row.reader_id, row.person_id)})
    return [Read(row, names[row.reader_id], names[row.person_id]) for row in rows]


def proof(anchor_file: Path) -> Proof:
    """What auditors can go by: the last nightly verification and the newest anchor."""
    checked, anchor = events.newest(CHECKED), newest_anchor(anchor_file)
    broken = checked is not None and any(f'"{code}"' in checked.details for code in CHAIN_CHECKS)
    return Proof(
        verified_at=checked.at if checked else None,
        held=not broken,
        anchored_at=datetime.fromisoformat(anchor[0]) if anchor else None,
    )


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), LONDON).astimezone(UTC) if day else None
