"""What becomes of each row of a file: loaded, there already, left out, in a week that is not open, or wrong. Pure.

Rows of a day that go to one place of a week add up, and are rounded to minutes together, half up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from tithe.kernel.calendar import Quarter, Weeks, named
from tithe.kernel.errors import RuleBroken
from tithe.kernel.feeds import RowError
from tithe.projects.rules import Membership
from tithe.timesheets.rules.entries import KINDS, Entry, entry_of
from tithe.timesheets.rules.imports.cells import whole_minutes
from tithe.timesheets.rules.imports.sheet import LONGEST_NOTE, TAG, SourceRow
from tithe.timesheets.rules.lifecycle import WeekStatus
from tithe.timesheets.rules.limits import misplaced

LEAVE_OUT = "out"
INSTEAD = {
    WeekStatus.SUBMITTED: "is submitted. Take it back, then import again",
    WeekStatus.APPROVED: "is approved. Amend it, then import again",
}
Place = tuple[date, str]  # a day, and the row of the week as `Entry.line` names it


class Fate(StrEnum):
    """What becomes of a row. Each has exactly one."""

    LOADED = "loaded"
    CHANGED = "changed"
    KNOWN = "known"
    LEFT_OUT = "left_out"
    CLOSED = "closed"
    WRONG = "wrong"


@dataclass(frozen=True)
class Known:
    """A row as it was loaded before."""

    day: date
    line: str
    seconds: int


@dataclass(frozen=True)
class Moving:
    """A row that is to be loaded to a line of a week, and how it was loaded before, if it was."""

    row: SourceRow
    line: str
    before: Known | None

    @property
    def place(self) -> Place:
        return self.row.day, self.line

    @property
    def is_there(self) -> bool:
        """It was loaded before just as it is now."""
        return self.before == Known(self.row.day, self.line, self.row.seconds)

    def mondays(self, weeks: Weeks) -> set[date]:
        """The weeks it touches."""
        return {weeks.monday_of(self.row.day)} | ({weeks.monday_of(self.before.day)} if self.before else set())


@dataclass(frozen=True)
class OwnWeek:
    """A week that rows go to."""

    monday: date
    status: WeekStatus
    version: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Bounds:
    """What can be recorded at all: until today, while employed, and for projects one is a member of; and in which week
    each day is."""

    weeks: Weeks
    today: date
    employed: tuple[date, date | None]
    memberships: Sequence[Membership]


@dataclass
class Accounts:
    """What became of the rows so far: lines by fate and reason, and what is wrong with the wrong ones."""

    lines: defaultdict[tuple[Fate, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    errors: list[RowError] = field(default_factory=list)

    def put(self, row: SourceRow, fate: Fate, why: str = "") -> None:
        self.lines[fate, why].append(row.line)

    def wrong(self, error: RowError) -> None:
        self.lines[Fate.WRONG, ""].append(error.line)
        self.errors.append(error)

    @property
    def counts(self) -> Counter[Fate]:
        found: Counter[Fate] = Counter()
        for (fate, _), lines in self.lines.items():
            found[fate] += len(lines)
        return found


def suggested(name: str, remembered: Mapping[str, str], memberships: Iterable[Membership]) -> str:
    """Where rows of a name go unless somebody says otherwise: where they went before, else to the project or kind of
    time of the same name, else nowhere."""
    titles = {each.title.lower(): str(each.project_id) for each in memberships}
    lines = set(titles.values()) | {kind.value for kind in KINDS} | {LEAVE_OUT}
    if remembered.get(name) in lines:
        return remembered[name]
    kinds = {word.lower(): kind.value for kind, words in KINDS.items() for word in (kind.value, words)}
    plain = name.removeprefix(TAG).lower()
    return titles.get(plain) or kinds.get(plain) or LEAVE_OUT


def refuse_unknown(mapping: Mapping[str, str], names: Collection[str], memberships: Iterable[Membership]) -> None:
    """Refuse a mapping of names the file does not have, or to what is no project of one's own and no kind of time."""
    lines = {str(each.project_id) for each in memberships} | {kind.value for kind in KINDS} | {LEAVE_OUT}
    for name, line in mapping.items():
        if name not in names:
            raise RuleBroken(f"The file has nothing called “{name[:60]}”. Check the name, then try again", field="map")
        if line not in lines:
            words = f"“{line[:20]}” is no project of yours. Use its number, {', '.join(KINDS)} or {LEAVE_OUT}"
            raise RuleBroken(words, field="map")


