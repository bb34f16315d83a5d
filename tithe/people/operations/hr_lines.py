"""Whom managers are managed by once a file of people is taken, and which of its rows close a loop or lengthen a line
of management too much. Only lines above managers are kept, in notes on disk: nobody else can close a loop.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from tithe.kernel.feeds import batches
from tithe.kernel.scratch import Notes, listed
from tithe.people.operations.hr_roll import BAD, Roll
from tithe.people.rules import posts_over_time as rules
from tithe.people.rules.posts_over_time import LONGEST_CHAIN, Line

AT_ONCE = 1000
KEPT_AT_HAND = 8192  # managers, whose lines are not looked up again: those at the top are above everybody
TABLES = (
    """CREATE TABLE manager (
        ref INTEGER PRIMARY KEY, stored INTEGER NOT NULL, place INTEGER, lines TEXT NOT NULL, changed TEXT
    ) STRICT""",
)
# Who manages somebody on record, or by a row that is good so far.
MANAGING = """
    SELECT ref FROM manager
    WHERE ref > ? AND (stored OR EXISTS (SELECT 1 FROM roll WHERE boss = manager.place AND NOT marks & ?))
    ORDER BY ref LIMIT ?
"""
PLACE = """
    INSERT INTO manager (ref, stored, place, lines, changed) VALUES (?, FALSE, ?, ?, ?)
    ON CONFLICT (ref) DO UPDATE SET place = excluded.place, changed = excluded.changed
"""
GONE = "expected somebody known here, or whose own line in this file is good"


class Lines(Mapping[int, Sequence[Line]]):
    """The lines above each manager by the roll's numbers, as the file changes them if it does.

    What is looked up stays at hand, so another is to be made once any row is turned down.
    """

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.find = lru_cache(KEPT_AT_HAND)(self._find)

    def _find(self, ref: int) -> Sequence[Line] | None:
        found = self.notes.execute("SELECT coalesce(changed, lines) FROM manager WHERE ref = ?", (ref,)).fetchone()
        return [(manager, first, last) for manager, first, last in json.loads(found[0])] if found else None

    def __getitem__(self, ref: int) -> Sequence[Line]:
        if (found := self.find(ref)) is None:
            raise KeyError(ref)
        return found

    def __iter__(self) -> Iterator[int]:
        last = -(2**63)
        while rows := self.notes.execute(MANAGING, (last, BAD, AT_ONCE)).fetchall():
            yield from (ref for (ref,) in rows)
            last = rows[-1][0]

    def __len__(self) -> int:
        return int(self.notes.execute("SELECT count(*) FROM manager").fetchone()[0])


class Changed:
    """The managers whose lines the file changes."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes

    def place(self, ref: int) -> int | None:
        """The place of the row that does."""
        asked = "SELECT place FROM manager WHERE ref = ? AND changed IS NOT NULL"
        found = self.notes.execute(asked, (ref,)).fetchone()
        return found[0] if found else None

    def __contains__(self, ref: object) -> bool:
        return isinstance(ref, int) and self.place(ref) is not None


def keep_lines(notes: Notes, lines: Mapping[int, Sequence[Line]]) -> None:
    """Note the lines on record of people who manage somebody already."""
    rows = ((ref, json.dumps(held)) for ref, held in lines.items())
    notes.executemany("INSERT OR IGNORE INTO manager (ref, stored, lines) VALUES (?, TRUE, ?)", rows)


def place_lines(notes: Notes, placed: Iterable[tuple[int, int, Sequence[Line], Sequence[Line] | None]]) -> None:
    """Note the lines of people whom the file names as managers: the place of each, the lines on record and, where the
    file changes them, those it makes of them."""
    rows = ((ref, place, json.dumps(was), None if new is None else json.dumps(new)) for ref, place, was, new in placed)
    notes.executemany(PLACE, rows)


def managers_among(notes: Notes, refs: Iterable[int]) -> dict[int, bool]:
    """Those whose lines are kept, with whether they manage somebody already."""
    found = "SELECT ref, stored FROM manager WHERE ref IN (SELECT value FROM json_each(?))"
    return {ref: bool(stored) for ref, stored in notes.execute(found, (listed(refs),))}


def judge_lines(notes: Notes, roll: Roll, since: date) -> None:
    """Turn down rows that close a loop or lengthen a line of management too much, until none is left.

    Whoever is turned down keeps what is on record, or stays unknown if new, so others may have to follow. Every
    manager has somebody below, so the lines above managers are a step shorter than they may be.
    """
    turned = True
    while turned:
        changed = Changed(notes)
        faults = rules.faults(Lines(notes), changed, since, LONGEST_CHAIN - 1)
        for some in batches(_blamed(roll, changed, faults), AT_ONCE):
            roll.blame(some)
        turned = _turn_down(notes, roll)
        roll.blame_followers(GONE)
        turned = _turn_down(notes, roll) or turned


def _blamed(roll: Roll, changed: Changed, faults: Iterable[rules.Fault]) -> Iterator[tuple[int, str]]:
    for fault in faults:
        places = [place for ref in fault.blamed if (place := changed.place(ref))] or roll.lifting(fault.person)
        yield from ((place, f"expected {fault.words}") for place in places)


def _turn_down(notes: Notes, roll: Roll) -> bool:
    """Turn down the rows that are noted, and let the lines above those they are about be as they are on record."""
    turned = roll.turn_down()
    notes.execute("UPDATE manager SET changed = NULL WHERE place IN (SELECT place FROM turned)")
    notes.execute("DELETE FROM turned")
    return turned
