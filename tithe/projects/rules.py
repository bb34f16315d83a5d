"""The states of a project and when it may take time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tithe.kernel.calendar import Quarter, add_working_days, named
from tithe.kernel.errors import Problem, RuleBroken


class ProjectStatus(StrEnum):
    """Where a project stands. Only a registered project may take time."""

    DRAFT = "draft"
    REGISTERED = "registered"
    STOPPED = "stopped"


class ProjectMove(StrEnum):
    """What may be done to a project's status."""

    REGISTER = "register"
    STOP = "stop"


class FlagGround(StrEnum):
    """What is asked about a project. Source: §1.6 of the scheme's time rules, "Principle"."""

    CONFLICT = "conflict"
    SECURITY = "security"
    SCOPE = "scope"
    FIRST_LOOK = "first_look"


class FlagOutcome(StrEnum):
    """What a coordinator says to a flag."""

    CLEARED = "cleared"
    STOPPED = "stopped"


LATE_ENTRIES = timedelta(days=14)

MOVES = {
    (ProjectStatus.DRAFT, ProjectMove.REGISTER): ProjectStatus.REGISTERED,
    (ProjectStatus.REGISTERED, ProjectMove.STOP): ProjectStatus.STOPPED,
}

FLAGS = {
    FlagGround.CONFLICT: "A conflict of interest",
    FlagGround.SECURITY: "A risk to security",
    FlagGround.SCOPE: "Whether it belongs in the scheme",
    FlagGround.FIRST_LOOK: "A coordinator looks before time is logged",
}
# While one of these is open the project takes no time. The scope is only a query: work goes on until it is stopped.
HALTING = frozenset({FlagGround.CONFLICT, FlagGround.SECURITY, FlagGround.FIRST_LOOK})
FLAG_OUTCOMES = {
    FlagOutcome.CLEARED: "There is nothing against it: the project may take time",
    FlagOutcome.STOPPED: "It stops: the project takes no more time",
}
QUERY_WD = 10  # working days after a project was registered in which a coordinator may ask about its scope
FLAG_WORDS = 40  # characters at least, of a flag and of what a coordinator says to it
LONGEST_FLAG = 2000
NO_GATE = "none"
FULL_GATE = "full"
FIRST_LOOK_WORDS = "In this unit a coordinator looks at every new project before time is logged to it."

QUESTIONS = {
    "title": "Give the project a title",
    "problem": "Say what problem the project is about",
    "beneficiaries": "Say who would benefit",
    "hypothesis": "Say what you expect to happen if you are right",
}


def after(status: ProjectStatus, move: ProjectMove) -> ProjectStatus:
    """Return the status that `move` leads to, or refuse the move."""
    if (status, move) not in MOVES:
        raise RuleBroken(f"You cannot {move} a project that is {status}")
    return MOVES[status, move]


def problems_in(answers: dict[str, str]) -> list[Problem]:
    """The questions a registered project must answer and does not. A draft may leave all but the title open."""
    return [Problem(words, name) for name, words in QUESTIONS.items() if not answers.get(name, "").strip()]


@dataclass(frozen=True)
class Membership:
    """A registered project and the days on which one person may log time to it."""

    project_id: int
    title: str
    joined_on: date
    left_on: date | None = None
    closed_on: date | None = None  # the first day it takes no time any more, where a coordinator stopped it
    halted: bool = False  # it waits for a coordinator

    def open_on(self, day: date) -> bool:
        """It has a row in the week of that day: not left, not stopped before it."""
        return self.joined(day) and (self.closed_on is None or day < self.closed_on)

    def joined(self, day: date) -> bool:
        """Somebody was a member on that day."""
        return self.joined_on <= day and (self.left_on is None or day <= self.left_on)

    def refusal_on(self, day: date) -> tuple[str, str] | None:
        """Why it takes no time of a day: in words that say what to do, and in a word or two."""
        if self.closed_on is not None and day >= self.closed_on:
            words = f"{self.title} was stopped and takes no time from {named(self.closed_on)} on. Take this time away"
            return words, "Stopped"
        if self.halted:
            words = f"{self.title} waits for a coordinator. Take this time away, and log it once they have cleared it"
            return words, "Flagged"
        return None


def owner_joins_on(day: date) -> date:
    """The first day an owner may log time for: work is often under way before it is written down, and late entries
    for a quarter are taken for its first fortnight after."""
    return Quarter.containing(day - LATE_ENTRIES).start


def flag_grounds(*, coordinator: bool) -> tuple[FlagGround, ...]:
    """What somebody may flag a project for: whether it belongs in the scheme is for coordinators to ask."""
    own = (FlagGround.CONFLICT, FlagGround.SECURITY)
    return (*own, FlagGround.SCOPE) if coordinator else own


def last_day_to_query(registered_on: date) -> date:
    """The last day to ask about the scope of a project. Weekdays count, wherever they are holidays."""
    return add_working_days(registered_on, QUERY_WD, frozenset())


def problems_with_flag(
    ground: str | None, words: str, *, coordinator: bool, registered_on: date, today: date
) -> list[Problem]:
    """What is wrong with a flag: its ground, its day, or how much is said."""
    problems = []
    if ground not in flag_grounds(coordinator=coordinator):
        problems.append(Problem("Choose what should be looked at", "ground"))
    elif ground == FlagGround.SCOPE and today > last_day_to_query(registered_on):
        last = named(last_day_to_query(registered_on))
        words_of = f"The scope of this project could be questioned until {last}. Choose another ground"
        problems.append(Problem(words_of, "ground"))
    return [*problems, *_too_little_said(words, "words")]


def closed_from(ground: FlagGround, raised_on: date, today: date) -> date:
    """The first day that a stopped project takes no time of: it was to take none while it was flagged, and may have
    gone on while only its scope was asked about."""
    return raised_on if ground in HALTING else today


def problems_with_settling(outcome: str | None, reason: str) -> list[Problem]:
    """What is missing from what a coordinator says to a flag."""
    problems = [] if outcome in list(FlagOutcome) else [Problem("Choose what becomes of the project", "outcome")]
    return [*problems, *_too_little_said(reason, "reason")]


def _too_little_said(words: str, field: str) -> list[Problem]:
    length = len(words.strip())
    if length < FLAG_WORDS:
        return [Problem(f"Say why, in at least {FLAG_WORDS} characters", field)]
    if length > LONGEST_FLAG:
        return [Problem(f"Write at most {LONGEST_FLAG} characters; this has {length}", field)]
    return []
