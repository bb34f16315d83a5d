"""The roll of a file of people: a few figures for each staff number it mentions, and the faults of its rows.

It lies in notes on disk, since a file may have more rows than memory should hold. Managers may come later in the file
than those they manage, so what is wrong with a row may show only at the end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tithe.kernel.feeds import RowError
from tithe.kernel.scratch import Notes, listed
from tithe.people.rules.hr_feed import COLUMNS, HrRow, Report
from tithe.people.rules.posts_over_time import NO_DAY

ERRORS_NAMED = 1000
BAD, UNSURE, NEW, LEFT, PERSON, POST = (1 << bit for bit in range(6))
RANKS = {column: rank for rank, column in enumerate(("line", *COLUMNS))}
TABLES = (
    """CREATE TABLE roll (
        place INTEGER PRIMARY KEY, staff_number TEXT NOT NULL UNIQUE, line INTEGER NOT NULL DEFAULT 0,
        person INTEGER NOT NULL DEFAULT 0, boss INTEGER, first INTEGER, last INTEGER, since INTEGER,
        marks INTEGER NOT NULL DEFAULT 0, lifts INTEGER
    ) STRICT""",
    "CREATE INDEX roll_boss ON roll (boss)",
    "CREATE INDEX roll_lifts ON roll (lifts) WHERE lifts IS NOT NULL",
    "CREATE TABLE address (email TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
    """CREATE TABLE fault (
        line INTEGER NOT NULL, rank INTEGER NOT NULL, message TEXT NOT NULL, PRIMARY KEY (line, rank)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE turned (place INTEGER PRIMARY KEY, words TEXT NOT NULL) STRICT",
)
ENTRIES = """
    SELECT each.staff_number, each.place, each.line, each.person, each.marks, each.since,
        boss.place, boss.line, boss.person, boss.marks, boss.first, boss.last
    FROM roll AS each LEFT JOIN roll AS boss ON boss.place = each.boss
    WHERE each.staff_number IN (SELECT value FROM json_each(?))
"""
ENROL = "UPDATE roll SET line = ?, person = ?, boss = ?, first = ?, last = ?, since = ?, marks = ? WHERE place = ?"
MARK = "UPDATE roll SET marks = marks | ?, lifts = ? WHERE place = ?"
NAME = "INSERT OR IGNORE INTO fault SELECT line, ?, words FROM turned JOIN roll USING (place)"
TURN = "UPDATE roll SET marks = marks | ?, lifts = NULL WHERE place IN (SELECT place FROM turned)"
FIRST = "SELECT min(since) FROM roll WHERE line > 0 AND NOT marks & ?"
COUNT = "SELECT marks, count(*) FROM roll WHERE line > 0 AND NOT marks & ? GROUP BY marks"
# The good rows that change something, and whose manager would be new and has no good row.
FOLLOW = """
    INSERT INTO turned SELECT each.place, :words FROM roll AS each JOIN roll AS boss ON boss.place = each.boss
    WHERE each.line > 0 AND NOT each.marks & :bad AND each.marks & :changing
        AND boss.person = 0 AND (boss.line = 0 OR boss.marks & :bad)
"""


class Boss(NamedTuple):
    """Whom a row names as manager: their own line, 0 for none, and first and last day of employment as ordinals."""

    place: int
    line: int
    person: int
    marks: int
    first: int
    last: int

    @property
    def ref(self) -> int:
        return self.person or -self.place

    @property
    def mentioned(self) -> bool:
        """Somebody is known here, or has a row in the file."""
        return bool(self.person or self.line)

    @property
    def turned_down(self) -> bool:
        """Somebody new whose row is bad, so that those who follow them are to be turned down as well."""
        return not self.person and bool(self.marks & BAD)

    def employed(self, day: int) -> bool:
        return self.first <= day <= self.last


class Entry(NamedTuple):
    """What the roll says of a row. `person` is 0 for who is new, `since` the day it counts from as an ordinal."""

    place: int
    line: int
    person: int
    marks: int
    since: int
    boss: Boss | None

    @property
    def ref(self) -> int:
        """The id of a person, or a number below zero for who is new."""
        return self.person or -self.place


@dataclass
class Enrolled:
    """What a row says that is to be kept: `person` is 0 for who is new."""

    place: int
    line: int
    person: int
    boss: int | None
    first: date
    last: date | None
    since: date
    marks: int


