"""Accruals: what each quarter is worth to each person, posted as differences from what was posted before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from tithe.access.actor import Actor
from tithe.allowance.operations.posting import Line, mark_split, post
from tithe.allowance.queries.balances import Accrued, accruals_between, accruals_of
from tithe.allowance.queries.periods import is_closed, open_quarters_of
from tithe.allowance.queries.schedules import schedule_ranges, schedules_of
from tithe.allowance.rules.entitlement import Entitlement, entitlement, plain
from tithe.allowance.rules.ledger import LedgerKind
from tithe.allowance.rules.schedule import Schedule
from tithe.allowance.rules.worktime import Work
from tithe.audit.operations import record
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import allow_long_statements, atomic

NOBODY = Schedule()
AT_ONCE = 1000  # people named one by one who are worked out together
Difference = tuple[Line, int]


@atomic
def accrue_quarter(
    *, actor: Actor, quarter: Quarter, now: datetime, progress: Callable[[int], None] = lambda done: None
) -> int:
    """Bring everybody's accrual for a quarter up to what the rule says today; return how many lines that took.

    Only differences are posted, so a second run changes nothing; to a closed quarter nothing is posted at all. People
    with the same hours, settings and calendar and no absence share one computation.
    """
    if is_closed(quarter):
        return 0
    allow_long_statements(600)
    changed = 0
    known: dict[Work, Entitlement] = {}
    about = {"actor_id": actor.id, "at": now, "reason": _reason(quarter)}
    for low, high, schedules in schedule_ranges(quarter.start, quarter.end):
        changed += _post_differences(quarter, schedules, accruals_between(quarter, low, high), known, about)
        progress(changed)
    if changed:
        record("allowance:accrue", actor=actor, about="quarter", id=None, at=now, quarter=quarter.code, lines=changed)
    return changed


def differences(quarter: Quarter) -> Iterator[Line]:
    """The lines `accrue_quarter` would post, without who, when and why. Reads only."""
    known: dict[Work, Entitlement] = {}
    for low, high, schedules in schedule_ranges(quarter.start, quarter.end):
        posted = accruals_between(quarter, low, high)
        for line, _ in _differences(quarter, schedules, posted, known, {}):
            yield line


@atomic
def accrue_for(*, actor: Actor, person_ids: Iterable[int], since: date, why: str, now: datetime) -> int:
    """Post what a change from a day on does to some people's accruals; return how many lines that took.

    Concerns the quarters already posted and still open. Later ones are worked out when they are opened, closed ones
    stay as they are. `why` says in the ledger what changed.
    """
    ids = sorted(set(person_ids))
    changed = 0
    known: dict[Work, Entitlement] = {}
    for some in (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)):
        for quarter in open_quarters_of(some, Quarter.containing(since)):
            posted = accruals_of(quarter, some)
            schedules = schedules_of(posted, quarter.start, quarter.end)
            about = {"actor_id": actor.id, "at": now, "reason": _reason(quarter, why)}
            changed += _post_differences(quarter, schedules, posted, known, about)
    return changed


def _post_differences(
    quarter: Quarter,
    schedules: Mapping[int, Schedule],
    posted: Mapping[int, Accrued],
    known: dict[Work, Entitlement],
    about: Mapping[str, object],
) -> int:
    """Post where entitlement is not what was posted."""
    found = list(_differences(quarter, schedules, posted, known, about))
    lines = [line for line, _ in found]
    post(lines, accruing_days=[days for _, days in found])
    mark_split([quarter.code], _in_several_units(lines, posted))
    return len(lines)


def _differences(
    quarter: Quarter,
    schedules: Mapping[int, Schedule],
    posted: Mapping[int, Accrued],
    known: dict[Work, Entitlement],
    about: Mapping[str, object],
) -> Iterator[Difference]:
    """Where entitlement is not what was posted. Whoever holds no post any more has it taken back."""
    for person_id in sorted({*schedules, *posted}):
        schedule = schedules.get(person_id, NOBODY)
        earned, before = _entitlement(schedule, known), posted.get(person_id, Accrued())
        yield from _corrections(person_id, quarter, schedule, earned, before, about)


def _entitlement(schedule: Schedule, known: dict[Work, Entitlement]) -> Entitlement:
    """What a schedule earns. Work nobody's own absence or date sets apart is worked out once."""
    work = schedule.work
    if work.absences or work.overrides or work.moves:
        return schedule.entitlement
    if work not in known:
        known[work] = entitlement(work)
    return known[work]


def _reason(quarter: Quarter, why: str = "") -> str:
    return f"Accrual for {quarter.label}" + (f", worked out again: {why}" if why else "")


def _corrections(
    person_id: int,
    quarter: Quarter,
    schedule: Schedule,
    earned: Entitlement,
    before: Accrued,
    about: Mapping[str, object],
) -> Iterator[Difference]:
    """The lines that bring one person's accrual up to date, one for each unit that differs, and the change in days."""
    differing = [
        unit
        for unit in sorted({*earned.shares, *before.by_unit})
        if earned.shares.get(unit) != before.by_unit.get(unit)
    ]
    if not differing:
        return
    line: Line = {
        "person_id": person_id,
        "quarter": quarter.code,
        "applies_to": None,
        "expires": None,
        "kind": LedgerKind.ACCRUAL,
        "source": "accrual",
        "source_id": person_id,
        "policy_id": schedule.policy_id,
        "facts": {
            "available": plain(earned.available),
            "days": earned.accruing_days,
            "rate_bp": schedule.settings.rate_bp,
            "entitlement": earned.minutes,
            "before": sum(minutes for minutes, _ in before.by_unit.values()),
        },
        **about,
    }
    for version, unit_id in enumerate(differing, before.lines + 1):
        minutes, days = earned.shares.get(unit_id, (0, 0))
        had_minutes, had_days = before.by_unit.get(unit_id, (0, 0))
        if unit_id in earned.shares or had_minutes or had_days:
            change = {"minutes": minutes - had_minutes, "unit_id": unit_id, "source_version": version}
            yield line | change, days - had_days


def _in_several_units(lines: Sequence[Line], posted: Mapping[int, Accrued]) -> list[int]:
    """The people of these lines who may now have summaries in more than one unit."""
    times = Counter(line["person_id"] for line in lines)
    return [person_id for person_id, count in times.items() if count > 1 or person_id in posted]
