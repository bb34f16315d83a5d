"""Recording. Called by every operation that changes something, inside its own unit of work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from tithe.access.actor import Actor
from tithe.audit import rules
from tithe.audit.models import AuditEvent, AuditHead
from tithe.kernel.bulk import insert_rows
from tithe.kernel.db import at_close, open_unit, table_of
from tithe.kernel.prepared import Prepared

WAITING = "audit_waiting"
HEADS = table_of(AuditHead)
HEAD = Prepared(select(HEADS.c.seq, HEADS.c.hash).where(HEADS.c.stream == bindparam("which")).with_for_update())


def record(verb: str, *, actor: Actor, about: str, id: int | None, at: datetime, **facts: Any) -> None:
    """Note an accepted change of the thing `about` with this id. It joins the chain when the unit of work closes.

    Facts are ids, field names, states and figures. Words that people wrote stay out: the chain is kept for ever, and
    so names and addresses among the facts are left out of it.
    """
    record_each(verb, actor=actor, about=about, at=at, facts={id: facts})


def record_each(verb: str, *, actor: Actor, about: str, at: datetime, facts: Mapping[Any, Mapping[str, Any]]) -> None:
    """Note one change of several things, in order, with the facts about each by its id."""
    notes = open_unit().notes
    if WAITING not in notes:
        notes[WAITING] = []
        at_close(_write)
    moment = at.astimezone(UTC)
    for id, each in facts.items():
        details = rules.as_details(rules.without_names(each))
        notes[WAITING].append(rules.Event(verb, moment, actor.id, about, id, details))


def _write(session: Session) -> None:
    """Put the waiting events on their streams: heads are locked last and in order, for as short as can be."""
    by_stream = defaultdict(list)
    for event in open_unit().notes[WAITING]:
        by_stream[rules.stream_of(event.actor_id)].append(event)
    for stream in sorted(by_stream):
        _append(stream, by_stream[stream])


def _append(stream: int, events: list[rules.Event]) -> None:
    seq, link = HEAD.first(which=stream)
    rows = []
    for event in events:
        seq += 1
        link = rules.next_hash(link, stream, seq, event)
        rows.append({"stream": stream, "seq": seq, "hash": link, **vars(event)})
    insert_rows(AuditEvent, rows)  # a trigger moves the head along
