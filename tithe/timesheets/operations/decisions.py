"""Deciding weeks: one or many at once, in a number of statements that does not grow with them.

A decision is a claim on (week, version): one UPDATE takes every week that still waits for the decider in the version
they were shown. Whoever comes second finds nothing left to claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, tuple_, update

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.allowance.operations import posting as allowance
from tithe.allowance.operations.posting import protect
from tithe.allowance.queries.balances import has_summary_elsewhere, used_by_weeks
from tithe.allowance.queries.periods import NEWEST_CLOSED
from tithe.allowance.rules.ledger import LedgerKind, quarter_of_use
from tithe.audit.operations import record
from tithe.kernel.calendar import Quarter, named, quarters_over, week_days
from tithe.kernel.clock import local_date
from tithe.kernel.db import LARGEST_ID, atomic, db, table_of
from tithe.kernel.errors import Conflict, RuleBroken, RulesBroken
from tithe.kernel.minutes import spoken
from tithe.notices import operations as notices
from tithe.projects.queries import is_member
from tithe.timesheets.models import Decision, TimeEntry, Week
from tithe.timesheets.queries.inbox import waits_for
from tithe.timesheets.queries.weeks import get_week
from tithe.timesheets.rules.deciding import GROUNDS, PROTECTING, Outcome, ReturnGround, problem_with_return
from tithe.timesheets.rules.entries import Entry, as_shown, digest_of, use_by_quarter
from tithe.timesheets.rules.lifecycle import WeekMove, WeekStatus, status_after

MOST_AT_ONCE = 500
SHARED = (
    "You are a member of a project in this week, so you cannot decide it. "
    "Ask its owner to take it back and submit it again: it then goes to your own manager"
)


@dataclass(frozen=True)
class Claimed:
    """A week taken for decision: `version` is the one that was shown, `split` says its owner has moved unit.

    `newest_closed` is the code of the last quarter whose books are closed, if any is.
    """

    id: int
    owner_id: int
    starts_on: date
    unit_id: int
    version: int
    total_minutes: int
    amends: int | None
    entries: tuple[Entry, ...]
    split: bool
    newest_closed: str | None


@atomic
def approve_weeks(*, actor: Actor, versions: Mapping[int, int], now: datetime) -> None:
    """Approve weeks by id, each in the version the decider saw. All of them or, if one has moved on, none."""
    if not 1 <= len(versions) <= MOST_AT_ONCE:
        raise RuleBroken(f"Choose from 1 to {MOST_AT_ONCE} weeks", field="weeks")
    weeks = _claim(actor, versions, WeekMove.APPROVE, now)
    _record_decisions(actor, weeks, Outcome.APPROVED, None, "", now)
    amended = used_by_weeks([week.id for week in weeks if week.amends]) if any(week.amends for week in weeks) else {}
    allowance.post([line for week in weeks for line in _ledger_lines(week, amended.get(week.id, {}), actor, now)])
    if moved := [week for week in weeks if week.split]:
        quarters = {quarter_of_use(entry.day, week.newest_closed).code for week in moved for entry in week.entries}
        allowance.mark_split(quarters, [week.owner_id for week in moved])
    notices.queue(
        [
            notices.compose(
                "week-approved",
                to=week.owner_id,
                path=f"/weeks/{week.starts_on}",
                at=now,
                decider=actor.name,
                week=named(week.starts_on),
                total=spoken(week.total_minutes),
            )
            for week in weeks
        ]
    )


@atomic
def return_week(*, actor: Actor, week_id: int, version: int, ground: str | None, reason: str, now: datetime) -> None:
    """Send one week back to its owner with a ground from the list and words to act on."""
    get_week(week_id, by=actor, to=Permission.WEEK_DECIDE)
    problems = problem_with_return(ground, reason)
    if problems or ground is None:  # no ground is itself a problem
        raise RulesBroken(problems)
    why = ReturnGround(ground)
    (week,) = _claim(actor, {week_id: version}, WeekMove.RETURN, now)
    _record_decisions(actor, [week], Outcome.RETURNED, why, reason.strip(), now)
    if why in PROTECTING:
        asked_for = use_by_quarter(week.entries)
        protect(week.owner_id, {quarter.code: asked_for[quarter] for quarter in asked_for}, "week", week.id)
    notices.queue(
        [
            notices.compose(
                "week-returned",
                to=week.owner_id,
                path=f"/weeks/{week.starts_on}",
                at=now,
                decider=actor.name,
                week=named(week.starts_on),
                ground=GROUNDS[why],
                words=reason.strip(),
            )
        ]
    )


def _claim(actor: Actor, versions: Mapping[int, int], move: WeekMove, now: datetime) -> list[Claimed]:
    """Take the weeks in one statement, locked in order of id; refuse all unless all could be taken."""
    shown = [(week_id, version) for week_id, version in versions.items() if week_id <= LARGEST_ID]
    mine = (
        select(Week.id)
        .where(waits_for(actor), tuple_(Week.id, Week.version).in_(shown))
        .order_by(Week.id)
        .with_for_update()
    )
    taken: Sequence[Any] = db.session.execute(
        update(Week)
        .where(Week.id.in_(mine))
        .values(status=status_after(WeekStatus.SUBMITTED, move), decided_at=now, version=Week.version + 1)
        .returning(
            Week.id,
            Week.person_id,
            Week.starts_on,
            Week.unit_id,
            Week.version - 1,
            Week.total_minutes,
            Week.amends_version,
        )
        .execution_options(synchronize_session=False)
    ).all()
    if len(taken) != len(versions):
        _explain(actor, set(versions) - {row[0] for row in taken})
    days = [day for row in taken for day in week_days(row.starts_on)]
    held, newest_closed = _held(versions, actor, quarters_over(min(days), max(*days, local_date(now))))
    return [
        Claimed(week_id, owner_id, starts_on, unit_id, version, total, amends, *held[week_id], newest_closed)
        for week_id, owner_id, starts_on, unit_id, version, total, amends in sorted(taken, key=lambda row: row.id)
    ]


def _held(
    week_ids: Iterable[int], decider: Actor, quarters: Iterable[Quarter]
) -> tuple[dict[int, tuple[tuple[Entry, ...], bool]], str | None]:
    """The entries of the weeks just claimed, whether their owners have minutes in another unit too, and the code of
    the newest closed quarter.

    Refuses when the decider has become a member of one of the projects since: nobody decides on work they share.
    """
    found = (
        select(
            Week.id, has_summary_elsewhere(Week.person_id, Week.unit_id, [each.code for each in quarters]),
            is_member(TimeEntry.project_id, decider.id), NEWEST_CLOSED,
            TimeEntry.day, TimeEntry.project_id, TimeEntry.minutes, TimeEntry.note, TimeEntry.kind,
        )
        .outerjoin(TimeEntry, TimeEntry.week_id == Week.id)
        .where(Week.id.in_(list(week_ids)))
        .order_by(Week.id, TimeEntry.day, func.coalesce(TimeEntry.project_id, 0), TimeEntry.kind)
    )  # fmt: skip
    entries: defaultdict[int, list[Entry]] = defaultdict(list)
    split = {}
    rows = db.session.execute(found).all()
    for week_id, elsewhere, shared, _, *entry in rows:
        if shared:
            raise RuleBroken(SHARED)
        split[week_id] = bool(elsewhere)
        if entry[0] is not None:
            entries[week_id].append(Entry(*entry))
    newest_closed = rows[0][3] if rows else None
    return {week_id: (tuple(entries[week_id]), split[week_id]) for week_id in split}, newest_closed


def _explain(actor: Actor, missing: Iterable[int]) -> None:
    """Say why weeks could not be taken: not this person's to decide, or no longer as they were shown."""
    for week_id in sorted(missing):
        get_week(week_id, by=actor, to=Permission.WEEK_DECIDE)
    raise Conflict(
        "A week was changed or decided since you opened this page. Nothing was decided. Look again, then decide"
    )


