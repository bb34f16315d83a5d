"""Keeping holiday calendars of one's own: copies of others, edited day by day or after a published list.

A change of the days posts what it does to the allowances of the people who use the calendar, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, delete, insert, select, update

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.allowance.models import CalendarDay, HolidayCalendar
from tithe.allowance.operations.accrual import accrue_for
from tithe.allowance.queries import calendars as queries
from tithe.allowance.queries.periods import first_open_day
from tithe.allowance.rules import holidays as rules
from tithe.allowance.rules.holidays import Difference, Holiday
from tithe.audit.operations import record
from tithe.kernel.calendar import Quarter, named
from tithe.kernel.db import allow_long_statements, atomic, db, table_of
from tithe.kernel.errors import Conflict, NotFound, Problem, RuleBroken, RulesBroken
from tithe.people import placed

CALENDAR, DAY = table_of(HolidayCalendar), table_of(CalendarDay)
ONE = select(CALENDAR.c.code).where(CALENDAR.c.code == bindparam("code"))
ON = select(DAY.c.day, DAY.c.name, DAY.c.kind).where(DAY.c.calendar == bindparam("code"), DAY.c.day == bindparam("day"))


@dataclass(frozen=True)
class Copy:
    """A calendar to make, and the calendar and years its first days come from."""

    code: str
    name: str
    copied_from: str
    first_year: int
    last_year: int


@atomic
def copy_calendar(
    *, actor: Actor, code: str, name: str, copied_from: str, first_year: int, last_year: int, now: datetime
) -> None:
    """Make a calendar of one's own that starts with the holidays another has in some years, both ends included."""
    copied = Copy(code, name, copied_from, first_year, last_year)
    days = rehearse_copy(actor=actor, copied=copied)
    db.session.execute(insert(CALENDAR).values(code=code, name=name.strip(), copied_from=copied_from))
    _add(code, days)
    record("calendar:copy", actor=actor, about="calendar", id=None, at=now, code=code, copied_from=copied_from)


def rehearse_copy(*, actor: Actor, copied: Copy) -> list[Holiday]:
    """The holidays a copy would start with; refuses whatever copying would. Writes nothing."""
    ensure(actor, Permission.CALENDAR_WRITE, None)
    problems = rules.problems_in_code(copied.code) + rules.problems_in_name(copied.name)
    problems += rules.problems_in_years(copied.first_year, copied.last_year)
    names = queries.calendar_names()
    if copied.code in names.keys() - rules.NATIONAL_NAMES.keys():
        problems.append(Problem(rules.taken(copied.code), "code"))
    if copied.copied_from not in names:
        problems.append(Problem("Choose a calendar that there is", "copied_from"))
    if problems:
        raise RulesBroken(problems)
    return queries.days_of(copied.copied_from, copied.first_year, copied.last_year)


@atomic
def rename_calendar(*, actor: Actor, code: str, name: str, now: datetime) -> None:
    """Give a calendar another name. Its code stays: posts and files name it."""
    _own(actor, code)
    if problems := rules.problems_in_name(name):
        raise RulesBroken(problems)
    db.session.execute(update(CALENDAR).where(CALENDAR.c.code == code).values(name=name.strip()))
    record("calendar:rename", actor=actor, about="calendar", id=None, at=now, code=code)


@atomic
def delete_calendar(*, actor: Actor, code: str, now: datetime) -> None:
    """Take away a calendar that nobody has ever used."""
    _own(actor, code)
    if placed.people_with_calendar(code, date.min):
        raise RuleBroken("People use this calendar or did so in the past, so it is kept")
    db.session.execute(delete(DAY).where(DAY.c.calendar == code))
    db.session.execute(delete(CALENDAR).where(CALENDAR.c.code == code))
    record("calendar:delete", actor=actor, about="calendar", id=None, at=now, code=code)


@atomic
def add_day(*, actor: Actor, code: str, holiday: Holiday, now: datetime) -> int:
    """Make a weekday a holiday. Returns how many lines that took in the ledger."""
    _own(actor, code)
    if problems := rules.problems_in_day(holiday.day) + rules.problems_in_name(holiday.name):
        raise RulesBroken(problems)
    there = _on(code, holiday.day)
    if there:
        words = f"{named(holiday.day)} is a holiday already: {there.name}. Choose another date"
        raise RuleBroken(words, field="day")
    return _change(actor, code, Difference(added=(rules.trimmed(holiday),)), now, field="day")


