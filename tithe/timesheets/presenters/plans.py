"""Plans ready to draw: blocks with what stands in their way, a strip of weeks, and plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tithe.allowance.rules.schedule import Schedule
from tithe.kernel.calendar import MONTHS, Weeks
from tithe.kernel.minutes import clock, spoken
from tithe.projects.rules import Membership
from tithe.timesheets.operations.plans import Prospect
from tithe.timesheets.queries.plans import BlockRow, Place
from tithe.timesheets.queries.room import Room
from tithe.timesheets.queries.standing import Planned
from tithe.timesheets.rules.entries import KINDS
from tithe.timesheets.rules.job_shares import Uncovered
from tithe.timesheets.rules.plans import ahead_on
from tithe.web.filters import day as day_of
from tithe.web.paging import Cursor

WEEKS_DRAWN = 26
CELL = 12


@dataclass(frozen=True)
class Shown:
    """A block as a page shows it; `why` says what has come in its way since it was planned, `cover` that it leaves a
    shared post without cover."""

    block: BlockRow | Planned
    why: str
    due: bool
    cover: str = ""

    @property
    def clock(self) -> str:
        return clock(self.block.minutes)


@dataclass(frozen=True)
class Square:
    """A day of the strip: where it is drawn, what it is, and the words for it."""

    x: int
    y: int
    kind: str


@dataclass(frozen=True)
class Strip:
    """The weeks ahead as columns of days, the first of the week at the `top`; the lists say the same in words."""

    top: str
    width: int
    squares: list[Square]
    months: list[tuple[int, str]]
    words: str


def place_in(text: str | None) -> Place | None:
    """The place in the list of blocks that a link names."""
    cursor = Cursor.read(text)
    return (cursor[0].date(), cursor[1]) if cursor else None


def place_as_text(place: Place | None) -> str | None:
    return Cursor.write(datetime.combine(place[0], time(), UTC), place[1]) if place else None


def shown(
    blocks: Iterable[BlockRow], schedule: Schedule | None, uncovered: Mapping[date, Uncovered], today: date
) -> list[Shown]:
    """Blocks with what stands in their way today: leave, holidays and blackouts may have come later."""
    return [
        Shown(block, in_the_way(block, schedule, today), block.day <= today, cover_of(block, uncovered))
        for block in blocks
    ]


def cover_of(block: BlockRow, uncovered: Mapping[date, Uncovered]) -> str:
    """That a block leaves a shared post without cover, in words; nothing where it does not."""
    found = uncovered.get(block.day)
    return found.words if found and block.entry.tithed else ""


def waiting_for_answer(room: Room, today: date, monday: date | None = None) -> list[Shown]:
    """The blocks of a week, or of the quarter, up to today: somebody is asked whether they were done."""
    days = room.schedule.weeks.days_of(monday) if monday else None
    due = (block for block in room.planned if block.day <= today and (days is None or block.day in days))
    return [Shown(block, "", True) for block in due]


def in_the_way(block: BlockRow, schedule: Schedule | None, today: date) -> str:
    if schedule is None or block.day < today:
        return ""
    ahead = ahead_on(schedule, block.day)
    if ahead.room >= block.minutes:
        return ""
    return f"Room for {spoken(ahead.room)} only" if ahead.room else ahead.why


def strip_of(blocks: Sequence[Shown], today: date, weeks: Weeks) -> Strip:
    """Half a year of days from this week on."""
    first = weeks.days_of(weeks.monday_of(today))[0]
    kinds = {each.block.day: "way" if each.why else "plan" for each in blocks}
    squares, months = [], []
    for week in range(WEEKS_DRAWN):
        top = first + timedelta(weeks=week)
        if week == 0 or top.day <= 7:
            months.append((week * CELL, MONTHS[top.month - 1]))
        for number in range(7):
            day = top + timedelta(days=number)
            kind = kinds.get(day) or ("today" if day == today else "past" if day < today else "free")
            squares.append(Square(week * CELL, number * CELL, kind))
    drawn = [each for each in blocks if first <= each.block.day < first + timedelta(weeks=WEEKS_DRAWN)]
    count = f"{len(drawn)} planned block{'' if len(drawn) == 1 else 's'}"
    words = f"The next {WEEKS_DRAWN} weeks: {count}, listed below"
    return Strip(f"{first:%A}", WEEKS_DRAWN * CELL, squares, months, words)


def rows_for(memberships: Iterable[Membership]) -> list[tuple[str, str]]:
    """The rows of the week somebody may plan for, by their names and titles."""
    projects = [(str(each.project_id), each.title) for each in memberships if each.closed_on is None]
    return projects + [(kind.value, title) for kind, title in KINDS.items()]


def prospect_words(prospect: Prospect) -> list[str]:
    """What a plan would do to each quarter it draws on."""
    return [
        f"{quarter.label}: {spoken(before)} left today, {spoken(planned)} after what you have planned, "
        f"{spoken(after)} after this"
        for quarter, before, planned, after in prospect.quarters
    ]


def as_json(block: BlockRow, why: str = "", cover: str = "") -> dict[str, Any]:
    """A block for JSON; `in_the_way` and `cover` are null while there is nothing to say."""
    return {
        "id": block.id,
        "plan_id": block.plan_id,
        "date": block.day,
        "minutes": block.minutes,
        "project_id": block.project_id,
        "kind": block.kind.value,
        "title": block.title,
        "note": block.note,
        "status": block.status.value,
        "in_the_way": why or None,
        "cover": cover or None,
    }


def prospect_as_json(prospect: Prospect) -> dict[str, Any]:
    return {
        "days": [{"date": each.day, "in_the_way": each.why or None} for each in prospect.laid],
        "minutes": prospect.minutes * len(prospect.days),
        "cover": [each.words for each in prospect.uncovered],
        "quarters": [
            {"quarter": quarter.code, "left_minutes": before, "planned_after_minutes": planned, "then_minutes": after}
            for quarter, before, planned, after in prospect.quarters
        ],
    }


def drawn_days(prospect: Prospect) -> Mapping[str, list[str]]:
    """The dates of a plan in words: those that get a block, and those left out with why."""
    kept = [day_of(each) for each in prospect.days]
    left_out = [f"{day_of(each.day)}: {each.why}" for each in prospect.laid if each.why]
    return {"kept": kept, "left_out": left_out}
