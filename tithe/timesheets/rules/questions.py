"""Questions to the owner of a week, and how long they stop the clock. Source: §1.6 of the scheme's time rules."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from tithe.kernel.calendar import add_working_days, working_days_between

LONGEST_PAUSE = 5  # working days
LONGEST = 1000  # characters
ASKED_ALREADY = "One question was asked about this week already. Decide it, or return it with your words"
ANSWERED_ALREADY = "You have answered this question already. You can still take the week back and change it"
NOTHING_ASKED = "Nobody waits for an answer about this week"


def problem_with_words(words: str, what: str) -> str | None:
    """What is wrong with a question or an answer: nothing in it, or too much."""
    if not words.strip():
        return f"Write your {what}"
    if len(words.strip()) > LONGEST:
        return f"Write at most {LONGEST:,} characters"
    return None


def due_after(due_was: date, asked_on: date, answered_on: date | None, holidays: Collection[date]) -> date:
    """The last day for a decision that was due on `due_was`: later by the working days a question was open, five at
    most. While nobody has answered, it is later by all five."""
    paused = LONGEST_PAUSE
    if answered_on is not None:
        paused = min(paused, working_days_between(asked_on, answered_on, holidays))
    return add_working_days(due_was, paused, holidays)
