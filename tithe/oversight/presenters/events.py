"""An event in words, for pages; as values, for JSON and CSV."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from tithe.audit.rules import ReadKind
from tithe.oversight.queries.events import Event, Read
from tithe.reports.presenters import csv_line

COLUMNS = (
    "at", "actor_id", "actor", "verb", "thing", "thing_id", "person", "details", "stream", "seq", "hash",
)  # fmt: skip
KINDS = {
    ReadKind.WEEK: "a week and its entries",
    ReadKind.BALANCE: "the balance",
    ReadKind.HOURS: "working hours",
    ReadKind.POSTS: "posts held",
    ReadKind.CORRECTION: "a correction",
    ReadKind.AGREEMENT: "what was asked for in advance",
    ReadKind.OUTSIDE: "a stay from outside",
    ReadKind.ROLE: "roles held or proposed",
    ReadKind.EVENT: "what is on the audit, or who has looked",
}
NOTHING = "nothing"
EMPTY: tuple[Any, ...] = (None, "", [], {})
DIGEST, SHOWN = 64, 12  # letters of a digest, and of those how many a page shows; exports hold them all


def verb_in_words(verb: str) -> str:
    """ "week:hand-over" as people read it: "Week: hand over"."""
    thing, _, deed = verb.partition(":")
    return f"{_words(thing).capitalize()}: {_words(deed)}" if deed else _words(verb)


def verb_items(verbs: Iterable[str], chosen: str | None) -> list[dict[str, Any]]:
    """Every verb as the select component takes them, in the order of their words."""
    items = [{"value": verb, "text": verb_in_words(verb), "selected": verb == chosen} for verb in verbs]
    return sorted(items, key=lambda item: str(item["text"]))


def thing_in_words(event: Event) -> str:
    """What an event is about: "week 12", or the person's name."""
    row = event.row
    if event.person:
        return event.person
    return f"{_words(row.subject_type)} {row.subject_id}" if row.subject_id else _words(row.subject_type)


def facts_in_words(event: Event) -> list[str]:
    """What was before, what is after, and on what ground, a line each."""
    facts = json.loads(event.row.details)
    if isinstance(facts.get("was"), dict) and isinstance(facts.get("is"), dict):
        was, now = facts.pop("was"), facts.pop("is")
        lines = [
            _change(key, was.get(key), now.get(key)) for key in sorted({*was, *now}) if was.get(key) != now.get(key)
        ]
        return [*lines, *_lines(facts)]
    return list(_lines(facts))


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    for key, value in facts.items():
        if value not in EMPTY:
            yield f"{_words(key).capitalize()}: {_value(value)}"


def _change(key: str, was: Any, now: Any) -> str:
    return f"{_words(key).capitalize()}: {_value(was)}, now {_value(now)}"


def _value(value: Any) -> str:
    if value in EMPTY:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and len(value) == DIGEST:
        return f"{value[:SHOWN]}…"
    if isinstance(value, dict):
        return "; ".join(f"{_words(key)} {_value(each)}" for key, each in value.items())
    return ", ".join(map(_value, value)) if isinstance(value, list) else str(value)


def _words(name: str) -> str:
    words = name.replace("_", " ").replace("-", " ")
    return f"{words.removesuffix(' id')} number" if words.endswith(" id") else words


def as_json(event: Event) -> dict[str, Any]:
    """An event for programs, with its place on the chain and its link."""
    row = event.row
    return {
        "id": row.id,
        "at": row.at,
        "actor_id": row.actor_id,
        "actor": event.actor,
        "verb": row.verb,
        "thing": row.subject_type,
        "thing_id": row.subject_id,
        "person": event.person,
        "details": json.loads(row.details),
        "stream": row.stream,
        "seq": row.seq,
        "hash": row.hash,
    }


def as_json_lines(found: Iterable[Event]) -> Iterator[str]:
    """One JSON object a line."""
    for event in found:
        yield json.dumps(as_json(event), default=lambda moment: moment.isoformat(), ensure_ascii=False) + "\n"


def as_csv(found: Iterable[Event]) -> Iterator[str]:
    """A line for the names of the columns, then one an event."""
    yield csv_line(COLUMNS)
    for event in found:
        values = as_json(event) | {"at": event.row.at.isoformat(), "details": event.row.details}
        yield csv_line("" if values[name] is None else values[name] for name in COLUMNS)


SHAPES = {"csv": (as_csv, "text/csv"), "jsonl": (as_json_lines, "application/x-ndjson")}


def read_in_words(read: Read) -> str:
    """What of somebody's was shown."""
    return KINDS[read.row.kind]
