"""What was added in one go, as words with a way back, and as plain values for JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tithe.kernel.clock import LONDON
from tithe.kernel.minutes import clock, spoken
from tithe.timesheets.operations.quick import Logged
from tithe.timesheets.queries.favourites import FavouriteRow
from tithe.timesheets.queries.timer import TimerRow
from tithe.timesheets.queries.weeks import WeekRow

LOGGED = "logged"  # where the session keeps what was added last, until the next page has said so
TITLE_SHOWN, WARNINGS_SHOWN, WARNING_SHOWN = 80, 2, 200  # it travels in a cookie


def undo_of(logged: Logged) -> dict[str, Any]:
    """What takes it back: the place, the version it made, and what stood there before."""
    return {
        "row": logged.entry.line,
        "date": logged.entry.day,
        "version": logged.week.version,
        "minutes": logged.former_minutes,
        "note_length": len(logged.former_note),
    }


def in_words(logged: Logged) -> str:
    """One sentence: what was added, where, and what is there now if there was something before."""
    title = logged.title if len(logged.title) <= TITLE_SHOWN else f"{logged.title[: TITLE_SHOWN - 1]}…"
    day = logged.entry.day
    words = f"Added {spoken(logged.added)} to {title}, {day:%A} {day.day} {day:%B}"
    return f"{words}. It has {spoken(logged.entry.minutes)} now" if logged.former_minutes else words


def warnings_of(logged: Logged) -> list[str]:
    """What to look at, a line each: the limits the week now breaks, and the cover of a shared post."""
    return [f"Over a limit: {words}" for words in logged.warnings] + [f"Cover: {words}" for words in logged.cover]


def as_banner(logged: Logged) -> dict[str, Any]:
    """What the next page says: the words, what is over a limit, the week to look at and what undoes it."""
    more = len(logged.warnings) - WARNINGS_SHOWN
    warnings = [words[:WARNING_SHOWN] for words in logged.warnings[:WARNINGS_SHOWN]]
    return {
        "words": in_words(logged),
        "warnings": warnings + ([f"The week shows {more} more"] if more > 0 else []),
        "cover": list(logged.cover),
        "monday": logged.week.starts_on.isoformat(),
        "undo": undo_of(logged) | {"date": logged.entry.day.isoformat()},
    }


def logged_as_json(logged: Logged) -> dict[str, Any]:
    return {
        "added_minutes": logged.added,
        "entry": {
            "date": logged.entry.day,
            "project_id": logged.entry.project_id,
            "kind": logged.entry.kind.value,
            "minutes": logged.entry.minutes,
            "note": logged.entry.note,
        },
        "title": logged.title,
        "monday": logged.week.starts_on,
        "version": logged.week.version,
        "warnings": list(logged.warnings),
        "cover": list(logged.cover),
        "undo": undo_of(logged),
    }


def timer_as_json(timer: TimerRow, now: datetime) -> dict[str, Any]:
    return {
        "row": timer.line,
        "title": timer.title,
        "note": timer.note,
        "started_at": timer.started_at,
        "runs_until": timer.runs_until,
        "minutes": timer.minutes(now),
        "capped": timer.is_capped(now),
    }


def timer_shown(timer: TimerRow, now: datetime) -> dict[str, Any]:
    """A timer as a page shows it; times of day are London's."""
    return {
        "title": timer.title,
        "note": timer.note,
        "started": f"{timer.started_at.astimezone(LONDON):%-H:%M}",
        "until": f"{timer.runs_until.astimezone(LONDON):%-H:%M}",
        "started_at": timer.started_at.isoformat(),
        "runs_until": timer.runs_until.isoformat(),
        "minutes": clock(timer.minutes(now)),
        "capped": timer.is_capped(now),
    }


def favourite_as_json(favourite: FavouriteRow) -> dict[str, Any]:
    return {
        "id": favourite.id,
        "project_id": favourite.project_id,
        "kind": favourite.kind.value,
        "title": favourite.title,
        "minutes": favourite.minutes,
        "note": favourite.note,
    }


def nothing_as_json(week: WeekRow) -> dict[str, Any]:
    return {"monday": week.starts_on, "version": week.version, "nothing_since": week.nothing_since}
