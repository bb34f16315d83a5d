"""Which roles take two people to give, and for which days. Source: §10 of the scheme's tables of who may do what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tithe.access.permissions import Role
from tithe.kernel.calendar import named
from tithe.kernel.errors import Problem

TITLES = {
    Role.HR_ANALYST: "HR analyst",
    Role.HR_MANAGER: "HR manager",
    Role.COORDINATOR: "Coordinator",
    Role.AUDITOR: "Auditor",
    Role.ADMINISTRATOR: "Administrator",
    Role.FINANCE: "Finance",
    Role.STAFF_REP: "Staff representative",
}
BY_TWO_PEOPLE = frozenset({Role.HR_MANAGER, Role.FINANCE, Role.ADMINISTRATOR})
SHORTEST_WORDS, LONGEST_WORDS = 20, 500


class RoleOutcome(StrEnum):
    """What the second person said."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Span:
    """The days a role is held, the last included; no last day while it goes on."""

    starts_on: date
    ends_on: date | None = None

    def meets(self, other: Span) -> bool:
        """The two have a day in common."""
        first, second = sorted((self, other), key=lambda each: each.starts_on)
        return first.ends_on is None or first.ends_on >= second.starts_on


@dataclass(frozen=True)
class Wanted:
    """A role somebody is to hold for a unit and all below it, and why."""

    role: Role
    span: Span
    reason: str


def problems_in(wanted: Wanted, held: list[Span], today: date) -> list[Problem]:
    """What is wrong with giving a role: days gone by, days it is held already, too few words of reason."""
    span, problems = wanted.span, []
    if span.starts_on < today:
        problems.append(Problem(f"A role is not given for days gone by. Choose {named(today)} or later", "starts_on"))
    if span.ends_on is not None and span.ends_on < span.starts_on:
        problems.append(Problem(f"Choose {named(span.starts_on)}, the first day, or a later one", "ends_on"))
    if clash := next((each for each in held if each.meets(span)), None):
        until = f" until {named(clash.ends_on)}" if clash.ends_on else ""
        words = f"They hold this role there already from {named(clash.starts_on)}{until}. Choose other days"
        problems.append(Problem(words, "starts_on"))
    return problems + wordy(wanted.reason, "reason")


def wordy(words: str, field: str) -> list[Problem]:
    """Say when words are too few or too many."""
    length = len(words.strip())
    if SHORTEST_WORDS <= length <= LONGEST_WORDS:
        return []
    bound = f"at least {SHORTEST_WORDS}" if length < SHORTEST_WORDS else f"at most {LONGEST_WORDS}"
    return [Problem(f"Write {bound} characters; this has {length}", field)]


def ending_problem(span: Span, last_day: date, today: date) -> str | None:
    """Why a role cannot end on a day, in words; None if it can."""
    if last_day < today or last_day < span.starts_on:
        earliest = max(today, span.starts_on)
        return f"Choose {named(earliest)} or a later day, or end it at once"
    if span.ends_on is not None and last_day >= span.ends_on:
        return f"It ends on {named(span.ends_on)} already. Choose an earlier day. To give it for longer, give it again"
    return None
