"""Judging a file of people by reading only: what each row would change, and every row that cannot be taken.

Some rows at a time, the file twice: who they are, then their posts, since managers may come later in the file. What is
kept of a row is its place on the roll; what is kept of the organisation is who manages its managers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import NamedTuple, TypeVar

from sqlalchemy import select

from tithe.kernel.db import db, table_of
from tithe.kernel.errors import RuleBroken
from tithe.kernel.feeds import Faults, RowError
from tithe.people import history
from tithe.people.models import Person, Unit, UnitClosure
from tithe.people.rules import posts_over_time as rules
from tithe.people.rules.hr_feed import HrRow, unit_path
from tithe.people.rules.hr_roll import BAD, LEFT, MANAGES, NEW, NOBODY, PERSON, POST, Roll
from tithe.people.rules.posts_over_time import DEFAULT_CALENDAR, LONGEST_CHAIN, Line, Post, Stretch

AT_ONCE = 1000  # rows, or people, to a statement
COLUMN_OF = {"starts_on": "effective_date", "last_day": "leave", "post": "staff_number"}
PEOPLE = table_of(Person).c
KNOWN = select(
    PEOPLE.id, PEOPLE.staff_number, PEOPLE.name, PEOPLE.email, PEOPLE.starts_on, PEOPLE.leaves_on,
    PEOPLE.probation_ends_on,
)  # fmt: skip
T = TypeVar("T")


class Known(NamedTuple):
    """Somebody as they are stored."""

    id: int
    staff_number: str | None
    name: str
    email: str
    starts_on: date
    leaves_on: date | None
    probation_ends_on: date | None


class Facts(NamedTuple):
    """What a row says of somebody, as it is stored."""

    name: str
    email: str
    starts_on: date
    leaves_on: date | None
    probation_ends_on: date | None


@dataclass
class Judging:
    """A file as far as it has been judged. `covered` are the units the reader's role covers, None for all.

    `lines` are the stored lines of `managers` and `changed` those that the file changes, by the roll's numbers; of whom
    the file makes a manager, `reports` holds the places of the rows that do.
    """

    calendars: Collection[str]
    today: date
    reader: int | None
    units: dict[str, int]
    covered: Collection[int] | None
    roll: Roll = field(default_factory=Roll)
    emails: set[int] = field(default_factory=set)
    lines: dict[int, list[Line]] = field(default_factory=dict)
    changed: dict[int, list[Line]] = field(default_factory=dict)
    place_of: dict[int, int] = field(default_factory=dict)
    managers: frozenset[int] = frozenset()
    reports: dict[int, list[int]] = field(default_factory=dict)

    def judge_people(self, batch: Sequence[HrRow | Faults]) -> None:
        """Enrol some rows, turning down those that are wrong by themselves or about somebody else."""
        self.roll.rows += len(batch)
        rows = [each for each in batch if isinstance(each, HrRow)]
        for each in batch:
            if not isinstance(each, HrRow):
                self.roll.refuse(each)
        by_number = people_numbered(row.staff_number for row in rows)
        by_email = _people_at(row.email for row in rows)
        known_ids = [known.id for known in by_number.values()]
        units = history.newest_units(known_ids) if self.covered is not None else {}
        for row in rows:
            if row.staff_number in self.roll.places and self.roll.line[self.roll.place(row.staff_number)]:
                words = "an earlier line has it; expected one line a person"
                self.roll.refuse((RowError(row.line, "staff_number", words),))
                continue
            known, holder = by_number.get(row.staff_number), by_email.get(row.email)
            place = self.roll.enrol(row, known.id if known else 0)
            facts = facts_of(row, known, self.today)
            stored = Facts(*known[2:]) if known else facts
            wrong = self._wrong_person(row, known, holder, units) + self._wrong_days(row, known, facts)
            mark = hash(row.email)
            if not wrong and mark in self.emails:
                wrong = [("email", "an earlier line has it; expected an address of their own")]
            self.emails.add(mark)
            self.roll.employ(place, *(stored if wrong else facts)[2:4])
            if wrong:
                self.roll.reject(place, *wrong)
                continue
            self._take(row, place, known, facts)

    def _take(self, row: HrRow, place: int, known: Known | None, facts: Facts) -> None:
        roll = self.roll
        if known is None:
            roll.marks[place] |= NEW
        elif facts != known[2:]:
            left = facts.leaves_on is not None and facts.leaves_on != known.leaves_on
            roll.marks[place] |= PERSON | (LEFT if left else 0)
        if row.manager:
            roll.name_manager(place, row.manager)
        roll.since[place] = counts_from(row, facts, self.today).toordinal()

    def _wrong_person(
        self, row: HrRow, known: Known | None, holder: Known | None, units: dict[int, int]
    ) -> list[tuple[str, str]]:
        """Somebody the reader may not change, and nothing else of them; or else somebody else's address, and a unit
        or calendar nobody knows.
        """
        foreign = known is not None and self.covered is not None and units.get(known.id) not in self.covered
        if foreign or (known is not None and known.id == self.reader):
            return [("staff_number", "expected somebody your role covers, and not yourself")]
        wrong = []
        if holder is not None and holder.staff_number != row.staff_number:
            wrong.append(("email", "somebody else has it; expected an address of their own"))
        unit_id = self.unit_of(row)
        if unit_id is None or (self.covered is not None and unit_id not in self.covered):
            wrong.append(("unit", f"expected the code or path of a unit your role covers, found “{row.unit[:60]}”"))
        if row.calendar and row.calendar not in self.calendars:
            known_codes = ", ".join(sorted(self.calendars)[:8])
            wrong.append(("calendar", f"expected one of {known_codes}, found “{row.calendar[:30]}”"))
        return wrong

    def _wrong_days(self, row: HrRow, known: Known | None, facts: Facts) -> list[tuple[str, str]]:
        """Days that do not fit together, or not with what is on record."""
        gone = known.leaves_on if known and known.leaves_on and known.leaves_on < self.today else None
        if gone and facts.leaves_on != gone and not returns(row, known):
            return [("leave", f"they left on {gone}; expected that day, or a start after it")]
        wrong = []
        if facts.leaves_on and facts.leaves_on < facts.starts_on:
            wrong.append(("leave", f"expected their first day, {facts.starts_on}, or a later one"))
        if row.effective and row.effective < facts.starts_on:
            wrong.append(("effective_date", f"expected their first day, {facts.starts_on}, or a later one"))
        return wrong

    def unit_of(self, row: HrRow) -> int | None:
        return self.units.get(row.unit) or self.units.get(unit_path(row.unit))

    def find_managers(self) -> None:
        """Find the managers who have no row of their own, and whom all managers are managed by."""
        self.lines = history.lines_of_managers(self.first_day)
        self.managers = frozenset(self.lines)
        for batch in batches(self.roll.outsiders()):
            found = people_numbered(batch)
            held = history.stretches_of([each.id for each in found.values()])
            for number, each in found.items():
                place = self.roll.place(number)
                self.roll.person[place] = each.id
                self.roll.employ(place, each.starts_on, each.leaves_on)
                self.lines.setdefault(each.id, rules.lines_of(held[each.id]))

    @property
    def first_day(self) -> date:
        """The first day from which any row counts."""
        days = [self.roll.since[place] for place in self.roll.good()]
        return date.fromordinal(min(days)) if days else self.today

    def judge_posts(self, batch: Sequence[HrRow | Faults]) -> None:
        """Work out what some rows change of the posts on record, turning down what cannot be changed so."""
        taken = self.taken(batch)
        known = people_numbered(row.staff_number for row, _ in taken)
        held = history.stretches_of([each.id for each in known.values()])
        for row, place in taken:
            person = known.get(row.staff_number)
            before = held[person.id] if person else []
            try:
                after = self.planned(row, place, person, before)
            except RuleBroken as broken:
                self.roll.reject(place, (COLUMN_OF[broken.field or "post"], _inside(broken.message)))
                continue
            if after != before and self._has_manager(place, before):
                self.roll.marks[place] |= POST
                self._draw(place, before, after)

    def taken(self, batch: Iterable[HrRow | Faults]) -> list[tuple[HrRow, int]]:
        """The rows that are good so far, with their places."""
        rows = [each for each in batch if isinstance(each, HrRow)]
        return [(row, place) for row in rows if (place := self.roll.taken(row)) is not None]

    def planned(self, row: HrRow, place: int, known: Known | None, before: list[Stretch]) -> list[Stretch]:
        """Somebody's posts once a row is taken. Managers are ids, or the roll's numbers for who is new."""
        facts, after = facts_of(row, known, self.today), before
        if known and facts.starts_on != known.starts_on and known.starts_on > self.today:
            after = rules.joined_on(before, facts.starts_on, before=known.starts_on)
        if known and facts.leaves_on != known.leaves_on and not returns(row, known):
            after = rules.left_on(after, facts.leaves_on, before=known.leaves_on, today=self.today)
        since = counts_from(row, facts, self.today)
        if facts.leaves_on and since > facts.leaves_on:
            return after
        current = rules.post_on(after, since)
        base = current or (after[-1] if after else None)
        boss = self.roll.boss[place]
        named = None if boss == NOBODY else self.roll.ref(boss)
        wanted = Post(
            unit_id=self.unit_of(row) or 0,
            line_manager_id=base.post.line_manager_id if base and "manager_staff_number" not in row.given else named,
            grade=base.post.grade if base and "grade" not in row.given else row.grade,
            weekly_minutes=row.weekly_minutes,
            calendar=row.calendar or (base.post.calendar if base else DEFAULT_CALENDAR),
        )
        return rules.changed_from(after, current, wanted, since, today=self.today, last_day=facts.leaves_on)

    def _has_manager(self, place: int, before: list[Stretch]) -> bool:
        """A row that changes something names a manager who is known and employed that day; else it is turned down."""
        boss, day = self.roll.boss[place], date.fromordinal(self.roll.since[place])
        if boss == NOBODY:
            return True
        if not self._exists(boss):
            words = "expected the staff number of somebody known here or in this file"
        elif not self.roll.employed(boss, day) and not _keeps(before, self.roll.ref(boss), day):
            words = f"expected somebody who is employed on {day}"
        else:
            return True
        self.roll.reject(place, ("manager_staff_number", words))
        return False

    def _exists(self, place: int) -> bool:
        return bool(self.roll.person[place]) or (bool(self.roll.line[place]) and not self.roll.marks[place] & BAD)

    def _draw(self, place: int, before: list[Stretch], after: list[Stretch]) -> None:
        """Keep the changed lines of somebody who manages others: nobody else can close a loop."""
        ref, boss = self.roll.ref(place), self.roll.boss[place]
        if boss != NOBODY and self.roll.ref(boss) not in self.managers:
            self.reports.setdefault(self.roll.ref(boss), []).append(place)
        if ref not in self.lines and not self.roll.marks[place] & MANAGES:
            return
        self.lines.setdefault(ref, rules.lines_of(before))
        if self.lines[ref] != rules.lines_of(after):
            self.changed[ref], self.place_of[ref] = rules.lines_of(after), place

    def judge_lines(self) -> None:
        """Turn down rows that close a loop or lengthen a line of management too much, until none is left.

        Whoever is turned down keeps what is on record, or stays unknown if new, so others may have to follow. Every
        manager has somebody below, so the lines above managers are a step shorter than they may be.
        """
        since = self.first_day
        turned = True
        while turned:
            blamed: dict[int, str] = {}
            for fault in rules.faults({**self.lines, **self.changed}, self.changed, since, LONGEST_CHAIN - 1):
                places = [self.place_of[ref] for ref in fault.blamed] or self.reports.get(fault.person, [])
                blamed |= dict.fromkeys(places, fault.words)
            for place, words in blamed.items():
                self._turn_down(place, f"expected {words}")
            turned = self._follow() or bool(blamed)

    def _turn_down(self, place: int, words: str) -> None:
        self.changed.pop(self.roll.ref(place), None)
        boss = self.roll.boss[place]
        if boss != NOBODY and place in self.reports.get(self.roll.ref(boss), ()):
            self.reports[self.roll.ref(boss)].remove(place)
        self.roll.reject(place, ("manager_staff_number", words))

    def _follow(self) -> bool:
        """Turn down the rows whose new manager was turned down."""
        gone = [
            place for place in self.roll.good()
            if self.roll.boss[place] != NOBODY and self.roll.marks[place] & (NEW | POST)
            and not self._exists(self.roll.boss[place])
        ]  # fmt: skip
        for place in gone:
            self._turn_down(place, "expected somebody known here, or whose own line in this file is good")
        return bool(gone)


def facts_of(row: HrRow, known: Known | None, today: date) -> Facts:
    """What a row says of somebody; what its file does not say stays as it is stored.

    Of who has begun, an earlier first day is taken and a later one left alone: it is the day they came back.
    """
    first = row.start or row.effective or today
    if known is not None and (row.start is None or known.starts_on <= today):
        first = min(row.start or known.starts_on, known.starts_on)
    last = known.leaves_on if known is not None and "leave" not in row.given else row.leave
    probation = known.probation_ends_on if known and "probation_end" not in row.given else row.probation_end
    return Facts(row.name, row.email, first, last, probation)


def returns(row: HrRow, known: Known | None) -> bool:
    """A row is about somebody who left and comes back: it says they start after their last day."""
    return bool(known and known.leaves_on and row.start and row.start > known.leaves_on)


def counts_from(row: HrRow, facts: Facts, today: date) -> date:
    """The day from which a row counts: as it says, or today, or the first day of who starts later."""
    return row.effective or max(today, row.start or facts.starts_on)


def _keeps(before: Iterable[Stretch], manager_id: int, day: date) -> bool:
    """Somebody is their manager that day already."""
    return any(each.holds_on(day) and each.post.line_manager_id == manager_id for each in before)


def _inside(words: str) -> str:
    return words[:1].lower() + words[1:]


def people_numbered(numbers: Iterable[str]) -> dict[str, Known]:
    """The stored people with these staff numbers, by them."""
    rows = db.session.execute(KNOWN.where(PEOPLE.staff_number.in_(list(numbers))))
    return {row.staff_number: Known(*row) for row in rows}


def _people_at(emails: Iterable[str]) -> dict[str, Known]:
    """The stored people with these addresses, by them."""
    rows = db.session.execute(KNOWN.where(PEOPLE.email.in_(list(emails))))
    return {row.email: Known(*row) for row in rows}


def units_by_name(tops: Collection[int] | None) -> tuple[dict[str, int], set[int] | None]:
    """Every unit by code and by path of names, and those at or below `tops`, None for all."""
    units = {row.id: row for row in db.session.execute(select(Unit.id, Unit.code, Unit.name, Unit.parent_id))}
    paths: dict[int, list[str]] = {}
    steps = select(UnitClosure.descendant_id, UnitClosure.ancestor_id).order_by(UnitClosure.depth.desc())
    for unit_id, ancestor_id in db.session.execute(steps):
        paths.setdefault(unit_id, []).append(units[ancestor_id].name)
    named = {unit_path(" / ".join(path)): unit_id for unit_id, path in paths.items()}
    named |= {row.code: row.id for row in units.values()}
    if tops is None:
        return named, None
    below = select(UnitClosure.descendant_id).where(UnitClosure.ancestor_id.in_(list(tops)))
    return named, set(db.session.scalars(below))


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch
