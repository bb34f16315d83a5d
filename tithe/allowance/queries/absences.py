"""Reading absences. Nobody but their owner reads them here: others see only what they do to a schedule."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, bindparam, or_, select, tuple_

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.allowance.models import Absence
from tithe.allowance.queries.periods import first_open_day
from tithe.allowance.queries.schedules import schedule_of
from tithe.allowance.rules.absences import CSV, ICAL, ONE_DAY
from tithe.allowance.rules.schedule import Schedule
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, table_of
from tithe.kernel.errors import NotFound

PAGE = 200
MOST_AHEAD = 2000  # days away from last quarter to two years ahead, and some told twice
LARGEST = 2**62  # an id no row has; a page or a link may ask for any number
ABSENCES = table_of(Absence).c

# The days somebody is away on, whatever of them: features above join to them, and learn no more than that.
days_away = select(Absence.person_id, Absence.day).subquery("days_away")


@dataclass(frozen=True)
class AbsenceRow:
    """Minutes away on a day, and who told us."""

    id: int
    owner_id: int
    day: date
    minutes: int
    reduces_accrual: bool
    source: str
    source_key: str


@dataclass(frozen=True)
class Away:
    """One's time away that may still be changed, and the schedule it stands in.

    The days go from `since`, the first that is not closed in this quarter or the one before, up to `end`; `months`
    are the first days of this quarter and of the quarter after the next.
    """

    rows: list[AbsenceRow]
    schedule: Schedule
    since: date
    end: date
    months: tuple[date, date]


OWN_ROWS = select(
    ABSENCES.id,
    ABSENCES.person_id,
    ABSENCES.day,
    ABSENCES.minutes,
    ABSENCES.reduces_accrual,
    ABSENCES.source,
    ABSENCES.source_key,
)
# What the feed has said before about the people, references and days of some of its rows.
FROM_THE_FEED = select(
    ABSENCES.id, ABSENCES.person_id, ABSENCES.day, ABSENCES.minutes, ABSENCES.reduces_accrual, ABSENCES.source_key
).where(
    ABSENCES.person_id.in_(bindparam("person_ids", expanding=True)),
    ABSENCES.source == CSV,
    or_(
        ABSENCES.source_key.in_(bindparam("references", expanding=True)),
        (ABSENCES.source_key == "")
        & ABSENCES.day.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
    ),
)


def list_own(
    viewer: Actor, since: date, *, after: tuple[date, int] | None = None, limit: int = PAGE
) -> list[AbsenceRow]:
    """The viewer's own absences from a day on, in order of day; `after` is the day and id of the last row seen."""
    found = OWN_ROWS.where(ABSENCES.person_id == viewer.id, ABSENCES.day >= since)
    if after:
        found = found.where(tuple_(ABSENCES.day, ABSENCES.id) > after)
    return _rows(found.order_by(ABSENCES.day, ABSENCES.id).limit(limit))


def away_of(viewer: Actor, today: date) -> Away:
    """The viewer's own time away in the quarters still open, and ahead."""
    quarter = Quarter.containing(today)
    since = max(first_open_day(), quarter.previous.start)
    rows = list_own(viewer, since, limit=MOST_AHEAD)
    months = quarter.start, quarter.next.end
    end = max([months[1], *(row.day + ONE_DAY for row in rows)])
    return Away(rows, schedule_of(viewer.person_id, min(since, months[0]), end), since, end, months)


def own_between(viewer: Actor, source: str, spans: Iterable[tuple[date, date]]) -> list[AbsenceRow]:
    """The viewer's own absences from one source on the days of some spans, both ends included."""
    on_days = [ABSENCES.day.between(first, last) for first, last in spans]
    return _rows(OWN_ROWS.where(ABSENCES.person_id == viewer.id, ABSENCES.source == source, or_(*on_days)))


def from_calendars(viewer: Actor, since: date, keys: Collection[str] | None = None) -> list[AbsenceRow]:
    """The viewer's own absences that came from calendar files, all of them or those with some keys."""
    found = OWN_ROWS.where(ABSENCES.person_id == viewer.id, ABSENCES.source == ICAL, ABSENCES.day >= since)
    if keys is not None:
        found = found.where(ABSENCES.source_key.in_(list(keys)))
    return _rows(found.order_by(ABSENCES.day, ABSENCES.id))


def get_absence(absence_id: int, *, by: Actor, to: Permission) -> AbsenceRow:
    """One absence, if it exists and the actor may do `to` with it."""
    rows = _rows(OWN_ROWS.where(ABSENCES.id == absence_id)) if absence_id < LARGEST else []
    if not rows:
        raise NotFound
    ensure(by, to, rows[0])
    return rows[0]


def worth(person_id: int, quarters: Iterable[Quarter]) -> int:
    """What some quarters are worth to somebody by the rule of today, in minutes."""
    return sum(schedule_of(person_id, each.start, each.end).entitlement.minutes for each in quarters)


def _rows(found: Any) -> list[AbsenceRow]:
    return [AbsenceRow(*row) for row in db.session.execute(found)]
