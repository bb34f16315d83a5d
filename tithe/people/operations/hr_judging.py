"""Judging a file of people by reading only: what each row would change, and every row that cannot be taken.

Some rows at a time, the file twice: who they are, then their posts, since managers may come later in the file. What is
kept of the rows, and of who manages their managers, lies in notes on disk: memory does not grow with the file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from tithe.kernel.errors import RuleBroken
from tithe.kernel.feeds import Faults, RowError, batches
from tithe.kernel.scratch import Notes
from tithe.people import history
from tithe.people.operations.hr_lines import judge_lines, keep_lines, managers_among, place_lines
from tithe.people.operations.hr_records import Facts, Known, counts_from, facts_of, people_at, people_numbered, returns
from tithe.people.operations.hr_roll import BAD, LEFT, NEW, PERSON, POST, UNSURE, Boss, Enrolled, Entry, Roll
from tithe.people.rules import posts_over_time as rules
from tithe.people.rules.hr_feed import HrRow, unit_path
from tithe.people.rules.posts_over_time import DEFAULT_CALENDAR, Post, Stretch

AT_ONCE = 1000  # rows, or people, to a statement
COLUMN_OF = {"starts_on": "effective_date", "last_day": "leave", "post": "staff_number"}
DAYS = frozenset({"start", "leave", "effective_date"})
DECIDING = DAYS | {"staff_number", "unit", "grade", "weekly_hours", "calendar"}  # of what a post would be
Wrong = list[tuple[str, str]]  # what is wrong with a row: in which column, and what was expected
Read = Callable[[], Iterable[HrRow | Faults]]


@dataclass
class Judging:
    """A file as far as it has been judged; `read` begins it anew.

    `covered` are the units the reader's role covers, None for all.
    """

    read: Read
    calendars: Collection[str]
    today: date
    reader: int | None
    units: dict[str, int]
    covered: Collection[int] | None
    notes: Notes
    roll: Roll = field(init=False)

    def __post_init__(self) -> None:
        self.roll = Roll(self.notes)

    def judge(self) -> None:
        """Judge the whole file."""
        for batch in batches(self.read(), AT_ONCE):
            self._judge_people(batch)
        since = self.roll.first_day() or self.today
        self._find_managers(since)
        for batch in batches(self.read(), AT_ONCE):
            self._judge_posts(batch)
        judge_lines(self.notes, self.roll, since)

    def good(self) -> Iterator[list[tuple[HrRow, Entry]]]:
        """The rows that are good so far with their entries, some at a time."""
        for batch in batches(self.read(), AT_ONCE):
            yield [(row, entry) for row, entry in self.roll.entries(_rows(batch)) if not entry.marks & BAD]

    def _judge_people(self, batch: Sequence[HrRow | Faults]) -> None:
        """Enrol some rows, naming what is wrong with them by themselves, against earlier ones or against the record."""
        self.roll.rows += len(batch)
        self.roll.refuse(fault for each in batch for fault in (each.faults if isinstance(each, HrRow) else each))
        rows = _rows(batch)
        places = self.roll.mention(dict.fromkeys(number for row in rows for number in _mentioned(row)))
        taken = self.roll.taken({row.email for row in rows})
        by_number = people_numbered(row.staff_number for row in rows)
        by_email = people_at(row.email for row in rows)
        units = history.newest_units([each.id for each in by_number.values()]) if self.covered is not None else {}
        enrolled = []
        for row in rows:
            place, line = places.get(row.staff_number, (0, 0))
            if not place or line:
                wrong = [("staff_number", "an earlier line has it; expected one line a person")] if line else []
                self._refuse(row, wrong + self._wrong_place(row))
                continue
            places[row.staff_number] = place, row.line
            known = by_number.get(row.staff_number)
            if known and (known.id == self.reader or self._foreign(units.get(known.id))):
                wrong = [("staff_number", "expected somebody your role covers, and not yourself")]
            else:
                wrong = _wrong_address(row, by_email.get(row.email), taken) + self._wrong_place(row)
                wrong += self._wrong_days(row, known)
            taken.add(row.email)
            self._refuse(row, wrong)
            enrolled.append(self._enrolled(row, place, places, known, {column for column, _ in wrong}))
        self.roll.enrol(enrolled)
        self.roll.take(taken)

    def _refuse(self, row: HrRow, wrong: Wrong) -> None:
        if wrong:
            self.roll.refuse(RowError(row.line, *each) for each in wrong)

    def _enrolled(
        self, row: HrRow, place: int, places: dict[str, tuple[int, int]], known: Known | None, wrong: set[str]
    ) -> Enrolled:
        """What is to be kept of a row, `wrong` being the columns that do not fit the record or an earlier row. Of a bad
        one, the days of employment on record count."""
        facts = facts_of(row, known, self.today)
        bad = wrong | {fault.column for fault in row.faults}
        named = row.manager and not bad & {"staff_number", "manager_staff_number"}
        marks = (BAD | (UNSURE if bad & DECIDING else 0)) if bad else _marks(known, facts)
        days = known or facts if bad else facts
        return Enrolled(
            place,
            row.line,
            known.id if known else 0,
            places[row.manager][0] if named else None,
            days.starts_on,
            days.leaves_on,
            counts_from(row, facts, self.today),
            marks,
        )

    def _foreign(self, unit_id: int | None) -> bool:
        """The reader's role does not cover somebody with this unit."""
        return self.covered is not None and unit_id not in self.covered

    def _wrong_place(self, row: HrRow) -> Wrong:
        """A unit or calendar that nobody knows."""
        wrong = []
        unit_id = self.unit_of(row)
        if unit_id is None or self._foreign(unit_id):
            wrong.append(("unit", f"expected the code or path of a unit your role covers, found “{row.unit[:60]}”"))
        if row.calendar and row.calendar not in self.calendars:
            known_codes = ", ".join(sorted(self.calendars)[:8])
            wrong.append(("calendar", f"expected one of {known_codes}, found “{row.calendar[:30]}”"))
        return wrong

    def _wrong_days(self, row: HrRow, known: Known | None) -> Wrong:
        """Days that do not fit together, or not with what is on record. A day that cannot be read fits nothing."""
        if any(fault.column in DAYS for fault in row.faults):
            return []
        facts = facts_of(row, known, self.today)
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

    def _find_managers(self, since: date) -> None:
        """Find whom all managers are managed by, and the managers who have no row of their own."""
        for lines in history.lines_of_managers(since, AT_ONCE):
            keep_lines(self.notes, lines)
        for places in self.roll.outsiders(AT_ONCE):
            found = people_numbered(places)
            held = history.stretches_of([each.id for each in found.values()])
            known = [(places[number], each) for number, each in found.items()]
            self.roll.employ((place, each.id, each.starts_on, each.leaves_on) for place, each in known)
            placed = ((each.id, place, rules.lines_of(held[each.id]), None) for place, each in known)
            place_lines(self.notes, placed)

    def _judge_posts(self, batch: Sequence[HrRow | Faults]) -> None:
        """Work out what some rows change of the posts on record, naming what cannot be changed so."""
        rows = self.roll.entries(_rows(batch))
        known = people_numbered(row.staff_number for row, _ in rows)
        held = history.stretches_of([each.id for each in known.values()])
        judged = []
        for row, entry in rows:
            person = known.get(row.staff_number)
            before = held[person.id] if person else []
            after, wrong = self._after(row, entry, person, before)
            if wrong:
                self.roll.reject(entry, wrong)
            judged.append((entry, before, before if wrong or entry.marks & BAD else after))
        self._draw(judged)

    def _after(
        self, row: HrRow, entry: Entry, known: Known | None, before: list[Stretch]
    ) -> tuple[list[Stretch], Wrong]:
        """Somebody's posts once a row is taken, and what is wrong with that."""
        stranger = entry.boss is not None and not entry.boss.mentioned
        wrong = [("manager_staff_number", "expected the staff number of somebody known here or in this file")]
        if entry.marks & UNSURE:
            return before, wrong if stranger else []
        try:
            after = self.planned(row, entry.boss, known, before)
        except RuleBroken as broken:
            fault = (COLUMN_OF[broken.field or "post"], _inside(broken.message))
            return before, [fault, *wrong] if stranger else [fault]
        if after == before or entry.boss is None or _serves(entry.boss, before, entry.since):
            return after, []
        day = date.fromordinal(entry.since)
        return after, wrong if stranger else [("manager_staff_number", f"expected somebody who is employed on {day}")]

    def planned(self, row: HrRow, boss: Boss | None, known: Known | None, before: list[Stretch]) -> list[Stretch]:
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
        named = boss and boss.ref
        wanted = Post(
            unit_id=self.unit_of(row) or 0,
            line_manager_id=base.post.line_manager_id if base and "manager_staff_number" not in row.given else named,
            grade=base.post.grade if base and "grade" not in row.given else row.grade,
            weekly_minutes=row.weekly_minutes,
            calendar=row.calendar or (base.post.calendar if base else DEFAULT_CALENDAR),
        )
        return rules.changed_from(after, current, wanted, since, today=self.today, last_day=facts.leaves_on)

    def _draw(self, judged: Sequence[tuple[Entry, list[Stretch], list[Stretch]]]) -> None:
        """Mark what some rows change, and keep the lines above those who manage others: nobody else closes a loop."""
        bosses = [entry.boss.ref for entry, _, _ in judged if entry.boss]
        kept = managers_among(self.notes, [*bosses, *(entry.ref for entry, _, _ in judged)])
        managing = self.roll.managing(entry.place for entry, _, _ in judged)
        marked, placed = [], []
        for entry, before, after in judged:
            if after != before:
                lifts = entry.boss.ref if entry.boss and not kept.get(entry.boss.ref) else None
                marked.append((POST, lifts, entry.place))
            if entry.ref in kept or entry.place in managing:
                was, new = rules.lines_of(before), rules.lines_of(after)
                placed.append((entry.ref, entry.place, was, None if was == new else new))
        self.roll.mark(marked)
        place_lines(self.notes, placed)


