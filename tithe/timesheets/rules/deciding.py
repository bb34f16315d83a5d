"""Who decides a week, on which grounds it goes back, and until when it may be reopened. Source: §1.6 and §1.7."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tithe.allowance.rules.ledger import PeriodState
from tithe.kernel.calendar import Quarter
from tithe.kernel.errors import Problem
from tithe.timesheets.rules.escalation import Stage

WORDS_NEEDED = 40
WORDS_TO_AMEND = 10
SAY_WHY = f"Say what was wrong, in at least {WORDS_TO_AMEND} characters"


class Outcome(StrEnum):
    """How a decision ended."""

    APPROVED = "approved"
    RETURNED = "returned"


class DecisionHow(StrEnum):
    """By which right a week was decided: as whom somebody acted, or which rule of the scheme did it."""

    MANAGER = "manager"
    DELEGATE = "delegate"
    COUNTERSIGNER = "countersigner"
    QUEUE = "queue"
    DEEMED = "deemed"
    AGREEMENT = "agreement"
    REVIEW = "review"


# What a rule decides is decided by nobody, so it says why. Source: §1.6.
BY_RULE = {
    DecisionHow.DEEMED: "because nobody decided it in time and it is within every limit",
    DecisionHow.AGREEMENT: "because it is within what you and your manager agreed",
}


class ReturnGround(StrEnum):
    """Why a line manager may return a week. Never: dislike of the topic, grade, hours or the person."""

    COVER = "cover"
    SERVICE = "service"
    BLACKOUT = "blackout"
    REORGANISATION = "reorganisation"
    SAFETY = "safety"
    WRONG_ENTRY = "wrong_entry"
    MISSING_NOTE = "missing_note"


GROUNDS = {
    ReturnGround.WRONG_ENTRY: "A date, project or length of time is mistaken",
    ReturnGround.MISSING_NOTE: "A note is missing",
    ReturnGround.COVER: "The work could not be spared",
    ReturnGround.SERVICE: "Harm to a service or a deadline set by ministers or law",
    ReturnGround.BLACKOUT: "The days are in a blackout period",
    ReturnGround.REORGANISATION: "A reorganisation is under way",
    ReturnGround.SAFETY: "Working time or health",
}
# These say that the time could not be spared, not that it was wrong: the minutes asked for carry over whatever the cap.
PROTECTING = {
    ReturnGround.COVER,
    ReturnGround.SERVICE,
    ReturnGround.BLACKOUT,
    ReturnGround.REORGANISATION,
    ReturnGround.SAFETY,
}


@dataclass(frozen=True)
class Chain:
    """The people above the owner of a week on its Monday, nearest first."""

    line_manager: int | None
    countersigner: int | None


def approver_among(owner: int, chain: Chain, fellow_members: Collection[int]) -> int | None:
    """Who decides a week: the line manager, or the countersigning manager when the line manager works on one of its
    projects too. None sends it to the unit's HR queue, never to everybody. Source: §1.6."""
    for candidate in (chain.line_manager, chain.countersigner):
        if candidate is not None and candidate != owner and candidate not in fellow_members:
            return candidate
    return None


def how_decided(decider: int, approver: int | None, stage: Stage) -> DecisionHow:
    """As whom somebody decides a week that waits for `approver`, or in the queue of its unit where that is nobody."""
    if approver is None:
        return DecisionHow.QUEUE
    if decider != approver:
        return DecisionHow.DELEGATE
    return DecisionHow.COUNTERSIGNER if stage is Stage.COUNTERSIGNER else DecisionHow.MANAGER


def in_place_of(decider: str, manager: str) -> str:
    """Both names of a decision made by a delegate."""
    return f"{decider}, for {manager}"


def says_enough(words: str) -> bool:
    return len(words.strip()) >= WORDS_TO_AMEND


def problem_with_return(ground: str | None, reason: str) -> list[Problem]:
    """What is missing from a return: a ground from the list and words of at least forty characters."""
    problems = []
    if ground not in list(ReturnGround):
        problems.append(Problem("Choose why the week goes back", "ground"))
    if len(reason.strip()) < WORDS_NEEDED:
        problems.append(Problem(f"Say what needs to change, in at least {WORDS_NEEDED} characters", "reason"))
    return problems


def problem_with_amending(days: Iterable[date], books: Mapping[str, PeriodState], *, by_owner: bool) -> str | None:
    """Why an approved week may not be reopened: its owner may until the quarter is closed, whoever decides it from then
    on until the quarter is locked, nobody after that. Source: §1.6 and §1.7."""
    quarters = sorted({Quarter.containing(day) for day in days})
    for quarter in quarters:
        if books.get(quarter.code) is PeriodState.LOCKED:
            return f"{quarter.label} is locked. Ask HR for a correction instead"
    closed = [quarter for quarter in quarters if quarter.code in books]
    if closed and by_owner:
        return f"{closed[0].label} is closed. Ask your manager to reopen this week"
    if not closed and not by_owner:
        return "Its owner can amend this week until its quarter is closed. Ask them to"
    return None
