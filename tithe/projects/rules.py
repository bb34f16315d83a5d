"""The states of a project and when it may take time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tithe.kernel.calendar import Quarter
from tithe.kernel.errors import Problem, RuleBroken


class ProjectStatus(StrEnum):
    """Where a project stands. Only a registered project may take time."""

    DRAFT = "draft"
    REGISTERED = "registered"


class ProjectMove(StrEnum):
    """What may be done to a project's status."""

    REGISTER = "register"


LATE_ENTRIES = timedelta(days=14)

MOVES = {(ProjectStatus.DRAFT, ProjectMove.REGISTER): ProjectStatus.REGISTERED}

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

    def open_on(self, day: date) -> bool:
        return self.joined_on <= day and (self.left_on is None or day <= self.left_on)


def owner_joins_on(day: date) -> date:
    """The first day an owner may log time for: work is often under way before it is written down, and late entries
    for a quarter are taken for its first fortnight after."""
    return Quarter.containing(day - LATE_ENTRIES).start
