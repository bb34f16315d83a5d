"""Public holidays: of the three parts of the United Kingdom from the open `holidays` data set, or of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from holidays import country_holidays
from sqlalchemy import Date, Select, and_, bindparam, func, select

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.allowance.models import CalendarDay, HolidayCalendar
from tithe.allowance.rules.holidays import NATIONAL_NAMES, NOTICE, SATURDAY, DayKind, Holiday
from tithe.allowance.rules.published import SUBSTITUTE, titled
from tithe.kernel.db import db, table_of
from tithe.kernel.errors import NotFound
from tithe.people import placed

SUBDIVISIONS = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}
PAGE = 50

CALENDAR, DAY = table_of(HolidayCalendar), table_of(CalendarDay)
# A row for each holiday, or one row without any; nothing at all for a calendar nobody knows.
DAYS = (
    select(CALENDAR.c.code, DAY.c.day, DAY.c.name, DAY.c.kind)
    .select_from(
        CALENDAR.outerjoin(
            DAY,
            and_(
                DAY.c.calendar == CALENDAR.c.code,
                DAY.c.day.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
            ),
        )
    )
    .where(CALENDAR.c.code == bindparam("code"))
    .order_by(DAY.c.day)
)


@dataclass(frozen=True)
class CalendarRow:
    """A calendar. `people` hold a post with it today or later; a national one is worked out for any year."""

    code: str
    name: str
    national: bool = False
    copied_from: str | None = None
    last_day: date | None = None
    people: int = 0

    def ends_soon(self, today: date) -> bool:
        """It holds no holiday a year from now, so what people earn then would be too much."""
        return not self.national and (self.last_day is None or self.last_day < today + NOTICE)


@lru_cache(maxsize=256)
def national_days(calendar: str, year: int) -> dict[date, str]:
    """The public holidays of a year by title, on weekdays: the substitute where the day itself is at a weekend."""
    found = _data_set(calendar, year)
    return {day: titled(found[day], day) for day in sorted(found) if day.weekday() < SATURDAY}


@lru_cache(maxsize=256)
def _data_set(calendar: str, year: int) -> dict[date, str]:
    found = country_holidays("GB", subdiv=SUBDIVISIONS[calendar], years=year)
    return {day: name.replace(" (observed)", SUBSTITUTE) for day, name in found.items() if day.year == year}


@lru_cache(maxsize=256)
def _national(calendar: str, year: int) -> tuple[Holiday, ...]:
    """The same with their kinds. A day that neither the year before nor the year after knows by name is for once."""
    beside, named = _names(calendar, year - 1) | _names(calendar, year + 1), _data_set(calendar, year)
    return tuple(
        Holiday(day, title, DayKind.BANK if _plain(named[day]) & beside else DayKind.ONE_OFF)
        for day, title in national_days(calendar, year).items()
    )


def _names(calendar: str, year: int) -> set[str]:
    return {name for names in _data_set(calendar, year).values() for name in _plain(names)}


def _plain(name: str) -> set[str]:
    """What a day is kept for, substitute or not. The data set joins two holidays that meet on one day."""
    return {part.removesuffix(SUBSTITUTE) for part in name.split("; ")}


@lru_cache(maxsize=1024)
def _national_over(calendar: str, first_year: int, last_year: int) -> frozenset[date]:
    years = range(first_year, last_year + 1)
    return frozenset(day for year in years for day in national_days(calendar, year))


def holidays_over(calendar: str, first_year: int, last_year: int) -> frozenset[date]:
    """The public holidays of some years, both ends included. Only a calendar of one's own asks the database.

    A calendar that nobody knows is a fault of the caller (KeyError), never a place without holidays.
    """
    if calendar in SUBDIVISIONS:
        return _national_over(calendar, first_year, last_year)
    return frozenset(each.day for each in days_of(calendar, first_year, last_year))


def days_of(calendar: str, first_year: int, last_year: int) -> list[Holiday]:
    """The same with names and kinds, in order, in one statement."""
    if calendar in SUBDIVISIONS:
        return [each for year in range(first_year, last_year + 1) for each in _national(calendar, year)]
    over = {"code": calendar, "first": date(first_year, 1, 1), "last": date(last_year, 12, 31)}
    rows = db.session.execute(DAYS, over).all()
    if not rows:
        raise KeyError(calendar)
    return [Holiday(row.day, row.name, row.kind) for row in rows if row.day is not None]


def find_calendar(code: str, today: date) -> CalendarRow | None:
    """A calendar by its code, national or one's own."""
    users = placed.people_by_calendar(today)
    if code in NATIONAL_NAMES:
        return CalendarRow(code, NATIONAL_NAMES[code], national=True, people=users.get(code, 0))
    row = db.session.execute(_own().where(CALENDAR.c.code == code)).first()
    return _as_row(row, users) if row else None


def known_calendar(code: str, today: date) -> CalendarRow:
    """The same, refusing a code nobody knows."""
    found = find_calendar(code, today)
    if found is None:
        raise NotFound(f"There is no calendar with the code {code[:30]}")
    return found


def get_calendar(code: str, *, by: Actor, to: Permission, today: date) -> CalendarRow:
    """The same for somebody, if they may do `to` with calendars."""
    ensure(by, to, None)
    return known_calendar(code, today)


def list_calendars(today: date, after: str = "") -> tuple[list[CalendarRow], str | None]:
    """A page of calendars by code, the national ones first, and the code to read on from when more follow."""
    users = placed.people_by_calendar(today)
    found = db.session.execute(_own().where(CALENDAR.c.code > after).order_by(CALENDAR.c.code).limit(PAGE + 1)).all()
    national = [CalendarRow(code, name, national=True, people=users.get(code, 0)) for code, name in _first(after)]
    own = [_as_row(row, users) for row in found[:PAGE]]
    return national + own, found[PAGE - 1].code if len(found) > PAGE else None


def _first(after: str) -> list[tuple[str, str]]:
    return [] if after else list(NATIONAL_NAMES.items())


def calendar_names() -> dict[str, str]:
    """The names of all calendars by code, the national ones first: what a post can name."""
    own = select(CALENDAR.c.code, CALENDAR.c.name).order_by(CALENDAR.c.code)
    return NATIONAL_NAMES | {row.code: row.name for row in db.session.execute(own)}


def ending_calendars(today: date) -> list[CalendarRow]:
    """The calendars people use that hold no holiday a year from now, the first to end first."""
    users = placed.people_by_calendar(today)
    rows = [_as_row(row, users) for row in db.session.execute(_own().where(CALENDAR.c.code.in_(list(users))))]
    ending = [each for each in rows if each.ends_soon(today)]
    return sorted(ending, key=lambda each: (each.last_day or date.min, each.code))


def _own() -> Select[*tuple[Any, ...]]:
    return (
        select(
            CALENDAR.c.code, CALENDAR.c.name, CALENDAR.c.copied_from, func.max(DAY.c.day, type_=Date).label("last_day")
        )
        .select_from(CALENDAR.outerjoin(DAY, DAY.c.calendar == CALENDAR.c.code))
        .group_by(CALENDAR.c.code, CALENDAR.c.name, CALENDAR.c.copied_from)
    )


def _as_row(row: Any, users: dict[str, int]) -> CalendarRow:
    return CalendarRow(
        code=row.code,
        name=row.name,
        copied_from=row.copied_from,
        last_day=row.last_day,
        people=users.get(row.code, 0),
    )
