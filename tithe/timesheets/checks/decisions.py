"""The promises of decisions: who made them, on what, and that none is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import and_, func, or_, select

from tithe.allowance.checks import COUNTED, USED_BY_WEEK
from tithe.audit.checks import EVENTS_ABOUT
from tithe.kernel.checks import Check, stream
from tithe.kernel.clock import local_date
from tithe.kernel.db import table_of
from tithe.people.checks import KEEPERS, STAND_INS
from tithe.projects.checks import HALTS
from tithe.timesheets.checks.rows import STANDING, weeks_named
from tithe.timesheets.models import Decision, PanelOpinion, ReviewRequest, TimeEntry, Week
from tithe.timesheets.rules.deciding import BY_RULE, DecisionHow, Outcome
from tithe.timesheets.rules.entries import Entry, digest_of, from_shown, tithed_minutes
from tithe.timesheets.rules.escalation import DEEMED_MOST, Stage
from tithe.timesheets.rules.lifecycle import WeekStatus
from tithe.timesheets.rules.reviews import ReviewOutcome


def decided_by_the_wrong_person(now: datetime) -> Iterator[str]:
    """Decisions on one's own week, by nobody where no rule decided, or by somebody it did not wait for: the approver,
    their delegate then, else a keeper of the queue."""
    own = or_(
        Decision.decided_by == Week.person_id,
        and_(Decision.decided_by.is_(None), Decision.how.not_in(BY_RULE)),
    )
    found = select(Decision.id).join(Week, Week.id == Decision.week_id).where(own)
    for row in stream(found.order_by(Decision.id)):
        yield f"decision {row.id}"
    yield from _decided_for_nobody()
    yield from _decided_out_of_turn()
    yield from _decided_under_another_name()
    yield from _overturned_by_nobody()


def _decided_for_nobody() -> Iterator[str]:
    """Decisions in the place of a manager for whom the decider did not stand in at that moment, or who was not the
    approver."""
    stint = and_(STAND_INS.c.manager_id == Decision.on_behalf_of, STAND_INS.c.delegate_id == Decision.decided_by)
    found = (
        select(
            Decision.id, Decision.decided_at, Decision.on_behalf_of, Week.approver_id,
            STAND_INS.c.starts_on, STAND_INS.c.ends_on, STAND_INS.c.accepted_at, STAND_INS.c.ended_at,
        )
        .join(Week, STANDING)
        .outerjoin(STAND_INS, stint)
        .where(Decision.on_behalf_of.is_not(None))
        .order_by(Decision.id)
    )  # fmt: skip
    for (decision_id, decided_at, manager, approver), rows in groupby(stream(found), key=lambda row: tuple(row[:4])):
        stood_in = any(
            _held(row.starts_on, row.ends_on, local_date(decided_at))
            and row.accepted_at <= decided_at <= (row.ended_at or decided_at)
            for row in rows
        )
        if manager != approver or not stood_in:
            yield f"decision {decision_id}"


def _decided_out_of_turn() -> Iterator[str]:
    """Decisions in one's own name by somebody who was neither the approver nor then a keeper of the unit's queue."""
    keeper = and_(
        Week.approver_id.is_(None), KEEPERS.c.person_id == Decision.decided_by, KEEPERS.c.unit_id == Week.unit_id
    )
    others = (
        select(Decision.id, Decision.decided_at, KEEPERS.c.starts_on, KEEPERS.c.ends_on)
        .join(Week, STANDING)
        .outerjoin(KEEPERS, keeper)
        .where(
            Decision.decided_by != Week.person_id,
            Decision.on_behalf_of.is_(None),
            Decision.how != DecisionHow.REVIEW,
            or_(Week.approver_id.is_(None), Week.approver_id != Decision.decided_by),
        )
        .order_by(Decision.id)
    )
    for (decision_id, decided_at), rows in groupby(stream(others), key=lambda row: tuple(row[:2])):
        if not any(_held(row.starts_on, row.ends_on, local_date(decided_at)) for row in rows):
            yield f"decision {decision_id}"


def _decided_under_another_name() -> Iterator[str]:
    """Decisions of a countersigning manager on a week that had not come to one, or of a manager on one that had."""
    moved = Week.stage == Stage.COUNTERSIGNER
    wrong = or_(
        and_(Decision.how == DecisionHow.COUNTERSIGNER, ~moved), and_(Decision.how == DecisionHow.MANAGER, moved)
    )
    found = select(Decision.id).join(Week, STANDING).where(wrong)
    for row in stream(found.order_by(Decision.id)):
        yield f"decision {row.id}"


def _overturned_by_nobody() -> Iterator[str]:
    """Approvals on review without a review that overturned the return before, by its reviewer or one of its panel."""
    said = and_(PanelOpinion.week_id == ReviewRequest.week_id, PanelOpinion.version == ReviewRequest.version)
    panel = select(PanelOpinion.seat).where(said, PanelOpinion.person_id == Decision.decided_by)
    review = select(ReviewRequest.id).where(
        ReviewRequest.week_id == Decision.week_id,
        ReviewRequest.version == Decision.version - 1,
        ReviewRequest.outcome == ReviewOutcome.OVERTURN,
        or_(ReviewRequest.reviewer_id == Decision.decided_by, panel.exists()),
    )
    found = select(Decision.id).where(Decision.how == DecisionHow.REVIEW, ~review.exists())
    for row in stream(found.order_by(Decision.id)):
        yield f"decision {row.id}"


def _held(starts_on: date | None, ends_on: date | None, day: date) -> bool:
    return starts_on is not None and starts_on <= day <= (ends_on or day)


def decisions_without_proof(now: datetime) -> Iterator[str]:
    """Decisions whose digest is not that of what was shown, decided weeks without a decision on their version."""
    for row in stream(select(Decision.id, Decision.version, Decision.digest, Decision.entries).order_by(Decision.id)):
        if digest_of(row.version, _shown(row.entries)) != row.digest:
            yield f"decision {row.id}"
    undecided = select(Week.id, Week.person_id).outerjoin(Decision, STANDING)
    nothing = and_(Week.decided_at.is_not(None), Decision.id.is_(None))
    yield from weeks_named(undecided.where(nothing).order_by(Week.id))


def _shown(entries: list[Any]) -> list[Entry]:
    return [from_shown(entry) for entry in entries]


def miscounted_decisions(now: datetime) -> Iterator[str]:
    """Decisions whose total is not the sum of what was shown, approvals whose minutes are not in the ledger once."""
    found = (
        select(Decision.id, Decision.outcome, Decision.total_minutes, Decision.entries, USED_BY_WEEK.c.used)
        .outerjoin(
            USED_BY_WEEK,
            and_(USED_BY_WEEK.c.source_id == Decision.week_id, USED_BY_WEEK.c.source_version == Decision.version),
        )
        .order_by(Decision.id)
    )
    for row in stream(found):
        used = row.total_minutes if row.outcome is Outcome.APPROVED else 0
        if row.total_minutes != tithed_minutes(_shown(row.entries)) or (row.used or 0) != used:
            yield f"decision {row.id}"
    yield from _weeks_counted_otherwise()


def _weeks_counted_otherwise() -> Iterator[str]:
    """Weeks that count for other minutes than were approved last: an amendment gives back what it replaces."""
    approved = (
        select(Decision.week_id, func.max(Decision.version).label("version"))
        .where(Decision.outcome == Outcome.APPROVED)
        .group_by(Decision.week_id)
        .subquery("approved")
    )
    last = and_(Decision.week_id == approved.c.week_id, Decision.version == approved.c.version)
    found = (
        select(Week.id, Week.person_id)
        .outerjoin(approved, approved.c.week_id == Week.id)
        .outerjoin(Decision, last)
        .outerjoin(COUNTED, COUNTED.c.source_id == Week.id)
        .group_by(Week.id, Week.person_id)
        .having(func.coalesce(func.max(Decision.total_minutes), 0) != func.coalesce(func.sum(COUNTED.c.minutes), 0))
    )
    return weeks_named(found.order_by(Week.id))


def weeks_in_no_queue(now: datetime) -> Iterator[str]:
    """Submitted weeks that wait neither for somebody nor in the queue of a unit."""
    lost = (Week.status == WeekStatus.SUBMITTED, Week.approver_id.is_(None), Week.unit_id.is_(None))
    return weeks_named(select(Week.id, Week.person_id).where(*lost).order_by(Week.id))


def weeks_without_a_clock(now: datetime) -> Iterator[str]:
    """Submitted weeks with no day by which to decide them, and drafts that have one."""
    odd = or_(
        and_(Week.status == WeekStatus.SUBMITTED, Week.due_on.is_(None)),
        and_(Week.status == WeekStatus.DRAFT, Week.due_on.is_not(None)),
    )
    return weeks_named(select(Week.id, Week.person_id).where(odd).order_by(Week.id))


def silence_without_guards(now: datetime) -> Iterator[str]:
    """What counts as approved though nobody decided it: above the limit of minutes, or an amendment of what had been
    approved."""
    earlier = table_of(Decision).alias("earlier")
    amends = select(earlier.c.id).where(
        earlier.c.week_id == Decision.week_id,
        earlier.c.version < Decision.version,
        earlier.c.outcome == Outcome.APPROVED,
    )
    unguarded = or_(Decision.total_minutes > DEEMED_MOST, amends.exists())
    found = select(Decision.id).where(Decision.how == DecisionHow.DEEMED, unguarded)
    for row in stream(found.order_by(Decision.id)):
        yield f"decision {row.id}"


def approved_while_flagged(now: datetime) -> Iterator[str]:
    """Weeks a rule approved while one of their projects waited for a coordinator."""
    waited = and_(
        HALTS.c.project_id == TimeEntry.project_id,
        HALTS.c.raised_at < Decision.decided_at,
        or_(HALTS.c.settled_at.is_(None), HALTS.c.settled_at > Decision.decided_at),
    )
    found = (
        select(Decision.id)
        .join(Week, STANDING)
        .join(TimeEntry, TimeEntry.week_id == Week.id)
        .join(HALTS, waited)
        .where(Decision.how.in_(BY_RULE))
        .distinct()
    )
    for row in stream(found.order_by(Decision.id)):
        yield f"decision {row.id}"


def skipped_versions(now: datetime) -> Iterator[str]:
    """Weeks whose version is not the number of changes on record, or that were decided in a version to come."""
    about = and_(EVENTS_ABOUT.c.subject_type == "week", EVENTS_ABOUT.c.subject_id == Week.id)
    newest = select(func.max(Decision.version)).where(Decision.week_id == Week.id).scalar_subquery()
    found = (
        select(Week.id, Week.person_id)
        .outerjoin(EVENTS_ABOUT, about)
        .where(or_(Week.version != func.coalesce(EVENTS_ABOUT.c.events, 0), newest >= Week.version))
    )
    return weeks_named(found.order_by(Week.id))


CHECKS = [
    Check("A2", "A week is decided by the person it waited for, never by its owner", decided_by_the_wrong_person),
    Check("A3", "A decided week has one decision, which proves what was shown", decisions_without_proof),
    Check("A4", "What was approved is what was shown, and is in the ledger once", miscounted_decisions),
    Check("A7", "A submitted week waits for somebody or in one queue", weeks_in_no_queue),
    Check("A9", "A week that waits has a day by which to decide it", weeks_without_a_clock),
    Check("A10", "Silence approved only what its guards let through", silence_without_guards),
    Check("P3", "No rule approved time on a project while it was flagged", approved_while_flagged),
    Check("A8", "The version of a week rises by one with every change on record", skipped_versions),
]