def _rows(batch: Iterable[HrRow | Faults]) -> list[HrRow]:
    return [each for each in batch if isinstance(each, HrRow)]


def _mentioned(row: HrRow) -> list[str]:
    """The staff numbers that a row is about and names as manager, none if its own is no use."""
    faulty = {fault.column for fault in row.faults}
    numbers = {"staff_number": row.staff_number, "manager_staff_number": row.manager}
    if "staff_number" in faulty:
        return []
    return [number for column, number in numbers.items() if number and column not in faulty]


def _wrong_address(row: HrRow, holder: Known | None, taken: Collection[str]) -> Wrong:
    if holder is not None and holder.staff_number != row.staff_number:
        return [("email", "somebody else has it; expected an address of their own")]
    return [("email", "an earlier line has it; expected an address of their own")] if row.email in taken else []


def _marks(known: Known | None, facts: Facts) -> int:
    """What taking a good row does to who is stored."""
    if known is None:
        return NEW
    left = facts.leaves_on is not None and facts.leaves_on != known.leaves_on
    return 0 if facts == known[2:] else PERSON | LEFT if left else PERSON


def _serves(boss: Boss, before: Iterable[Stretch], day: int) -> bool:
    """A manager is employed on a day, or is theirs that day already. Of who is new, their own row decides."""
    if not boss.mentioned:
        return False
    return boss.turned_down or boss.employed(day) or _keeps(before, boss.ref, date.fromordinal(day))


def _keeps(before: Iterable[Stretch], manager_id: int, day: date) -> bool:
    """Somebody is their manager that day already."""
    return any(each.holds_on(day) and each.post.line_manager_id == manager_id for each in before)


def _inside(words: str) -> str:
    return words[:1].lower() + words[1:]
