"""The roll of a file of people: a few numbers for each staff number it mentions, whatever else its rows say. Pure.

Managers may come later in the file than those they manage, so what is wrong with a row may show only at the end.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from datetime import date

from tithe.kernel.feeds import Faults, RowError
from tithe.people.rules.hr_feed import HrRow, Report
from tithe.people.rules.posts_over_time import NO_DAY

ERRORS_NAMED = 1000
NOBODY = -1  # the place of a manager that a row does not name
BAD, NEW, LEFT, PERSON, POST, MANAGES = (1 << bit for bit in range(6))


class Roll:
    """Places in order of first mention. `line` is 0 for who is only named as a manager, `person` 0 for who is new.

    `first` and `last` are days of employment and `since` the day a row counts from, as ordinals.
    """

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.marks = bytearray()
        self.line, self.person, self.boss = array("q"), array("q"), array("q")
        self.first, self.last, self.since = array("l"), array("l"), array("l")
        self.rows = self.bad = 0
        self.errors: list[RowError] = []

    def place(self, staff_number: str) -> int:
        """The place of a staff number, a new one at its first mention."""
        place = self.places.setdefault(staff_number, len(self.places))
        if place == len(self.marks):
            self.marks.append(0)
            for column in (self.line, self.person, self.first, self.since):
                column.append(0)
            self.boss.append(NOBODY)
            self.last.append(NO_DAY)
        return place

    def refuse(self, faults: Faults) -> None:
        """Count a row as bad, however many faults it has. The first faults are named."""
        self.bad += 1
        self.errors += faults[: ERRORS_NAMED - len(self.errors)]

    def reject(self, place: int, *wrong: tuple[str, str]) -> None:
        """Turn down a row that was taken before, for what is wrong in these columns."""
        self.marks[place] |= BAD
        self.refuse(tuple(RowError(self.line[place], *each) for each in wrong))

    def enrol(self, row: HrRow, person_id: int) -> int:
        """Give a row its place."""
        place = self.place(row.staff_number)
        self.line[place], self.person[place] = row.line, person_id
        return place

    def employ(self, place: int, first: date, last: date | None) -> None:
        """Note from when to when somebody is employed."""
        self.first[place], self.last[place] = first.toordinal(), last.toordinal() if last else NO_DAY

    def name_manager(self, place: int, staff_number: str) -> None:
        """Note whom a row names as manager."""
        boss = self.place(staff_number)
        self.boss[place] = boss
        self.marks[boss] |= MANAGES

    def taken(self, row: HrRow) -> int | None:
        """The place of a row that is good so far; None for a bad one, or one whose staff number an earlier row has."""
        place = self.places.get(row.staff_number)
        if place is None or self.line[place] != row.line or self.marks[place] & BAD:
            return None
        return place

    def good(self) -> Iterator[int]:
        """The places of all rows that are good so far."""
        return (place for place, line in enumerate(self.line) if line and not self.marks[place] & BAD)

    def outsiders(self) -> list[str]:
        """The managers who have no row of their own."""
        return [number for number, place in self.places.items() if not self.line[place]]

    def ref(self, place: int) -> int:
        """The id of a person, or a number below zero for who is new."""
        return self.person[place] or -place - 1

    def employed(self, place: int, day: date) -> bool:
        return self.first[place] <= day.toordinal() <= self.last[place]

    @property
    def report(self) -> Report:
        """Each good row once: new, else leaving, else changed, else unchanged."""
        counts = {"added": 0, "left": 0, "changed": 0, "unchanged": 0}
        for place in self.good():
            marks = self.marks[place]
            known = "left" if marks & LEFT else "changed" if marks & (PERSON | POST) else "unchanged"
            counts["added" if marks & NEW else known] += 1
        errors = tuple(sorted(self.errors, key=lambda each: each.line))
        return Report(rows=self.rows, bad=self.bad, errors=errors, **counts)