def line_of(row: SourceRow, mapping: Mapping[str, str]) -> str:
    """Where a row goes: where its project does, or if that is left out, where the first of its tags does."""
    lines = (mapping.get(name, LEAVE_OUT) for name in row.names)
    return next((line for line in lines if line != LEAVE_OUT), LEAVE_OUT)


def of_others(rows: Iterable[SourceRow], me: Collection[str]) -> set[tuple[str, ...]]:
    """The other people in a file of several: rows of theirs are not one's own time. Refuses a file without oneself."""
    people = {row.who for row in rows if row.who}
    others = {who for who in people if not set(who) & set(me)}
    if len(people) > 1 and others == people:
        named_there = ", ".join(sorted(who[0][:60] for who in others)[:3])
        words = f"This file has time of several people, and none of them is you: {named_there}. Export your own time"
        raise RuleBroken(words, field="file")
    return others if len(people) > 1 else set()


def day_in_week(monday: date, today: date, scheduled: Mapping[date, int]) -> date:
    """The day that a total of a week is put on: its Thursday, or if that is not worked or has not come, the nearest
    worked day of the same quarter. `scheduled` are the minutes of its days.

    Source: §1.8, where totals of a week belong to its Thursday's quarter.
    """
    thursday = monday + timedelta(days=3)
    quarter = Quarter.containing(thursday)
    worked = [day for day, minutes in scheduled.items() if day in quarter and day <= today and minutes]
    return min(worked, key=lambda day: (abs((day - thursday).days), day), default=thursday)


def sort_out(
    rows: Sequence[SourceRow],
    mapping: Mapping[str, str],
    others: Collection[tuple[str, ...]],
    known: Mapping[str, Known],
    accounts: Accounts,
) -> list[Moving]:
    """The rows that change something, if their weeks let them; what becomes of the others goes to the accounts."""
    wanted: list[Moving] = []
    for row in rows:
        line, before = line_of(row, mapping), known.get(row.key)
        stays = "; what was loaded of it before stays in your week" if before else ""
        if row.who in others:
            accounts.put(row, Fate.LEFT_OUT, f"It is the time of {row.who[0][:60]}")
        elif not row.seconds:
            accounts.put(row, Fate.LEFT_OUT, f"It has no length{stays}")
        elif line == LEAVE_OUT:
            accounts.put(row, Fate.LEFT_OUT, f"You leave out {' and '.join(f'“{name}”' for name in row.names)}{stays}")
        else:
            wanted.append(Moving(row, line, before))
    overlapping = _overlaps(wanted)
    moving = []
    for each in wanted:
        if each.is_there:
            accounts.put(each.row, Fate.KNOWN, "It was loaded before")
        elif each.row.key in overlapping:
            words = f"overlaps line {overlapping[each.row.key]}; expected times that do not overlap"
            accounts.wrong(RowError(each.row.line, "time", words))
        else:
            moving.append(each)
    return moving


def _overlaps(wanted: Iterable[Moving]) -> dict[str, int]:
    """The rows that overlap one that stays, with its line: what was loaded before stays, else what is earlier."""
    timed = [each for each in wanted if each.row.starts and each.row.ends]
    found: dict[str, int] = {}
    last: Moving | None = None
    for each in sorted(timed, key=lambda each: (each.row.starts, each.row.line)):
        if last and last.row.ends and each.row.starts and each.row.starts < last.row.ends:
            goes, last = (last, each) if each.is_there and not last.is_there else (each, last)
            found[goes.row.key] = last.row.line
        else:
            last = each
    return found


def fit(moving: Iterable[Moving], weeks: Mapping[date, OwnWeek], bounds: Bounds, accounts: Accounts) -> list[Moving]:
    """The rows that their weeks can take; what becomes of the others goes to the accounts."""
    fitting = []
    for each in moving:
        closed = next(
            (monday for monday in sorted(each.mondays(bounds.weeks)) if weeks[monday].status in INSTEAD), None
        )
        if closed is not None:
            accounts.put(each.row, Fate.CLOSED, f"The week of {named(closed)} {INSTEAD[weeks[closed].status]}")
            continue
        entry = entry_of(each.line, each.row.day, 1, "")
        problems = misplaced(
            [entry],
            bounds.weeks.monday_of(entry.day),
            weeks=bounds.weeks,
            today=bounds.today,
            employed=bounds.employed,
            memberships=bounds.memberships,
        )
        if problems:
            accounts.wrong(RowError(each.row.line, "date", problems[0].message))
        else:
            fitting.append(each)
    return fitting


