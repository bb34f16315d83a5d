"""Working hours drawn as weeks, said in words, and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tithe.allowance.queries.patterns import Hours, MoveRow, PatternRow
from tithe.allowance.rules.patterns import NAMES_OF_DAYS, Effect, PatternState, Weeks, average
from tithe.kernel.calendar import monday_of
from tithe.kernel.minutes import clock, spoken
from tithe.web.filters import short_day

STATES = {PatternState.PAST: "Past", PatternState.NOW: "Now", PatternState.COMING: "Coming"}
COLOURS = {
    PatternState.PAST: "govuk-tag--grey",
    PatternState.NOW: "govuk-tag--green",
    PatternState.COMING: "govuk-tag--blue",
}
TALLEST = 40  # height of the longest day in the drawing
LEAST_SCALE = 480  # minutes: a week of short days is not drawn as tall as one of long days
BAR, DAY_STEP, WEEK_STEP = 10, 13, 105


@dataclass(frozen=True)
class Bar:
    """One day of the drawing: where its bar stands, how tall it is, and the letter below."""

    x: int
    y: int
    height: int
    letter: str


@dataclass(frozen=True)
class Drawing:
    """The weeks of a pattern side by side, and the minutes of the table below them."""

    width: int
    bars: list[Bar]
    words: str
    weeks: Weeks
    days: tuple[str, ...] = NAMES_OF_DAYS


@dataclass(frozen=True)
class Record:
    """A pattern on record as people read it."""

    starts_on: date
    heading: str
    state: str
    colour: str
    words: str
    days: str
    warning: str | None
    coming: bool


def drawing(weeks: Weeks) -> Drawing:
    """A bar a day, to one scale over all weeks."""
    scale = max(LEAST_SCALE, *(length for week in weeks for length in week))
    bars = []
    for number, week in enumerate(weeks):
        for place, length in enumerate(week):
            height = -(-length * TALLEST // scale)
            x = number * WEEK_STEP + place * DAY_STEP
            bars.append(Bar(x, TALLEST - height, height, NAMES_OF_DAYS[place][0]))
    return Drawing(len(weeks) * WEEK_STEP - (WEEK_STEP - 7 * DAY_STEP), bars, in_words(weeks), weeks)


def for_page(hours: Hours, today: date) -> dict[str, Any]:
    """What the page shows beside the hours themselves."""
    now = next((each for each in hours.patterns if each.state is PatternState.NOW), None)
    weeks = now.weeks if now else [hours.default] if hours.default else None
    return {
        "now": _record(now) if now else None,
        "drawn": drawing(weeks) if weeks else None,
        "place": place_in_cycle(now, today) if now and len(now.weeks) > 1 else None,
        "records": [_record(each) for each in reversed(hours.patterns)],
        "moves": [(each.id, lent(each) + ("" if each.last_day else ", with no last day set")) for each in hours.moves],
    }


def _record(row: PatternRow) -> Record:
    return Record(
        starts_on=row.starts_on,
        heading=span(row.starts_on, row.last_day),
        state=STATES[row.state],
        colour=COLOURS[row.state],
        words=in_words(row.weeks),
        days=days_of(row.weeks),
        warning=mismatch(row.weeks, row.contracted) if row.state is not PatternState.PAST else None,
        coming=row.state is PatternState.COMING,
    )


def in_words(weeks: Weeks) -> str:
    """37h a week · 36h a week on average over 2 weeks"""
    every = spoken(_mean(weeks))
    return f"{every} a week" if len(weeks) == 1 else f"{every} a week on average over {len(weeks)} weeks"


def coming_in_words(starts_on: date, last_day: date | None, weeks: Weeks) -> str:
    """What new hours will be, and where those on record that follow them begin."""
    until = f" Other hours on record follow after {short_day(last_day)}." if last_day else ""
    return f"From {short_day(starts_on)}: {in_words(weeks)}.{until}"


def days_of(weeks: Weeks) -> str:
    """Mon 7:24, Tue 7:24, Fri 4:00; weeks parted by a stroke"""
    return " / ".join(_week(week) for week in weeks)


def _week(week: Sequence[int]) -> str:
    worked = [f"{name[:3]} {clock(length)}" for name, length in zip(NAMES_OF_DAYS, week, strict=True) if length]
    return ", ".join(worked) or "nothing worked"


def place_in_cycle(row: PatternRow, day: date) -> int:
    """Which week of the cycle a day is in, the first being 1."""
    return (monday_of(day) - monday_of(row.starts_on)).days // 7 % len(row.weeks) + 1


def _mean(weeks: Weeks) -> int:
    """The average week to the nearest minute."""
    return round(average(weeks))


def mismatch(weeks: Weeks, contracted: int | None) -> str | None:
    """What to say where a pattern does not average what the post is for."""
    if contracted is None or average(weeks) == contracted:
        return None
    return (
        f"These hours come to {spoken(_mean(weeks))} a week on average, but the post is for {spoken(contracted)}. "
        "If the contract has changed, HR needs to change the post too"
    )


def span(starts_on: date, last_day: date | None) -> str:
    """from 5 Oct 2026 to 3 Jan 2027"""
    return f"from {short_day(starts_on)}" + (f" to {short_day(last_day)}" if last_day else "")


def percent_of(share_bp: int) -> str:
    """40%"""
    return f"{share_bp / 100:g}%"


def lent(row: MoveRow) -> str:
    """40% lent from 1 Sep 2026 to 30 Sep 2026"""
    return f"{percent_of(row.share_bp)} lent {span(row.starts_on, row.last_day)}"


def ending(last_day: date | None) -> str:
    return f"its last day is {short_day(last_day)}" if last_day else "no last day is set"


def days_in_words(days: Mapping[date, int | None]) -> list[str]:
    """A line for each day, as it will be."""
    return [
        f"{short_day(day)} ({NAMES_OF_DAYS[day.weekday()]}): "
        + ("as the pattern says" if length is None else spoken(length) if length else "not worked")
        for day, length in sorted(days.items())
    ]


def effects_in_words(effects: Sequence[Effect]) -> list[str]:
    """A sentence for each quarter that changes, or one that none does."""
    moved = [each for each in effects if each.change]
    return [_effect(each) for each in moved or effects[:1]]


def _effect(effect: Effect) -> str:
    label, after = effect.quarter.label, spoken(effect.after)
    if not effect.change:
        return f"This changes nothing: {label} stays at {after}"
    moves = f"takes {spoken(-effect.change)} off" if effect.change < 0 else f"adds {spoken(effect.change)} to"
    return f"This {moves} {label}: {after} instead of {spoken(effect.before)}"


def effects_as_json(effects: Iterable[Effect]) -> list[dict[str, Any]]:
    return [
        {"quarter": each.quarter.code, "before": each.before, "after": each.after, "change": each.change}
        for each in effects
    ]


def as_json(hours: Hours) -> dict[str, Any]:
    return {
        "person_id": hours.person.id,
        "name": hours.person.name,
        "contracted_weekly_minutes": hours.contracted,
        "default_week": hours.default,
        "patterns": [_pattern(each) for each in hours.patterns],
        "days": [{"date": day, "minutes": length} for day, length in hours.days.days.items()],
        "days_before": hours.days.before,
        "days_after": hours.days.after,
        "moves": [vars(each) for each in hours.moves],
    }


def _pattern(row: PatternRow) -> dict[str, Any]:
    return {
        "starts_on": row.starts_on,
        "last_day": row.last_day,
        "state": row.state.value,
        "weeks": row.weeks,
        "average_weekly_minutes": _mean(row.weeks),
        "warning": mismatch(row.weeks, row.contracted),
    }
