"""Saying when one is away oneself: typed in, or chosen from a calendar file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import delete, insert

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.allowance.models import Absence
from tithe.allowance.operations.accrual import accrue_for
from tithe.allowance.queries import absences as queries
from tithe.allowance.queries.absences import AbsenceRow
from tithe.allowance.queries.periods import first_open_day
from tithe.allowance.queries.schedules import schedule_of
from tithe.allowance.rules import absences as rules
from tithe.allowance.rules.absences import CSV, FURTHEST, ICAL, MOST_DAYS, ONE_DAY, OWN, Effect, Event, Spell
from tithe.allowance.rules.patterns import problems_with_days
from tithe.audit.operations import record
from tithe.kernel.calendar import quarters_over
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.errors import RuleBroken, RulesBroken

ABSENCES = table_of(Absence)
WHY = "your time away changed"
NOT_WORKED = "You are not due to work on any of these days, so there is nothing to put in. Choose other days"
FROM_HR = "This came from HR. Ask HR to change it there"

Span = tuple[date, date]


@atomic
def enter_absence(*, actor: Actor, spell: Spell, now: datetime, replacing: Span | None = None) -> Effect:
    """Put in days one is away, on each day one is due to work. What one typed in for those days before is replaced.

    `replacing` are the first and last day of an entry that is being changed: days of it that are no longer away are
    taken out. Refuses days in closed quarters, and a spell without a working day.
    """
    ensure(actor, Permission.ABSENCE_WRITE, None)
    opened = first_open_day()
    problems = rules.problems_with(spell, first_open_day=opened, today=local_date(now))
    problems += problems_with_days([replacing[0]], opened, "first_day") if replacing else []
    if problems:
        raise RulesBroken(problems)
    schedule = schedule_of(actor.person_id, spell.first_day, spell.last_day + ONE_DAY)
    days = rules.filled(schedule, spell)
    if not days:
        raise RuleBroken(NOT_WORKED, field="last_day")
    spans = [(spell.first_day, spell.last_day), *([replacing] if replacing else [])]
    stored = queries.own_between(actor, OWN, spans)
    return _bring_to(actor, OWN, stored, {("", day): minutes for day, minutes in days.items()}, now)


@atomic
def remove_absences(*, actor: Actor, source: str, first_day: date, last_day: date, now: datetime) -> Effect:
    """Take out one's own absences of some days. What the HR feed said stays: it would only come again."""
    ensure(actor, Permission.ABSENCE_WRITE, None)
    if source == CSV:
        raise RuleBroken(FROM_HR)
    if problems := problems_with_days([first_day], first_open_day(), "first_day"):
        raise RulesBroken(problems)
    stored = queries.own_between(actor, source, [(first_day, last_day)])
    if not stored:
        raise RuleBroken("These days have been taken out already. Reload the page to see what is left")
    return _bring_to(actor, source, stored, {}, now)


@atomic
def remove_absence(*, actor: Actor, absence_id: int, now: datetime) -> Effect:
    """Take out one of one's own absences by its id."""
    row = queries.get_absence(absence_id, by=actor, to=Permission.ABSENCE_WRITE)
    if row.source == CSV:
        raise RuleBroken(FROM_HR)
    if problems := problems_with_days([row.day], first_open_day(), "day"):
        raise RulesBroken(problems)
    return _bring_to(actor, row.source, [row], {}, now)


@atomic
def take_from_calendar(*, actor: Actor, events: Sequence[Event], gone: Collection[str], now: datetime) -> Effect:
    """Put in the events one chose from a calendar file, and take out those with the keys in `gone`.

    An event put in before is brought up to date; the same events again change nothing. Days in closed quarters stay as
    they are.
    """
    ensure(actor, Permission.ABSENCE_WRITE, None)
    if not events and not gone:
        raise RuleBroken("Tick at least one event, or leave this page", field="take")
    opened = first_open_day()
    wanted: dict[tuple[str, date], int] = {}
    if events:
        first, last = min(each.first_day for each in events), max(each.last_day for each in events)
        since = max(first, opened)
        if (last - since).days > MOST_DAYS or last > local_date(now) + FURTHEST:
            raise RuleBroken("These events are more than a year apart. Choose fewer", field="take")
        schedule = schedule_of(actor.person_id, since, max(since, last) + ONE_DAY)
        for each in events:
            days = rules.filled_by(schedule, each, since)
            wanted |= {(each.key, day): minutes for day, minutes in days.items()}
    stored = queries.from_calendars(actor, opened, {*gone, *(each.key for each in events)})
    return _bring_to(actor, ICAL, stored, wanted, now)


def _bring_to(
    actor: Actor,
    source: str,
    stored: Iterable[AbsenceRow],
    wanted: Mapping[tuple[str, date], int],
    now: datetime,
) -> Effect:
    """Make one's stored absences what is wanted, and post what that does to the allowance of the quarters concerned."""
    rows = {(each.source_key, each.day): each for each in stored}
    gone, new = rules.changes({place: (row.id, row.minutes) for place, row in rows.items()}, wanted)
    if not gone and not new:
        return Effect(len(wanted), 0)
    days = [*(row.day for row in rows.values() if row.id in gone), *(day for _, day in new)]
    quarters = quarters_over(min(days), max(days))
    before = queries.worth(actor.person_id, quarters)
    if gone:
        db.session.execute(delete(ABSENCES).where(ABSENCES.c.id.in_(gone)))
    if new:
        shared = {"person_id": actor.person_id, "reduces_accrual": True, "source": source}
        added = [
            {**shared, "source_key": key, "day": day, "minutes": minutes} for (key, day), minutes in sorted(new.items())
        ]
        db.session.execute(insert(ABSENCES), added)
    accrue_for(actor=actor, person_ids=[actor.person_id], since=min(days), why=WHY, now=now)
    facts = {"source": source, "first": min(days), "last": max(days), "added": len(new), "removed": len(gone)}
    record("absence:change", actor=actor, about="person", id=actor.person_id, at=now, **facts)
    return Effect(len(wanted) or len(gone), queries.worth(actor.person_id, quarters) - before)
