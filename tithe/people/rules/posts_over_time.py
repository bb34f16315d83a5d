"""Posts over time: what a change from a day on does to them, and lines of management without loops at any date. Pure.

What was true on a past day stays true: a change closes the stretch of a post that is in force and opens the next.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tithe.kernel.calendar import named
from tithe.kernel.errors import RuleBroken
from tithe.people.rules.grades import Grade

DEFAULT_CALENDAR = "england-and-wales"
FULL_WEEK = 2220
MOST_WEEKLY = 168 * 60
LONGEST_CHAIN = 15
ONE_DAY = timedelta(days=1)
NO_DAY = date.max.toordinal()  # stands for the last day of what goes on


@dataclass(frozen=True)
class Post:
    """What a change may change: where somebody works, for whom, at which grade, how long and with which holidays.

    `weekly_minutes` are contracted minutes a week.
    """

    unit_id: int
    line_manager_id: int | None
    grade: Grade | None
    weekly_minutes: int
    calendar: str

    @property
    def fte_bp(self) -> int:
        """Ten-thousandths of full time, 37 hours being full time."""
        return round(self.weekly_minutes * 10_000 / FULL_WEEK)


@dataclass(frozen=True)
class Stretch:
    """A post as it is held from one day to another, both included. It has no id while it is not stored."""

    id: int | None
    starts_on: date
    ends_on: date | None
    post: Post
    grade_text: str = ""
    post_title: str = ""
    source_key: str | None = None

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


def post_on(stretches: Sequence[Stretch], day: date, which: int | None = None) -> Stretch | None:
    """The post held on a day, or none. Refuses to choose between two: `which` is the id of the one that is meant."""
    held = [each for each in stretches if each.holds_on(day) and which in (None, each.id)]
    if len(held) > 1:
        ids = ", ".join(str(each.id) for each in held)
        raise RuleBroken(f"They hold {len(held)} posts on {named(day)}. Say which one changes: {ids}", field="post")
    if which is not None and not held:
        raise RuleBroken(f"They do not hold that post on {named(day)}", field="post")
    return held[0] if held else None


def changed_from(
    stretches: Sequence[Stretch],
    current: Stretch | None,
    wanted: Post,
    day: date,
    *,
    today: date,
    last_day: date | None,
) -> list[Stretch]:
    """The stretches once a post is as wanted from a day on; the same list if it is so already.

    `current` is the stretch that changes, None to begin a post, which lasts to `last_day`. One that begins that day
    and has not begun before today is put right where it stands.
    """
    if current is not None and current.post == wanted:
        return list(stretches)
    same = [each for each in stretches if current is None or each.source_key == current.source_key]
    later = [each.starts_on for each in same if each.starts_on > day]
    if later:
        raise RuleBroken(
            f"A change from {named(min(later))} is on record already. Choose that day to correct it, or a later one",
            field="starts_on",
        )
    if current is None:
        return [*stretches, Stretch(None, day, last_day, wanted)]
    if current.ends_on is not None and current.ends_on < today:
        raise RuleBroken(
            f"That post ended on {named(current.ends_on)}. What is over stays as it was", field="starts_on"
        )
    wording = current.grade_text if wanted.grade == current.post.grade else ""
    if day > current.starts_on:
        following = replace(current, id=None, starts_on=day, post=wanted, grade_text=wording)
        before = [replace(each, ends_on=day - ONE_DAY) if each is current else each for each in stretches]
        return [*before, following]
    if day < today:
        raise RuleBroken(
            f"What is on record began on {named(day)} and stays as it was. Choose a later day", field="starts_on"
        )
    return [replace(each, post=wanted, grade_text=wording) if each is current else each for each in stretches]


def joined_on(stretches: Sequence[Stretch], first_day: date, *, before: date) -> list[Stretch]:
    """The stretches once the first day of somebody who has not begun is another than `before`."""
    return [replace(each, starts_on=first_day) if each.starts_on == before else each for each in stretches]


def left_on(stretches: Sequence[Stretch], last_day: date | None, *, before: date | None, today: date) -> list[Stretch]:
    """The stretches once their holder's last day is another than `before`: what ended with it ends with the new one.

    What has not begun by then is dropped; what began is not, and refuses a last day before it.
    """
    kept = []
    for each in stretches:
        if last_day is not None and each.starts_on > last_day:
            if each.starts_on <= today:
                raise RuleBroken(
                    f"What is on record began on {named(each.starts_on)}. Choose that day or a later one",
                    field="last_day",
                )
            continue
        ended_with_it = each.ends_on == before or (each.ends_on or date.max) > (last_day or date.max)
        kept.append(replace(each, ends_on=last_day) if ended_with_it else each)
    return kept


@dataclass(frozen=True)
class Writes:
    """What brings stored stretches up to date: ids to remove, stretches to store again, stretches to add."""

    removed: list[int]
    updated: list[Stretch]
    added: list[Stretch]


def writes(before: Sequence[Stretch], after: Sequence[Stretch]) -> Writes:
    """What differs between the stretches stored and those wanted."""
    stored = {each.id: each for each in before if each.id is not None}
    kept = {each.id for each in after}
    return Writes(
        removed=[stretch_id for stretch_id in stored if stretch_id not in kept],
        updated=[each for each in after if each.id is not None and stored[each.id] != each],
        added=[each for each in after if each.id is None],
    )


Line = tuple[int, int, int]
"""Whom somebody is managed by, and the first and last day of that as ordinals."""

Lines = Mapping[int, Sequence[Line]]


def line_of(stretch: Stretch) -> Line | None:
    """The line of management of a stretch, if it has one."""
    manager = stretch.post.line_manager_id
    last = stretch.ends_on.toordinal() if stretch.ends_on else NO_DAY
    return None if manager is None else (manager, stretch.starts_on.toordinal(), last)


def lines_of(stretches: Sequence[Stretch]) -> list[Line]:
    return [line for each in stretches if (line := line_of(each))]


@dataclass(frozen=True)
class Fault:
    """What is wrong with the managers above `person`, and whose changes are to blame, if any of theirs are."""

    person: int
    blamed: frozenset[int]
    loop: bool

    @property
    def words(self) -> str:
        if self.loop:
            return "a manager who is not managed by them in turn"
        return f"a manager with fewer managers above them: a line of management has at most {LONGEST_CHAIN} steps"


def faults(lines: Lines, changed: Container[int], since: date, longest: int = LONGEST_CHAIN) -> Iterator[Fault]:
    """Walk up from everybody, through every date from a day on, and yield what loops or has too many steps.

    To blame are in a loop all changes in it, in a long line the lowest change.
    """
    for person in lines:
        waiting: list[tuple[tuple[int, ...], int, int]] = [((person,), since.toordinal(), NO_DAY)]
        while waiting:
            path, first, last = waiting.pop()
            for manager, begins, ends in lines.get(path[-1], ()):
                low, high = max(first, begins), min(last, ends)
                if low > high:
                    continue
                loop = manager in path
                if not loop and len(path) <= longest:
                    waiting.append(((*path, manager), low, high))
                    continue
                blamed = [each for each in (path[path.index(manager) :] if loop else path) if each in changed]
                yield Fault(person, frozenset(blamed if loop else blamed[:1]), loop)
