"""How an event becomes bytes and bytes become a link of the chain."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

STREAMS = 16
FIRST_HASH = "0" * 64
WITHHELD = "changed"  # what stands on the chain for a value that says who somebody is
IDENTIFYING = frozenset({"name", "email", "staff_number", "post_title"})
CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)


class ReadKind(StrEnum):
    """Which record of somebody's was shown to another."""

    WEEK = "week"
    BALANCE = "balance"
    HOURS = "hours"
    POSTS = "posts"
    CORRECTION = "correction"
    AGREEMENT = "agreement"
    OUTSIDE = "outside"
    ROLE = "role"
    EVENT = "event"


@dataclass(frozen=True)
class Event:
    """One accepted change, before it has a place in the chain."""

    verb: str
    at: datetime
    actor_id: int | None
    subject_type: str
    subject_id: int | None
    details: str


def digest(*parts: str, key: str = "") -> str:
    """What stands for a text that is not to be read from it: with a key, nobody without that can try texts out."""
    return hmac.new(key.encode(), "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def stream_of(actor_id: int | None) -> int:
    """Which of the streams an actor writes to: sixteen short queues instead of one long one."""
    return (actor_id or 0) % STREAMS


def without_names(facts: Any) -> Any:
    """Facts as the chain may keep them for ever: whatever says who somebody is, is left out, however deep it lies.

    That it changed is said; what it was before and after is not. The chain then holds when the name is erased.
    """
    if isinstance(facts, dict):
        return {key: WITHHELD if key in IDENTIFYING and value else without_names(value) for key, value in facts.items()}
    return [without_names(each) for each in facts] if isinstance(facts, list | tuple) else facts


def as_details(facts: dict[str, Any]) -> str:
    """Facts in one canonical spelling, so that equal facts hash alike."""
    return CANONICAL.encode(facts)


def next_hash(previous: str, stream: int, seq: int, event: Event) -> str:
    """The link after `previous`: SHA-256 over it and the canonical bytes of the event and its place."""
    parts = (
        stream,
        seq,
        event.at.isoformat(),
        event.verb,
        event.actor_id,
        event.subject_type,
        event.subject_id,
        event.details,
    )
    return hashlib.sha256((previous + as_details({"event": parts})).encode()).hexdigest()


def first_break(stream: int, links: Iterable[tuple[int, str, Event]], head: tuple[int, str] | None) -> int | None:
    """The number of the first event of a stream that does not follow, or None when the chain holds.

    `links` are (seq, hash, event) in order. A chain cut short at the end breaks at the number after its last event,
    one whose head is gone at its first.
    """
    seq, link = 0, FIRST_HASH
    for number, stored, event in links:
        seq += 1
        link = next_hash(link, stream, seq, event)
        if number != seq or stored != link:
            return seq
    if head is None:
        return 1
    return None if (seq, link) == head else seq + 1
