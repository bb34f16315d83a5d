"""Time away as pages, JSON and the terminal show it: days joined into periods, months drawn, effects in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tithe.allowance.queries.absences import AbsenceRow
from tithe.allowance.rules.absences import CSV, ICAL, ONE_DAY, OWN, Effect, Event, due, filled_by
from tithe.allowance.rules.absences_feed import Report
from tithe.allowance.rules.schedule import Schedule
from tithe.kernel.calendar import days_between
from tithe.kernel.minutes import spoken

FROM = {OWN: "You", CSV: "HR", ICAL: "A calendar file"}
MOST_LIKELY, MOST_OTHERS = 200, 100  # events of a calendar file that a page offers
CELL = 10  # the width of a day in the picture of a month


@dataclass(frozen=True)
class Period:
    """Days away in a row with nothing worked between them, from one source; `whole` if each takes up its whole day."""

    first_day: date
    last_day: date
    source: str
    source_key: str
    reduces_accrual: bool
    whole: bool
    days: int
    minutes: int
    a_day: int

    @property
    def told_by(self) -> str:
        return FROM[self.source]

    @property
    def in_words(self) -> str:
        """How long: "3 days, 22h 12m", or "Part of 3 days, 4h 30m"."""
        if self.days == 1:
            return f"{'1 day' if self.whole else 'Part of a day'}, {spoken(self.minutes)}"
        return f"{'' if self.whole else 'Part of '}{self.days} days, {spoken(self.minutes)}"


@dataclass(frozen=True)
class Cell:
    """A day in the picture of a month: where it stands and what it is."""

    x: int
    kind: str


@dataclass(frozen=True)
class Month:
    """A month as a strip of days, and the same in words."""

    label: str
    words: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Offer:
    """An event of a calendar file that would fill some days of the person's."""

    event: Event
    days: int
    minutes: int
    ticked: bool

    @property
    def in_words(self) -> str:
        return f"{self.days} {'day' if self.days == 1 else 'days'}, {spoken(self.minutes)}"


@dataclass(frozen=True)
class Choice:
    """What a calendar file holds for somebody: what looks like leave, the rest, what is in already, what is not in it
    any more; `left_off` more events are not shown.
    """

    likely: tuple[Offer, ...]
    others: tuple[Offer, ...]
    known: tuple[Offer, ...]
    gone: tuple[Period, ...]
    left_off: int

    @property
    def offered(self) -> tuple[Offer, ...]:
        return self.likely + self.others + self.known


def periods_of(rows: Iterable[AbsenceRow], schedule: Schedule) -> list[Period]:
    """Join days from one source with the same say, if nothing is due to be worked between them."""
    groups: list[list[AbsenceRow]] = []
    open_groups: dict[tuple[str, str, bool, bool], list[AbsenceRow]] = {}
    for row in rows:
        key = row.source_key if row.source == ICAL else ""
        place = (row.source, key, row.reduces_accrual, _is_whole(row, schedule))
        group = open_groups.get(place)
        if group is None or row.day == group[-1].day or _works_between(group[-1].day, row.day, schedule):
            group = open_groups[place] = []
            groups.append(group)
        group.append(row)
    return [_period(group, schedule) for group in groups]


def _is_whole(row: AbsenceRow, schedule: Schedule) -> bool:
    return row.minutes >= due(schedule, row.day)


def _works_between(before: date, after: date, schedule: Schedule) -> bool:
    return any(due(schedule, day) for day in days_between(before + ONE_DAY, after))


def _period(group: Sequence[AbsenceRow], schedule: Schedule) -> Period:
    first = group[0]
    return Period(
        first_day=first.day,
        last_day=group[-1].day,
        source=first.source,
        source_key=first.source_key,
        reduces_accrual=first.reduces_accrual,
        whole=_is_whole(first, schedule),
        days=len(group),
        minutes=sum(row.minutes for row in group),
        a_day=max(row.minutes for row in group),
    )


def months_of(rows: Iterable[AbsenceRow], schedule: Schedule, start: date, end: date) -> list[Month]:
    """The months of some days, which begin and end with a month."""
    away: dict[date, int] = {}
    for row in rows:
        away[row.day] = away.get(row.day, 0) + row.minutes
    by_month: dict[str, list[tuple[date, str]]] = {}
    for day in days_between(start, end):
        by_month.setdefault(f"{day:%B %Y}", []).append((day, _kind(day, away.get(day, 0), schedule)))
    return [_month(label, days) for label, days in by_month.items()]


def _kind(day: date, away: int, schedule: Schedule) -> str:
    minutes = due(schedule, day)
    if not minutes:
        return "holiday" if schedule.on(day).holiday and schedule.on(day).usual else "off"
    if not away:
        return "work"
    return "away" if away >= minutes else "part"


def _month(label: str, days: Sequence[tuple[date, str]]) -> Month:
    whole, part = (sum(kind == wanted for _, kind in days) for wanted in ("away", "part"))
    words = f"{label}: {whole} whole and {part} part days away" if whole or part else f"{label}: not away"
    return Month(label, words, tuple(Cell(CELL * (day.day - 1), kind) for day, kind in days))


def choice_of(
    events: Sequence[Event], rows: Sequence[AbsenceRow], schedule: Schedule, since: date, ticks: Iterable[str] | None
) -> Choice:
    """Sort the events of a calendar file by what they would do. `ticks` are the keys chosen so far, None at first."""
    stored: dict[str, dict[date, int]] = {}
    for row in rows:
        stored.setdefault(row.source_key, {})[row.day] = row.minutes
    chosen = None if ticks is None else set(ticks)
    likely: list[Offer] = []
    others: list[Offer] = []
    known: list[Offer] = []
    for event in events:
        days = filled_by(schedule, event, since)
        if not days and event.key not in stored:
            continue
        ticked = event.likely or event.key in stored if chosen is None else event.key in chosen
        offer = Offer(event, len(days), sum(days.values()), ticked)
        group = known if stored.get(event.key) == days else likely if event.likely or event.key in stored else others
        group.append(offer)
    in_file = {event.key for event in events}
    gone = periods_of([row for row in rows if row.source_key not in in_file], schedule)
    left_off = max(0, len(likely) - MOST_LIKELY) + max(0, len(others) - MOST_OTHERS)
    return Choice(tuple(likely[:MOST_LIKELY]), tuple(others[:MOST_OTHERS]), tuple(known), tuple(gone), left_off)


def effect_in_words(effect: Effect) -> str:
    """What saving did to the allowance, as a sentence."""
    if not effect.change:
        return "Your allowance stays as it is"
    return f"Your allowance goes {'up' if effect.change > 0 else 'down'} by {spoken(abs(effect.change))}"


def report_in_words(report: Report, *, saved: bool) -> str:
    """What reading a feed found, for the terminal."""
    figures = vars(report) | {"errors": None}
    lines = [f"{name.replace('_', ' ')}: {figure}" for name, figure in figures.items() if figure is not None]
    lines += [each.problem.message for each in report.errors]
    if report.unnamed:
        lines.append(f"and {report.unnamed} more bad rows")
    if saved:
        return "\n".join([*lines, "Saved"])
    ending = "Mend the bad rows, or add --skip-bad-rows" if report.bad else "Add --commit to save"
    return "\n".join([*lines, f"Nothing was saved. {ending}"])


def as_json(row: AbsenceRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "date": row.day,
        "minutes": row.minutes,
        "reduces_accrual": row.reduces_accrual,
        "source": row.source,
    }