@atomic
def remove_day(*, actor: Actor, code: str, day: date, now: datetime) -> int:
    """Make a holiday an ordinary day. Returns how many lines that took in the ledger."""
    _own(actor, code)
    there = _on(code, day)
    if there is None:
        raise RuleBroken(f"{named(day)} is no holiday in this calendar. Somebody may have removed it before you")
    return _change(actor, code, Difference(removed=(there,)), now)


@atomic
def replace_days(
    *, actor: Actor, code: str, first_year: int, last_year: int, days: Sequence[Holiday], now: datetime
) -> Difference:
    """Make these all the holidays of some years, both ends included. Returns what that changed."""
    _own(actor, code)
    problems = rules.problems_in_years(first_year, last_year)
    if problems := problems or rules.problems_in_days(days, first_year, last_year):
        raise RulesBroken(problems)
    before = queries.days_of(code, first_year, last_year)
    differs = rules.difference(before, [rules.trimmed(each) for each in days])
    _change(actor, code, differs, now, field="days")
    return differs


def rehearse_import(*, actor: Actor, code: str, published: Sequence[Holiday]) -> Difference:
    """What following a published list would change. Days of closed quarters stay as they are. Writes nothing."""
    check_may_change(actor=actor, code=code)
    before = queries.days_of(code, rules.FIRST_YEAR, rules.LAST_YEAR)
    return rules.difference(before, rules.with_published(before, published, first_open_day()))


@atomic
def import_days(
    *, actor: Actor, code: str, published: Sequence[Holiday], now: datetime, seen: str | None = None
) -> Difference:
    """Follow a published list. Returns what that changed.

    `seen` is the mark of the difference somebody was shown and agreed to; another one is refused as a conflict.
    """
    _own(actor, code)
    differs = rehearse_import(actor=actor, code=code, published=published)
    if seen is not None and seen != differs.mark:
        raise Conflict("The calendar was changed after you looked. Look at the changes again, then save them")
    _change(actor, code, differs, now)
    return differs


def check_may_change(*, actor: Actor, code: str) -> None:
    """Refuse unless the actor may change calendars and this is one that can be changed."""
    ensure(actor, Permission.CALENDAR_WRITE, None)
    rules.refuse_national(code)
    if db.session.scalar(ONE, {"code": code}) is None:
        raise NotFound(f"There is no calendar with the code {code[:30]}")


def _own(actor: Actor, code: str) -> None:
    """The same, and keep others from changing it until this is done."""
    check_may_change(actor=actor, code=code)
    db.session.scalar(ONE.with_for_update(), {"code": code})


def _on(code: str, day: date) -> Holiday | None:
    row = db.session.execute(ON, {"code": code, "day": day}).first()
    return Holiday(*row) if row else None


def _change(actor: Actor, code: str, differs: Difference, now: datetime, field: str | None = None) -> int:
    """Write what differs and post what it does to allowances. Returns how many lines that took in the ledger."""
    if not differs:
        return 0
    _refuse_closed(differs, field)
    gone = [*(each.day for each in differs.removed), *(before.day for before, _ in differs.changed)]
    db.session.execute(delete(DAY).where(DAY.c.calendar == code, DAY.c.day.in_(gone)))
    _add(code, [*differs.added, *(after for _, after in differs.changed)])
    facts = {"added": differs.added, "removed": differs.removed}
    days = {name: [each.day.isoformat() for each in holidays] for name, holidays in facts.items()}
    changed = [after.day.isoformat() for _, after in differs.changed]
    record("calendar:change", actor=actor, about="calendar", id=None, at=now, code=code, changed=changed, **days)
    return _work_out_again(actor, code, differs.earliest, now)


def _refuse_closed(differs: Difference, field: str | None) -> None:
    """What people earned in a quarter that is closed does not change behind its books."""
    days = [*differs.added, *differs.removed, *(after for _, after in differs.changed)]
    earliest = min(each.day for each in days)
    if earliest < first_open_day():
        closed = Quarter.containing(earliest).label
        words = (
            f"{closed} is closed, so its holidays stay as they are. Adjust the minutes of the people concerned instead"
        )
        raise RuleBroken(words, field=field)


def _add(code: str, days: Sequence[Holiday]) -> None:
    if days:
        rows = [{"calendar": code, "day": each.day, "name": each.name, "kind": each.kind} for each in days]
        db.session.execute(insert(DAY), rows)


def _work_out_again(actor: Actor, code: str, since: date | None, now: datetime) -> int:
    if since is None:
        return 0
    allow_long_statements(600)
    concerned = placed.people_with_calendar(code, since)
    return accrue_for(actor=actor, person_ids=concerned, since=since, why="the holiday calendar changed", now=now)