def lay(
    moving: Sequence[Moving],
    known: Collection[Known],
    weeks: Mapping[date, OwnWeek],
    bounds: Bounds,
    accounts: Accounts,
) -> tuple[dict[date, list[Entry]], list[Moving]]:
    """The entries of each week that changes once the rows are in it, and the rows that are; the others go to the
    accounts: those of a day that would have more than 24 hours, and those too short to make a minute."""
    left = list(moving)
    while True:
        entries = _laid(left, known, weeks, bounds.weeks)
        full = {
            day: words
            for monday, held in entries.items()
            for day, words in _overfull(held, weeks[monday], bounds).items()
        }
        too_much = [each for each in left if each.row.day in full]
        if not too_much:
            break
        for each in too_much:
            accounts.wrong(RowError(each.row.line, "time", full[each.row.day]))
        left = [each for each in left if each.row.day not in full]
    there = {(entry.day, entry.line) for held in entries.values() for entry in held}
    for each in left:
        if each.place not in there and not each.before:
            accounts.put(each.row, Fate.LEFT_OUT, "It is too short: less than half a minute that day")
        else:
            accounts.put(each.row, Fate.CHANGED if each.before else Fate.LOADED)
    changed = {monday: held for monday, held in entries.items() if held != list(weeks[monday].entries)}
    return changed, [each for each in left if each.place in there or each.before]


def _overfull(entries: Sequence[Entry], week: OwnWeek, bounds: Bounds) -> dict[date, str]:
    """The days of a week that cannot be recorded as they would be, with what is wrong."""
    problems = misplaced(
        entries,
        week.monday,
        weeks=bounds.weeks,
        today=bounds.today,
        employed=bounds.employed,
        memberships=bounds.memberships,
        held=week.entries,
    )
    return {entries[int((problem.field or "0").rsplit(".", 1)[-1])].day: problem.message for problem in problems}


def _laid(
    moving: Iterable[Moving], known: Iterable[Known], weeks: Mapping[date, OwnWeek], by: Weeks
) -> dict[date, list[Entry]]:
    stored: Counter[Place] = Counter()
    for loaded in known:
        stored[loaded.day, loaded.line] += loaded.seconds
    gone, come, notes = Counter[Place](), Counter[Place](), defaultdict[Place, list[str]](list)
    for each in moving:
        if each.before:
            gone[each.before.day, each.before.line] += each.before.seconds
        come[each.place] += each.row.seconds
        notes[each.place].append(each.row.note)
    laid: dict[date, dict[Place, Entry]] = {}
    for place in {*gone, *come}:
        monday = by.monday_of(place[0])
        held = laid.setdefault(monday, {(entry.day, entry.line): entry for entry in weeks[monday].entries})
        old = held.pop(place, None)
        total = _total(old.minutes if old else 0, stored[place], gone[place], come[place])
        if total:
            held[place] = entry_of(place[1], place[0], total, _note(old.note if old else "", notes[place]))
    return {monday: sorted(held.values(), key=lambda entry: entry.place) for monday, held in laid.items()}


def _total(minutes: int, stored: int, gone: int, come: int) -> int:
    """The minutes of a place that seconds leave and come to. What was loaded there is rounded as a whole, unless its
    owner has taken some of it out by hand since: that does not come back."""
    if minutes >= whole_minutes(stored):
        return minutes - whole_minutes(stored) + whole_minutes(stored - gone + come)
    return max(0, minutes - whole_minutes(gone)) + whole_minutes(come)


def _note(before: str, notes: Iterable[str]) -> str:
    """The note there was and those of the rows, each once."""
    words = before
    for note in notes:
        if note and note not in words:
            words = f"{words}; {note}" if words else note
    return words if len(words) <= LONGEST_NOTE else f"{words[: LONGEST_NOTE - 1]}…"
