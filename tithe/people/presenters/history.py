"""Posts over time as a drawing, and what a change would do to them in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tithe.kernel.calendar import named
from tithe.people.history import HistoryRow
from tithe.people.operations.posts import Outcome
from tithe.people.presenters.changes import Said, differences
from tithe.people.rules.posts_over_time import Post, Stretch

WIDTH, LANE = 1000, 30
BEFORE, AFTER = timedelta(days=30), timedelta(days=180)
MOST_YEARS = 8  # that have a line of their own


@dataclass(frozen=True)
class Bar:
    """A post as a bar: `shade` is past, now or coming."""

    x: int
    y: int
    width: int
    shade: str
    label: str


@dataclass(frozen=True)
class Timeline:
    """Posts drawn from left to right, those held at once below each other; `years` and `today` are places on it.

    Across, everything is in thousandths of the width, which a page takes from its screen; down, in pixels.
    """

    bars: tuple[Bar, ...]
    years: tuple[tuple[int, int], ...]
    today: int
    height: int
    words: str


def timeline(posts: Sequence[HistoryRow], today: date) -> Timeline | None:
    """The drawing of somebody's posts; none for who never held one."""
    if not posts:
        return None
    rows = sorted(posts, key=lambda each: (each.starts_on, each.id))
    first = min(rows[0].starts_on, today) - BEFORE
    last = max(today, *(each.ends_on or each.starts_on for each in rows)) + AFTER
    days = (last - first).days

    def x(day: date) -> int:
        return round((min(day, last) - first).days * WIDTH / days)

    lanes: list[date] = []  # the last day taken in each lane
    bars = []
    for each in rows:
        ends_on = each.ends_on or date.max
        lane = next((n for n, taken in enumerate(lanes) if taken < each.starts_on), len(lanes))
        lanes[lane:] = [ends_on, *lanes[lane + 1 :]]
        shade = "coming" if each.starts_on > today else "past" if ends_on < today else "now"
        left = x(each.starts_on)
        bars.append(Bar(left, lane * LANE, max(x(ends_on) - left - 2, 2), shade, each.unit))
    step = max(1, (last.year - first.year + MOST_YEARS) // MOST_YEARS)
    years = [(x(date(year, 1, 1)), year) for year in range(first.year + 1, last.year + 1, step)]
    words = f"{len(rows)} stretches of posts since {named(rows[0].starts_on)}, all in the table below"
    return Timeline(tuple(bars), tuple(years), x(today), len(lanes) * LANE, words)


@dataclass(frozen=True)
class Names:
    """What units, people and calendars are called, for the words of a change."""

    units: Mapping[int, str]
    people: Mapping[int, str]
    places: Mapping[str, str]


def posts_in(outcome: Outcome) -> list[Post]:
    """Every post before or after a change, for whoever looks up the names in it."""
    return [each.post for each in (*outcome.before, *outcome.after)]


def effects(outcome: Outcome, names: Names) -> list[str]:
    """What a change does to the posts on record, in order of days."""
    done = outcome.writes
    lines = []
    for each in done.added:
        eve = each.starts_on - timedelta(days=1)
        held = [was for was in outcome.after if was.ends_on == eve and was.source_key == each.source_key]
        lines.append((each.starts_on, f"From {named(each.starts_on)}: {_differs(held, each, names)}"))
    stored = {each.id: each for each in outcome.before}
    for each in done.updated:
        was = stored[each.id]
        if was.post != each.post:
            lines.append((each.starts_on, f"From {named(each.starts_on)}: {_differs([was], each, names)}"))
        elif each.ends_on:
            lines.append((each.ends_on, f"Until {named(each.ends_on)}: the post on record now"))
        else:
            lines.append((each.starts_on, f"The post held from {named(each.starts_on)} has no last day any more"))
    if done.removed:
        lines.append((date.max, f"Dropped, as they had not begun: {len(done.removed)}"))
    return [words for _, words in sorted(lines)]


def _differs(was: Sequence[Stretch], each: Stretch, names: Names) -> str:
    before = _said(was[0], names) if was else None
    return differences(before, _said(each, names), names.places)


def _said(stretch: Stretch, names: Names) -> Said:
    post = stretch.post
    manager = None if post.line_manager_id is None else names.people[post.line_manager_id]
    return Said(
        post.unit_id, names.units[post.unit_id], post.line_manager_id, manager, post.grade, post.weekly_minutes,
        post.calendar, stretch.post_title,
    )  # fmt: skip
