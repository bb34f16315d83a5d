"""Corrections: how much, about which quarter, and where they are posted. Source: §1.7 of the scheme's time rules."""

from __future__ import annotations

from dataclasses import dataclass

from tithe.kernel import minutes
from tithe.kernel.calendar import Quarter
from tithe.kernel.errors import Problem, RuleBroken
from tithe.kernel.minutes import spoken

MOST = 7 * minutes.DAY
SHORTEST_REASON, LONGEST_REASON = 20, 1000
SHORTEST_WORDS, LONGEST_WORDS = 20, 1000
LONGEST_LINE = 200  # characters of a reason in the ledger
SIGNS = {"+": 1, "-": -1, "−": -1, "–": -1}
SIGN_WANTED = "Begin with + to give minutes or − to take them away, like +1:30 or −45m"


@dataclass(frozen=True)
class Proposal:
    """A correction somebody wants made: signed minutes about one quarter, and why."""

    quarter: Quarter
    minutes: int
    reason: str


def parse(text: str) -> int:
    """Read signed minutes: a sign, then a length of time of at most a week. Refuses what it cannot read."""
    typed = text.strip()
    if typed[:1] not in SIGNS:
        raise RuleBroken(SIGN_WANTED, field="minutes")
    try:
        return SIGNS[typed[0]] * minutes.parse(typed[1:], most=MOST)
    except RuleBroken as refusal:
        raise RuleBroken(refusal.message, field="minutes") from None


def signed(length: int) -> str:
    """Minutes in words with a sign either way: 90 is "+1h 30m", -45 is "−45m"."""
    return f"+{spoken(length)}" if length > 0 else spoken(length)


def problems_in(proposal: Proposal, current: Quarter) -> list[Problem]:
    """What is wrong with a proposal by itself; `current` is the quarter that holds today."""
    problems = []
    if proposal.quarter > current:
        words = f"{proposal.quarter.label} has not begun. Choose {current.label} or an earlier quarter"
        problems.append(Problem(words, "quarter"))
    if not 0 < abs(proposal.minutes) <= MOST:
        problems.append(Problem(f"Give at least a minute and at most {spoken(MOST)}, either way", "minutes"))
    return problems + wordy(proposal.reason, SHORTEST_REASON, LONGEST_REASON, "reason")


def wordy(words: str, shortest: int, longest: int, field: str) -> list[Problem]:
    """Say when words are too few or too many."""
    length = len(words.strip())
    if length < shortest:
        return [Problem(f"Write at least {shortest} characters; this has {length}", field)]
    if length > longest:
        return [Problem(f"Write at most {longest} characters; this has {length}", field)]
    return []


def line_for(about: Quarter, reason: str) -> str:
    """The reason of the ledger line: what the correction is about, and as much of the words as there is room for."""
    words = f"Correction about {about.label}: {' '.join(reason.split())}"
    return words if len(words) <= LONGEST_LINE else words[: LONGEST_LINE - 1].rstrip() + "…"