def _record_decisions(
    actor: Actor,
    weeks: Sequence[Claimed],
    outcome: Outcome,
    ground: ReturnGround | None,
    reason: str,
    now: datetime,
) -> None:
    """Keep what was decided and exactly what was shown, one decision and one audit event a week."""
    rows: list[dict[str, Any]] = [
        {
            "week_id": week.id,
            "version": week.version,
            "digest": digest_of(week.version, week.entries),
            "outcome": outcome,
            "ground": ground,
            "reason": reason,
            "total_minutes": week.total_minutes,
            "decided_by": actor.id,
            "decided_at": now,
            "entries": [as_shown(entry) for entry in week.entries],
        }
        for week in weeks
    ]
    db.session.execute(insert(table_of(Decision)), rows)
    verb = "week:approve" if outcome is Outcome.APPROVED else "week:return"
    for row in rows:
        record(
            verb,
            actor=actor,
            about="week",
            id=row["week_id"],
            at=now,
            version=row["version"],
            digest=row["digest"],
            total=row["total_minutes"],
            ground=ground,
        )


def _ledger_lines(week: Claimed, counted: Mapping[Quarter, int], actor: Actor, now: datetime) -> list[allowance.Line]:
    """What a week used, a line for each quarter it is posted to; first what it had used before, given back.

    Days of a closed quarter use the minutes of the open one, and so does what they give back.
    """
    common = {
        "person_id": week.owner_id,
        "expires": None,
        "reason": f"Week of {named(week.starts_on)}",
        "source": "week",
        "source_id": week.id,
        "source_version": week.version,
        "unit_id": week.unit_id,
        "policy_id": None,
        "actor_id": actor.id,
        "at": now,
        "facts": {"total": week.total_minutes, "amends": week.amends},
    }
    back = _by_posting(counted, week.newest_closed)
    used = _by_posting(use_by_quarter(week.entries), week.newest_closed)
    return [
        common | {"kind": kind, "quarter": quarter.code, "applies_to": late, "minutes": sign * minutes}
        for kind, sign, posting in ((LedgerKind.REVERSAL, 1, back), (LedgerKind.USE, -1, used))
        for quarter, (minutes, late) in sorted(posting.items())
    ]


def _by_posting(minutes: Mapping[Quarter, int], newest_closed: str | None) -> dict[Quarter, tuple[int, str | None]]:
    """Minutes by the quarter they are posted to, with the closed quarter they are about if there is one."""
    posting: dict[Quarter, tuple[int, str | None]] = {}
    for quarter, each in sorted(minutes.items()):
        posted_to = quarter_of_use(quarter.start, newest_closed)
        so_far, late = posting.get(posted_to, (0, None))
        posting[posted_to] = so_far + each, late or (quarter.code if quarter < posted_to else None)
    return posting
