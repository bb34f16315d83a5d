"""Reading events for auditors: the newest first, chosen by person, thing, verb and dates, in one statement a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, not_, or_, select, tuple_, union_all

from tithe.audit.models import AuditEvent
from tithe.kernel.db import db, table_of
from tithe.kernel.plans import stepped

PAGE = 50
AT_ONCE = 2000
EVENT = table_of(AuditEvent).c
SHOWN = (EVENT.id, EVENT.at, EVENT.verb, EVENT.actor_id, EVENT.subject_type, EVENT.subject_id, EVENT.details)
SEALED = (EVENT.stream, EVENT.seq, EVENT.hash)

Place = tuple[datetime, int]  # in the list: when an event happened, and its id


@dataclass(frozen=True)
class EventRow:
    """An accepted change as the chain keeps it, with its place there and its link."""

    id: int
    at: datetime
    verb: str
    actor_id: int | None
    subject_type: str
    subject_id: int | None
    details: str
    stream: int
    seq: int
    hash: str


@dataclass(frozen=True)
class Choice:
    """Which events: those by or about a person, about a thing, with a verb, from an instant up to another.

    `within` are the people of whom the actor has to be one, or the person the event is about; None is everything. A
    person who is chosen is one of them.
    """

    person_id: int | None = None
    thing: str = ""
    thing_id: int | None = None
    verb: str = ""
    since: datetime | None = None
    until: datetime | None = None
    within: Select[int] | None = None


def list_events(choice: Choice, *, after: Place | None = None, size: int = PAGE) -> tuple[list[EventRow], Place | None]:
    """A page of events, and the place to read on from when more follow."""
    parts = [_page(each, after, size + 1) for each in _parts(choice)]
    found = parts[0] if len(parts) == 1 else _merged(parts, size + 1)
    rows = [EventRow(*row) for row in db.session.execute(found)]
    last = rows[size - 1] if len(rows) > size else None
    return rows[:size], (last.at, last.id) if last else None


def every_page(choice: Choice) -> Iterator[list[EventRow]]:
    """All of them, a few thousand at a time and no transaction open in between: whoever reads them may be slow."""
    after: Place | None = None
    while True:
        rows, after = list_events(choice, after=after, size=AT_ONCE)
        db.session.rollback()
        yield rows
        if after is None:
            return


def verbs() -> list[str]:
    """Every verb there is, each found by one step through the index however many events have it."""
    return [verb for verb in db.session.scalars(stepped(EVENT.verb)) if verb is not None]


def newest(verb: str) -> EventRow | None:
    """The last event with a verb."""
    rows, _ = list_events(Choice(verb=verb), size=1)
    return rows[0] if rows else None


def _parts(choice: Choice) -> list[Select[*tuple[Any, ...]]]:
    """What somebody did, and what others did about them: each goes by an index of its own."""
    found = select(*SHOWN, *SEALED).where(*_conditions(choice))
    if choice.person_id is not None:
        by, about = EVENT.actor_id == choice.person_id, EVENT.subject_id == choice.person_id
    elif choice.within is not None:
        by, about = EVENT.actor_id.in_(choice.within), EVENT.subject_id.in_(choice.within)
    else:
        return [found]
    by_others = or_(EVENT.actor_id.is_(None), not_(by))
    return [found.where(by), found.where(EVENT.subject_type == "person", about, by_others)]


def _conditions(choice: Choice) -> Iterator[Any]:
    if choice.thing:
        yield EVENT.subject_type == choice.thing
    if choice.thing_id is not None:
        yield EVENT.subject_id == choice.thing_id
    if choice.verb:
        yield EVENT.verb == choice.verb
    if choice.since is not None:
        yield EVENT.at >= choice.since
    if choice.until is not None:
        yield EVENT.at < choice.until


def _page(found: Select[*tuple[Any, ...]], after: Place | None, size: int) -> Select[*tuple[Any, ...]]:
    if after is not None:
        found = found.where(tuple_(EVENT.at, EVENT.id) < after)
    return found.order_by(EVENT.at.desc(), EVENT.id.desc()).limit(size)


def _merged(parts: list[Select[*tuple[Any, ...]]], size: int) -> Select[*tuple[Any, ...]]:
    """The newest of two lists that are in order each. The rows stand in a statement of their own, for SQLite."""
    both = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return select(both).order_by(both.c.at.desc(), both.c.id.desc()).limit(size)
