"""The states of a week and the moves between them. Source: §1.6 of the scheme's time rules."""

from __future__ import annotations

from enum import StrEnum

from tithe.kernel.errors import RuleBroken


class WeekStatus(StrEnum):
    """Where a week stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"


class WeekMove(StrEnum):
    """What may be done to a week, in the words of its refusal."""

    EDIT = "change"
    SUBMIT = "submit"
    RECALL = "recall"
    AMEND = "amend"
    APPROVE = "approve"
    RETURN = "return"
    CALL_BACK = "call back"
    OVERTURN = "overturn the return of"


MOVES = {
    (WeekStatus.DRAFT, WeekMove.EDIT): WeekStatus.DRAFT,
    (WeekStatus.RETURNED, WeekMove.EDIT): WeekStatus.DRAFT,
    (WeekStatus.DRAFT, WeekMove.SUBMIT): WeekStatus.SUBMITTED,
    (WeekStatus.SUBMITTED, WeekMove.RECALL): WeekStatus.DRAFT,
    (WeekStatus.SUBMITTED, WeekMove.APPROVE): WeekStatus.APPROVED,
    (WeekStatus.SUBMITTED, WeekMove.RETURN): WeekStatus.RETURNED,
    (WeekStatus.APPROVED, WeekMove.CALL_BACK): WeekStatus.RETURNED,
    (WeekStatus.RETURNED, WeekMove.OVERTURN): WeekStatus.APPROVED,
    (WeekStatus.APPROVED, WeekMove.AMEND): WeekStatus.DRAFT,
}
NEXT_STEP = {
    WeekStatus.DRAFT: "It has not been submitted yet",
    WeekStatus.SUBMITTED: "It waits for a decision; its owner can recall it first",
    WeekStatus.APPROVED: "It is approved and its minutes are counted; amend it to correct it",
    WeekStatus.RETURNED: "It was returned; its owner can change it and submit it again",
}


def status_after(status: WeekStatus, move: WeekMove) -> WeekStatus:
    """Return the status that `move` leads to, or refuse the move and say where the week stands."""
    if (status, move) not in MOVES:
        raise RuleBroken(f"You cannot {move} a week that is {status}. {NEXT_STEP[status]}")
    return MOVES[status, move]
