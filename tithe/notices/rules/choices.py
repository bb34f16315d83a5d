"""What a person may choose about each group of messages: when they get them by mail, if at all. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tithe.kernel.errors import Problem, RulesBroken
from tithe.notices.rules.wording import WORDING, Group


class How(StrEnum):
    """When messages are mailed. All of them are in the inbox at once, whatever is chosen."""

    NOW = "now"
    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


@dataclass(frozen=True)
class GroupRule:
    """A group of messages in a reader's words, and what may be chosen for it, the default first."""

    name: str
    about: str
    allowed: tuple[How, ...]

    @property
    def default(self) -> How:
        return self.allowed[0]


ALWAYS = (How.NOW, How.DAILY)  # what somebody is owed may come together with others, but it comes
ANY = (How.NOW, How.DAILY, How.WEEKLY, How.OFF)
GROUPS = {
    Group.DECISIONS: GroupRule(
        "Decisions about my time",
        "A week of yours is approved, returned or reopened. You cannot switch these off",
        ALWAYS,
    ),
    Group.WAITING: GroupRule(
        "Things waiting for me", "Somebody asks you to decide, or takes it back. You cannot switch these off", ALWAYS
    ),
    Group.REMINDERS: GroupRule("Reminders", "Something is due, or late. Not sent if you have done it by then", ANY),
    Group.MINUTES: GroupRule("My hours and minutes", "Your working hours or minutes on record have changed", ANY),
    Group.SCHEME: GroupRule("Running the scheme", "Quarters and reports, for those who look after them", ANY),
    Group.SAFETY: GroupRule(
        "Sign-in and safety", "How you sign in has changed, or somebody may act for you", (How.NOW,)
    ),
}


def chosen(event: str, choices: Mapping[Group, How]) -> How:
    """How a person who has made these choices gets messages of an event: at once if no group has it, as a digest."""
    if event not in WORDING:
        return How.NOW
    group = WORDING[event][3]
    return choices.get(group, GROUPS[group].default)


def group_of(event: str) -> str:
    """The name of the group of an event; messages outlive the wording of their event."""
    return GROUPS[WORDING[event][3]].name if event in WORDING else "Other"


def read_choices(answers: Mapping[str, str]) -> dict[Group, How]:
    """Choices by the names of groups, all problems refused together. A group left out has its default."""
    problems, choices = [], {}
    for name, answer in answers.items():
        if name not in {each.value for each in Group}:
            problems.append(Problem(f"There is no group of messages called “{name[:40]}”", name[:40]))
        elif answer not in GROUPS[Group(name)].allowed:
            problems.append(Problem(_refusal(GROUPS[Group(name)]), name))
        else:
            choices[Group(name)] = How(answer)
    if problems:
        raise RulesBroken(problems)
    return choices


def _refusal(rule: GroupRule) -> str:
    return f"Choose {' or '.join(rule.allowed)} for “{rule.name}”"