class Roll:
    """Places are counted from 1. The `line` of a place is 0 for who is only named as a manager."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.rows = 0

    def mention(self, numbers: Collection[str]) -> dict[str, tuple[int, int]]:
        """The place of each staff number, a new one at its first mention, and the line that it has so far."""
        self.notes.executemany("INSERT OR IGNORE INTO roll (staff_number) VALUES (?)", ((each,) for each in numbers))
        found = "SELECT staff_number, place, line FROM roll WHERE staff_number IN (SELECT value FROM json_each(?))"
        return {number: (place, line) for number, place, line in self.notes.execute(found, (listed(numbers),))}

    def taken(self, emails: Iterable[str]) -> set[str]:
        """Those of some addresses that earlier rows have."""
        found = "SELECT email FROM address WHERE email IN (SELECT value FROM json_each(?))"
        return {email for (email,) in self.notes.execute(found, (listed(emails),))}

    def take(self, emails: Iterable[str]) -> None:
        """Note that rows have these addresses."""
        self.notes.executemany("INSERT OR IGNORE INTO address VALUES (?)", ((each,) for each in emails))

    def enrol(self, enrolled: Iterable[Enrolled]) -> None:
        """Give rows their places."""
        self.notes.executemany(
            ENROL,
            (
                (each.line, each.person, each.boss, *_days(each.first, each.last), each.since.toordinal(), each.marks,
                 each.place)
                for each in enrolled
            ),
        )  # fmt: skip

    def employ(self, people: Iterable[tuple[int, int, date, date | None]]) -> None:
        """Note who managers without a row are: place, id, first and last day of employment."""
        rows = ((person_id, *_days(first, last), place) for place, person_id, first, last in people)
        self.notes.executemany("UPDATE roll SET person = ?, first = ?, last = ? WHERE place = ?", rows)

    def outsiders(self, size: int) -> Iterator[dict[str, int]]:
        """The staff numbers of managers who have no row of their own, with their places, so many at a time."""
        last = 0
        found = "SELECT place, staff_number FROM roll WHERE line = 0 AND place > ? ORDER BY place LIMIT ?"
        while rows := self.notes.execute(found, (last, size)).fetchall():
            last = rows[-1][0]
            yield {number: place for place, number in rows}

    def entries(self, rows: Sequence[HrRow]) -> list[tuple[HrRow, Entry]]:
        """Rows with their entries, without those whose staff number is no use or an earlier row's."""
        found = {}
        for number, *own in self.notes.execute(ENTRIES, (listed(row.staff_number for row in rows),)):
            place, line, person, marks, since, *boss = own
            found[number] = Entry(place, line, person, marks, since, Boss(*boss) if boss[0] else None)
        both = ((row, found.get(row.staff_number)) for row in rows)
        return [(row, entry) for row, entry in both if entry and entry.line == row.line]

    def managing(self, places: Iterable[int]) -> set[int]:
        """Those of some places whom any row names as manager."""
        found = "SELECT DISTINCT boss FROM roll WHERE boss IN (SELECT value FROM json_each(?))"
        return {place for (place,) in self.notes.execute(found, (listed(places),))}

    def mark(self, marked: Iterable[tuple[int, int | None, int]]) -> None:
        """Add marks to places, with whom each row makes a manager who was none."""
        self.notes.executemany(MARK, marked)

    def refuse(self, faults: Iterable[RowError]) -> None:
        """Note what is wrong with rows; of two faults in a column of one the first."""
        rows = ((each.line, RANKS[each.column], each.message) for each in faults)
        self.notes.executemany("INSERT OR IGNORE INTO fault VALUES (?, ?, ?)", rows)

    def reject(self, entry: Entry, wrong: Iterable[tuple[str, str]]) -> None:
        """Turn down a row for what is wrong in these columns."""
        self.refuse(RowError(entry.line, *each) for each in wrong)
        self.mark([(BAD, None, entry.place)])

    def blame(self, blamed: Iterable[tuple[int, str]]) -> None:
        """Note which places are to be turned down, for their manager."""
        self.notes.executemany("INSERT OR REPLACE INTO turned VALUES (?, ?)", blamed)

    def blame_followers(self, words: str) -> None:
        """Note the rows whose new manager has been turned down."""
        self.notes.execute(FOLLOW, {"words": words, "bad": BAD, "changing": NEW | POST})

    def turn_down(self) -> bool:
        """Turn down those noted, if any are."""
        self.notes.execute(NAME, (RANKS["manager_staff_number"],))
        return self.notes.execute(TURN, (BAD,)).rowcount > 0

    def lifting(self, ref: int) -> list[int]:
        """The places of the rows that make somebody a manager."""
        return [place for (place,) in self.notes.execute("SELECT place FROM roll WHERE lifts = ?", (ref,))]

    def identify(self, people: Iterable[tuple[int, str]]) -> None:
        """Note the ids of people who were new, by staff number."""
        self.notes.executemany("UPDATE roll SET person = ? WHERE staff_number = ?", people)

    def first_day(self) -> date | None:
        """The first day from which any good row counts."""
        (day,) = self.notes.execute(FIRST, (BAD,)).fetchone()
        return date.fromordinal(day) if day else None

    def faults(self, most: int = -1) -> Iterator[RowError]:
        """What is wrong, in order of line and column: all of it, or the first."""
        columns = list(RANKS)
        found = "SELECT line, rank, message FROM fault ORDER BY line, rank LIMIT ?"
        for line, rank, message in self.notes.execute(found, (most,)):
            yield RowError(line, columns[rank], message)

    @property
    def report(self) -> Report:
        """Each good row once: new, else leaving, else changed, else unchanged."""
        counts = {"added": 0, "left": 0, "changed": 0, "unchanged": 0}
        for marks, rows in self.notes.execute(COUNT, (BAD,)):
            known = "left" if marks & LEFT else "changed" if marks & (PERSON | POST) else "unchanged"
            counts["added" if marks & NEW else known] += rows
        (bad,) = self.notes.execute("SELECT count(DISTINCT line) FROM fault").fetchone()
        return Report(rows=self.rows, bad=bad, errors=tuple(self.faults(ERRORS_NAMED)), **counts)


def _days(first: date, last: date | None) -> tuple[int, int]:
    return first.toordinal(), last.toordinal() if last else NO_DAY
