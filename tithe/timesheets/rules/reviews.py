"""Looking again at a week that was returned: who may, by when, and what follows. Source: §1.6 of the scheme's time
rules, "Review"."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from tithe.kernel.errors import Problem

ASK_WITHIN = timedelta(days=14)  # calendar days, after a return or after a review that upheld it
REVIEW_WD = 10  # the working days a review has
WORDS_NEEDED = 40


class ReviewStage(StrEnum):
    """Who looks again: the countersigning manager, then a panel of two."""

    COUNTERSIGNER = "countersigner"
    PANEL = "panel"


class ReviewOutcome(StrEnum):
    """What a review comes to, the strictest first."""

    UPHOLD = "uphold"
    VARY = "vary"
    OVERTURN = "overturn"


class PanelSeat(StrEnum):
    """The two on a panel."""

    HR_MANAGER = "hr_manager"
    COORDINATOR = "coordinator"


OUTCOMES = {
    ReviewOutcome.UPHOLD: "The return stands",
    ReviewOutcome.VARY: "It goes back for the changes named here, and its minutes are protected",
    ReviewOutcome.OVERTURN: "The week is approved as it stands",
}


def last_day_to_ask(decided_on: date) -> date:
    return decided_on + ASK_WITHIN


def is_fit(candidate: int, owner: int, decider: int | None, above: Collection[int], fellows: Collection[int]) -> bool:
    """Somebody may review a decision: never its decider nor their subordinate, its owner, or who works on its projects.
    `above` are the managers above the candidate."""
    return candidate not in (owner, decider) and decider not in above and candidate not in fellows


def stricter(one: ReviewOutcome, other: ReviewOutcome) -> ReviewOutcome:
    """What a panel of two comes to: what both say, else the stricter of the two."""
    order = list(ReviewOutcome)
    return min(one, other, key=order.index)


def problem_with_asking(words: str) -> Problem | None:
    if len(words.strip()) < WORDS_NEEDED:
        return Problem(
            f"Say why the decision should be looked at again, in at least {WORDS_NEEDED} characters", "words"
        )
    return None


def problems_with_outcome(outcome: str | None, reason: str) -> list[Problem]:
    """What is missing from the outcome of a review."""
    problems = []
    if outcome not in list(ReviewOutcome):
        problems.append(Problem("Choose what the review comes to", "outcome"))
    if len(reason.strip()) < WORDS_NEEDED:
        problems.append(Problem(f"Say why, in at least {WORDS_NEEDED} characters", "reason"))
    return problems
