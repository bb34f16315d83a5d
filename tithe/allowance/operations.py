"""Posting to the ledger. Every line and the summary it adds to are written together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from tithe.access.actor import Actor
from tithe.allowance import queries, rules
from tithe.allowance.models import LedgerLine, PersonQuarter
from tithe.allowance.queries import Accrued, Schedule
from tithe.allowance.rules import Entitlement, LedgerKind
from tithe.audit.operations import record
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import allow_long_statements, atomic, db, table_of
from tithe.people import queries as people
from tithe.policy import queries as policy
from tithe.policy.rules import Settings

BATCH = 5000

Line = dict[str, Any]
Shares = dict[int, tuple[int, int]]


@atomic
def accrue_quarter(
    *, actor: Actor, quarter: Quarter, now: datetime, progress: Callable[[int], None] = lambda done: None
) -> int:
    """Bring everybody's accrual for a quarter up to what the rule says today; return how many people changed.

    Only differences are posted, so a second run changes nothing. People with the same pattern, settings, calendar
    and dates share one computation.
    """
    allow_long_statements(600)
    posted = queries.accruals_in(quarter)
    changed = 0
    for lines, days in _batches(_differences(actor, quarter, now, posted)):
        post(lines, accruing_days=days)
        changed += len(lines)
        progress(changed)
        mark_split([quarter.code], _in_several_units(lines, posted))
    if changed:
        record(
            "allowance:accrue",
            actor=actor,
            about="quarter",
            id=None,
            at=now,
            quarter=quarter.code,
            people=changed,
        )
    return changed


def _differences(
    actor: Actor, quarter: Quarter, now: datetime, posted: dict[int, Accrued]
) -> Iterator[tuple[Line, int]]:
    """One accrual line for every person and unit whose entitlement is not what was posted, with the change in days.

    Whoever has something posted and turns out to hold no post in the quarter has it taken back.
    """
    gone = dict(posted)
    for person_id, schedule, earned, by_unit in _entitlements(quarter):
        before = gone.pop(person_id, Accrued())
        yield from _corrections(person_id, quarter, schedule, earned, by_unit, before, actor, now)
    nobody = Schedule((), Settings(), None, None)
    for person_id, before in gone.items():
        yield from _corrections(person_id, quarter, nobody, nobody.entitlement, {}, before, actor, now)


def _entitlements(quarter: Quarter) -> Iterator[tuple[int, Schedule, Entitlement, Shares]]:
    """Everybody with a post in the quarter and what the rule says they earn. Equal schedules are worked out once."""
    timelines = policy.all_timelines(quarter.start, quarter.end)
    patterns = queries.patterns_of(None)
    known: dict[Any, tuple[Entitlement, Shares]] = {}
    posts = list(people.all_posts(quarter.start, quarter.end))
    for person_id, held in groupby(posts, key=lambda post: post.person_id):
        schedule = queries.schedule_from(list(held), patterns.get(person_id, []), timelines, quarter.start, quarter.end)
        key = (schedule.stretches, schedule.settings)
        if key not in known:
            earned = schedule.entitlement
            known[key] = earned, rules.shares(schedule.stretches, earned.minutes)
        yield person_id, schedule, *known[key]


def _corrections(
    person_id: int,
    quarter: Quarter,
    schedule: Schedule,
    earned: Entitlement,
    by_unit: Shares,
    before: Accrued,
    actor: Actor,
    now: datetime,
) -> Iterator[tuple[Line, int]]:
    """The lines that bring one person's accrual up to date, one for each unit that differs."""
    facts = {
        "available": earned.available,
        "days": earned.accruing_days,
        "rate_bp": schedule.settings.rate_bp,
        "entitlement": earned.minutes,
        "before": sum(minutes for minutes, _ in before.by_unit.values()),
    }
    line = {
        "person_id": person_id,
        "quarter": quarter.code,
        "kind": LedgerKind.ACCRUAL,
        "reason": f"Accrual for {quarter.label}" + (" worked out again" if before.lines else ""),
        "source": "accrual",
        "source_id": person_id,
        "policy_id": schedule.policy_id,
        "actor_id": actor.id,
        "at": now,
        "facts": facts,
    }
    differing = [unit for unit in sorted({*by_unit, *before.by_unit}) if by_unit.get(unit) != before.by_unit.get(unit)]
    for version, unit_id in enumerate(differing, before.lines + 1):
        minutes, days = by_unit.get(unit_id, (0, 0))
        had_minutes, had_days = before.by_unit.get(unit_id, (0, 0))
        if unit_id in by_unit or had_minutes or had_days:
            change = {"minutes": minutes - had_minutes, "unit_id": unit_id, "source_version": version}
            yield line | change, days - had_days


def _in_several_units(lines: Sequence[Line], posted: dict[int, Accrued]) -> list[int]:
    """The people of these lines who may now have summaries in more than one unit."""
    times = Counter(line["person_id"] for line in lines)
    return [person_id for person_id, count in times.items() if count > 1 or person_id in posted]


def _batches(differences: Iterable[tuple[Line, int]]) -> Iterator[tuple[list[Line], list[int]]]:
    lines: list[Line] = []
    days: list[int] = []
    for line, more_days in differences:
        lines.append(line)
        days.append(more_days)
        if len(lines) == BATCH:
            yield lines, days
            lines, days = [], []
    if lines:
        yield lines, days


def post(lines: Sequence[Line], *, accruing_days: Sequence[int] | None = None) -> None:
    """Write ledger lines and add them to the summaries: two statements however many lines. Joins the open unit of work.

    Spending is negative in the ledger and positive in the summary's `used`.
    """
    if not lines:
        return
    db.session.execute(insert(table_of(LedgerLine)), list(lines))
    days = accruing_days or [0] * len(lines)
    db.session.execute(_add_to_summaries(), [_summary(line, more) for line, more in zip(lines, days, strict=True)])


def _summary(line: Line, accruing_days: int) -> dict[str, Any]:
    kind, minutes = line["kind"], line["minutes"]
    spending = kind in (LedgerKind.USE, LedgerKind.REVERSAL)
    return {
        "quarter": line["quarter"],
        "person_id": line["person_id"],
        "unit_id": line["unit_id"],
        "split": False,
        "accruing_days": accruing_days,
        "accrued": minutes if kind is LedgerKind.ACCRUAL else 0,
        "used": -minutes if spending else 0,
        "other": 0 if spending or kind is LedgerKind.ACCRUAL else minutes,
    }


def _add_to_summaries() -> Any:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    adding = dialect.insert(PersonQuarter)
    sums = {
        name: getattr(PersonQuarter, name) + getattr(adding.excluded, name)
        for name in ("accruing_days", "accrued", "used", "other")
    }
    return adding.on_conflict_do_update(index_elements=["quarter", "person_id", "unit_id"], set_=sums)


def mark_split(quarters: Iterable[str], person_ids: Iterable[int]) -> None:
    """Flag the summaries of people who have them in more than one unit, so that reports count each person once."""
    person_ids = list(person_ids)
    if not person_ids:
        return
    elsewhere = aliased(PersonQuarter)
    another = select(literal(1)).where(
        elsewhere.quarter == PersonQuarter.quarter,
        elsewhere.person_id == PersonQuarter.person_id,
        elsewhere.unit_id != PersonQuarter.unit_id,
    )
    db.session.execute(
        update(PersonQuarter)
        .where(
            PersonQuarter.quarter.in_(list(quarters)),
            PersonQuarter.person_id.in_(person_ids),
            PersonQuarter.split.is_(False),
            another.exists(),
        )
        .values(split=True)
        .execution_options(synchronize_session=False)
    )
