"""Corrections: one person proposes, a second posts or refuses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from tithe.access.actor import Actor
from tithe.access.grants import permits
from tithe.access.permissions import Permission
from tithe.allowance.models import Adjustment
from tithe.allowance.operations.posting import mark_split, post
from tithe.allowance.queries import adjustments as queries
from tithe.allowance.queries.adjustments import AdjustmentRow, Subject
from tithe.allowance.queries.periods import is_closed
from tithe.allowance.rules import adjustments as rules
from tithe.allowance.rules.adjustments import Proposal
from tithe.allowance.rules.ledger import AdjustmentStatus, LedgerKind
from tithe.audit.operations import record
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.errors import Conflict, Problem, RulesBroken
from tithe.notices import operations as notices

NOBODY = (
    "There is nobody with this address or staff number whose minutes you may correct. Check it, or ask HR of their unit"
)


@atomic
def propose_adjustment(*, actor: Actor, person: str, proposal: Proposal, now: datetime) -> int:
    """Propose a correction of the minutes of whoever has an e-mail address or staff number. Returns its id."""
    today = local_date(now)
    subject = queries.find_subject(person, today)
    if subject is not None and not permits(actor, Permission.ADJUSTMENT_PROPOSE, subject):
        subject = None
    problems = [] if subject else [Problem(NOBODY, "person")]
    problems += rules.problems_in(proposal, Quarter.containing(today))
    if subject and not problems:
        problems = _unknown_books(subject, proposal)
    if subject is None or problems:
        raise RulesBroken(problems)
    adjustment = Adjustment(
        person_id=subject.owner_id,
        applies_to=proposal.quarter.code,
        minutes=proposal.minutes,
        reason=proposal.reason.strip(),
        proposed_by=actor.person_id,
        proposed_at=now,
    )
    db.session.add(adjustment)
    db.session.flush()  # the audit names its id
    facts = {"person_id": subject.owner_id, "quarter": proposal.quarter.code, "minutes": proposal.minutes}
    record("adjustment:propose", actor=actor, about="adjustment", id=adjustment.id, at=now, **facts)
    return adjustment.id


def _unknown_books(subject: Subject, proposal: Proposal) -> list[Problem]:
    """A quarter in which nothing was ever posted has nothing to correct."""
    if queries.has_books(subject.owner_id, proposal.quarter):
        return []
    words = f"Nothing was posted to {subject.name} in {proposal.quarter.label}. Choose another quarter"
    return [Problem(words, "quarter")]


@atomic
def post_adjustment(*, actor: Actor, adjustment_id: int, now: datetime) -> None:
    """Post a correction somebody else proposed: to its own quarter while that is open, else to the current one."""
    adjustment = _claim(actor, adjustment_id, AdjustmentStatus.POSTED, now)
    about = adjustment.quarter
    closed = is_closed(about)
    quarter = Quarter.containing(local_date(now)) if closed else about
    line = {
        "person_id": adjustment.owner_id,
        "quarter": quarter.code,
        "applies_to": about.code if closed else None,
        "expires": None,
        "kind": LedgerKind.ADJUSTMENT,
        "minutes": adjustment.minutes,
        "reason": rules.line_for(about, adjustment.reason),
        "source": "adjustment",
        "source_id": adjustment_id,
        "source_version": 1,
        "unit_id": adjustment.unit_id,
        "policy_id": None,
        "actor_id": actor.id,
        "at": now,
        "facts": {"applies_to": about.code},
    }
    post([line])
    mark_split([quarter.code], [adjustment.owner_id])
    facts = {"person_id": adjustment.owner_id, "minutes": adjustment.minutes, "quarter": quarter.code}
    record("adjustment:post", actor=actor, about="adjustment", id=adjustment_id, at=now, **facts)
    path = f"/allowance?quarter={quarter.code}"
    _tell("adjustment-posted", adjustment.owner_id, path, adjustment, actor, adjustment.reason, now)


@atomic
def refuse_adjustment(*, actor: Actor, adjustment_id: int, words: str, now: datetime) -> None:
    """Turn down a correction somebody else proposed, and tell them why. Nothing is posted."""
    adjustment = _claim(actor, adjustment_id, AdjustmentStatus.REFUSED, now, words.strip())
    if problems := rules.wordy(words, rules.SHORTEST_WORDS, rules.LONGEST_WORDS, "words"):
        raise RulesBroken(problems)
    record("adjustment:refuse", actor=actor, about="adjustment", id=adjustment_id, at=now)
    path = f"/adjustments/{adjustment_id}"
    _tell("adjustment-refused", adjustment.proposed_by, path, adjustment, actor, words.strip(), now)


def _claim(actor: Actor, adjustment_id: int, status: AdjustmentStatus, now: datetime, words: str = "") -> AdjustmentRow:
    """Take a correction that still waits, so that of two who decide at once the second meets a conflict."""
    found = queries.get_adjustment(adjustment_id, by=actor, to=Permission.ADJUSTMENT_DECIDE, today=local_date(now))
    adjustment = table_of(Adjustment)
    taken = db.session.execute(
        update(adjustment)
        .where(adjustment.c.id == adjustment_id, adjustment.c.status == AdjustmentStatus.PROPOSED)
        .values(status=status, decided_by=actor.person_id, decided_at=now, decision_words=words)
        .returning(adjustment.c.id)
    ).first()
    if taken is None:
        raise Conflict("Somebody else has decided this correction. Read what they decided before you go on")
    return found


def _tell(event: str, to: int, path: str, adjustment: AdjustmentRow, actor: Actor, words: str, now: datetime) -> None:
    """Tell the person whose minutes changed, or the one whose proposal was refused, in whose names it happened."""
    facts: dict[str, Any] = {
        "owner": adjustment.person,
        "proposer": adjustment.proposer,
        "decider": actor.name,
        "quarter": adjustment.quarter.label,
        "total": rules.signed(adjustment.minutes),
        "words": words,
    }
    notices.queue([notices.compose(event, to=to, path=path, at=now, **facts)])
