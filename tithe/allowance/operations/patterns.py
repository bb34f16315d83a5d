"""Putting working hours on record: patterns, and hours on single days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.allowance.models import PatternDay, WorkingPattern
from tithe.allowance.operations.accrual import accrue_for
from tithe.allowance.queries.patterns import days_on_record
from tithe.allowance.queries.periods import first_open_day, open_quarters_of
from tithe.allowance.queries.schedules import schedule_of
from tithe.allowance.rules import patterns as rules
from tithe.allowance.rules.patterns import Effect, Weeks
from tithe.audit.operations import record
from tithe.kernel.calendar import Quarter, named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, rehearsal, table_of
from tithe.kernel.errors import Problem, RuleBroken, RulesBroken
from tithe.notices import operations as notices
from tithe.people import queries as people

PATTERNS, DAYS = table_of(WorkingPattern), table_of(PatternDay)


@dataclass(frozen=True)
class NewPattern:
    """A pattern somebody is to have from a day on."""

    person_id: int
    starts_on: date
    weeks: Weeks


@atomic
def set_pattern(*, actor: Actor, person_id: int, starts_on: date, weeks: Weeks, now: datetime) -> bool:
    """Put on record what somebody works from a day on, in place of a pattern from that very day; False if it is that.

    It holds until the next pattern on record begins. Refuses days of a closed quarter.
    """
    people.get_person(person_id, by=actor, to=Permission.PATTERN_WRITE, on=local_date(now))
    refuse(rules.problems_in(weeks) + rules.problems_with_days([starts_on], first_open_day(), "starts_on"))
    given = [list(week) for week in weeks]
    this_one = (PATTERNS.c.person_id == person_id, PATTERNS.c.starts_on == starts_on)
    before = db.session.scalar(select(PATTERNS.c.weeks).where(*this_one))
    if before == given:
        return False
    db.session.execute(delete(PATTERNS).where(*this_one))
    db.session.execute(insert(PATTERNS).values(person_id=person_id, starts_on=starts_on, weeks=given))
    facts = {"starts_on": starts_on, "weeks": given, "was": before}
    record("pattern:set", actor=actor, about="person", id=person_id, at=now, **facts)
    what = f"new working hours hold from {named(starts_on)}"
    settle(actor, person_id, since=starts_on, why="your working pattern changed", what=what, now=now)
    return True


@atomic
def remove_pattern(*, actor: Actor, person_id: int, starts_on: date, now: datetime) -> None:
    """Take back a pattern that has not begun."""
    today = local_date(now)
    people.get_person(person_id, by=actor, to=Permission.PATTERN_WRITE, on=today)
    if starts_on <= today:
        raise RuleBroken("These hours have begun. Set new ones from a later day instead", field="starts_on")
    this_one = (PATTERNS.c.person_id == person_id, PATTERNS.c.starts_on == starts_on)
    weeks = db.session.scalar(select(PATTERNS.c.weeks).where(*this_one))
    if weeks is None:
        raise RuleBroken(f"No hours begin on {named(starts_on)}. They may be removed already", field="starts_on")
    db.session.execute(delete(PATTERNS).where(*this_one))
    record("pattern:remove", actor=actor, about="person", id=person_id, at=now, starts_on=starts_on, was=weeks)
    what = f"the hours that were to hold from {named(starts_on)} are removed"
    settle(actor, person_id, since=starts_on, why="your working pattern changed", what=what, now=now)


def import_patterns(*, actor: Actor, rows: Iterable[NewPattern], now: datetime, keep: bool) -> int:
    """Set many patterns, all or none; return how many were not on record already. Unless `keep`, undo them all."""
    with rehearsal(keep=keep):
        return sum(set_pattern(actor=actor, now=now, **vars(row)) for row in rows)


@atomic
def set_days(*, actor: Actor, person_id: int, days: Mapping[date, int | None], now: datetime) -> int:
    """Put on record what somebody works on single days, whatever the pattern says; None goes back to the pattern.

    Returns how many days that changed. Days that have these hours already may lie in a closed quarter, others not.
    """
    people.get_person(person_id, by=actor, to=Permission.PATTERN_WRITE, on=local_date(now))
    if not 0 < len(days) <= rules.MOST_DAYS:
        raise RuleBroken(f"Give 1 to {rules.MOST_DAYS} days at a time", field="days")
    before = days_on_record(person_id, days)
    changed = {day: length for day, length in sorted(days.items()) if before.get(day) != length}
    refuse(rules.problems_with_days(changed, first_open_day(), "days"))
    if not changed:
        return 0
    db.session.execute(delete(DAYS).where(DAYS.c.person_id == person_id, DAYS.c.day.in_(list(changed))))
    rows = [
        {"person_id": person_id, "day": day, "minutes": length} for day, length in changed.items() if length is not None
    ]
    if rows:
        db.session.execute(insert(DAYS), rows)
    facts = {day.isoformat(): [before.get(day), length] for day, length in changed.items()}
    record("pattern:days", actor=actor, about="person", id=person_id, at=now, days=facts)
    first = min(changed)
    count = f"{len(changed)} days from" if len(changed) > 1 else "one day,"
    what = f"your hours changed on {count} {named(first)}"
    settle(actor, person_id, since=first, why="hours on single days changed", what=what, now=now)
    return len(changed)


def with_effects(save: Callable[[], object], *, person_id: int, since: date, today: date, keep: bool) -> list[Effect]:
    """Run an operation and say what it did to somebody's quarters from a day on; unless `keep`, undo it all.

    So a rehearsal refuses whatever saving would, and never says anything else than saving does. It looks at this
    quarter, the one the change begins in, and those already posted that are open.
    """
    opens = first_open_day()
    since = sorted((rules.EARLIEST, since, rules.LATEST))[1]
    quarters = {each for each in map(Quarter.containing, (since, today)) if each.end > max(since, opens)}
    quarters.update(open_quarters_of([person_id], Quarter.containing(since)))
    with rehearsal(keep=keep):
        before = _worth(person_id, quarters)
        save()
        after = _worth(person_id, quarters)
        return [Effect(each, before[each], after[each]) for each in sorted(quarters)]


def _worth(person_id: int, quarters: Iterable[Quarter]) -> dict[Quarter, int]:
    return {each: schedule_of(person_id, each.start, each.end).entitlement.minutes for each in quarters}


def refuse(problems: list[Problem]) -> None:
    """Raise what is wrong, if anything is."""
    if problems:
        raise RulesBroken(problems)


def settle(actor: Actor, person_id: int, *, since: date, why: str, what: str, now: datetime) -> None:
    """Post what a change of somebody's hours is worth, and tell them. Joins the open unit of work."""
    accrue_for(actor=actor, person_ids=[person_id], since=since, why=why, now=now)
    facts: dict[str, Any] = {"who": actor.name if actor.id else "HR", "what": what}
    notices.queue([notices.compose("hours-changed", to=person_id, path="/allowance/pattern", at=now, **facts)])
